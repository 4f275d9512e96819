// Whether a version spends more and more: a loop over something that grows goes unnoticed until the budget ends it. One that works
// only late in a window, or only in some markets, spends now more and now less: that is no growth.

/** Decisions that a mean is taken over. */
const DECISIONS = 256;
/** Means in a row, each above the one before. */
const RISES_MIN = 6;
const GROWTH_MAX = 4;
/** A few hundred ticks more are no growth, however few there were. */
const TICKS_MIN = 2_000;

export class FuelGrowth {
  /** The mean before its last rises, and the last one; Infinity before there is one. */
  #from = Number.POSITIVE_INFINITY;
  #last = Number.POSITIVE_INFINITY;
  #rises = 0;
  #sum = 0;
  #count = 0;
  #grown: string | null = null;

  add(ticks: number): void {
    this.#sum += ticks;
    this.#count += 1;
    if (this.#count < DECISIONS) return;
    const mean = Math.round(this.#sum / this.#count);
    if (mean <= this.#last) this.#from = mean;
    this.#rises = mean > this.#last ? this.#rises + 1 : 0;
    this.#last = mean;
    if (this.#rises >= RISES_MIN && mean >= this.#from * GROWTH_MAX && mean - this.#from >= TICKS_MIN)
      this.#grown = `a decision takes ${mean} ticks, and took ${this.#from} before it began to rise`;
    this.#sum = 0;
    this.#count = 0;
  }

  /** What has grown, for people; null for nothing. */
  get grown(): string | null {
    return this.#grown;
  }
}
