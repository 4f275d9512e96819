// Randomness without a generator: each draw depends on its coordinates alone, and looks like what it claims to be.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { gaussian, hash32, seedOf, uniform } from "../../../engine/base/prng.ts";

const DRAWS = 20_000;
const draws = (draw: (index: number) => number): number[] => Array.from({ length: DRAWS }, (_, index) => draw(index));
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const covariance = (a: readonly number[], b: readonly number[]): number => {
  const [meanA, meanB] = [mean(a), mean(b)];
  return mean(a.map((value, index) => (value - meanA) * (b[index]! - meanB)));
};

test("the same coordinates always draw the same, whatever was drawn before", () => {
  const first = hash32(7, 1, 2, 3);
  draws((index) => uniform(7, index));
  expect(hash32(7, 1, 2, 3)).toBe(first);
});

test("every coordinate counts, also beyond 32 bits", () => {
  const at = 1_780_876_500_000;
  const seen = [
    hash32(7, at),
    hash32(8, at),
    hash32(7, at + 1),
    hash32(7, at + 2 ** 32),
    hash32(7, at, 1),
    hash32(7, at, 0, 1),
  ];
  expect(new Set(seen).size).toBe(seen.length);
});

describe("uniform draws", () => {
  test("lie strictly between 0 and 1", () => {
    fc.assert(
      fc.property(fc.integer(), fc.maxSafeInteger(), (seed, a) => uniform(seed, a) > 0 && uniform(seed, a) < 1),
    );
  });

  test("fill ten bins evenly", () => {
    const bins = new Array<number>(10).fill(0);
    for (const value of draws((index) => uniform(1, index))) bins[Math.floor(value * 10)]! += 1;
    const chiSquare = bins.reduce((sum, count) => sum + (count - DRAWS / 10) ** 2 / (DRAWS / 10), 0);
    expect(chiSquare).toBeLessThan(27.9); // 9 degrees of freedom, 1 in 1,000.
  });

  test("of neighbours and of neighbouring seeds are unrelated", () => {
    const here = draws((index) => uniform(1, index));
    for (const other of [
      draws((index) => uniform(1, index + 1)),
      draws((index) => uniform(2, index)),
      draws((index) => uniform(1, index, 1)),
    ]) {
      expect(Math.abs(covariance(here, other) * 12)).toBeLessThan(0.03);
    }
  });
});

test("normal draws have mean 0, variance 1, and tails", () => {
  const values = draws((index) => gaussian(3, index));
  expect(Math.abs(mean(values))).toBeLessThan(0.03);
  expect(Math.abs(covariance(values, values) - 1)).toBeLessThan(0.04);
  const beyondTwo = values.filter((value) => Math.abs(value) > 2).length / DRAWS;
  expect(Math.abs(beyondTwo - 0.0455)).toBeLessThan(0.006);
});

test("names draw from different streams", () => {
  const names = ["btc", "eth", "sol", "xrp", "doge", "bnb", "hype", "zec", "ctb"];
  expect(new Set(names.map(seedOf)).size).toBe(names.length);
});
