// The yardstick of a move: variance per candle, zero mean, of the `window` returns that ended `span` candles ago, so that the
// move itself is not in it. Synthetic candles are skipped.
import type { Candle } from "../../candle.ts";
import { Delay } from "./delay.ts";
import { type Part, restoreParts, type Saved, saveParts } from "./part.ts";
import { SlidingFold, sum } from "./sliding-fold.ts";
import { SquaredReturns } from "./squared-returns.ts";

/** Variance of log returns below which a market counts as motionless. */
const VARIANCE_MIN = 1e-12;
const Z_MAX = 10;

export class DelayedVariance implements Part {
  readonly #squares = new SquaredReturns();
  readonly #delay: Delay;
  readonly #sum: SlidingFold;
  readonly #window: number;

  constructor(span: number, window: number) {
    this.#delay = new Delay(span);
    this.#sum = new SlidingFold(window, sum);
    this.#window = window;
  }

  /** NaN before candle window + span. */
  push(candle: Candle, commit: boolean): number {
    const square = this.#delay.push(this.#squares.push(candle, commit), commit);
    return (Number.isNaN(square) ? this.#sum.current() : this.#sum.push(square, commit)) / this.#window;
  }

  snapshot(): Saved {
    return saveParts({ squares: this.#squares, delay: this.#delay, sum: this.#sum });
  }

  restore(saved: Saved): void {
    restoreParts({ squares: this.#squares, delay: this.#delay, sum: this.#sum }, saved);
  }
}

/** A log move over `candles` in standard deviations, clipped to ±10. Any move of a motionless market is NaN, none is 0. */
export function zOfMove(logMove: number, variance: number, candles: number): number {
  if (variance < VARIANCE_MIN) return logMove === 0 ? 0 : Number.NaN;
  return Math.max(-Z_MAX, Math.min(Z_MAX, logMove / Math.sqrt(variance * candles)));
}
