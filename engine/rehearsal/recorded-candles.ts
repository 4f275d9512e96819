// The closed candles of one asset and interval, as numbers in rows.
import { CANDLE_MS, type Candle, type CandleInterval } from "../../dsl/candle.ts";
import { FILL_CANDLES_MAX } from "../market/interval-candles.ts";
import type { CandleRow } from "../store/tables.ts";
import { Rows } from "./rows.ts";

const OPEN_MS = 0;
const CLOSE = 4;
const VOLUME = 5;
const SYNTHETIC = 6;
const FUNDING = 7;
const OPEN_INTEREST = 8;
/** The candle that a stretch without long holes began with. */
const STRETCH = 9;
const WIDTH = 10;

/** Filled anew with each candle that is read. */
export type CandleScratch = { -readonly [Field in keyof Candle]: Candle[Field] };
export const candleScratch = (): CandleScratch => ({
  openMs: 0,
  open: 0,
  high: 0,
  low: 0,
  close: 0,
  volume: 0,
  synthetic: false,
  fundingRate8h: Number.NaN,
  openInterest: Number.NaN,
});

export class RecordedCandles {
  readonly interval: CandleInterval;
  readonly lengthMs: number;
  readonly #rows = new Rows(WIDTH);

  constructor(interval: CandleInterval) {
    this.interval = interval;
    this.lengthMs = CANDLE_MS[interval];
  }

  get first(): number {
    return this.#rows.first;
  }

  get end(): number {
    return this.#rows.end;
  }

  /** Oldest first; one that is not newer than the last is had already. */
  add(row: CandleRow): void {
    const rows = this.#rows;
    const last = rows.end - 1;
    const lastMs = last < rows.first ? Number.NEGATIVE_INFINITY : rows.get(last, OPEN_MS);
    if (row.openMs <= lastMs) return;
    const isHole = row.openMs - lastMs > (FILL_CANDLES_MAX + 1) * this.lengthMs;
    const { openMs, open, high, low, close, volume, synthetic, fundingRate8h, openInterest } = row;
    const stretch = isHole ? rows.end : rows.get(last, STRETCH);
    const asOf = [fundingRate8h ?? Number.NaN, openInterest ?? Number.NaN];
    rows.push([openMs, open, high, low, close, volume, synthetic, ...asOf, stretch]);
  }

  openMs(candle: number): number {
    return this.#rows.get(candle, OPEN_MS);
  }

  close(candle: number): number {
    return this.#rows.get(candle, CLOSE);
  }

  /** The first candle behind the last hole, up to this one, that was too long to fill: what is computed begins anew with it. */
  stretch(candle: number): number {
    return Math.max(this.#rows.first, this.#rows.get(candle, STRETCH));
  }

  /** The newest candle that ended by then; one before `first` for none. */
  lastClosedBy(endMs: number): number {
    const rows = this.#rows;
    const newest = rows.end - 1;
    if (newest < rows.first) return newest;
    // Without holes it is where the grid says.
    const missing = Math.ceil((rows.get(newest, OPEN_MS) + this.lengthMs - endMs) / this.lengthMs);
    const guess = newest - Math.max(0, missing);
    const isLast = (candle: number) => candle === newest || !this.#isClosedBy(candle + 1, endMs);
    if (guess >= rows.first && this.#isClosedBy(guess, endMs) && isLast(guess)) return guess;
    return rows.firstWhere((candle) => !this.#isClosedBy(candle, endMs)) - 1;
  }

  /** The candle that opens then; -1 for none. */
  openingAt(openMs: number): number {
    const candle = this.lastClosedBy(openMs + this.lengthMs);
    return candle >= this.#rows.first && this.#rows.get(candle, OPEN_MS) === openMs ? candle : -1;
  }

  #isClosedBy(candle: number, endMs: number): boolean {
    return this.#rows.get(candle, OPEN_MS) + this.lengthMs <= endMs;
  }

  read(candle: number, into: CandleScratch): CandleScratch {
    const rows = this.#rows;
    into.openMs = rows.get(candle, OPEN_MS);
    into.open = rows.get(candle, 1);
    into.high = rows.get(candle, 2);
    into.low = rows.get(candle, 3);
    into.close = rows.get(candle, CLOSE);
    into.volume = rows.get(candle, VOLUME);
    into.synthetic = rows.get(candle, SYNTHETIC) === 1;
    into.fundingRate8h = rows.get(candle, FUNDING);
    into.openInterest = rows.get(candle, OPEN_INTEREST);
    return into;
  }

  /** Open, high, low, close, volume of `depth` candles up to this one, each oldest first, NaN where there are fewer. */
  write(frame: Float64Array, offset: number, depth: number, last: number): void {
    const rows = this.#rows;
    for (let i = 0; i < depth; i++) {
      const candle = last - (depth - 1 - i);
      const isThere = candle >= rows.first;
      for (let series = 0; series < 5; series++) {
        frame[offset + series * depth + i] = isThere ? rows.get(candle, 1 + series) : Number.NaN;
      }
    }
  }

  /** Forgets all but so many candles before the one that opened then. */
  forget(openMs: number, keptBefore: number): void {
    this.#rows.forget(this.lastClosedBy(openMs) - keptBefore);
  }
}
