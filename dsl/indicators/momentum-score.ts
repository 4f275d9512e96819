// Four views of the same move over `span` candles, equally weighted and taken as uncorrelated, in one number in (-1, 1):
// its z score, the z score of its acceleration, its efficiency with its sign, and the t statistic of its trend.
// score = tanh(S / 2), S = sum of the available factors, each clipped to ±3, over the root of their number.
// In a market so still that z scores mean nothing the other two speak alone: `coverage`, the share of factors in the score,
// is then 0.5. Below a half the score is NaN.
import { defineIndicator, step } from "./define-indicator.ts";
import { efficiency } from "./efficiency.ts";
import type { Indicator } from "./indicator.ts";
import { Delay } from "./parts/delay.ts";
import { DelayedVariance, zOfMove } from "./parts/delayed-variance.ts";
import { trend } from "./trend.ts";

const FACTORS = 4;
const FACTOR_MAX = 3;
const COVERAGE_MIN = 0.5;

/** `span` of at least 2, so that its closes have a trend. */
export function momentumScore({ span, window }: { readonly span: number; readonly window: number }): Indicator {
  const parts = {
    near: new Delay(span),
    far: new Delay(span),
    variance: new DelayedVariance(span, window),
    efficiency: efficiency({ period: span }),
    trend: trend({ period: span + 1 }),
  };
  const warmup = Math.max(window, span) + span + 1;
  const factors = new Float64Array(FACTORS);
  const single = new Float64Array(1);
  return defineIndicator({
    outputs: ["score", "coverage"],
    warmup,
    parts,
    step(candle, out, commit) {
      const middle = parts.near.push(candle.close, commit);
      const first = parts.far.push(middle, commit);
      const variance = parts.variance.push(candle, commit);
      const move = Math.log(candle.close / middle);
      factors[0] = zOfMove(move, variance, span);
      factors[1] = zOfMove(move - Math.log(middle / first), variance, 2 * span);
      step(parts.efficiency, candle, single, commit);
      factors[2] = single[0]! * Math.sign(move);
      step(parts.trend, candle, single, commit);
      factors[3] = single[0]!;
      const isWarm = !Number.isNaN(variance) && !Number.isNaN(first);
      let total = 0;
      let available = 0;
      for (let index = 0; index < FACTORS; index++) {
        const factor = factors[index]!;
        if (Number.isNaN(factor)) continue;
        total += Math.max(-FACTOR_MAX, Math.min(FACTOR_MAX, factor));
        available++;
      }
      const coverage = isWarm ? available / FACTORS : Number.NaN;
      out[0] = coverage >= COVERAGE_MIN ? Math.tanh(total / Math.sqrt(available) / 2) : Number.NaN;
      out[1] = coverage;
    },
  });
}
