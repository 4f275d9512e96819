// One declared input on one asset's candles: the indicator, fed incrementally, and the last values it gave.
// Shared by every slot and version that declares the same input, so a reload that adds nothing computes nothing.
import { CANDLE_MS, type CandleInterval } from "../../dsl/candle.ts";
import type { Indicator } from "../../dsl/indicators/indicator.ts";
import type { AssetCandles } from "../market/candle-series.ts";
import { FILL_CANDLES_MAX } from "../market/interval-candles.ts";

export class InputSeries {
  readonly #create: () => Indicator;
  readonly #candles: AssetCandles;
  readonly #interval: CandleInterval;
  readonly #forming: boolean;
  readonly #outputs: number;
  readonly #kept: number;
  /** Ring of closed values, `#outputs` numbers per candle. */
  readonly #ring: Float64Array;
  readonly #out: Float64Array;
  #indicator: Indicator;
  #count = 0;
  #lastOpenMs = Number.NEGATIVE_INFINITY;

  constructor(
    create: () => Indicator,
    candles: AssetCandles,
    interval: CandleInterval,
    history: number,
    forming: boolean,
  ) {
    this.#create = create;
    this.#candles = candles;
    this.#interval = interval;
    this.#forming = forming;
    this.#indicator = create();
    this.#outputs = this.#indicator.outputs.length;
    this.#kept = history;
    this.#ring = new Float64Array(this.#outputs * history).fill(Number.NaN);
    this.#out = new Float64Array(this.#outputs);
  }

  /** Takes in every candle that has closed since the last call; on the first call the whole kept history. */
  update(): void {
    const closed = this.#candles.closed(this.#interval);
    let fresh = 0;
    while (fresh < closed.length && closed.at(fresh)!.openMs > this.#lastOpenMs) fresh++;
    for (let back = fresh - 1; back >= 0; back--) {
      const candle = closed.at(back)!;
      if (candle.openMs - this.#lastOpenMs > (FILL_CANDLES_MAX + 1) * CANDLE_MS[this.#interval]) this.#restart(); // A hole too long to fill.
      this.#indicator.next(candle, this.#out);
      this.#ring.set(this.#out, (this.#count % this.#kept) * this.#outputs);
      this.#count += 1;
      this.#lastOpenMs = candle.openMs;
    }
  }

  #restart(): void {
    this.#indicator = this.#create();
    this.#ring.fill(Number.NaN);
    this.#count = 0;
  }

  /** Value of the last closed candle, without history: what other inputs compute with. */
  lastClosed(output: number): number {
    return this.#ring[this.#slotOfLast() + output]!;
  }

  /** Where the last closed values lie; NaN stands there before the first, and in all that nothing was written to yet. */
  #slotOfLast(): number {
    return ((this.#count + this.#kept - 1) % this.#kept) * this.#outputs;
  }

  /** Writes `outputs × (2 + history)` doubles: per output the value, then the closed values back from the last one. */
  write(frame: Float64Array, offset: number, history: number): void {
    const forming = this.#forming ? this.#candles.forming(this.#interval) : null;
    if (forming !== null) this.#indicator.peek(forming, this.#out);
    const ring = this.#ring;
    const last = this.#slotOfLast();
    let at = offset;
    for (let output = 0; output < this.#outputs; output++) {
      frame[at++] = forming === null ? ring[last + output]! : this.#out[output]!;
      for (let back = 0, slot = last; back <= history; back++) {
        frame[at++] = ring[slot + output]!;
        slot = (slot === 0 ? ring.length : slot) - this.#outputs;
      }
    }
  }
}
