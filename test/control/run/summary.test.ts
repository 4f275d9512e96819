import { describe, expect, test } from "vitest";
import { renderSummary, summarise } from "../../../control/run/summary.ts";
import type { LedgerTotals, VersionTotals } from "../../../engine/store/port.ts";

const version = (changes: Partial<VersionTotals> = {}): VersionTotals => ({
  strategy: "momentum",
  code: "3f9a2c1e".repeat(8),
  params: "0123456789abcdef".repeat(4),
  decisions: 100,
  trades: 40,
  wins: 30,
  pnlMicros: 1_500_000,
  ...changes,
});
const TOTALS: LedgerTotals = {
  cycles: 1_800,
  decisions: 28_800,
  faults: 3,
  orders: 50,
  fills: 60,
  voided: 1,
  feesMicros: 123_400,
  pnlMicros: -2_500_000,
  byVersion: [version()],
  settled: [
    { market: "m1", outcome: "up" },
    { market: "m2", outcome: "down" },
    { market: "m3", outcome: "up" },
  ],
};
const RUN = { missed: 2, quotes: "modelled" } as const;
const RECORD = new Map([
  ["m1", "up"],
  ["m2", "up"],
  ["elsewhere", "down"],
]);

describe("a summary", () => {
  test("compares what was settled with what was recorded, where both are known", () => {
    expect(summarise(TOTALS, RECORD, RUN)).toMatchObject({ settled: 3, agreedWithRecord: 1, disagreed: ["m2"] });
    expect(summarise(TOTALS, new Map(), RUN)).toMatchObject({ settled: 3, agreedWithRecord: 0, disagreed: [] });
  });

  test("has the win rate of each version with its Wilson interval", () => {
    const [first] = summarise(TOTALS, RECORD, RUN).byVersion;
    expect(first).toMatchObject({
      version: "momentum@3f9a2c1e",
      params: "01234567",
      winRate: 0.75,
      pnlMicros: 1_500_000,
    });
    // Newcombe 1998, method 3, for 30 of 40.
    expect(first?.wilson[0]).toBeCloseTo(0.5981, 4);
    expect(first?.wilson[1]).toBeCloseTo(0.8581, 4);
  });

  test("has no win rate without trades, and the interval of knowing nothing", () => {
    const totals = { ...TOTALS, byVersion: [version({ trades: 0, wins: 0 })] };
    expect(summarise(totals, RECORD, RUN).byVersion[0]).toMatchObject({ winRate: null, wilson: [0, 1] });
  });
});

describe("a summary for people", () => {
  test("says everything in a few lines", () => {
    expect(renderSummary(summarise(TOTALS, RECORD, RUN)).split("\n")).toEqual([
      "1800 cycles, 2 missed · 28800 decisions, 3 faults",
      "50 orders, 60 fills (modelled quotes) · fees 0.1234 · profit −2.50 USDC",
      "3 markets settled, 1 of 2 as recorded · positions void for want of a price at the close: 1",
      "  momentum@3f9a2c1e params 01234567: 75.0 % won, 59.8 % to 85.8 %, n 40, +1.50 USDC",
    ]);
  });

  test.each([
    [19, "10 of 19 won, too few for a rate"],
    [20, "50.0 % won"],
  ])("gives a rate only from twenty trades on: %i", (trades, text) => {
    const totals = { ...TOTALS, byVersion: [version({ trades, wins: 10 })] };
    expect(renderSummary(summarise(totals, RECORD, RUN))).toContain(text);
  });

  test("does not speak of a record where there is none", () => {
    expect(renderSummary(summarise(TOTALS, new Map(), RUN))).toContain("3 markets settled · positions void");
  });
});
