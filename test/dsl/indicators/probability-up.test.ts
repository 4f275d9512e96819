import { describe, expect, test } from "vitest";
import { type ProbabilityUpFacts, probabilityUp } from "../../../dsl/indicators/probability-up.ts";
import { normalCdf } from "../../../dsl/indicators/statistics.ts";
import { gaussian } from "../../../engine/base/prng.ts";

const FACTS: ProbabilityUpFacts = {
  spot: 65_050,
  spotAgeSeconds: 1,
  strike: 65_026.457815,
  secondsLeft: 60,
  sigma: 1e-4,
  lookbackSeconds: 0,
  elapsedMean: Number.NaN,
};
const up = (facts: Partial<ProbabilityUpFacts> = {}): number => probabilityUp({ ...FACTS, ...facts });

describe("settled on the price at the close", () => {
  test("reference values", () => {
    expect(up()).toBeCloseTo(0.6797214, 8);
    expect(up({ spot: 65_000, strike: 65_000, secondsLeft: 300 })).toBeCloseTo(0.49965451, 8);
  });

  test("with no time left it is 1 from a tie on, and 0 below, whatever the volatility", () => {
    const sigma = Number.NaN;
    for (const secondsLeft of [0, -5]) {
      expect(up({ secondsLeft, sigma, spot: 100, strike: 100 })).toBe(1);
      expect(up({ secondsLeft, sigma, spot: 99.99, strike: 100 })).toBe(0);
    }
  });

  test("while there is time left it stays within [0.01, 0.99]", () => {
    expect(up({ spot: 80_000, secondsLeft: 0.001 })).toBe(0.99);
    expect(up({ spot: 50_000, secondsLeft: 0.001 })).toBe(0.01);
  });

  test.each([
    { sigma: 0 },
    { sigma: Number.NaN },
    { strike: Number.NaN },
    { strike: 0 },
    { spot: Number.NaN },
    { spot: 0 },
    { spotAgeSeconds: 3.001 },
    { spotAgeSeconds: Number.NaN },
    { secondsLeft: Number.NaN },
    { secondsLeft: Number.POSITIVE_INFINITY },
    { lookbackSeconds: Number.NaN },
    { lookbackSeconds: -1 },
  ])("is unknown with %j", (facts) => expect(up(facts)).toBeNaN());

  test("a spot of three seconds is still a fact", () => expect(up({ spotAgeSeconds: 3 })).not.toBeNaN());
});

describe("settled on the mean of the last 30 seconds", () => {
  const twap = { lookbackSeconds: 30, spot: 65_050, strike: 65_030 };
  const withSeconds = (seconds: number, mean = 65_050): number =>
    normalCdf((mean - 65_030) / (65_050 * 1e-4 * Math.sqrt(seconds)));

  test("60 seconds left count as 40", () => expect(up({ ...twap, secondsLeft: 60 })).toBeCloseTo(withSeconds(40), 12));

  test("10 seconds left count as 0.37, around the mean that is known by then", () => {
    const mean = (65_025 * 20 + 65_050 * 10) / 30;
    const facts = { ...twap, secondsLeft: 10, elapsedMean: 65_025 };
    expect(up(facts)).toBeCloseTo(withSeconds(1000 / 2700, mean), 12);
  });

  test("both forms meet where the lookback begins", () => {
    const before = up({ ...twap, secondsLeft: 30 });
    const after = up({ ...twap, secondsLeft: 30 - 1e-9, elapsedMean: 65_000 });
    expect(after).toBeCloseTo(before, 8);
  });

  test("within the lookback the elapsed mean must be known", () => {
    expect(up({ ...twap, secondsLeft: 29.9 })).toBeNaN();
    expect(up({ ...twap, secondsLeft: 0 })).toBeNaN();
    expect(up({ ...twap, secondsLeft: 30 })).not.toBeNaN();
  });

  test("with no time left the mean decides, not the spot", () => {
    expect(up({ ...twap, secondsLeft: 0, elapsedMean: 65_030 })).toBe(1);
    expect(up({ ...twap, secondsLeft: 0, elapsedMean: 65_029.99 })).toBe(0);
  });

  test.each([60, 10])("agrees with simulated paths with %d seconds left", (secondsLeft) => {
    const [sigma, steps, paths, lookback] = [1e-4, 10, 4000, 30];
    const elapsedMean = secondsLeft < lookback ? 65_028 : Number.NaN;
    let ups = 0;
    for (let path = 0; path < paths; path++) {
      let price = twap.spot;
      let total = secondsLeft < lookback ? elapsedMean * (lookback - secondsLeft) : 0;
      for (let step = 0; step < secondsLeft * steps; step++) {
        price += (twap.spot * sigma * gaussian(3, path, step)) / Math.sqrt(steps);
        if (secondsLeft - step / steps <= lookback) total += price / steps;
      }
      if (total / lookback >= twap.strike) ups++;
    }
    const fourStandardErrors = 4 * Math.sqrt(0.25 / paths);
    expect(Math.abs(ups / paths - up({ ...twap, secondsLeft, elapsedMean }))).toBeLessThan(fourStandardErrors);
  });
});
