// Exponential smoothing as TA-Lib does it: the first value is the plain mean of the first n, then `mean += weight * (x - mean)`.
// With weight 2/(n+1) this is the EMA, with 1/n Wilder's average.
import { Cells } from "./part.ts";

export class SmoothedMean extends Cells {
  readonly #length: number;
  readonly #weight: number;

  constructor(length: number, weight: number) {
    super(2);
    this.#length = length;
    this.#weight = weight;
    this.cells.fill(0);
  }

  /** NaN for the first length - 1 pushes. */
  push(x: number, commit: boolean): number {
    const seen = this.cells[0]!;
    const kept = this.cells[1]!;
    const isSeeded = seen >= this.#length;
    const next = isSeeded
      ? kept + this.#weight * (x - kept)
      : seen + 1 < this.#length
        ? kept + x
        : (kept + x) / this.#length;
    if (commit) {
      this.cells[0] = isSeeded ? seen : seen + 1;
      this.cells[1] = next;
    }
    return seen + 1 < this.#length ? Number.NaN : next;
  }
}

export const emaWeight = (period: number): number => 2 / (period + 1);

/** Pushes after which the seed's share is below 1e-10, a tenth of what `stable` promises: outputs are quotients of means. */
export const settlingTime = (weight: number): number => Math.ceil(Math.log(1e-10) / Math.log(1 - weight));
