// Mean and population variance of the last n values in O(1) amortised: the blocks of SlidingFold, with (mean, sum of squared
// deviations) joined by Chan's formula. Equal values give a variance of exactly 0, and no large squares are subtracted.
import { Cells } from "./part.ts";

export class SlidingMoments extends Cells {
  readonly #length: number;
  /** Of the window at the last push; NaN while there are fewer than `length` values. */
  mean = Number.NaN;
  variance = Number.NaN;

  constructor(length: number) {
    super(3 + 2 * length);
    this.#length = length;
    this.clear();
  }

  clear(): void {
    this.cells.fill(Number.NaN);
    this.cells[0] = 0;
  }

  /** Sets `mean` and `variance` of the last `length` values with x as the newest. */
  push(x: number, commit: boolean): void {
    const { cells } = this;
    const index = cells[0]!;
    this.#join(index, cells[1]!, cells[2]!, 1, x, 0);
    const headMean = this.mean;
    const headSquares = this.variance;
    const older = index + 1;
    if (older < this.#length) {
      this.#join(
        older,
        headMean,
        headSquares,
        this.#length - older,
        cells[3 + older]!,
        cells[3 + this.#length + older]!,
      );
    }
    this.variance /= this.#length;
    if (commit) {
      cells[1] = headMean;
      cells[2] = headSquares;
      cells[3 + index] = x;
      cells[0] = older;
      if (older === this.#length) this.#endBlock();
    }
  }

  /** Turns the block's raw values into suffix moments and begins the next block. */
  #endBlock(): void {
    const { cells } = this;
    const length = this.#length;
    const { mean, variance } = this;
    cells[3 + 2 * length - 1] = 0;
    for (let at = length - 2; at >= 0; at--) {
      this.#join(1, cells[3 + at]!, 0, length - 1 - at, cells[3 + at + 1]!, cells[3 + length + at + 1]!);
      cells[3 + at] = this.mean;
      cells[3 + length + at] = this.variance;
    }
    this.mean = mean;
    this.variance = variance;
    cells[0] = 0;
  }

  /** Moments of two sets together, left in `mean` and, as the sum of squared deviations, in `variance`. */
  #join(countA: number, meanA: number, squaresA: number, countB: number, meanB: number, squaresB: number): void {
    if (countA === 0) {
      this.mean = meanB;
      this.variance = squaresB;
      return;
    }
    const difference = meanB - meanA;
    const share = countB / (countA + countB);
    this.mean = meanA + difference * share;
    this.variance = squaresA + squaresB + difference * difference * countA * share;
  }

  /** Standard score of x in the window of the last push; 0 where all values are equal. */
  zScore(x: number): number {
    return this.variance === 0 ? 0 : (x - this.mean) / Math.sqrt(this.variance);
  }
}
