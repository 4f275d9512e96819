// Exponential moving average of closes, seeded by their simple mean (TA-Lib).
import { defineIndicator, VALUE } from "./define-indicator.ts";
import type { Indicator } from "./indicator.ts";
import { emaWeight, SmoothedMean, settlingTime } from "./parts/smoothed-mean.ts";

export function ema({ period }: { readonly period: number }): Indicator {
  const mean = new SmoothedMean(period, emaWeight(period));
  return defineIndicator({
    outputs: VALUE,
    warmup: period,
    stable: period + settlingTime(emaWeight(period)),
    parts: { mean },
    step(candle, out, commit) {
      out[0] = mean.push(candle.close, commit);
    },
  });
}
