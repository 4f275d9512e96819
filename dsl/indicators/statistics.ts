// Small statistics that do not run along a series.

/** Two-sided 95 %. */
const Z_95 = 1.959964;

/**
 * Wilson's interval for a share: `successes` of `trials` independent ones, at the two-sided level of `z`. [0, 1] without trials.
 * Overlapping samples are not independent: give their effective number. Throws a RangeError unless 0 ≤ successes ≤ trials.
 */
export function wilsonInterval(
  successes: number,
  trials: number,
  z = Z_95,
): { readonly low: number; readonly high: number } {
  if (!(successes >= 0 && successes <= trials && trials < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`Cannot take the share of ${successes} in ${trials}: expected 0 ≤ successes ≤ trials`);
  }
  if (trials === 0) return { low: 0, high: 1 };
  const share = successes / trials;
  const weight = 1 / (1 + (z * z) / trials);
  const center = (share + (z * z) / (2 * trials)) * weight;
  const half = z * weight * Math.sqrt((share * (1 - share)) / trials + (z * z) / (4 * trials * trials));
  // At the ends the bounds are 0 and 1 exactly; rounding must not say otherwise.
  return { low: successes === 0 ? 0 : center - half, high: successes === trials ? 1 : center + half };
}

/** Standard normal distribution function, erfc(-x / √2) / 2, to 1e-14 (Hart 1968, algorithm 5666, after West 2005). */
export function normalCdf(x: number): number {
  if (Number.isNaN(x)) return x;
  const tail = upperTail(Math.abs(x));
  return x > 0 ? 1 - tail : tail;
}

const NUMERATOR = [
  3.52624965998911e-2, 0.700383064443688, 6.37396220353165, 33.912866078383, 112.079291497871, 221.213596169931,
  220.206867912376,
] as const;
const DENOMINATOR = [
  8.83883476483184e-2, 1.75566716318264, 16.064177579207, 86.7807322029461, 296.564248779674, 637.333633378831,
  793.826512519948, 440.413735824752,
] as const;
const FRACTION_FROM = 7.07106781186547;
const ROOT_OF_TWO_PI = 2.506628274631;

function upperTail(z: number): number {
  if (z > 37) return 0;
  const density = Math.exp((-z * z) / 2);
  if (z < FRACTION_FROM) return (density * polynomial(NUMERATOR, z)) / polynomial(DENOMINATOR, z);
  return density / (z + 1 / (z + 2 / (z + 3 / (z + 4 / (z + 0.65))))) / ROOT_OF_TWO_PI;
}

const polynomial = (coefficients: readonly number[], x: number): number =>
  coefficients.reduce((value, coefficient) => value * x + coefficient, 0);
