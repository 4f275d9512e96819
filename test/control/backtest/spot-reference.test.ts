// The same candles, rules and strategies in backtrader come to these figures: half a million minutes, cash 1,000,000, one
// unit at a time, a fee of 0.1 %.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openSpotBacktest } from "../../../control/backtest/spot.ts";
import { formatMicros, MICROS } from "../../../engine/base/micros.ts";

const STRENGTH = `inputs: () => ({ rsi: ta.rsi({ interval: "1m", period: 14 }) }),
  decide({ rsi }, { position }) {
    if (!rsi.ready) return hold("warming up");
    if (!position && rsi.value < 30) return up({ probability: 0.55, reason: "oversold" });
    return position && rsi.value > 70 ? exit("overbought") : hold("nothing to do");
  }`;
/** Crossing alone: a market that begins above has not crossed. */
const CROSSING = `inputs: () => ({ fast: ta.sma({ interval: "1m", period: 20 }), slow: ta.sma({ interval: "1m", period: 50 }) }),
  decide({ fast, slow }) {
    const before = fast.at(1) - slow.at(1);
    const now = fast.value - slow.value;
    if (before <= 0 && now > 0) return up({ probability: 0.5, reason: "crossed up" });
    return before >= 0 && now < 0 ? exit("crossed down") : hold("no cross");
  }`;

const directory = process.env.UNDERWAY_DATA;
describe.skipIf(directory === undefined)("half a million minutes (needs UNDERWAY_DATA)", () => {
  const folder = mkdtempSync(join(tmpdir(), "underway-spot-"));
  const candles = join(folder, "btc-1m.csv");
  beforeAll(() => {
    execFileSync(process.execPath, [join(directory!, "generate-candles.mjs"), candles]);
    mkdirSync(join(folder, "strategies"));
    for (const [name, members] of Object.entries({ strength: STRENGTH, crossing: CROSSING })) {
      const source = `import { exit, hold, strategy, ta, up } from "underway";
export default strategy({ about: "test", ${members} });`;
      writeFileSync(join(folder, "strategies", `${name}.ts`), source);
    }
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const opened = (strategy: string) =>
    openSpotBacktest({
      ...{ market: "spot", strategies: [strategy], data: [candles], asset: null, config: "", seed: null },
      ...{ strategiesDir: join(folder, "strategies"), feePpm: 1_000, cashMicros: 1_000_000 * MICROS },
      ...{ sizeMicros: MICROS, dailyLossMicros: null, engine: "bellard" },
    });

  test.each([
    { strategy: "strength", trades: 1_784, equity: "777592.68" },
    { strategy: "crossing", trades: 5_947, equity: "216665.99" },
  ])("$strategy ends at $equity after $trades round trips", async ({ strategy, trades, equity }) => {
    const backtest = await opened(strategy);
    const run = await backtest.run({ params: {}, fromMs: null, toMs: null, batch: true });
    expect([run.bars, run.trades, formatMicros(run.finalEquityMicros), run.isKept]).toEqual([
      525_600,
      trades,
      equity,
      true,
    ]);
    expect(run.dailyEquityMicros).toHaveLength(366);
    await backtest.close();
  });

  test("a run that is ended gives what it has", async () => {
    const backtest = await opened("strength");
    const asked: number[] = [];
    const pulse = (atMs: number, done: number) => asked.push(atMs, done) > 0;
    const run = await backtest.run({ params: {}, fromMs: null, toMs: null, batch: true, pulse });
    expect(asked).toHaveLength(2);
    expect([run.isCutShort, run.bars, run.report().toMs]).toEqual([true, asked[1], asked[0]]);
    expect(run.bars).toBeLessThan(525_600);
    await backtest.close();
  });
});
