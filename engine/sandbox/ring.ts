// The latest values of something, without end and in the same memory. What is asked rarely costs only whoever asks.

export class Ring {
  readonly #values: Uint32Array;
  #next = 0;
  #isFull = false;

  constructor(valuesMax: number) {
    this.#values = new Uint32Array(valuesMax);
  }

  /** A whole number below 2^32. The oldest makes room. */
  add(value: number): void {
    this.#values[this.#next++] = value;
    if (this.#next < this.#values.length) return;
    this.#next = 0;
    this.#isFull = true;
  }

  /** A view, in no order that means anything. */
  get latest(): Uint32Array {
    return this.#isFull ? this.#values : this.#values.subarray(0, this.#next);
  }

  /** 0 when there is none. */
  get largest(): number {
    let largest = 0;
    for (const value of this.latest) if (value > largest) largest = value;
    return largest;
  }
}

/** All values of several rings, smallest first. */
export function sortedValues(rings: readonly Ring[]): Uint32Array {
  const all = rings.map(({ latest }) => latest);
  const sorted = new Uint32Array(all.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const values of all) {
    sorted.set(values, at);
    at += values.length;
  }
  return sorted.sort();
}

/** The smallest value that `share` of all do not exceed (nearest rank); 0 when there is none. */
export const percentile = (sorted: Uint32Array, share: number): number =>
  sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
