// Slow stochastic oscillator, 0 … 100: where the close lies in the range of the last `period` candles, averaged over `smooth`
// (k), and k averaged over `signal` (d). Both begin with the first d, and a range of 0 counts as 0 (TA-Lib).
import { defineIndicator } from "./define-indicator.ts";
import type { Indicator } from "./indicator.ts";
import { SlidingFold, sum } from "./parts/sliding-fold.ts";

export function stochastic(options: {
  readonly period: number;
  readonly smooth: number;
  readonly signal: number;
}): Indicator {
  const { period, smooth, signal } = options;
  const highs = new SlidingFold(period, Math.max);
  const lows = new SlidingFold(period, Math.min);
  const fast = new SlidingFold(smooth, sum);
  const slow = new SlidingFold(signal, sum);
  return defineIndicator({
    outputs: ["k", "d"],
    warmup: period + smooth + signal - 2,
    parts: { highs, lows, fast, slow },
    step({ high, low, close }, out, commit) {
      const highest = highs.push(high, commit);
      const lowest = lows.push(low, commit);
      const k = fast.push(highest === lowest ? 0 : (100 * (close - lowest)) / (highest - lowest), commit) / smooth;
      const d = slow.push(k, commit) / signal;
      out[0] = Number.isNaN(d) ? Number.NaN : k;
      out[1] = d;
    },
  });
}
