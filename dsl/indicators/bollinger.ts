// Bollinger bands: mean ± deviations × population standard deviation of closes (TA-Lib).
// percentB is 0 on the lower band and 1 on the upper one, NaN where they coincide; bandwidth is their distance over the mean.
import { defineIndicator } from "./define-indicator.ts";
import type { Indicator } from "./indicator.ts";
import { SlidingMoments } from "./parts/sliding-moments.ts";

export function bollinger(options: { readonly period: number; readonly deviations: number }): Indicator {
  const closes = new SlidingMoments(options.period);
  return defineIndicator({
    outputs: ["upper", "middle", "lower", "percentB", "bandwidth"],
    warmup: options.period,
    parts: { closes },
    step(candle, out, commit) {
      closes.push(candle.close, commit);
      const reach = options.deviations * Math.sqrt(closes.variance);
      const upper = closes.mean + reach;
      const lower = closes.mean - reach;
      out[0] = upper;
      out[1] = closes.mean;
      out[2] = lower;
      out[3] = upper === lower ? Number.NaN : (candle.close - lower) / (upper - lower);
      out[4] = (upper - lower) / closes.mean;
    },
  });
}
