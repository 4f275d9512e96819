import { describe, expect, test } from "vitest";
import {
  expectedMaximumSharpe,
  luckOf,
  momentsOf,
  probabilisticSharpe,
} from "../../../control/sweep/deflated-sharpe.ts";
import { gaussian } from "../../../engine/base/prng.ts";

describe("the moments of returns", () => {
  test("are those computed by hand", () => {
    // Mean 2; deviations −1, −1, −1, 3: m2 = 3, m3 = 6, m4 = 21; sample variance 4.
    expect(momentsOf([1, 1, 1, 5])).toEqual({
      returns: 4,
      sharpe: 1,
      skewness: 6 / 3 ** 1.5,
      kurtosis: 21 / 9,
    });
  });

  test.each([[[]], [[3]], [[0, 0, 0]], [[0.1, 0.1, 0.1]]])("%j have no Sharpe ratio", (returns) => {
    const moments = momentsOf(returns);
    expect(moments.sharpe).toBeNull();
    expect(probabilisticSharpe(moments)).toBeNull();
  });
});

describe("the example of Bailey & López de Prado (2014)", () => {
  // A yearly Sharpe ratio of 2.5 over 5 years of 250 daily returns, the best of 100 trials whose yearly ratios have a variance of ½.
  const sharpe = 2.5 / Math.sqrt(250);
  const skewed = { returns: 1250, sharpe, skewness: -3, kurtosis: 10 };
  const deflated = (trials: number, moments = skewed) =>
    probabilisticSharpe(moments, expectedMaximumSharpe(1 / (2 * 250), trials));

  test("gives the paper's figures", () => {
    expect(expectedMaximumSharpe(1 / (2 * 250), 100)).toBeCloseTo(0.1132, 4);
    expect(deflated(100)).toBeCloseTo(0.9004, 4);
  });

  test("would be significant with 46 trials, or with 88 of normal returns", () => {
    expect(deflated(46)).toBeCloseTo(0.9505, 4);
    expect(deflated(88, { ...skewed, skewness: 0, kurtosis: 3 })).toBeCloseTo(0.9505, 4);
  });
});

describe("the luck of N trials", () => {
  test("is none where nothing was chosen", () => {
    expect([luckOf([]), luckOf([2]), luckOf([1, 1, 1])]).toEqual([0, 0, 0]);
  });

  // Exact expected maxima of N standard normals: 1/√π, Harter's tables for 10, 100 and 1000.
  test.each([
    [2, 0.5642, 0.05],
    [10, 1.5388, 0.04],
    [100, 2.5076, 0.03],
    [1000, 3.2414, 0.02],
  ])("of %i is near %f standard deviations", (trials, expected, tolerance) => {
    expect(Math.abs(expectedMaximumSharpe(1, trials) - expected)).toBeLessThan(tolerance);
    expect(expectedMaximumSharpe(4, trials)).toBeCloseTo(2 * expectedMaximumSharpe(1, trials), 10);
  });
});

test("a probability stays one where returns take two values", () => {
  for (const returns of [
    [0, 0, 1],
    [1, 1, 1, 0],
    [-1, 1],
    [0, ...new Array<number>(999).fill(1)],
  ]) {
    const probability = probabilisticSharpe(momentsOf(returns))!;
    expect(probability).toBeGreaterThanOrEqual(0);
    expect(probability).toBeLessThanOrEqual(1);
  }
});

describe("sweeps of strategies without any edge", () => {
  const SWEEPS = 200;
  const TRIALS = 40;
  const RETURNS = 60;
  const best = Array.from({ length: SWEEPS }, (_, sweep) => {
    const trials = Array.from({ length: TRIALS }, (_, trial) =>
      momentsOf(Array.from({ length: RETURNS }, (_, day) => gaussian(5, sweep, trial, day))),
    );
    const winner = trials.reduce((a, b) => (b.sharpe! > a.sharpe! ? b : a));
    return { winner, luck: luckOf(trials.map(({ sharpe }) => sharpe!)) };
  });
  const shareOf = (holds: (each: (typeof best)[number]) => boolean) => best.filter(holds).length / SWEEPS;

  test("show an edge in most if their number is forgotten, and in at most 5 % if it is not", () => {
    expect(shareOf(({ winner }) => probabilisticSharpe(winner)! > 0.95)).toBeGreaterThan(0.8);
    expect(shareOf(({ winner, luck }) => probabilisticSharpe(winner, luck)! > 0.95)).toBeLessThanOrEqual(0.05);
  });

  test("are even at what luck gives: the benchmark is neither too high nor too low", () => {
    const above = shareOf(({ winner, luck }) => probabilisticSharpe(winner, luck)! > 0.5);
    expect(above).toBeGreaterThan(0.3);
    expect(above).toBeLessThan(0.6);
  });

  test("do not hide one that has an edge", () => {
    const edge = momentsOf(Array.from({ length: RETURNS }, (_, day) => 1 + gaussian(6, day)));
    for (const { luck } of best) expect(probabilisticSharpe(edge, luck)).toBeGreaterThan(0.95);
  });
});
