// The money of a spot backtest, worked out by hand, and what holds whatever happens.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type EntryWords, SpotAccount, type SpotTerms } from "../../../engine/spot/account.ts";

const words = (): EntryWords => ({ probability: 0.6, reason: "why" });
const account = (terms: Partial<SpotTerms> = {}) =>
  new SpotAccount({ cashMicros: 1_000_000_000, sizeMicros: 2_000_000, feePpm: 10_000, ...terms });

test("a round trip pays the fee on both sides, each of what was traded", () => {
  const own = account();
  own.decided("up", 1, words);
  own.open(100, 60_000);
  // 200 for two units, and 2.
  expect(own.equityMicros(100)).toBe(998_000_000);
  expect(own.position).toEqual({ side: "up", sharesMicros: 2_000_000, costMicros: 200_000_000, openedAtMs: 60_000 });
  own.decided("exit", 2, words);
  own.open(110, 120_000);
  // 220, and 2.20.
  expect(own.equityMicros(1)).toBe(1_015_800_000);
  expect(own.trades.rows()).toEqual([
    {
      ...{ bar: 1, openedAtMs: 60_000, closedAtMs: 120_000, entryPriceMicros: 100_000_000 },
      ...{ feesMicros: 4_200_000, pnlMicros: 15_800_000, probability: 0.6, reason: "why" },
    },
  ]);
});

test("signals say what is to be: up while long, down and exit while flat change nothing, and their words are not asked for", () => {
  const own = account();
  const unasked = (): EntryWords => expect.fail("nobody needs the words");
  own.decided("exit", 1, unasked);
  own.decided("down", 2, unasked);
  own.open(100, 1);
  expect(own.trades.closed).toBe(0);
  own.decided("up", 3, words);
  own.open(100, 2);
  own.decided("up", 4, unasked);
  own.decided("hold", 5, unasked);
  own.open(120, 3);
  expect(own.trades.rows()).toMatchObject([{ bar: 3, openedAtMs: 2, closedAtMs: null }]);
  own.decided("down", 6, unasked);
  own.open(120, 4);
  expect([own.position, own.trades.closed]).toEqual([null, 1]);
});

describe("a buy that the cash does not cover", () => {
  test("is denied at the open, counted and forgotten; the next one is looked at anew", () => {
    const own = account({ cashMicros: 201_999_999 });
    own.decided("up", 1, words);
    own.open(100, 1);
    own.open(50, 2);
    expect([own.position, own.denied, own.trades.rows()]).toEqual([null, 1, []]);
    own.decided("up", 2, words);
    own.open(50, 3);
    expect([own.position?.openedAtMs, own.denied]).toEqual([3, 1]);
  });

  test("is not one that takes the last of it, fee included", () => {
    const own = account({ cashMicros: 202_000_000 });
    own.decided("up", 1, words);
    own.open(100, 1);
    expect([own.denied, own.equityMicros(0)]).toEqual([0, 0]);
  });
});

test("fractions of a micro-USDC are never the account's", () => {
  // One millionth of a unit at 1.5: 1.5 micro-USDC, paid as 2 with a fee of 0.02, paid as 1; received as 1 less 1.
  const own = account({ cashMicros: 10, sizeMicros: 1 });
  own.decided("up", 1, words);
  own.open(1.5, 1);
  expect(own.equityMicros(0)).toBe(7);
  own.decided("exit", 2, words);
  own.open(1.5, 2);
  expect(own.equityMicros(0)).toBe(7);
  expect(own.trades.rows()).toMatchObject([{ feesMicros: 2, pnlMicros: -3 }]);
});

test("cash and holdings are what it began with and what the trades made, and cash is never spent twice", () => {
  const steps = fc.array(
    fc.record({
      kind: fc.constantFrom("up", "down", "hold", "exit"),
      price: fc.double({ min: 0.01, max: 100_000, noNaN: true }),
    }),
    { maxLength: 900 },
  );
  const terms = fc.record({
    cashMicros: fc.integer({ min: 1, max: 1e12 }),
    sizeMicros: fc.integer({ min: 1, max: 5_000_000 }),
    feePpm: fc.integer({ min: 0, max: 999_999 }),
  });
  fc.assert(
    fc.property(terms, steps, (given, list) => {
      const own = new SpotAccount(given);
      for (const [bar, { kind, price }] of list.entries()) {
        own.open(price, bar);
        own.decided(kind, bar, words);
        expect(own.equityMicros(0)).toBeGreaterThanOrEqual(0);
      }
      const rows = own.trades.rows();
      const made = rows.reduce((sum, { pnlMicros }) => sum + pnlMicros, 0);
      expect(own.equityMicros(0)).toBe(given.cashMicros + made - (own.position?.costMicros ?? 0));
      expect(rows.filter(({ closedAtMs }) => closedAtMs !== null)).toHaveLength(own.trades.closed);
      for (const [index, row] of rows.entries()) {
        expect(row.openedAtMs).toBeGreaterThanOrEqual(rows[index - 1]?.closedAtMs ?? 0);
      }
    }),
    { numRuns: 60 },
  );
});
