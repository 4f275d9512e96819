// A recorded day through the whole bot: the same bytes every time, settled by its own prices, and unharmed by any kill.
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, describe, expect, test } from "vitest";
import type { RunSummary } from "../../control/run/summary.ts";
import { BotProcess, type Finished, makeWorkspace, run } from "../support/bot-process.ts";
import { checkLedger } from "../support/ledger-check.ts";
import { recordDay } from "../support/recorded-day.ts";

const folder = makeWorkspace();
const day = recordDay(folder, 6);
const replay = (markets: string, ...more: string[]): string[] => [
  "run",
  "--feed",
  "replay",
  "--data",
  markets,
  day.prices,
  ...more,
];
const summaryOf = ({ stdout }: Finished): RunSummary => JSON.parse(stdout.trim().split("\n").at(-1)!) as RunSummary;

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("a recorded day at full speed", () => {
  const args = (name: string, markets = day.markets) =>
    replay(markets, "--speed", "max", "--json", "--export", join(folder, name));

  test("writes the same bytes every time, and trades", async () => {
    const first = await run(folder, args("first.ndjson"));
    const second = await run(folder, args("second.ndjson"));
    expect(first.code).toBe(0);
    expect(second.stdout).toBe(first.stdout);
    expect(readFileSync(join(folder, "second.ndjson"), "utf8")).toBe(
      readFileSync(join(folder, "first.ndjson"), "utf8"),
    );
    const summary = summaryOf(first);
    expect(summary.orders).toBeGreaterThan(0);
    expect(summary.fills).toBeGreaterThan(0);
    expect(summary.byVersion[0]?.version).toMatch(/^momentum@[0-9a-f]{8}$/);
    expect(summary).toMatchObject({ missed: 0, faults: 0, quotes: "modelled" });
  });

  test("settles every market by its own prices: flipped outcomes change nothing but the comparison", async () => {
    const honest = summaryOf(await run(folder, args("honest.ndjson")));
    const flipped = summaryOf(await run(folder, args("flipped.ndjson", recordDay(folder, 6, true).markets)));
    expect(honest).toMatchObject({ settled: 6, agreedWithRecord: 6, disagreed: [] });
    expect(flipped).toMatchObject({ settled: 6, agreedWithRecord: 0, disagreed: day.settled });
    expect(flipped.pnlMicros).toBe(honest.pnlMicros);
  });

  test("goes on where it stopped when it has a directory of its own", async () => {
    const kept = replay(day.markets, "--speed", "max", "--json", "--dir", join(folder, "kept"));
    const part = summaryOf(await run(folder, [...kept, "--until", "cycles:600"]));
    expect(part.cycles).toBe(600);
    const rest = await run(folder, kept);
    expect(summaryOf(rest)).toMatchObject({ settled: 6, agreedWithRecord: 6 });
    expect(summaryOf(await run(folder, kept))).toEqual(summaryOf(rest));
    expect(checkLedger(join(folder, "kept"))).toEqual([]);
  });
});

test("kill -9 at random moments loses no fill, sends no order twice, and the exchange's books agree with ours", {
  timeout: 90_000,
}, async () => {
  const seed = Math.floor(Math.random() * 1_000);
  console.log(`seed ${seed}`);
  const args = (speed: string) => replay(day.markets, "--speed", speed, "--json", "--dir", join(folder, "killed"));
  for (let kill = 0; kill < 6; kill++) {
    const bot = new BotProcess(folder, args("150"));
    await Promise.race([bot.exited, pause(300 + ((seed + kill * 577) % 1_300))]); // The moment of the kill, not a wait.
    await bot.end("SIGKILL");
  }
  const last = await run(folder, args("max"));
  expect(`${last.code} ${last.stderr.includes("disagree")}`).toBe("0 false");
  expect(checkLedger(join(folder, "killed"))).toEqual([]);
  expect(summaryOf(last)).toMatchObject({ settled: 6, agreedWithRecord: 6 });
});

const recorded = process.env.UNDERWAY_DATA;
test.skipIf(recorded === undefined)(
  "settles every market of the recorded day that has a strike and an end price as it was recorded",
  async () => {
    const files = ["polymarket-btc-5m-markets-2026-06-08.jsonl.gz", "chainlink-btcusd-2026-06-08.csv.gz"].map((name) =>
      join(recorded!, name),
    );
    const { code, stdout } = await run(folder, [
      "run",
      "--feed",
      "replay",
      "--data",
      ...files,
      "--speed",
      "max",
      "--json",
    ]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout) as RunSummary).toMatchObject({
      settled: 280,
      agreedWithRecord: 280,
      disagreed: [],
      missed: 0,
      faults: 0,
    });
  },
);
