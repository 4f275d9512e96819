// The last measured durations of something, for status: bounded, and percentiles only when somebody asks.

const KEPT = 1_000;

export class Timings {
  readonly #values: number[] = [];
  #next = 0;
  #last: number | null = null;

  add(ms: number): void {
    this.#values[this.#next] = ms;
    this.#next = (this.#next + 1) % KEPT;
    this.#last = ms;
  }

  get last(): number | null {
    return this.#last === null ? null : round(this.#last);
  }

  percentile(share: number): number | null {
    if (this.#values.length === 0) return null;
    const sorted = [...this.#values].sort((a, b) => a - b);
    return round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!);
  }
}

const round = (ms: number): number => Math.round(ms * 100) / 100;
