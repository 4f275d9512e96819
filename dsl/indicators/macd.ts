// Moving average convergence/divergence with TA-Lib's seeds: the fast average begins so late that both averages have their
// first value on the same candle, and all three outputs begin with the first signal.
import { defineIndicator } from "./define-indicator.ts";
import type { Indicator } from "./indicator.ts";
import { Delay } from "./parts/delay.ts";
import { emaWeight, SmoothedMean, settlingTime } from "./parts/smoothed-mean.ts";

/** `fast` must be less than `slow`. */
export function macd(options: { readonly fast: number; readonly slow: number; readonly signal: number }): Indicator {
  const { fast, slow, signal } = options;
  const warmup = slow + signal - 1;
  const lead = new Delay(slow - fast);
  const fastMean = new SmoothedMean(fast, emaWeight(fast));
  const slowMean = new SmoothedMean(slow, emaWeight(slow));
  const signalMean = new SmoothedMean(signal, emaWeight(signal));
  return defineIndicator({
    outputs: ["macd", "signal", "histogram"],
    warmup,
    stable: warmup + settlingTime(emaWeight(slow)) + settlingTime(emaWeight(signal)),
    parts: { lead, fastMean, slowMean, signalMean },
    step({ close }, out, commit) {
      const isInLead = Number.isNaN(lead.push(close, commit));
      const fastValue = isInLead ? Number.NaN : fastMean.push(close, commit);
      const difference = fastValue - slowMean.push(close, commit);
      const signalValue = Number.isNaN(difference) ? Number.NaN : signalMean.push(difference, commit);
      out[0] = Number.isNaN(signalValue) ? Number.NaN : difference;
      out[1] = signalValue;
      out[2] = difference - signalValue;
    },
  });
}
