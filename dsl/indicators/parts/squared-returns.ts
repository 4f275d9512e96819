// Squared log returns per candle, between candles in which something traded.
// A synthetic candle says that nothing was seen, not that the price stood still: counting its zero return would understate
// volatility. The return over the k intervals to the next real candle has k times the variance, so its square is divided by k.
import type { Candle } from "../../candle.ts";
import { Cells } from "./part.ts";

export class SquaredReturns extends Cells {
  constructor() {
    super(2);
    this.cells[1] = 1;
  }

  /** NaN for a synthetic candle and before the second real one. */
  push(candle: Candle, commit: boolean): number {
    const last = this.cells[0]!;
    const intervals = this.cells[1]!;
    if (candle.synthetic) {
      if (commit) this.cells[1] = intervals + 1;
      return Number.NaN;
    }
    if (commit) {
      this.cells[0] = candle.close;
      this.cells[1] = 1;
    }
    const logReturn = Math.log(candle.close / last);
    return (logReturn * logReturn) / intervals;
  }
}
