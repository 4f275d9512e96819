// A backtest on the asset itself, from files to report.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { BacktestOrder, OpenedBacktest, RunOrder } from "../../../control/backtest/port.ts";
import { openSpotBacktest } from "../../../control/backtest/spot.ts";
import { MICROS } from "../../../engine/base/micros.ts";
import { sampleCandles } from "../../dsl/indicators/sample-candles.ts";

const START_MS = Date.UTC(2025, 0, 1);
const MINUTE = 60_000;
const COUNT = 3_000;

const folder = mkdtempSync(join(tmpdir(), "underway-spot-"));
afterAll(() => rmSync(folder, { recursive: true }));
const strategiesDir = join(folder, "strategies");
mkdirSync(strategiesDir);

const strategy = (name: string, members: string, before = ""): void =>
  writeFileSync(
    join(strategiesDir, `${name}.ts`),
    `import { exit, hold, param, strategy, ta, up } from "underway";
${before}
export default strategy({ about: "test", ${members} });
`,
  );
strategy(
  "strength",
  `params: { low: param.number({ default: 40, min: 1, max: 99 }) },
  inputs: () => ({ rsi: ta.rsi({ interval: "1m", period: 5 }), slow: ta.sma({ interval: "15m", period: 2 }) }),
  decide({ rsi, slow }, { params }) {
    if (!slow.ready) return hold("warming up");
    if (rsi.value < params.low) return up({ probability: 0.55, reason: "strength " + rsi.value.toFixed(2) });
    return rsi.value > 60 ? exit("strong") : hold("between");
  }`,
);
strategy(
  "counting",
  `inputs: () => ({}),
  memory: { initial: { seen: 0 } },
  decide(_, { memory, position, window }) {
    const kept = { memory: { seen: memory.seen + 1 } };
    if (Math.floor(window.spot * 1000) % 50 === 7) throw new Error("seven");
    if (memory.seen % 10 > 4) return exit("later", kept);
    return position ? hold("long", kept) : up({ probability: 0.5, reason: "seen " + memory.seen, ...kept });
  }`,
);
strategy("impure", `inputs: () => ({}), decide() { calls += 1; return hold("call " + calls); }`, "let calls = 0;");

const candles = sampleCandles({ seed: 4, count: COUNT, scale: 100 });
const fileOf = (name: string, from: number, end: number): string => {
  const rows = candles.slice(from, end).map(({ openMs, open, high, low, close, volume }) => {
    return [START_MS + openMs, ...[open, high, low, close, volume].map((value) => value.toFixed(8))].join();
  });
  const path = join(folder, name);
  writeFileSync(path, `timestamp,open,high,low,close,volume\n${rows.join("\n")}\n`);
  return path;
};
const data = [fileOf("btc-1.csv", 0, 1_000), fileOf("btc-2.csv", 1_000, COUNT)];

const orderOf = (changes: Partial<BacktestOrder> = {}): BacktestOrder => ({
  ...{ market: "spot", strategies: ["strength"], data, asset: null, strategiesDir, config: "" },
  ...{ feePpm: 1_000, cashMicros: null, sizeMicros: null, dailyLossMicros: null, seed: null, engine: "bellard" },
  ...changes,
});
const ALL: RunOrder = { params: {}, fromMs: null, toMs: null, batch: true };

