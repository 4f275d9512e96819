// What luck alone gives: whoever tries a hundred params and keeps the best has a good Sharpe ratio without any edge.
// Bailey & López de Prado, "The Deflated Sharpe Ratio", Journal of Portfolio Management 40(5), 2014. All ratios here are of one
// return period, as in the paper; only what is shown is made a year's.
import { normalCdf } from "../../dsl/indicators/statistics.ts";

const EULER_MASCHERONI = 0.5772156649015329;
/** Φ reaches 1e-300 there. */
const QUANTILE_Z_MAX = 37;
const BISECTIONS = 64;

export interface Moments {
  readonly returns: number;
  /** Mean over the sample's standard deviation (n − 1), risk-free rate 0. Null where returns do not vary: nothing was risked. */
  readonly sharpe: number | null;
  /** Third standardised moment, 0 of a normal distribution. */
  readonly skewness: number;
  /** Fourth standardised moment, 3 of a normal distribution. */
  readonly kurtosis: number;
}

export function momentsOf(returns: readonly number[]): Moments {
  const n = returns.length;
  const mean = returns.reduce((sum, value) => sum + value, 0) / n;
  const central = (power: number) => returns.reduce((sum, value) => sum + (value - mean) ** power, 0) / n;
  const variance = central(2);
  if (n < 2 || returns.every((value) => value === returns[0])) {
    return { returns: n, sharpe: null, skewness: 0, kurtosis: 3 };
  }
  return {
    returns: n,
    sharpe: mean / Math.sqrt((variance * n) / (n - 1)),
    skewness: central(3) / variance ** 1.5,
    kurtosis: central(4) / variance ** 2,
  };
}

/**
 * Probability that the true Sharpe ratio is above `benchmark`, given what was seen (the paper's eq. 9; Bailey & López de Prado,
 * "The Sharpe Ratio Efficient Frontier", 2012): Φ((SR − SR*)·√(T − 1) / √(1 − γ3·SR + (γ4 − 1)/4·SR²)). Null without a Sharpe ratio.
 */
export function probabilisticSharpe({ returns, sharpe, skewness, kurtosis }: Moments, benchmark = 0): number | null {
  if (sharpe === null) return null;
  // Never negative, since γ4 ≥ γ3² + 1; 0 only where returns take two values, and then rounding decides.
  const spread = Math.max(1 - skewness * sharpe + ((kurtosis - 1) / 4) * sharpe ** 2, Number.EPSILON);
  return normalCdf(((sharpe - benchmark) * Math.sqrt(returns - 1)) / Math.sqrt(spread));
}

/**
 * The best Sharpe ratio to expect of N independent trials without any edge (eq. 6, from the limit of the maximum of N normals):
 * √V·((1 − γ)·Φ⁻¹(1 − 1/N) + γ·Φ⁻¹(1 − 1/(N·e))), V being the variance of the trials' ratios. Trials that resemble each other
 * are fewer than N, so this errs on the side of luck. 0 for fewer than two: nothing was chosen.
 */
export function expectedMaximumSharpe(variance: number, trials: number): number {
  if (trials < 2) return 0;
  const first = (1 - EULER_MASCHERONI) * upperQuantile(1 / trials);
  return Math.sqrt(variance) * (first + EULER_MASCHERONI * upperQuantile(1 / (trials * Math.E)));
}

/** The luck in `sharpes`: `expectedMaximumSharpe` of their number and their sample variance. */
export function luckOf(sharpes: readonly number[]): number {
  const n = sharpes.length;
  const mean = sharpes.reduce((sum, value) => sum + value, 0) / n;
  const variance = n < 2 ? 0 : sharpes.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  return expectedMaximumSharpe(variance, n);
}

/** The z that a standard normal exceeds with this probability, by bisection of Φ. */
function upperQuantile(probability: number): number {
  let [low, high] = [-QUANTILE_Z_MAX, QUANTILE_Z_MAX];
  for (let i = 0; i < BISECTIONS; i++) {
    const middle = (low + high) / 2;
    if (normalCdf(-middle) > probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
