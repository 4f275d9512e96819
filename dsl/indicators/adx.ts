// Average directional index with its two directional indicators, 0 … 100 (TA-Lib, Wilder 1978).
// A tie of the up and the down move counts for neither. Before anything has moved DX counts as 0; later its sums fade but never
// come back to exactly 0, so TA-Lib's rule for that has no case here, and flat stretches poison nothing.
import type { Candle } from "../candle.ts";
import { trueRange } from "./atr.ts";
import { defineIndicator } from "./define-indicator.ts";
import type { Indicator } from "./indicator.ts";
import { Delay } from "./parts/delay.ts";
import { Cells } from "./parts/part.ts";
import { SmoothedMean, settlingTime } from "./parts/smoothed-mean.ts";

export function adx({ period }: { readonly period: number }): Indicator {
  const parts = {
    high: new Delay(1),
    low: new Delay(1),
    close: new Delay(1),
    plus: new WilderSum(period),
    minus: new WilderSum(period),
    range: new WilderSum(period),
    mean: new SmoothedMean(period, 1 / period),
  };
  return defineIndicator({
    outputs: ["adx", "plusDi", "minusDi"],
    warmup: 2 * period,
    stable: 2 * period + 2 * settlingTime(1 / period),
    parts,
    step(candle: Candle, out, commit) {
      const up = candle.high - parts.high.push(candle.high, commit);
      const down = parts.low.push(candle.low, commit) - candle.low;
      const range = trueRange(candle, parts.close.push(candle.close, commit));
      out.fill(Number.NaN, 0, 3);
      if (Number.isNaN(range)) return;
      const plus = parts.plus.push(up > 0 && up > down ? up : 0, commit);
      const minus = parts.minus.push(down > 0 && down > up ? down : 0, commit);
      const ranges = parts.range.push(range, commit);
      if (Number.isNaN(ranges)) return;
      const plusDi = ranges === 0 ? 0 : (100 * plus) / ranges;
      const minusDi = ranges === 0 ? 0 : (100 * minus) / ranges;
      const both = plusDi + minusDi;
      out[0] = parts.mean.push(both === 0 ? 0 : (100 * Math.abs(plusDi - minusDi)) / both, commit);
      out[1] = plusDi;
      out[2] = minusDi;
    },
  });
}

/** Wilder's running sum: the plain sum of the first n - 1 values, then `sum += x - sum / n`. */
class WilderSum extends Cells {
  readonly #length: number;

  constructor(length: number) {
    super(2);
    this.#length = length;
    this.cells.fill(0);
  }

  /** NaN for the first length - 1 pushes. */
  push(x: number, commit: boolean): number {
    const seen = this.cells[0]!;
    const kept = this.cells[1]!;
    const isSeeding = seen < this.#length - 1;
    const next = isSeeding ? kept + x : kept - kept / this.#length + x;
    if (commit) {
      this.cells[0] = isSeeding ? seen + 1 : seen;
      this.cells[1] = next;
    }
    return isSeeding ? Number.NaN : next;
  }
}
