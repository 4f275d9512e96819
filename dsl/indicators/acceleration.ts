// Change of momentum, in percentage points: ROC over the last n candles less ROC over the n before them.
import { defineIndicator, VALUE } from "./define-indicator.ts";
import type { Indicator } from "./indicator.ts";
import { Delay } from "./parts/delay.ts";

export function acceleration({ period }: { readonly period: number }): Indicator {
  const near = new Delay(period);
  const far = new Delay(period);
  return defineIndicator({
    outputs: VALUE,
    warmup: 2 * period + 1,
    parts: { near, far },
    step(candle, out, commit) {
      const middle = near.push(candle.close, commit);
      out[0] = 100 * (candle.close / middle - middle / far.push(middle, commit));
    },
  });
}
