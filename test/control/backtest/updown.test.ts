// A backtest of up/down markets: the same ledger however it is decided, over the stretch and with the params asked for.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { paramsOf } from "../../../control/backtest/compiled-strategies.ts";
import { openUpdownBacktest } from "../../../control/backtest/updown.ts";
import { UserError } from "../../../engine/base/errors.ts";
import { NOON, UNIT } from "../../support/a-market.ts";
import {
  ALL,
  backtestOn,
  barsOf,
  candleFile,
  folder,
  historyOf,
  MINUTES,
  orderOn,
  strategiesDir,
  tickFile,
  walk,
} from "./a-backtest.ts";

const MINUTE = 60_000;
const candles = candleFile(barsOf(walk(MINUTES, 3)));
const ticks = tickFile(walk(660, 4, 4));

describe("a run", () => {
  test("writes the same ledger, byte for byte, whether the sandbox is kept or put back before every decision", async () => {
    const backtest = await backtestOn(ticks);
    const [kept, reset] = [await backtest.run(ALL), await backtest.run({ ...ALL, batch: false })];
    expect([kept.isKept, reset.isKept]).toEqual([true, false]);
    expect(kept.trades).toBeGreaterThan(0);
    const ledger = (batch: boolean) => historyOf(backtest, { ...ALL, batch });
    expect(JSON.stringify(await ledger(true))).toBe(JSON.stringify(await ledger(false)));
  });

  test("puts the sandbox of an impure strategy back, whatever it is asked", async () => {
    const run = await (await openUpdownBacktest(orderOn([candles], ["counting"]))).run(ALL);
    expect(run.isKept).toBe(false);
    expect(run.bars).toBe(MINUTES);
  });

  test("accounts for every cent: cash at the start, profit, and what is held", async () => {
    const run = await (await backtestOn(candles)).run(ALL);
    const { total, startCashMicros, decisions, faults, trades } = run.report();
    expect(startCashMicros).toBe(1_000 * UNIT);
    expect(total.trades).toBe(run.trades);
    expect(trades.every(({ closedAtMs }) => closedAtMs !== null)).toBe(true);
    expect(run.finalEquityMicros).toBe(startCashMicros + total.pnlMicros);
    expect([...run.dailyEquityMicros]).toEqual([startCashMicros, run.finalEquityMicros]);
    expect([decisions >= MINUTES - 1, faults]).toEqual([true, 0]);
  });

  test("is labelled where quotes are modelled, and where orders were denied", async () => {
    const backtest = await openUpdownBacktest({ ...orderOn([candles]), sizeMicros: 500 * UNIT });
    const report = (await backtest.run(ALL)).report();
    expect(report.notes).toEqual([
      expect.stringContaining("quotes: these are modelled"),
      expect.stringMatching(/^\d+ orders denied: the slot's limit is reached \(\d+\), /),
    ]);
  });

  test("says which inputs its candles are too long for", async () => {
    const run = await (await openUpdownBacktest(orderOn([candles], ["hasty"]))).run(ALL);
    expect(run.trades).toBe(0);
    expect(run.report().notes).toContain("hasty reads strength (10s), which candles of 60 s never make ready");
  });

  test("covers the stretch that is asked for, its inputs warm from what lies before", async () => {
    const backtest = await backtestOn(candles);
    const fromMs = NOON + 20 * MINUTE;
    const stretch = { ...ALL, fromMs, toMs: fromMs + 5 * MINUTE };
    const { decisions } = await historyOf(backtest, stretch);
    expect(decisions.map(({ at_ms }) => Number(at_ms) - fromMs)).toEqual([0, 1, 2, 3, 4, 5].map((n) => n * MINUTE));
    expect(String(decisions[0]!.decisions)).toMatch(/strength \d/);
    const run = await backtest.run(stretch);
    expect(run.bars).toBe(6);
    expect(run.report()).toMatchObject({ fromMs, toMs: fromMs + 5 * MINUTE, cycles: 6 });
  });

  test("is refused for a stretch without data", async () => {
    const backtest = await backtestOn(candles);
    await expect(backtest.run({ ...ALL, fromMs: NOON + 2 * MINUTES * MINUTE })).rejects.toThrow(/there is no data/);
  });

  test("ends when it is told to, with what it has", async () => {
    const backtest = await backtestOn(tickFile(walk(9_000, 4, 4)));
    const run = await backtest.run({ ...ALL, pulse: () => true });
    expect(run.isCutShort).toBe(true);
    expect(run.bars).toBeGreaterThan(0);
    expect(run.report().toMs).toBeLessThan(NOON + 9_000_000);
  });
});

describe("params", () => {
  test("go over those of the configuration, for the strategies that declare them", async () => {
    const backtest = await backtestOn(candles);
    expect(await historyOf(backtest, { ...ALL, params: { isContrary: true } })).not.toEqual(await historyOf(backtest));
    expect(await historyOf(backtest, { ...ALL, params: { isContrary: false } })).toEqual(await historyOf(backtest));
  });

  test("are read as they are declared", async () => {
    const { declared } = await backtestOn(candles);
    const texts = { trust: "0.9", patience: "20", isContrary: "true", side: "up" };
    expect(paramsOf(texts, declared)).toEqual({ trust: 0.9, patience: 20, isContrary: true, side: "up" });
  });

  test.each([
    [{ patiense: "20" }, /"patiense": no strategy here declares it \(did you mean "patience"\?\)/],
    [{ trust: "much" }, /it is "much", expected a finite number from 0.5 to 1/],
    [{ patience: "2.5" }, /it is 2.5, expected an integer from 1 to 300/],
    [{ isContrary: "yes" }, /it is "yes", expected true or false/],
    [{ side: "down" }, /it is "down", expected one of both, up/],
  ])("%j is refused", async (texts, says) => {
    const { declared } = await backtestOn(candles);
    const refused = () => paramsOf(texts as unknown as { readonly [name: string]: string }, declared);
    expect(refused).toThrow(UserError);
    expect(refused).toThrow(says);
  });
});

describe("what cannot be tested", () => {
  test("a strategy that does not load is shown at its line", async () => {
    writeFileSync(join(strategiesDir, "broken.ts"), "export default {;\n");
    await expect(openUpdownBacktest(orderOn([candles], ["broken"]))).rejects.toMatchObject({
      code: "rejected",
      message: expect.stringMatching(/broken\.ts:1:17 .*\n.*> 1 \| export default/),
    });
  });

  test("a strategy that is not there names the nearest", async () => {
    await expect(openUpdownBacktest(orderOn([candles], ["moover"]))).rejects.toMatchObject({
      code: "usage",
      message: expect.stringContaining('did you mean "mover"?'),
    });
  });

  test("a data directory beside files", async () => {
    await expect(openUpdownBacktest(orderOn([folder, candles]))).rejects.toMatchObject({ code: "usage" });
    await expect(openUpdownBacktest(orderOn([folder]))).rejects.toThrow(/no bot ever ran here/);
  });
});
