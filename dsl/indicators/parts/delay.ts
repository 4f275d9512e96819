// What was pushed n steps ago.
import { Cells } from "./part.ts";

export class Delay extends Cells {
  readonly #length: number;

  constructor(length: number) {
    super(1 + length);
    this.#length = length;
    this.cells[0] = 0;
  }

  /** The value `length` pushes before this one; NaN while there is none. */
  push(x: number, commit: boolean): number {
    const index = this.cells[0]!;
    const old = this.cells[1 + index]!;
    if (commit) {
      this.cells[1 + index] = x;
      this.cells[0] = (index + 1) % this.#length;
    }
    return old;
  }
}
