// Rate of change in percent: 100 (c / c[n] - 1). Prices are above 0 here, so TA-Lib's rule for a divisor of 0 has no case.
import { defineIndicator, VALUE } from "./define-indicator.ts";
import type { Indicator } from "./indicator.ts";
import { Delay } from "./parts/delay.ts";

export function roc({ period }: { readonly period: number }): Indicator {
  const closes = new Delay(period);
  return defineIndicator({
    outputs: VALUE,
    warmup: period + 1,
    parts: { closes },
    step(candle, out, commit) {
      out[0] = 100 * (candle.close / closes.push(candle.close, commit) - 1);
    },
  });
}
