// z of ln price less z of ln open interest, both over the last `window` samples with known open interest: above 0 the price
// stands higher in its range than positions do. NaN where open interest is missing and on synthetic candles, which are skipped;
// after a contract migration the window fills anew.
import { defineIndicator, VALUE } from "./define-indicator.ts";
import type { Indicator } from "./indicator.ts";
import { OpenInterestLevel } from "./parts/open-interest-level.ts";
import { SlidingMoments } from "./parts/sliding-moments.ts";

export function openInterestDivergence({ window }: { readonly window: number }): Indicator {
  const parts = {
    level: new OpenInterestLevel(),
    prices: new SlidingMoments(window),
    interests: new SlidingMoments(window),
  };
  return defineIndicator({
    outputs: VALUE,
    warmup: window,
    parts,
    step(candle, out, commit) {
      out[0] = Number.NaN;
      if (candle.synthetic) return;
      const level = parts.level.push(candle, commit);
      if (Number.isNaN(level)) return;
      if (parts.level.isBreak) {
        if (!commit) return;
        // One empty window holds the difference back until both hold new samples only.
        parts.interests.clear();
      }
      const price = Math.log(candle.close);
      const interest = Math.log(level);
      parts.prices.push(price, commit);
      parts.interests.push(interest, commit);
      out[0] = parts.prices.zScore(price) - parts.interests.zScore(interest);
    },
  });
}
