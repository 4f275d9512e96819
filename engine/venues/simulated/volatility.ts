// How fast one asset moves, as the exchange's market makers see it: an EWMA over log returns of at least ten seconds.
// Shorter steps of a smoothed oracle price read too calm. Candles and ticks feed the same estimate, so that the history
// at start makes it usable at once.

/** About one basis point per √second, what liquid coins do; it counts as one observation until there are others. */
const PRIOR_SIGMA = 1e-4;
const SIGMA_MIN = 1e-6;
const STEP_SECONDS = 10;
/** Weight kept per ten seconds: half of it is gone after four minutes. */
const DECAY_PER_STEP = 0.97;
/** Across a longer silence a return says nothing of the present pace. */
const GAP_SECONDS_MAX = 900;

export class Volatility {
  #variancePerSecond = PRIOR_SIGMA ** 2;
  #samples = 1;
  #price = Number.NaN;
  #atMs = Number.NEGATIVE_INFINITY;

  get sigmaPerSqrtSecond(): number {
    return Math.max(SIGMA_MIN, Math.sqrt(this.#variancePerSecond));
  }

  /** Takes a price in order of time; one that is nearer than a step to the last sample is passed over. */
  sample(price: number, atMs: number): void {
    const seconds = (atMs - this.#atMs) / 1_000;
    if (!(price > 0) || seconds < STEP_SECONDS) return;
    if (seconds <= GAP_SECONDS_MAX) {
      const squarePerSecond = Math.log(price / this.#price) ** 2 / seconds;
      this.#samples += 1;
      const weight = Math.max(1 - DECAY_PER_STEP ** (seconds / STEP_SECONDS), 1 / this.#samples);
      this.#variancePerSecond += weight * (squarePerSecond - this.#variancePerSecond);
    }
    this.#price = price;
    this.#atMs = atMs;
  }
}
