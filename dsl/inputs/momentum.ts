// Declares measures of momentum. Runs in the guest; the host computes.
import { declare, type Input, type Reading, type Records } from "../input.ts";
import { SERIES, type Series } from "./series.ts";

interface Period {
  readonly period: number;
}
interface Move {
  /** Candles of the move. */
  readonly span: number;
  /** Candles before the move whose volatility it is measured by. */
  readonly window: number;
}

export const momentum = {
  /** Rate of change in percent. Default period 10. */
  roc: (options?: Series<Period>): Input<Reading> => declare("momentum.roc", { ...SERIES, period: 10, ...options }),
  /** The move over `span` candles in standard deviations, -10 … 10. Default span 3, window 120. */
  zReturn: (options?: Series<Move>): Input<Reading> =>
    declare("momentum.zReturn", { ...SERIES, span: 3, window: 120, ...options }),
  /** Rate of change less the rate of change before it, in percentage points. Default period 10. */
  acceleration: (options?: Series<Period>): Input<Reading> =>
    declare("momentum.acceleration", { ...SERIES, period: 10, ...options }),
  /** Way made good over way travelled, 0 … 1 (Kaufman). Default period 10. */
  efficiency: (options?: Series<Period>): Input<Reading> =>
    declare("momentum.efficiency", { ...SERIES, period: 10, ...options }),
  /** t statistic of the slope of ln close, -10 … 10. Default period 20. */
  trend: (options?: Series<Period>): Input<Reading> => declare("momentum.trend", { ...SERIES, period: 20, ...options }),
  /** All of these about one move, in (-1, 1), and the share of them that could be computed. Default span 10, window 120. */
  score: (options?: Series<Move>): Input<Records<"score" | "coverage">> =>
    declare("momentum.score", { ...SERIES, span: 10, window: 120, ...options }),
};
