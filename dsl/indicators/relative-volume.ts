// Volume of this candle over the mean volume of the `period` real candles before it. NaN where that mean is 0 (the source has
// no volume) and on a synthetic candle, which is no observation. For a forming candle it is the volume so far, so it is low
// early in the candle.
import { defineIndicator, VALUE } from "./define-indicator.ts";
import type { Indicator } from "./indicator.ts";
import { SlidingFold, sum } from "./parts/sliding-fold.ts";

export function relativeVolume({ period }: { readonly period: number }): Indicator {
  const volumes = new SlidingFold(period, sum);
  return defineIndicator({
    outputs: VALUE,
    warmup: period + 1,
    parts: { volumes },
    step({ volume, synthetic }, out, commit) {
      out[0] = Number.NaN;
      if (synthetic) return;
      const mean = volumes.current() / period;
      volumes.push(volume, commit);
      if (mean > 0) out[0] = volume / mean;
    },
  });
}
