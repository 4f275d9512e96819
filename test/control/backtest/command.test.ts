// `backtest` as it is typed: what it says, what it writes, and what it refuses.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { type BacktestFlags, runBacktest } from "../../../control/commands/backtest.ts";
import { NOON } from "../../support/a-market.ts";
import { barsOf, candleFile, config, folder, MINUTES, strategiesDir, walk } from "./a-backtest.ts";

const data = candleFile(barsOf(walk(MINUTES, 3)));
const flags = (more: Partial<BacktestFlags> = {}): BacktestFlags => ({
  data: [data],
  market: "updown",
  strategies: strategiesDir,
  config,
  batch: true,
  engine: "bellard",
  params: {},
  ...more,
});

afterEach(() => void vi.restoreAllMocks());

/** Standard output; standard error is not shown. */
async function said(more: Partial<BacktestFlags> = {}, strategies = ["mover"]): Promise<string> {
  const out = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  vi.spyOn(process.stderr, "write").mockReturnValue(true);
  expect(await runBacktest(strategies, flags(more))).toBe(0);
  const text = out.mock.calls.map(([each]) => String(each)).join("");
  vi.restoreAllMocks();
  return text;
}

const json = async (more: Partial<BacktestFlags> = {}) => JSON.parse(await said({ ...more, json: true }));

describe("a backtest", () => {
  test("is told to machines in fields that stay", async () => {
    const told = await json();
    expect(told).toMatchObject({
      ...{ market: "updown", bars: MINUTES, startCash: 1_000, faults: 0, sandboxKept: true, isCutShort: false },
      ...{ from: new Date(NOON - 1_000).toISOString(), to: new Date(NOON + (MINUTES - 1) * 60_000).toISOString() },
    });
    expect(Object.keys(told)).toEqual([
      ...["market", "bars", "trades", "startCash", "finalEquity", "finalEquityMicros", "barsPerSecond", "elapsedMs"],
      ...[
        "decisions",
        "faults",
        "sandboxKept",
        "isCutShort",
        "from",
        "to",
        "wins",
        "winRate",
        "wilson",
        "needs",
        "pnlMicros",
      ],
      ...["feesMicros", "brier", "logLoss", "drawdownMicros", "byVersion", "notes"],
    ]);
    expect(told.trades).toBeGreaterThan(0);
    expect(told.finalEquity).toBe(Math.round(told.finalEquityMicros / 10_000) / 100);
    expect(told.finalEquityMicros).toBe(1_000_000_000 + told.pnlMicros);
    expect(told.byVersion).toMatchObject([{ strategy: "mover", trades: told.trades, pnlMicros: told.pnlMicros }]);
  });

  test("is shown to people: what became of the money, the versions, and what to know of it", async () => {
    const text = await said();
    expect(text).toMatch(/^Backtest of mover, 2026-06-08 11:59 to /);
    expect(text).toMatch(/1,000\.00 became [\d,.]+ USDC · \d+ trades/);
    expect(text).toMatch(/\nversion .* won .* needs +profit/);
    expect(text).toMatch(/\nmover@[0-9a-f]{8} \(v1\) /);
    expect(text).toContain("· The data holds no quotes: these are modelled, and so is every profit");
  });

  test("is written as a page that needs nothing else", async () => {
    const out = join(folder, "report.html");
    await said({ out });
    expect(readFileSync(out, "utf8")).toMatch(/^<!doctype html>[\s\S]*Backtest of mover/);
  });

  test("takes stake, cash and params from the command line", async () => {
    const usual = await json();
    expect(await json({ cash: 50_000_000 })).toMatchObject({ startCash: 50 });
    expect((await json({ size: 10_000_000 })).feesMicros).toBeGreaterThan(1.5 * usual.feesMicros);
    expect((await json({ params: { trust: "0.5" } })).trades).toBeLessThan(usual.trades);
  });
});

describe("what is refused", () => {
  test.each([
    ["a file that is not there", ["mover"], { data: [join(folder, "btc-none.csv")] }, "data", /no such file/],
    ["a param that nobody declares", ["mover"], { params: { trsut: "1" } }, "usage", /did you mean "trust"/],
    ["a strategy that is not there", ["mvoer"], {}, "usage", /did you mean "mover"/],
    ["an end before the beginning", ["mover"], { from: 2, to: 1 }, "usage", /ends before it begins/],
    [
      "a page in a folder that is not there",
      ["mover"],
      { out: join(folder, "none", "a.html") },
      "usage",
      /Cannot write/,
    ],
  ] as const)("%s", async (_what, strategies, more, code, message) => {
    vi.spyOn(process.stderr, "write").mockReturnValue(true);
    const refused = runBacktest(strategies, flags(more));
    await expect(refused).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });
});
