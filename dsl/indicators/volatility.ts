// Volatility of log returns per square root of a second: the root mean square over the last `window` of `step` candles, zero mean.
// One-second returns of a smoothed feed understate it badly; steps of ten seconds over fifteen minutes did best on real markets.
import { CANDLE_MS, type CandleInterval } from "../candle.ts";
import type { VolatilityWindow } from "../inputs/market.ts";
import { defineIndicator, VALUE } from "./define-indicator.ts";
import type { Indicator } from "./indicator.ts";
import { SlidingFold, sum } from "./parts/sliding-fold.ts";
import { SquaredReturns } from "./parts/squared-returns.ts";

const VOLATILITY_WINDOW_MS: Readonly<Record<VolatilityWindow, number>> = {
  "5m": 300_000,
  "15m": 900_000,
  "30m": 1_800_000,
  "1h": 3_600_000,
};

interface VolatilityOptions {
  readonly window: VolatilityWindow;
  /** The candles it is fed with; the window holds a whole number of them. */
  readonly step: CandleInterval;
}

/** Synthetic candles are skipped: the window is the last `window / step` real returns. */
export function volatility({ window, step }: VolatilityOptions): Indicator {
  const returns = stepsOf({ window, step });
  const squares = new SquaredReturns();
  const total = new SlidingFold(returns, sum);
  const seconds = (returns * CANDLE_MS[step]) / 1000;
  return defineIndicator({
    outputs: VALUE,
    warmup: returns + 1,
    parts: { squares, total },
    step(candle, out, commit) {
      const square = squares.push(candle, commit);
      out[0] = Math.sqrt((Number.isNaN(square) ? total.current() : total.push(square, commit)) / seconds);
    },
  });
}

export const stepsOf = ({ window, step }: VolatilityOptions): number => VOLATILITY_WINDOW_MS[window] / CANDLE_MS[step];
