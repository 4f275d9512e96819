// The chance that an up/down market ends up, from spot, strike, time left and volatility, for a log-normal price without drift.
// Markets settled on the price at the close: P = Phi(d2). Markets settled on the mean of the last L seconds before it: the mean
// of a Brownian path, whose variance is smaller, and which is nearly known shortly before the close.
import { normalCdf } from "./statistics.ts";

export interface ProbabilityUpFacts {
  readonly spot: number;
  /** Age of the spot price. One that is too old is no fact. */
  readonly spotAgeSeconds: number;
  /** The price to beat; a tie is Up. NaN when it is not known yet. */
  readonly strike: number;
  readonly secondsLeft: number;
  /** Standard deviation of log returns per square root of a second. */
  readonly sigma: number;
  /** Length of the mean that settles the market; 0 when the price at the close does. */
  readonly lookbackSeconds: number;
  /** Mean price over the part of the lookback that has passed; needed once secondsLeft < lookbackSeconds. */
  readonly elapsedMean: number;
}

const SPOT_AGE_SECONDS_MAX = 3;
/** While there is time left nothing is certain, whatever the model says. */
const PROBABILITY_MIN = 0.01;
const PROBABILITY_MAX = 0.99;

/** In [0.01, 0.99] while there is time left, then 1 or 0; NaN where a fact that it needs is missing, stale or not positive. */
export function probabilityUp(facts: ProbabilityUpFacts): number {
  const { spot, strike, sigma, secondsLeft, spotAgeSeconds, lookbackSeconds } = facts;
  const isKnown = isPositive(spot) && isPositive(strike) && spotAgeSeconds <= SPOT_AGE_SECONDS_MAX;
  if (!isKnown || !Number.isFinite(secondsLeft) || !(lookbackSeconds >= 0)) return Number.NaN;
  const left = Math.max(0, secondsLeft);
  const mean = expectedEnd(facts, left);
  if (left === 0) return Number.isNaN(mean) ? mean : Number(mean >= strike);
  if (!isPositive(sigma)) return Number.NaN;
  return Math.max(PROBABILITY_MIN, Math.min(PROBABILITY_MAX, normalCdf(score(facts, mean, left))));
}

/** Expected settlement price: spot, and what has passed of the lookback at its weight. */
function expectedEnd({ spot, lookbackSeconds, elapsedMean }: ProbabilityUpFacts, left: number): number {
  if (left >= lookbackSeconds) return spot;
  if (!isPositive(elapsedMean)) return Number.NaN;
  return (elapsedMean * (lookbackSeconds - left) + spot * left) / lookbackSeconds;
}

function score({ spot, strike, sigma, lookbackSeconds }: ProbabilityUpFacts, mean: number, left: number): number {
  if (lookbackSeconds === 0) return (Math.log(spot / strike) - (sigma * sigma * left) / 2) / (sigma * Math.sqrt(left));
  const effectiveSeconds =
    left >= lookbackSeconds ? left - (2 * lookbackSeconds) / 3 : left ** 3 / (3 * lookbackSeconds * lookbackSeconds);
  return (mean - strike) / (spot * sigma * Math.sqrt(effectiveSeconds));
}

const isPositive = (x: number): boolean => x > 0 && Number.isFinite(x);
