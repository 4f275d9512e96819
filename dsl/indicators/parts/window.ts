// The last n values in order, for estimators that pass over their window. A pass over at most 500 values costs about a
// microsecond and cannot drift; a running regression would.
import { Cells } from "./part.ts";

export class Window extends Cells {
  readonly #view: Float64Array;

  constructor(length: number) {
    super(length);
    this.#view = new Float64Array(length);
  }

  /** The last values, oldest first, x last; NaN at the front while there are fewer. Valid until the next push. */
  push(x: number, commit: boolean): Float64Array {
    const last = this.cells.length - 1;
    for (let index = 0; index < last; index++) this.#view[index] = this.cells[index + 1]!;
    this.#view[last] = x;
    if (commit) this.cells.set(this.#view);
    return this.#view;
  }
}
