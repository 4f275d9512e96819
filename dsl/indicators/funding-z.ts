// Standard score of the funding rate among the last `window` candles on which it is known, this one included. 0 where it is
// constant, as at the venue's clamp; NaN where it is unknown and on synthetic candles, which are skipped. |z| ≤ sqrt(window - 1).
import { defineIndicator, VALUE } from "./define-indicator.ts";
import type { Indicator } from "./indicator.ts";
import { SlidingMoments } from "./parts/sliding-moments.ts";

export function fundingZ({ window }: { readonly window: number }): Indicator {
  const rates = new SlidingMoments(window);
  return defineIndicator({
    outputs: VALUE,
    warmup: window,
    parts: { rates },
    step({ fundingRate8h, synthetic }, out, commit) {
      out[0] = Number.NaN;
      if (synthetic || !Number.isFinite(fundingRate8h)) return;
      rates.push(fundingRate8h, commit);
      out[0] = rates.zScore(fundingRate8h);
    },
  });
}
