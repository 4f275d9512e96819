// Average true range, Wilder's average from the second candle on (TA-Lib).
import type { Candle } from "../candle.ts";
import { defineIndicator, VALUE } from "./define-indicator.ts";
import type { Indicator } from "./indicator.ts";
import { Delay } from "./parts/delay.ts";
import { SmoothedMean, settlingTime } from "./parts/smoothed-mean.ts";

export function atr({ period }: { readonly period: number }): Indicator {
  const previous = new Delay(1);
  const mean = new SmoothedMean(period, 1 / period);
  return defineIndicator({
    outputs: VALUE,
    warmup: period + 1,
    stable: period + 1 + settlingTime(1 / period),
    parts: { previous, mean },
    step(candle, out, commit) {
      const range = trueRange(candle, previous.push(candle.close, commit));
      out[0] = Number.isNaN(range) ? Number.NaN : mean.push(range, commit);
    },
  });
}

/** NaN while there is no previous close. */
export const trueRange = ({ high, low }: Candle, previousClose: number): number =>
  Math.max(high - low, Math.abs(high - previousClose), Math.abs(low - previousClose));
