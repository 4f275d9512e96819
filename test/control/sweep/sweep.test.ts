// The whole of a sweep in real threads, over a backtest that is a formula.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, readFileSync, rmSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { renderSweep, sweepJson } from "../../../control/sweep/render-sweep.ts";
import { type SweepHost, type SweepTrials, sweep } from "../../../control/sweep/sweep.ts";
import type { SweepOrder } from "../../../control/sweep/trial.ts";
import { UserError } from "../../../engine/base/errors.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const ENTRY = new URL("../../fixtures/fake-sweep-worker.ts", import.meta.url);
const PROCESS = fileURLToPath(new URL("../../fixtures/sweep-process.ts", import.meta.url));
const LEVELS = "level=0:8:1";

function anOrder(folder: string, changes: Partial<SweepOrder> = {}): SweepOrder {
  const data = join(folder, "prices.csv");
  writeFileSync(data, "prices");
  return {
    backtest: {
      market: "spot",
      strategies: ["momentum"],
      data: [data],
      asset: null,
      strategiesDir: folder,
      config: join(folder, "underway.config.ts"),
      feePpm: 0,
      cashMicros: null,
      sizeMicros: null,
      dailyLossMicros: null,
      seed: 1,
      engine: "bellard",
    },
    fromMs: null,
    toMs: null,
    batch: true,
    splits: 1,
    params: [LEVELS],
    trialsMax: 100,
    seed: 1,
    resume: null,
    ...changes,
  };
}

const run = (order: SweepOrder, host: Partial<SweepHost> = {}) =>
  sweep(order, {
    entry: ENTRY,
    signal: new AbortController().signal,
    threads: 1,
    begins: () => {},
    done: () => {},
    ...host,
  });

/** All but the times. */
const resultOf = (swept: SweepTrials | null) => {
  const { barsPerSecond: _, ...rest } = sweepJson("momentum", swept!);
  return JSON.stringify(rest);
};

describe("a sweep", () => {
  test("runs every trial, and comes to the same on one thread and on three", async () => {
    const order = anOrder(temporaryFolder());
    const swept = await run(order, { threads: 3 });
    expect(swept!.results.map(({ trial }) => trial)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(resultOf(swept)).toBe(resultOf(await run(order)));
  });

  test("goes on beyond a trial that is refused, breaks, or ends or hangs its thread, and says why it failed", async () => {
    const order = anOrder(temporaryFolder(), { params: ["kind=refused,broken,ends,hangs,calm", "level=1"] });
    const swept = (await run(order, { threads: 2, silenceMsMax: 1000 }))!;
    const failed = swept.results.flatMap((result) => ("error" in result ? [[result.params.kind, result.error]] : []));
    expect(failed).toEqual([
      ["refused", "params.level 1 is refused"],
      ["broken", "sandbox overtime"],
      ["ends", "its thread ended"],
      ["hangs", "no sign of life for 1 s: it hangs"],
    ]);
    expect(sweepJson("momentum", swept)).toMatchObject({ trials: 6, failed: 4, isCutShort: false });
    expect(swept.results.at(-1)).toMatchObject({ params: { kind: "calm", level: 1 }, trades: 0 });
  });

  test.each([
    ["data that cannot be read", {}, "torn", "Cannot read the data: torn"],
    ["params that are not declared", { params: ["lvel=1"] }, "", /no param "lvel" \(did you mean "level"\?\)/],
    ["no trials", { trialsMax: 0 }, "", "Cannot sweep with --trials 0: expected 1 to 10000"],
    ["no splits", { splits: 0 }, "", "Cannot sweep with --splits 0: expected 1 to 100"],
  ])("refuses %s", async (_, changes, text, message) => {
    const order = anOrder(temporaryFolder(), changes);
    writeFileSync(order.backtest.data[0]!, text);
    const error = await run(order).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message).toMatch(message);
  });

  test("that is stopped gives what it has", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "hold"), "");
    const controller = new AbortController();
    const done = (trials: number) => {
      if (trials === 5) controller.abort();
    };
    const swept = (await run(anOrder(folder), { signal: controller.signal, done }))!;
    const json = sweepJson("momentum", swept);
    expect(json).toMatchObject({ trials: 5, failed: 0, isCutShort: true, best: { params: { kind: "calm" } } });
    const text = renderSweep("momentum", swept, { width: 120, paint: (_, text) => text });
    expect(text).toContain("5 trials of 9, cut short");
    expect(text).toContain(json.verdict.slice(0, 40));
  });

  test("that is stopped before its data is read gives nothing", async () => {
    expect(await run(anOrder(temporaryFolder()), { signal: AbortSignal.abort() })).toBeNull();
  });
});

describe("trials in a file", () => {
  test("outlive a kill of the process: the sweep goes on from them and ends as if nothing had been", async () => {
    const folder = temporaryFolder();
    const resume = join(folder, "trials.ndjson");
    const order = anOrder(folder, { resume });
    writeFileSync(join(folder, "hold"), "");
    writeFileSync(resume, "");
    const child = spawn(process.execPath, [PROCESS, JSON.stringify(order)], { stdio: "inherit" });
    onTestFinished(() => void child.kill("SIGKILL"));
    const lines = () => readFileSync(resume, "utf8").split("\n").length - 1;
    const watcher = watch(resume);
    while (lines() < 6) await once(watcher, "change");
    watcher.close();
    child.kill("SIGKILL");
    await once(child, "close");
    rmSync(join(folder, "hold"));
    appendFileSync(resume, '{"trial":7,"para');
    const swept = await run(order);
    expect(swept!.resumed).toBe(5);
    expect(lines()).toBe(10);
    expect(await run(order)).toMatchObject({ resumed: 9, barsPerSecond: null });
    expect(resultOf(swept)).toBe(resultOf(await run({ ...order, resume: null })));
  });

  test("are those of one sweep: another is told in what it differs", async () => {
    const folder = temporaryFolder();
    const order = anOrder(folder, { resume: join(folder, "trials.ndjson"), params: ["level=1"] });
    await run(order);
    await expect(run({ ...order, seed: 2, params: ["level=1,2"] })).rejects.toThrow(/differs in space, seed$/);
    writeFileSync(order.backtest.data[0]!, "other prices");
    await expect(run(order)).rejects.toThrow(/of another sweep, it differs in data$/);
  });

  test.each([
    ["what is no sweep", () => "price\n1\n", /row 1 is no line of a sweep/],
    ["what is no sweep and has one line", () => "price", /row 1 is no line of a sweep/],
    ["a damaged line", (text: string) => `${text}{"trial":0}\n`, /row 4 is no line of a sweep/],
    ["a trial of other params", (text: string) => text.replace('"level":1', '"level":2'), /row [23] is of a trial/],
  ])("are refused in a file with %s", async (_, damage, message) => {
    const folder = temporaryFolder();
    const order = anOrder(folder, { resume: join(folder, "trials.ndjson"), params: ["level=1"] });
    await run(order);
    writeFileSync(order.resume!, damage(readFileSync(order.resume!, "utf8")));
    await expect(run(order)).rejects.toThrow(message);
  });
});
