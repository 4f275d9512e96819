// Notices that a stream of trades wins less often than its prices need: a version that has lost its edge, or never had one,
// does not fault, it only loses. A win rate alone says nothing: 0.90 at a price of 0.90 earns nothing. So every trade is scored
// against its own break-even probability p0, as a likelihood ratio of p1 = σ(logit p0 − δ) to p0 (CUSUM: Page 1954), and a run
// of losses by the chance Π(1 − p0) of having it at break-even.
import { assert } from "../base/assert.ts";

export interface ScoredTrade {
  /** Price and fee a share paid, USDC: the probability at which the trade earns nothing, 0 … 1. */
  readonly breakEven: number;
  readonly won: boolean;
}

export interface DetectorAlarm {
  readonly kind: "fast" | "slow" | "losing-run";
  /** Since its excursion began. */
  readonly trades: number;
  readonly losses: number;
  /** A log-likelihood ratio that reached its threshold, or for a losing run a probability that fell to it. */
  readonly value: number;
  readonly threshold: number;
}

/** An evidence sum, and what it is made of since it was last 0. */
export interface Excursion {
  readonly value: number;
  readonly trades: number;
  readonly losses: number;
}

export interface DetectorState {
  readonly fast: Excursion;
  readonly slow: Excursion;
  /** Its value is the log of Π(1 − p0). */
  readonly losingRun: Excursion;
}

/** Log-odds between break-even and what is looked for: 0.90 against 0.80, and 0.90 against 0.85. */
export const FAST_DELTA = 0.811;
export const SLOW_DELTA = 0.463;

/**
 * For one false alarm in 90 days altogether: 16 streams that trade in every window (8 assets on 5 and on 15 minutes: 276,480
 * trades) and the pools of their 2 versions, all detectors of each, at the worst of break-even prices 0.5, 0.7, 0.9 and all three
 * in turn, whether assets win together or not. Simulated by `npm run -s calibrate`: 0.83 with independent assets (0.34 fast, 0.31
 * slow, 0.14 losing runs, 0.04 pools), 0.93 where 14 of 16 trades share the outcome of their close (0.24 of it from the pools).
 *
 * Losing runs at 1e-5, five losses at 0.9, would alone be 276,480 × 0.9 × 1e-5 = 2.5 false alarms; at 1e-6, six losses, 0.25.
 */
export const THRESHOLDS = { fast: 10.6, slow: 9.6, losingRun: 1e-6, pooledFast: 9.2, pooledSlow: 8.3 };
export type Thresholds = Readonly<typeof THRESHOLDS>;

/** Five losses at 0.9 are 1e-5, though the sum of their logs is not to the last bit. */
export const LOG_TOLERANCE = 1e-9;
const BREAK_EVEN_MIN = 0.02;

export const NO_EXCURSION: Excursion = { value: 0, trades: 0, losses: 0 };
const NOTHING_SEEN: DetectorState = { fast: NO_EXCURSION, slow: NO_EXCURSION, losingRun: NO_EXCURSION };

export class PerformanceDetector {
  #state: DetectorState;

  constructor(state: DetectorState = NOTHING_SEEN) {
    this.#state = state;
  }

  get state(): DetectorState {
    return this.#state;
  }

  /** The strongest alarm that this trade sets off, after which all three start anew. */
  add(trade: ScoredTrade): DetectorAlarm | null {
    const { fast, slow, losingRun } = this.#state;
    const losses = trade.won ? 0 : 1;
    const step = { trades: 1, losses };
    this.#state = {
      fast: cusum(fast, Math.log(likelihoodRatio(trade, FAST_DELTA)), step),
      slow: cusum(slow, Math.log(likelihoodRatio(trade, SLOW_DELTA)), step),
      losingRun: trade.won ? NO_EXCURSION : moved(losingRun, Math.log(1 - clamped(trade.breakEven)), step),
    };
    const alarm = this.#alarm();
    if (alarm !== null) this.#state = NOTHING_SEEN;
    return alarm;
  }

  #alarm(): DetectorAlarm | null {
    const { fast, slow, losingRun } = this.#state;
    if (losingRun.value <= Math.log(THRESHOLDS.losingRun) + LOG_TOLERANCE) {
      return { kind: "losing-run", ...losingRun, value: Math.exp(losingRun.value), threshold: THRESHOLDS.losingRun };
    }
    if (fast.value >= THRESHOLDS.fast) return { kind: "fast", ...fast, threshold: THRESHOLDS.fast };
    return slow.value >= THRESHOLDS.slow ? { kind: "slow", ...slow, threshold: THRESHOLDS.slow } : null;
  }
}

/** For people: `lost 6 trades in a row, at these prices a chance of 1 in 1000000`. */
export function describeAlarm({ kind, trades, losses, value, threshold }: DetectorAlarm): string {
  if (kind === "losing-run")
    return `lost ${losses} trades in a row, at these prices a chance of 1 in ${Math.round(1 / value)}`;
  return `lost ${losses} of ${trades} trades, more than their prices allow (${kind} detector: ${value.toFixed(1)}, alarms at ${threshold})`;
}

/** How much likelier the outcome is at p1 than at p0: at break-even its mean is 1. */
export function likelihoodRatio({ breakEven, won }: ScoredTrade, delta: number): number {
  const p0 = clamped(breakEven);
  const p1 = 1 / (1 + Math.exp(delta) * ((1 - p0) / p0));
  return won ? p1 / p0 : (1 - p1) / (1 - p0);
}

/** Adds a score to a sum that never falls below 0. */
export function cusum(excursion: Excursion, score: number, step: Omit<Excursion, "value">): Excursion {
  return excursion.value + score <= 0 ? NO_EXCURSION : moved(excursion, score, step);
}

const moved = ({ value, trades, losses }: Excursion, score: number, step: Omit<Excursion, "value">): Excursion => ({
  value: value + score,
  trades: trades + step.trades,
  losses: losses + step.losses,
});

function clamped(breakEven: number): number {
  assert(breakEven >= 0 && breakEven <= 1, `A break-even of ${breakEven}, expected 0 … 1`);
  return Math.min(1 - BREAK_EVEN_MIN, Math.max(BREAK_EVEN_MIN, breakEven));
}
