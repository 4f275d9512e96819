// The market's time as a function of the monotonic clock: a simulated or recorded day may run faster than the wall clock.

export class MarketClock {
  readonly speed: number;
  readonly #monotonicMs: () => number;
  #marketMs: number;
  #sinceMs: number;

  constructor(startMs: number, speed: number, monotonicMs: () => number) {
    this.speed = speed;
    this.#monotonicMs = monotonicMs;
    this.#marketMs = startMs;
    this.#sinceMs = monotonicMs();
  }

  nowMs(): number {
    return Math.floor(this.#marketMs + (this.#monotonicMs() - this.#sinceMs) * this.speed);
  }

  /** Real milliseconds until the market's clock shows `marketMs`; 0 when it has. */
  realMsUntil(marketMs: number): number {
    const nowMs = this.#marketMs + (this.#monotonicMs() - this.#sinceMs) * this.speed;
    return Math.max(0, (marketMs - nowMs) / this.speed);
  }
}
