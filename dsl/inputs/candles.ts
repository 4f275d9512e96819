// Declares a window of closed candles. Runs in the guest.
import type { CandleInterval } from "../candle.ts";
import { type Candles, declare, type Input } from "../input.ts";

interface CandlesOptions {
  /** Default 1m. */
  readonly interval?: CandleInterval;
  /** Closed candles to see, 1 … 500; default 100. */
  readonly depth?: number;
}

export const candles = (options?: CandlesOptions): Input<Candles> =>
  declare("candles", { interval: "1m", depth: 100, ...options });
