// Funding rate per 8 hours as of the candle's close; NaN where it is unknown.
import { defineIndicator, VALUE } from "./define-indicator.ts";
import type { Indicator } from "./indicator.ts";

export function fundingRate(): Indicator {
  return defineIndicator({
    outputs: VALUE,
    warmup: 1,
    parts: {},
    step(candle, out) {
      out[0] = Number.isFinite(candle.fundingRate8h) ? candle.fundingRate8h : Number.NaN;
    },
  });
}
