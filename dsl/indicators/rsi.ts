// Relative strength index, 0 … 100, with Wilder's averages (TA-Lib). A series that has not moved gives 0, as in TA-Lib:
// a strategy that buys "oversold" below 30 should also ask whether the market moves at all.
import { defineIndicator, VALUE } from "./define-indicator.ts";
import type { Indicator } from "./indicator.ts";
import { Delay } from "./parts/delay.ts";
import { SmoothedMean, settlingTime } from "./parts/smoothed-mean.ts";

export function rsi({ period }: { readonly period: number }): Indicator {
  const previous = new Delay(1);
  const gains = new SmoothedMean(period, 1 / period);
  const losses = new SmoothedMean(period, 1 / period);
  return defineIndicator({
    outputs: VALUE,
    warmup: period + 1,
    stable: period + 1 + settlingTime(1 / period),
    parts: { previous, gains, losses },
    step(candle, out, commit) {
      const change = candle.close - previous.push(candle.close, commit);
      out[0] = Number.NaN;
      if (Number.isNaN(change)) return;
      const gain = gains.push(Math.max(change, 0), commit);
      const loss = losses.push(Math.max(-change, 0), commit);
      out[0] = gain + loss === 0 ? 0 : (100 * gain) / (gain + loss);
    },
  });
}