describe("a run", () => {
  let opened: OpenedBacktest;
  beforeAll(async () => {
    opened = await openSpotBacktest(orderOf());
  });
  afterAll(() => opened.close());

  test("adds up: what it began with, what trades made, and what is held", async () => {
    const run = await opened.run(ALL);
    const report = run.report();
    expect(run).toMatchObject({ bars: COUNT, isKept: true, isCutShort: false, startCashMicros: 10_000 * MICROS });
    const open = report.trades.filter(({ closedAtMs }) => closedAtMs === null);
    const close = Math.round(Number(candles.at(-1)!.close.toFixed(8)) * MICROS);
    const unrealised = open.reduce((sum, { entryPriceMicros }) => sum + close - entryPriceMicros, 0);
    expect(run.finalEquityMicros).toBe(run.startCashMicros + report.total.pnlMicros + unrealised);
    expect([report.endEquityMicros, report.total.trades]).toEqual([run.finalEquityMicros, run.trades]);
    expect(run.trades).toBeGreaterThan(50);
    expect([...run.dailyEquityMicros]).toHaveLength(4);
    expect([run.dailyEquityMicros[0], run.dailyEquityMicros[3]]).toEqual([10_000 * MICROS, run.finalEquityMicros]);
    const [first] = report.trades;
    expect(first).toMatchObject({ side: "long", asset: "btc", outcome: null, slot: "BTC-1m-strength", ordinal: 1 });
    const bar = (first!.openedAtMs - START_MS) / MINUTE;
    expect(first!.decision).toBe(`BTC-1m-strength@${bar}`);
    expect(first!.id).toBe(`BTC-1m-strength/${first!.market}`);
    expect(new Set(report.trades.map(({ id }) => id)).size).toBe(report.trades.length);
  });

  test("over a part of the data trades there alone, on inputs that know what was before", async () => {
    const [fromMs, toMs] = [START_MS + 1_200 * MINUTE, START_MS + 1_500 * MINUTE];
    const run = await opened.run({ ...ALL, fromMs, toMs });
    const report = run.report();
    expect([run.bars, report.fromMs, report.toMs]).toEqual([300, fromMs, toMs]);
    expect(report.trades.length).toBeGreaterThan(3);
    const whole = (await opened.run(ALL)).report().trades.map(({ decision }) => decision);
    // The first may have begun before; from its end on both do the same.
    const decisions = report.trades.slice(1).map(({ decision }) => decision);
    expect(whole).toEqual(expect.arrayContaining(decisions));
    await expect(opened.run({ ...ALL, fromMs: toMs, toMs: fromMs })).rejects.toThrow("no 1m candle of the data lies");
  });

  test("takes the params that are declared, and names those that are not", async () => {
    const few = await opened.run({ ...ALL, params: { low: 20 } });
    const many = await opened.run({ ...ALL, params: { low: 45 } });
    expect(few.trades).toBeLessThan(many.trades);
    expect(few.report().versions[0]!.params).not.toBe(many.report().versions[0]!.params);
    await expect(opened.run({ ...ALL, params: { lwo: 20 } })).rejects.toMatchObject({ code: "usage" });
  });
});

test.each([
  "strength",
  "counting",
  "impure",
])("%s does the same with its sandbox put back before every decision", async (name) => {
  const opened = await openSpotBacktest(orderOf({ strategies: [name], cashMicros: 150 * MICROS }));
  const [kept, reset] = [await opened.run(ALL), await opened.run({ ...ALL, batch: false })];
  expect([kept.isKept, reset.isKept]).toEqual([name !== "impure", false]);
  expect(kept.report()).toEqual(reset.report());
  expect(kept.dailyEquityMicros).toEqual(reset.dailyEquityMicros);
  await opened.close();
});

test("what failed, was denied or is not ready at the end is said", async () => {
  const counting = await openSpotBacktest(orderOf({ strategies: ["counting"], cashMicros: 100 * MICROS }));
  const { decisions, faults, notes } = (await counting.run(ALL)).report();
  const first = 1 + candles.findIndex(({ close }) => Math.floor(Number(close.toFixed(8)) * 1000) % 50 === 7);
  expect([decisions, faults > 20 && faults < COUNT / 10]).toEqual([COUNT, true]);
  expect(notes).toEqual([
    "Orders of 1 are filled at the next candle's open, each for a fee of 0.1 %; there is no spread",
    expect.stringMatching(/^\d[\d,]* buys denied: there was not enough cash$/),
    `${faults} decisions failed, the first at candle ${first}: Error: seven (strategies/counting.ts:7:62)`,
  ]);
  const short = await openSpotBacktest(orderOf({ data: [fileOf("eth.csv", 0, 20)] }));
  expect((await short.run(ALL)).report().notes).toContain("Not ready at the end: slow");
  await Promise.all([counting.close(), short.close()]);
});

describe("what cannot be tested is refused", () => {
  test.each<[string, Partial<BacktestOrder>, string, RegExp]>([
    ["two strategies", { strategies: ["strength", "counting"] }, "usage", /2 strategies.*one at a time/],
    [
      "candles of two assets",
      { data: [...data, fileOf("eth-1m.csv", 0, 9)] },
      "data",
      /candles of btc and eth, expected/,
    ],
  ])("%s", async (_, changes, code, says) => {
    const refused = openSpotBacktest(orderOf(changes));
    await expect(refused).rejects.toMatchObject({ code, message: expect.stringMatching(says) });
  });
});
