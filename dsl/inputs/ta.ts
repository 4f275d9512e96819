// Declares technical indicators, with TA-Lib's definitions. Runs in the guest; the host computes.
import { declare, type Input, type Reading, type Records } from "../input.ts";
import { SERIES, type Series } from "./series.ts";

interface Period {
  readonly period: number;
}
interface Macd {
  /** Less than `slow`. */
  readonly fast: number;
  readonly slow: number;
  readonly signal: number;
}
interface Bollinger extends Period {
  readonly deviations: number;
}
interface Stochastic extends Period {
  readonly smooth: number;
  readonly signal: number;
}

export const ta = {
  /** Simple moving average. */
  sma: (options: Series & Period): Input<Reading> => declare("ta.sma", { ...SERIES, ...options }),
  /** Exponential moving average. */
  ema: (options: Series & Period): Input<Reading> => declare("ta.ema", { ...SERIES, ...options }),
  /** Relative strength index, 0 … 100; 0 where nothing moved. Default period 14. */
  rsi: (options?: Series<Period>): Input<Reading> => declare("ta.rsi", { ...SERIES, period: 14, ...options }),
  /** Default fast 12, slow 26, signal 9. */
  macd: (options?: Series<Macd>): Input<Records<"macd" | "signal" | "histogram">> =>
    declare("ta.macd", { ...SERIES, fast: 12, slow: 26, signal: 9, ...options }),
  /** Default period 20, deviations 2. percentB is 0 on the lower and 1 on the upper band. */
  bollinger: (options?: Series<Bollinger>): Input<Records<"upper" | "middle" | "lower" | "percentB" | "bandwidth">> =>
    declare("ta.bollinger", { ...SERIES, period: 20, deviations: 2, ...options }),
  /** Average true range, in price units. Default period 14. */
  atr: (options?: Series<Period>): Input<Reading> => declare("ta.atr", { ...SERIES, period: 14, ...options }),
  /** Average directional index, 0 … 100. Default period 14. */
  adx: (options?: Series<Period>): Input<Records<"adx" | "plusDi" | "minusDi">> =>
    declare("ta.adx", { ...SERIES, period: 14, ...options }),
  /** Slow stochastic, 0 … 100. Default period 14, smooth 3, signal 3. */
  stochastic: (options?: Series<Stochastic>): Input<Records<"k" | "d">> =>
    declare("ta.stochastic", { ...SERIES, period: 14, smooth: 3, signal: 3, ...options }),
  /** Rate of change in percent. Default period 10. */
  roc: (options?: Series<Period>): Input<Reading> => declare("ta.roc", { ...SERIES, period: 10, ...options }),
  /** Change in price units. Default period 10. */
  mom: (options?: Series<Period>): Input<Reading> => declare("ta.mom", { ...SERIES, period: 10, ...options }),
};
