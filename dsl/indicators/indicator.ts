// What every indicator is: a pure, incremental function of closed candles, run by the host in V8.
// No clock, no IO, no randomness; state is plain numbers, so it can be copied, stored and compared.
import type { Candle } from "../candle.ts";

/** JSON-safe copy of an indicator's state. NaN is kept as null. */
export type IndicatorState = {
  readonly [key: string]: number | boolean | null | readonly (number | null)[] | IndicatorState;
};

export interface Indicator {
  /** Names of the outputs in order; ["value"] for a single-valued one. */
  readonly outputs: readonly string[];
  /** Closed candles needed for the first value of every output. */
  readonly warmup: number;
  /** Closed candles after which the seed's influence is below 1e-9; at least `warmup`. */
  readonly stable: number;
  /** Commits a closed candle and writes one number per output into `out` (NaN while not ready). Throws on a non-finite price. */
  next(candle: Candle, out: Float64Array): void;
  /** What `next` would write for this candle, leaving the state as it was: for the forming candle. */
  peek(candle: Candle, out: Float64Array): void;
  snapshot(): IndicatorState;
  restore(state: IndicatorState): void;
}
