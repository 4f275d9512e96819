// Simple moving average of closes.
import { defineIndicator, VALUE } from "./define-indicator.ts";
import type { Indicator } from "./indicator.ts";
import { SlidingFold, sum } from "./parts/sliding-fold.ts";

export function sma({ period }: { readonly period: number }): Indicator {
  const closes = new SlidingFold(period, sum);
  return defineIndicator({
    outputs: VALUE,
    warmup: period,
    parts: { closes },
    step(candle, out, commit) {
      out[0] = closes.push(candle.close, commit) / period;
    },
  });
}
