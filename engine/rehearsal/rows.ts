// Rows of numbers that grow at one end and are forgotten at the other. A row keeps its number for ever, so what was computed of
// it stays true.
import { assert } from "../base/assert.ts";

const ROWS_MIN = 32;
const GROWTH = 1.25;

export class Rows {
  readonly width: number;
  #data: Float64Array;
  #first = 0;
  #end = 0;

  constructor(width: number, rows = ROWS_MIN) {
    this.width = width;
    this.#data = new Float64Array(width * rows);
  }

  /** Number of the oldest row that is kept. */
  get first(): number {
    return this.#first;
  }

  /** Number of the row that comes next. */
  get end(): number {
    return this.#end;
  }

  get(row: number, field: number): number {
    return this.#data[(row - this.#first) * this.width + field]!;
  }

  set(row: number, field: number, value: number): void {
    this.#data[(row - this.#first) * this.width + field] = value;
  }

  push(values: ArrayLike<number>): void {
    assert(values.length === this.width, `A row of ${values.length} numbers, expected ${this.width}`);
    const at = (this.#end - this.#first) * this.width;
    if (at === this.#data.length) {
      const rows = Math.max(ROWS_MIN, Math.ceil((this.#end - this.#first) * GROWTH));
      const grown = new Float64Array(rows * this.width);
      grown.set(this.#data);
      this.#data = grown;
    }
    this.#data.set(values, at);
    this.#end += 1;
  }

  /** Number of the first row for which it is true: rows for which it is not come before all others. `end` for none. */
  firstWhere(isTrue: (row: number) => boolean): number {
    let [from, to] = [this.#first, this.#end];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (isTrue(middle)) to = middle;
      else from = middle + 1;
    }
    return from;
  }

  /** Forgets the rows before this one. */
  forget(before: number): void {
    const gone = Math.min(before, this.#end) - this.#first;
    if (gone <= 0) return;
    this.#data = this.#data.slice(gone * this.width);
    this.#first += gone;
  }
}
