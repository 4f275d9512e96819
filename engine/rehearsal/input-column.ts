// One declared input over one asset's recorded candles: the indicator's values after each of them, computed once. Where the
// input follows the candle that forms, its values at each sample as well.
import type { Indicator } from "../../dsl/indicators/indicator.ts";
import type { RecordedAsset } from "./recorded-asset.ts";
import { candleScratch, type RecordedCandles } from "./recorded-candles.ts";
import { Rows } from "./rows.ts";

export class InputColumn {
  readonly #create: () => Indicator;
  readonly #asset: RecordedAsset;
  readonly #candles: RecordedCandles;
  #indicator: Indicator;
  readonly #out: Float64Array;
  /** Row n is of candle `#firstCandle` + n. */
  readonly #closed: Rows;
  #firstCandle: number;
  /** Row n is of sample `#firstSample` + n; null unless the forming candle counts. */
  readonly #forming: Rows | null;
  #firstSample: number;
  readonly #candle = candleScratch();

  constructor(create: () => Indicator, asset: RecordedAsset, candles: RecordedCandles, isForming: boolean) {
    this.#create = create;
    this.#asset = asset;
    this.#candles = candles;
    this.#indicator = create();
    const { length } = this.#indicator.outputs;
    this.#out = new Float64Array(length);
    this.#closed = new Rows(length, Math.max(1, candles.end - candles.first));
    this.#forming = isForming ? new Rows(length, Math.max(1, asset.endSample - asset.firstSample)) : null;
    this.#firstCandle = candles.first;
    this.#firstSample = asset.firstSample;
  }

  /** Takes in what has been recorded since the last call. */
  extend(): void {
    const candles = this.#candles;
    for (let candle = this.#firstCandle + this.#closed.end; candle < candles.end; candle++) {
      this.#peekBefore(candle);
      if (candles.stretch(candle) === candle) this.#indicator = this.#create();
      this.#indicator.next(candles.read(candle, this.#candle), this.#out);
      this.#closed.push(this.#out);
    }
    this.#peekBefore(candles.end);
  }

  /** Values at the samples for which this candle had not closed yet. */
  #peekBefore(candle: number): void {
    const forming = this.#forming;
    if (forming === null) return;
    const { interval } = this.#candles;
    for (let sample = this.#firstSample + forming.end; sample < this.#asset.endSample; sample++) {
      const last = this.#asset.lastClosed(interval, sample);
      if (last >= candle) return;
      if (last < candle - 1)
        this.#out.fill(Number.NaN); // What it was then has been lived through before it was known.
      else if (this.#asset.forming(interval, sample, this.#candle)) this.#indicator.peek(this.#candle, this.#out);
      else for (let output = 0; output < this.#out.length; output++) this.#out[output] = this.#closedAt(last, output);
      forming.push(this.#out);
    }
  }

  /** Writes `outputs × (2 + history)` doubles, as of a sample. */
  write(frame: Float64Array, offset: number, history: number, sample: number): void {
    const last = this.#asset.lastClosed(this.#candles.interval, sample);
    const first = this.#stretch(last);
    let at = offset;
    for (let output = 0; output < this.#out.length; output++) {
      const value = at++;
      for (let candle = last; candle >= last - history; candle--) {
        frame[at++] = candle < first ? Number.NaN : this.#closed.get(candle - this.#firstCandle, output);
      }
      frame[value] = this.#forming === null ? frame[value + 1]! : this.#formingAt(sample, output);
    }
  }

  /** Of the last candle that had closed at a sample. */
  lastClosed(sample: number): number {
    return this.#closedAt(this.#asset.lastClosed(this.#candles.interval, sample), 0);
  }

  #closedAt(candle: number, output: number): number {
    return candle < this.#candles.first ? Number.NaN : this.#closed.get(candle - this.#firstCandle, output);
  }

  /** Nothing is known of before it. */
  #stretch(last: number): number {
    return last < this.#candles.first ? Number.POSITIVE_INFINITY : this.#candles.stretch(last);
  }

  #formingAt(sample: number, output: number): number {
    return this.#forming!.get(sample - this.#firstSample, output);
  }

  /** Forgets what its candles and samples have forgotten. */
  forget(): void {
    this.#closed.forget(this.#candles.first - this.#firstCandle);
    this.#forming?.forget(this.#asset.firstSample - this.#firstSample);
  }
}
