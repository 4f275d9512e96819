import { describe, expect, test } from "vitest";
import { normalCdf, wilsonInterval } from "../../../dsl/indicators/statistics.ts";

describe("Wilson's interval", () => {
  test.each([
    [7, 10, 0.396778, 0.892209],
    [0, 10, 0, 0.277533],
    [10, 10, 0.722467, 1],
    [0, 0, 0, 1],
  ])("of %d in %d is [%d, %d]", (successes, trials, low, high) => {
    const interval = wilsonInterval(successes, trials);
    expect(interval.low).toBeCloseTo(low, 6);
    expect(interval.high).toBeCloseTo(high, 6);
  });

  test("ends at exactly 0 without successes, and at exactly 1 without failures", () => {
    expect(wilsonInterval(0, 3).low).toBe(0);
    expect(wilsonInterval(3, 3).high).toBe(1);
  });

  test.each([
    [-1, 10],
    [11, 10],
    [Number.NaN, 10],
    [1, Number.POSITIVE_INFINITY],
  ])("refuses %d in %d", (successes, trials) => expect(() => wilsonInterval(successes, trials)).toThrow(RangeError));
});

// erfc(-x / √2) / 2 by the C library.
const CDF = [
  [-8, 6.220960574271819e-16],
  [-7.0710679, 7.687294089058987e-13],
  [-7.071067, 7.687343953578528e-13],
  [-4.5, 3.3976731247300615e-6],
  [-2, 0.02275013194817922],
  [-1, 0.15865525393145707],
  [-0.46691987, 0.320278604297394],
  [-0.001, 0.49960105778608893],
  [0, 0.5],
  [0.001, 0.500398942213911],
  [0.5, 0.6914624612740131],
  [1, 0.8413447460685429],
  [1.959964, 0.9750000009035575],
  [3, 0.9986501019683699],
  [6, 0.9999999990134123],
  [7.5, 0.9999999999999681],
] as const;

describe("the normal distribution function", () => {
  test.each(CDF)("at %d is %d", (x, wanted) => expect(Math.abs(normalCdf(x) - wanted)).toBeLessThanOrEqual(1e-13));

  test("is symmetric, monotone, and ends in 0 and 1", () => {
    let previous = 0;
    for (let x = -40; x <= 40; x += 0.01) {
      const p = normalCdf(x);
      expect(p).toBeGreaterThanOrEqual(previous - 1e-15);
      expect(p + normalCdf(-x)).toBeCloseTo(1, 14);
      previous = p;
    }
    expect([normalCdf(Number.NEGATIVE_INFINITY), normalCdf(Number.POSITIVE_INFINITY)]).toEqual([0, 1]);
    expect(normalCdf(Number.NaN)).toBeNaN();
  });
});
