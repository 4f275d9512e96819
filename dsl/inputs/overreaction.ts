// Declares measures of overreaction. They detect; that moves return is for the strategy to show. Runs in the guest.
import { declare, type Input, type Reading, type Records } from "../input.ts";
import { SERIES, type Series } from "./series.ts";

interface Move {
  /** Candles of the move. */
  readonly span: number;
  /** Candles before the move whose volatility it is measured by. */
  readonly window: number;
}
interface Volume {
  readonly period: number;
}
interface Bands extends Volume {
  readonly deviations: number;
}
interface Unconfirmed extends Move, Volume {
  /** Least size of the move, in standard deviations. */
  readonly z0: number;
  /** Relative volume below which it is unconfirmed. */
  readonly v0: number;
}
interface HalfLife {
  /** Candles of the regression, at least 60. */
  readonly window: number;
  /** Of the EMA that the price returns to. */
  readonly period: number;
}
type ScoreOutput = "score" | "side" | "strength" | "moveZ" | "relativeVolume" | "percentB" | "halfLife";

export const overreaction = {
  /** The move over `span` candles in standard deviations, -10 … 10. Default span 3, window 120. */
  moveZ: (options?: Series<Move>): Input<Reading> =>
    declare("overreaction.moveZ", { ...SERIES, span: 3, window: 120, ...options }),
  /** Where the close lies between the Bollinger bands, 0 … 1 inside. Default period 20, deviations 2. */
  percentB: (options?: Series<Bands>): Input<Reading> =>
    declare("overreaction.percentB", { ...SERIES, period: 20, deviations: 2, ...options }),
  /** Volume over the mean volume before it. Default period 20. */
  relativeVolume: (options?: Series<Volume>): Input<Reading> =>
    declare("overreaction.relativeVolume", { ...SERIES, period: 20, ...options }),
  /** 1 for a large move on little volume, else 0. Default span 3, window 120, period 20, z0 2.5, v0 1. */
  unconfirmed: (options?: Series<Unconfirmed>): Input<Reading> =>
    declare("overreaction.unconfirmed", { ...SERIES, span: 3, window: 120, period: 20, z0: 2.5, v0: 1, ...options }),
  /** Shares of the range above and below the body. */
  wick: (options?: Series): Input<Records<"upper" | "lower">> =>
    declare("overreaction.wick", { ...SERIES, ...options }),
  /** Candles in which the distance from the EMA halves; not ready while it does not revert. Default window 120, period 20. */
  halfLife: (options?: Series<HalfLife>): Input<Reading> =>
    declare("overreaction.halfLife", { ...SERIES, window: 120, period: 20, ...options }),
  /** The composite, -1 … 1, above 0 where a rise would be the return; with its parts. Default span 3, window 120, period 20, deviations 2. */
  score: (options?: Series<Move & Bands>): Input<Records<ScoreOutput>> =>
    declare("overreaction.score", { ...SERIES, span: 3, window: 120, period: 20, deviations: 2, ...options }),
};
