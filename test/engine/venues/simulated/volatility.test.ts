import { expect, test } from "vitest";
import { uniform } from "../../../../engine/base/prng.ts";
import { Volatility } from "../../../../engine/venues/simulated/volatility.ts";

/** A walk of equal steps up or down: its volatility is known exactly. */
function walk(stepSeconds: number, sigma: number, steps: number): Volatility {
  const volatility = new Volatility();
  let price = 65_000;
  for (let i = 0; i <= steps; i++) {
    volatility.sample(price, i * stepSeconds * 1_000);
    price *= Math.exp((uniform(1, i) < 0.5 ? -1 : 1) * sigma * Math.sqrt(stepSeconds));
  }
  return volatility;
}

test.each([10, 60])("an hour of %i-second returns gives their volatility per √second", (step) => {
  expect(walk(step, 2e-4, 3_600 / step).sigmaPerSqrtSecond).toBeCloseTo(2e-4, 5);
});

test("it can be used before the first return, and a flat price never makes it zero", () => {
  expect(new Volatility().sigmaPerSqrtSecond).toBe(1e-4);
  expect(walk(10, 0, 5_000).sigmaPerSqrtSecond).toBe(1e-6);
});

test("nearer samples, older ones, nonsense and the return across a long silence change nothing", () => {
  const volatility = walk(10, 2e-4, 100);
  const before = volatility.sigmaPerSqrtSecond;
  volatility.sample(99_000, 1_005_000);
  volatility.sample(99_000, 5_000);
  volatility.sample(Number.NaN, 1_020_000);
  volatility.sample(0, 1_020_000);
  volatility.sample(99_000, 3_000_000);
  expect(volatility.sigmaPerSqrtSecond).toBe(before);
});
