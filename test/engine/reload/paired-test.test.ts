// The evidence keeps its word: a candidate that earns no less is hardly ever refused, one that earns less is.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { uniform } from "../../../engine/base/prng.ts";
import { HARM_DOUBTS, HARM_REFUSES, PairedTest } from "../../../engine/reload/paired-test.ts";
import { UNIT } from "../../support/a-market.ts";

const RUNS = 2_000;
const WINDOWS = 500;

/** Shares of runs that ever reach as much evidence as doubts a candidate, and as refuses it. */
function sharesReached(runs: number, difference: (draw: number) => number) {
  let doubted = 0;
  let refused = 0;
  for (let run = 0; run < runs; run++) {
    const test = new PairedTest();
    let most = 0;
    for (let window = 0; window < WINDOWS && most < HARM_REFUSES; window++) {
      test.add([difference(uniform(7, run, window))]);
      most = Math.max(most, test.harm);
    }
    if (most >= HARM_DOUBTS) doubted++;
    if (most >= HARM_REFUSES) refused++;
  }
  return { doubted: doubted / runs, refused: refused / runs };
}

describe("a candidate that earns no less", () => {
  test.each([
    ["one that trades at fair odds where the other abstains", (draw: number) => (draw < 0.9 ? 100_000 : -900_000)],
    ["one that always takes the other side of a fair coin", (draw: number) => (draw < 0.5 ? UNIT : -UNIT)],
    ["one that risks all that can be lost", (draw: number) => (draw < 0.5 ? 2 * UNIT : -2 * UNIT)],
  ])("is refused once in a hundred times at most, doubted once in ten: %s", (_, difference) => {
    // Two standard errors of 2,000 runs above the bounds.
    const { doubted, refused } = sharesReached(RUNS, difference);
    expect(refused).toBeLessThanOrEqual(0.01 + 2 * Math.sqrt(0.0099 / RUNS));
    expect(doubted).toBeLessThanOrEqual(0.1 + 2 * Math.sqrt(0.09 / RUNS));
  });

  test("gives no evidence by deciding the same", () => {
    const test = new PairedTest();
    for (let window = 0; window < WINDOWS; window++) test.add([0, 0, 0]);
    expect(test.harm).toBe(1);
    expect(test.compared).toBe(WINDOWS);
  });
});

describe("a candidate that earns less", () => {
  test.each([
    ["ten points of win rate at 0.90", 0.95, (draw: number) => (draw < 0.8 ? 100_000 : -900_000)],
    ["ten points of win rate at 0.50", 0.85, (draw: number) => (draw < 0.4 ? 500_000 : -500_000)],
    ["five points of win rate at 0.90", 0.5, (draw: number) => (draw < 0.85 ? 100_000 : -900_000)],
  ])("is refused within 500 windows: by %s", (_, share, difference) => {
    expect(sharesReached(400, difference).refused).toBeGreaterThan(share);
  });

  test("by half a dollar a share in every window is doubted after 17, refused after 29", () => {
    const test = new PairedTest();
    const harms = Array.from({ length: 29 }, () => {
      test.add([-UNIT / 2]);
      return test.harm;
    });
    expect(harms.findIndex((harm) => harm >= HARM_DOUBTS) + 1).toBe(17);
    expect(harms.findIndex((harm) => harm >= HARM_REFUSES) + 1).toBe(29);
  });
});

const difference = fc.integer({ min: -2 * UNIT, max: 2 * UNIT });

test("slots that close together are one observation, in whatever order they are named", () => {
  const close = fc.array(difference, { minLength: 1, maxLength: 16 });
  const shuffled = close.chain((differences) =>
    fc.tuple(
      fc.constant(differences),
      fc.shuffledSubarray(differences, { minLength: differences.length, maxLength: differences.length }),
    ),
  );
  fc.assert(
    fc.property(fc.array(shuffled, { maxLength: 20 }), (closes) => {
      const [one, other] = [new PairedTest(), new PairedTest()];
      for (const [differences, permuted] of closes) {
        one.add(differences);
        other.add(permuted);
      }
      expect(other.state).toEqual(one.state);
      expect(one.compared).toBe(closes.length);
    }),
  );
});

test("sixteen slots that lose as one are no more evidence than one of them", () => {
  const [one, sixteen] = [new PairedTest(), new PairedTest()];
  one.add([-UNIT]);
  sixteen.add(Array.from({ length: 16 }, () => -UNIT));
  expect(sixteen.harm).toBe(one.harm);
});

test("the evidence stays positive and finite, and goes on from JSON as if nothing had been", () => {
  fc.assert(
    fc.property(fc.array(difference, { maxLength: 200 }), fc.array(difference, { maxLength: 50 }), (before, after) => {
      const test = new PairedTest();
      for (const each of before) test.add([each]);
      const restored = new PairedTest(JSON.parse(JSON.stringify(test.state)));
      for (const each of after) {
        test.add([each]);
        restored.add([each]);
      }
      expect(restored.state).toEqual(test.state);
      expect(test.harm).toBeGreaterThanOrEqual(0);
    }),
  );
  const worst = new PairedTest();
  for (let window = 0; window < 10_000; window++) worst.add([-2 * UNIT]);
  expect(JSON.parse(JSON.stringify(worst.harm))).toBe(1e12);
});

test("no windows are no observation, and a difference out of bounds is a bug", () => {
  const test = new PairedTest();
  test.add([]);
  expect(test.compared).toBe(0);
  for (const bad of [2 * UNIT + 1, -2 * UNIT - 1, 0.5, Number.NaN]) expect(() => test.add([bad])).toThrow("difference");
});
