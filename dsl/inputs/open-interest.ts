// Declares measures of the perpetual's open interest. Not ready where the feed has none. Runs in the guest.
import { declare, type Input, type Reading } from "../input.ts";
import { SERIES, type Series } from "./series.ts";

interface Period {
  readonly period: number;
}
interface Window {
  readonly window: number;
}

export const openInterest = {
  /** Its log change, in coins. Default period 15. */
  change: (options?: Series<Period>): Input<Reading> =>
    declare("openInterest.change", { ...SERIES, period: 15, ...options }),
  /** Standard score of the price less that of open interest, over the last `window` candles. Default window 120. */
  divergence: (options?: Series<Window>): Input<Reading> =>
    declare("openInterest.divergence", { ...SERIES, window: 120, ...options }),
};
