// What was recorded of one asset: its closed candles, and samples of the moments at which slots decided.
import type { Asset } from "../../dsl/asset.ts";
import { CANDLE_INTERVALS, type CandleInterval } from "../../dsl/candle.ts";
import type { CandleRow, SampleRow } from "../store/tables.ts";
import { type CandleScratch, candleScratch, RecordedCandles } from "./recorded-candles.ts";
import { Rows } from "./rows.ts";

const AT_MS = 0;
const CYCLE = 1;
const SPOT = 2;
const CLOSED_TO_MS = 3;
const OPEN = 4;
const HIGH = 5;
const LOW = 6;
const VOLUME = 7;
const WIDTH = 8;

/** Candles before the oldest sample that are kept: what a live bot has, too, when its inputs begin. */
const CANDLES_BEFORE = 1_500;

export class RecordedAsset {
  readonly asset: Asset;
  readonly #samples = new Rows(WIDTH);
  readonly #candles: Readonly<Record<CandleInterval, RecordedCandles>>;
  readonly #part = candleScratch();

  constructor(asset: Asset) {
    this.asset = asset;
    const candles = (interval: CandleInterval) => new RecordedCandles(interval);
    this.#candles = {
      "10s": candles("10s"),
      "1m": candles("1m"),
      "5m": candles("5m"),
      "15m": candles("15m"),
      "1h": candles("1h"),
    };
  }

  candles(interval: CandleInterval): RecordedCandles {
    return this.#candles[interval];
  }

  get firstSample(): number {
    return this.#samples.first;
  }

  get endSample(): number {
    return this.#samples.end;
  }

  get lastSampleMs(): number {
    const last = this.#samples.end - 1;
    return last < this.#samples.first ? Number.NEGATIVE_INFINITY : this.atMs(last);
  }

  addCandle(row: CandleRow): void {
    this.#candles[row.interval as CandleInterval].add(row);
  }

  /** Oldest first. */
  addSample({ atMs, cycle, spot, closedToMs, open, high, low, volume }: SampleRow): void {
    if (atMs <= this.lastSampleMs) return;
    this.#samples.push([atMs, cycle, ...[spot, closedToMs, open, high, low, volume].map((n) => n ?? Number.NaN)]);
  }

  atMs(sample: number): number {
    return this.#samples.get(sample, AT_MS);
  }

  cycle(sample: number): number {
    return this.#samples.get(sample, CYCLE);
  }

  /** NaN before the first price. */
  spot(sample: number): number {
    return this.#samples.get(sample, SPOT);
  }

  /** The latest that the price can be of: that of the sample, or before it where no candle was forming. */
  spotAtMs(sample: number): number {
    return this.#isForming(sample) ? this.atMs(sample) : this.closedToMs(sample);
  }

  closedToMs(sample: number): number {
    return this.#samples.get(sample, CLOSED_TO_MS);
  }

  #isForming(sample: number): boolean {
    return !Number.isNaN(this.#samples.get(sample, OPEN));
  }

  /** The sample of this instant; -1 for none. */
  sampleAt(atMs: number): number {
    const sample = this.#samples.firstWhere((row) => this.atMs(row) >= atMs);
    return sample < this.#samples.end && this.atMs(sample) === atMs ? sample : -1;
  }

  lastClosed(interval: CandleInterval, sample: number): number {
    return this.#candles[interval].lastClosedBy(this.closedToMs(sample));
  }

  /**
   * The candle that was open at a sample: closed shorter ones since its start, the longest first, and the 10-second candle as it
   * was sampled. False when nothing was traded in it yet. Funding and open interest are those of the last closed candle.
   */
  forming(interval: CandleInterval, sample: number, into: CandleScratch): boolean {
    const closedToMs = this.closedToMs(sample);
    let atMs = Math.floor(closedToMs / this.#candles[interval].lengthMs) * this.#candles[interval].lengthMs;
    into.openMs = atMs;
    into.volume = 0;
    let isEmpty = true;
    for (let at = CANDLE_INTERVALS.indexOf(interval) - 1; at >= 0; at--) {
      const shorter = this.#candles[CANDLE_INTERVALS[at]!];
      while (atMs + shorter.lengthMs <= closedToMs) {
        const candle = shorter.openingAt(atMs);
        if (candle === -1) break;
        shorter.read(candle, this.#part);
        // A flat candle says that nothing was seen.
        if (!this.#part.synthetic) isEmpty = join(into, this.#part, isEmpty);
        atMs += shorter.lengthMs;
      }
    }
    if (this.#isForming(sample)) isEmpty = join(into, this.#tenSeconds(sample), isEmpty);
    return !isEmpty;
  }

  #tenSeconds(sample: number): CandleScratch {
    const part = this.#part;
    for (const interval of CANDLE_INTERVALS) {
      const last = this.lastClosed(interval, sample);
      if (last < this.#candles[interval].first) continue;
      this.#candles[interval].read(last, part);
      break;
    }
    part.openMs = this.closedToMs(sample);
    part.open = this.#samples.get(sample, OPEN);
    part.high = this.#samples.get(sample, HIGH);
    part.low = this.#samples.get(sample, LOW);
    part.close = this.spot(sample);
    part.volume = this.#samples.get(sample, VOLUME);
    part.synthetic = false;
    return part;
  }

  /** Mean of the closes in (fromMs, toMs], of the shortest candles there are, as a sample knew them; NaN without any. */
  meanClose(fromMs: number, toMs: number, sample: number): number {
    const candles = CANDLE_INTERVALS.map((interval) => this.#candles[interval]).find(({ first, end }) => end > first);
    if (candles === undefined) return Number.NaN;
    const last = candles.lastClosedBy(Math.min(toMs, this.closedToMs(sample)));
    const first = candles.lastClosedBy(fromMs) + 1;
    let sum = 0;
    for (let candle = first; candle <= last; candle++) sum += candles.close(candle);
    return last < first ? Number.NaN : sum / (last - first + 1);
  }

  /** Forgets what no sample from then on needs. */
  forget(beforeMs: number): void {
    this.#samples.forget(this.#samples.firstWhere((row) => this.atMs(row) >= beforeMs));
    for (const interval of CANDLE_INTERVALS) this.#candles[interval].forget(beforeMs, CANDLES_BEFORE);
  }
}

function join(into: CandleScratch, part: CandleScratch, isFirst: boolean): false {
  into.open = isFirst ? part.open : into.open;
  into.high = isFirst ? part.high : Math.max(into.high, part.high);
  into.low = isFirst ? part.low : Math.min(into.low, part.low);
  into.close = part.close;
  into.volume += part.volume;
  into.synthetic = false;
  into.fundingRate8h = part.fundingRate8h;
  into.openInterest = part.openInterest;
  return false;
}
