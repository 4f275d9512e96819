// The verb as a user types it, over the real backtest.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { run } from "../../support/bot-process.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const MINUTES = 120;
const JUNE = Date.UTC(2026, 5, 8);
const CROSSING = `import { exit, hold, param, strategy, ta, up } from "underway";
export default strategy({
  about: "crossing averages",
  params: { fast: param.integer({ default: 2, min: 1, max: 9 }), slow: param.integer({ default: 6, min: 2, max: 9 }) },
  inputs: ({ fast, slow }) => {
    if (fast >= slow) throw new Error("fast must be below slow");
    return { fast: ta.sma({ interval: "1m", period: fast }), slow: ta.sma({ interval: "1m", period: slow }) };
  },
  decide({ fast, slow }, { position }) {
    if (!fast.ready || !slow.ready) return hold("warming up");
    if (position) return fast.value < slow.value ? exit("below") : hold("above");
    return fast.value > slow.value ? up({ probability: 0.6, reason: "above" }) : hold("below");
  },
});
`;

test("sweep tries params on recorded candles, tells which fail, and ends with one line of JSON", async () => {
  const folder = temporaryFolder();
  const candles = Array.from({ length: MINUTES }, (_, minute) => {
    const price = (100 + 10 * Math.sin(minute / 5) + minute / 20).toFixed(2);
    return `${JUNE + minute * 60_000},${price},${price},${price},${price},1`;
  });
  writeFileSync(join(folder, "btcusd-1m.csv"), `timestamp,open,high,low,close,volume\n${candles.join("\n")}\n`);
  writeFileSync(join(folder, "crossing.ts"), CROSSING);
  const args =
    "sweep crossing --market spot --strategies . --data btcusd-1m.csv --splits 2 --params fast=2,3 slow=3,6 --json";
  const { code, stdout, stderr } = await run(folder, args.split(" "));
  expect({ code, stderr }).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(/^Opening 1 file for crossing …\n4 trials, the whole/),
  });
  const json = JSON.parse(stdout.trimEnd().split("\n").at(-1)!);
  expect(json).toMatchObject({
    strategy: "crossing",
    version: expect.stringMatching(/^crossing@[0-9a-f]{8}$/),
    trials: 4,
    failed: 1,
    objective: "sharpe",
    returnPeriodMs: 300_000,
    returns: MINUTES / 5,
    failures: [{ params: { fast: 3, slow: 3 }, error: expect.stringContaining("fast must be below slow") }],
    walkForward: { splits: [{ fromMs: JUNE + 40 * 60_000 }, { toMs: JUNE + MINUTES * 60_000 }] },
    isCutShort: false,
  });
  expect(json.best).toEqual(json.ranked[0]);
  expect(json.best.trades).toBeGreaterThan(1);
  expect(json.best.pnlMicros).toBeGreaterThan(0);
  expect(json.ranked).toHaveLength(3);
});
