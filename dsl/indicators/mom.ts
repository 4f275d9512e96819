// Momentum in price units: c - c[n].
import { defineIndicator, VALUE } from "./define-indicator.ts";
import type { Indicator } from "./indicator.ts";
import { Delay } from "./parts/delay.ts";

export function mom({ period }: { readonly period: number }): Indicator {
  const closes = new Delay(period);
  return defineIndicator({
    outputs: VALUE,
    warmup: period + 1,
    parts: { closes },
    step(candle, out, commit) {
      out[0] = candle.close - closes.push(candle.close, commit);
    },
  });
}
