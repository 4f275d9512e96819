// Declares measures of the perpetual's funding. Not ready where the feed has none. Runs in the guest.
import { declare, type Input, type Reading } from "../input.ts";
import { SERIES, type Series } from "./series.ts";

interface Window {
  readonly window: number;
}

export const funding = {
  /** Rate per 8 hours as of the close. */
  rate: (options?: Series): Input<Reading> => declare("funding.rate", { ...SERIES, ...options }),
  /** Its standard score among the last `window` candles. Default interval 1h, window 90. */
  z: (options?: Series<Window>): Input<Reading> =>
    declare("funding.z", { ...SERIES, interval: "1h", window: 90, ...options }),
};
