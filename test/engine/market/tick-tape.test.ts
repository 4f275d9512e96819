// The exact prices of the last minutes: in order of their own time, however they arrive, and never without bound.
import fc from "fast-check";
import { expect, test } from "vitest";
import { TickTape } from "../../../engine/market/tick-tape.ts";
import { aTick, e18, NOON } from "../../support/a-market.ts";

test("ticks in any order tell the same", () => {
  const seconds = Array.from({ length: 20 }, (_, index) => index);
  fc.assert(
    fc.property(fc.shuffledSubarray(seconds, { minLength: 20 }), (order) => {
      const tape = new TickTape();
      for (const second of order) tape.add(aTick(NOON + second * 1_000, 100 + second));
      expect(seconds.map((second) => tape.settlementPrice(NOON + second * 1_000, 0))).toEqual(
        seconds.map((second) => e18(100 + second)),
      );
      expect(tape.meanSince(NOON + 4_000, NOON + 9_000)).toBe(e18(107));
    }),
  );
});

test("there is no mean of nothing", () => {
  const tape = new TickTape();
  tape.add(aTick(NOON, 100));
  expect(tape.meanSince(NOON, NOON + 1_000)).toBeNull();
  expect(tape.meanSince(NOON - 1_000, NOON - 1)).toBeNull();
});

test("ten minutes are kept, also when ticks come faster than ten a second", () => {
  for (const [stepMs, keptMs] of [
    [1_000, 600_000],
    [200, 600_000],
    [20, 60_000],
  ] as const) {
    const tape = new TickTape();
    const lastMs = NOON + 3_600_000;
    for (let atMs = NOON; atMs <= lastMs; atMs += stepMs) {
      tape.add(aTick(atMs, 100));
      const keptFromMs = atMs - keptMs;
      if (atMs % 5_000 === 0 && keptFromMs >= NOON) expect(tape.settlementPrice(keptFromMs, 0)).toBe(e18(100));
    }
    expect(tape.settlementPrice(NOON, 0)).toBeNull();
  }
});
