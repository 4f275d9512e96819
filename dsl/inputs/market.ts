// Declares measures of the market that is traded. Runs in the guest; the host computes.
import type { CandleInterval } from "../candle.ts";
import { declare, type Input, type Reading, type SeriesOptions } from "../input.ts";

export type VolatilityWindow = "5m" | "15m" | "30m" | "1h";

interface Stepped {
  /** Default 15m; at least five steps. */
  readonly window?: VolatilityWindow;
  /** The candles whose returns are taken; default 10s. */
  readonly step?: CandleInterval;
}

export const market = {
  /** Standard deviation of log returns per square root of a second. */
  volatility: (options?: Stepped & Partial<Pick<SeriesOptions, "history" | "forming">>): Input<Reading> =>
    declare("market.volatility", { window: "15m", step: "10s", history: 16, forming: false, ...options }),
  /** The chance that this market ends up, from spot, strike, time left and volatility. */
  probabilityUp: (options?: Stepped): Input<Reading> =>
    declare("market.probabilityUp", { window: "15m", step: "10s", ...options }),
  /** Of the best sizes of the Up token: 1 all bids, -1 all asks. */
  imbalance: (): Input<Reading> => declare("market.imbalance", {}),
  /** Best ask less best bid of the Up token. */
  spread: (): Input<Reading> => declare("market.spread", {}),
};
