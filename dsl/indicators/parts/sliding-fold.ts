// Sum, maximum or minimum of the last n values in O(1) amortised, without ever subtracting: nothing drifts, nothing cancels,
// and a value that left the window leaves no trace.
// How: time is cut into blocks of n. The window is the tail of the previous block, whose suffix folds were computed when it
// ended, and the head of the running one. Cell 2 + i holds a raw value of the running block (before `index`) or a suffix
// fold of the previous block (from `index` on); folds of the NaN it starts with stay NaN until n values are in.
import { Cells } from "./part.ts";

export type Fold = (a: number, b: number) => number;
export const sum: Fold = (a, b) => a + b;

export class SlidingFold extends Cells {
  readonly #length: number;
  readonly #fold: Fold;

  constructor(length: number, fold: Fold) {
    super(2 + length);
    this.#length = length;
    this.#fold = fold;
    this.cells[0] = 0;
  }

  /** The fold of the last `length` values with x as the newest; NaN while there are fewer. */
  push(x: number, commit: boolean): number {
    const index = this.cells[0]!;
    const head = index === 0 ? x : this.#fold(this.cells[1]!, x);
    const result = index + 1 < this.#length ? this.#fold(head, this.cells[2 + index + 1]!) : head;
    if (commit) {
      this.cells[1] = head;
      this.cells[2 + index] = x;
      this.cells[0] = index + 1;
      if (index + 1 === this.#length) this.#endBlock();
    }
    return result;
  }

  /** The fold of the last `length` values kept; NaN while there are fewer. */
  current(): number {
    const index = this.cells[0]!;
    return index === 0 ? this.cells[2]! : this.#fold(this.cells[1]!, this.cells[2 + index]!);
  }

  #endBlock(): void {
    for (let at = this.#length; at >= 2; at--) this.cells[at] = this.#fold(this.cells[at]!, this.cells[at + 1]!);
    this.cells[0] = 0;
  }
}
