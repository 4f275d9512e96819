// The log return over `span` candles in standard deviations of what came before it, clipped to ±10: momentum.zReturn, and
// MOVE_Z of an overreaction. Compare abnormal-return triggers in Caporale and Plastun 2019.
import { defineIndicator, VALUE } from "./define-indicator.ts";
import type { Indicator } from "./indicator.ts";
import { Delay } from "./parts/delay.ts";
import { DelayedVariance, zOfMove } from "./parts/delayed-variance.ts";

export function zReturn({ span, window }: { readonly span: number; readonly window: number }): Indicator {
  const closes = new Delay(span);
  const variance = new DelayedVariance(span, window);
  return defineIndicator({
    outputs: VALUE,
    warmup: window + span + 1,
    parts: { closes, variance },
    step(candle, out, commit) {
      const move = Math.log(candle.close / closes.push(candle.close, commit));
      out[0] = zOfMove(move, variance.push(candle, commit), span);
    },
  });
}
