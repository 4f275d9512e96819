import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { dryRunJson, renderDryRun } from "../../../control/commands/dry-run.ts";
import { type DryRunListener, type DryRunOrder, dryRun as dryRunWith } from "../../../control/dry-run/dry-run.ts";
import { DryRunThread } from "../../../control/dry-run/dry-run-thread.ts";
import { codeDiff } from "../../../control/dry-run/version-diff.ts";
import type { SlotId } from "../../../engine/base/ids.ts";
import { InThreadStore } from "../../../engine/store/in-thread-store.ts";
import { InThreadTypes } from "../../../engine/versions/in-thread-types.ts";
import type { Artifact } from "../../../engine/versions/port.ts";
import { DiskFolder } from "../../../engine/versions/source-folder.ts";
import { VersionStore } from "../../../engine/versions/version-store.ts";
import { makeArtifact } from "../../../engine/versions/workshop.ts";
import { rows } from "../../contract/store-rows.ts";
import { holding, temporaryFolder } from "../../engine/versions/temporary-folder.ts";

const MINUTES = 12;
const types = new InThreadTypes();
const dryRun = (order: DryRunOrder, heard: DryRunListener) => dryRunWith(order, heard, types);
const listener = { stage: () => {}, walking: () => {}, alive: () => {} };

const strategy = (body: string, head = "") => `import { candles, hold, param, strategy, ta, up } from "underway";
${head}
export default strategy({ about: "test", params: { level: param.number({ default: 1 }) },
  inputs: () => ({ macd: ta.macd({ interval: "1m", fast: 2, slow: 3, signal: 2 }), c: candles({ interval: "1m", depth: 2 }) }),
  decide({ macd, c }, { params, window, position }) {
    ${body}
  },
});
`;
const CALM = strategy(`return hold("level " + params.level);`);

interface World {
  readonly strategies: { readonly [file: string]: string };
  readonly config?: string;
}

/** A workspace: strategies, a configuration with one slot for "momentum", and recorded minutes. */
function workspace({ strategies, config = "" }: World): DryRunOrder {
  const strategiesDir = temporaryFolder(strategies);
  const root = join(strategiesDir, "..");
  writeFileSync(
    join(root, "underway.config.ts"),
    `import { config } from "underway/config";
export default config({ slots: [{ asset: "btc", interval: "15m", strategy: "momentum", params: { level: 7 } }], ${config} });
`,
  );
  const candle = (minute: number) =>
    `${1_780_876_800_000 + minute * 60_000},${60_000 + minute},${60_001 + minute},${60_000 + minute},${60_001 + minute},2`;
  const data = join(root, "btcusd-1m.csv");
  const minutes = Array.from({ length: MINUTES }, (_, minute) => candle(minute));
  writeFileSync(data, `timestamp,open,high,low,close,volume\n${minutes.join("\n")}\n`);
  return {
    strategiesDir,
    entry: "momentum.ts",
    config: join(root, "underway.config.ts"),
    dir: join(root, "bot"),
    data: [data],
    asset: null,
    against: null,
    trace: null,
    engine: "bellard",
  };
}

/** A data directory in which `source` runs, as v3. */
async function withBot(order: DryRunOrder, source: string): Promise<Artifact> {
  const artifact = await makeArtifact(new DiskFolder(temporaryFolder({ "momentum.ts": source })), "momentum.ts");
  new VersionStore(order.dir).put(artifact);
  const store = new InThreadStore(
    { dir: order.dir },
    { durable: () => {}, failed: ({ message }) => expect.fail(message) },
  );
  await store.recover();
  const { code } = artifact;
  const slot = "BTC-15m-momentum" as SlotId;
  store.commit({
    seq: 1,
    writes: [
      { table: "versions", row: { ...rows.versions, code, ordinal: 3 } },
      { table: "activations", row: { ...rows.activations, code, slot, ordinal: 3, paramsJson: '{"level":5}' } },
    ],
  });
  await store.close();
  return artifact;
}

const plain = { width: 120, paint: (_: unknown, text: string) => text };

describe("a strategy on disk", () => {
  test("is taken through every stage, and leaves nothing behind", async () => {
    const order = workspace({ strategies: { "momentum.ts": CALM } });
    const told: string[] = [];
    const outcome = await dryRun(order, { ...listener, stage: ({ stage }) => told.push(stage) });
    expect(told).toEqual(["bundled", "admitted", "type-checked", "loaded", "rehearsed", "gated"]);
    expect(outcome.stages.every(({ ok, ms }) => ok && ms >= 0)).toBe(true);
    expect(outcome.gate).toEqual({ verdict: "pass", policy: "auto", reasons: [] });
    expect(existsSync(order.dir)).toBe(false);
    const json = dryRunJson(outcome);
    expect(json).toMatchObject({
      version: expect.stringMatching(/^momentum@[0-9a-f]{8}$/),
      against: null,
      frames: MINUTES,
      sampledOf: MINUTES,
      pure: true,
      changed: [],
      fuel: { p50: expect.any(Number), p99: expect.any(Number), max: expect.any(Number) },
    });
    expect(renderDryRun(outcome, plain)).toMatch(/^✓ momentum@[0-9a-f]{8} would pass the gate and trade/);
  });

  test("is compared with what runs, with the params that it runs with", async () => {
    const order = workspace({ strategies: { "momentum.ts": CALM } });
    const artifact = await withBot(
      order,
      strategy(`return params.level === 5 ? up({ probability: 0.6, reason: "old" }) : hold("");`),
    );
    const outcome = await dryRun(order, listener);
    expect(outcome.against).toBe(`momentum@${artifact.code.slice(0, 8)}`);
    expect(dryRunJson(outcome)).toMatchObject({
      changedWindows: 1,
      changedDecisions: MINUTES,
      changed: [
        {
          cycle: 2,
          slot: "BTC-15m-momentum",
          before: { kind: "up", probability: 0.6, limit: null, reason: "old" },
          after: { kind: "hold", probability: null, reason: "level 7" },
        },
      ],
    });
    expect(renderDryRun(outcome, plain)).toMatch(/this edit changes 1 window; here they are/);
    for (const named of ["running", "v3"]) {
      expect((await dryRun({ ...order, against: named }, listener)).against).toBe(outcome.against);
    }
    await expect(dryRun({ ...order, against: "v2" }, listener)).rejects.toMatchObject({
      code: "usage",
      message: 'Cannot find version "v2": there is none of that name here',
      hint: `there are ${outcome.against} (v3)`,
    });
  });

  test("what a version does not declare is no reason not to compare with it", async () => {
    const order = workspace({ strategies: { "momentum.ts": CALM } });
    const artifact = await withBot(order, CALM.replaceAll("level", "other"));
    const outcome = await dryRun({ ...order, against: artifact.code }, listener);
    expect(outcome.report).toMatchObject({ changedWindows: 0, reworded: MINUTES });
  });

  test("that nothing runs is an error only for who asked for it", async () => {
    const order = workspace({ strategies: { "momentum.ts": CALM } });
    await expect(dryRun({ ...order, against: "running" }, listener)).rejects.toMatchObject({ code: "usage" });
  });
});

describe("the trace", () => {
  test("has one line for each closed candle and slot, with what was ready", async () => {
    const order = workspace({ strategies: { "momentum.ts": CALM } });
    const trace = join(order.strategiesDir, "../trace.ndjson");
    await dryRun({ ...order, trace }, listener);
    const lines = readFileSync(trace, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines).toHaveLength(MINUTES);
    expect(lines[0]).toEqual({
      cycle: 2,
      slot: "BTC-15m-momentum",
      at: "2026-06-08T00:01:00.000Z",
      inputs: {
        "macd.macd": null,
        "macd.signal": null,
        "macd.histogram": null,
        "c.open": 60_000,
        "c.high": 60_001,
        "c.low": 60_000,
        "c.close": 60_001,
        "c.volume": 2,
      },
      signal: { kind: "hold", probability: null, limit: null, reason: "level 7" },
    });
    expect(lines.at(-1)).toMatchObject({ at: "2026-06-08T00:12:00.000Z", inputs: { "macd.macd": expect.any(Number) } });
  });
});

describe("the gate refuses", () => {
  const refused = async (source: string, config?: string) => {
    const order = workspace({ strategies: { "momentum.ts": source }, ...(config === undefined ? {} : { config }) });
    const outcome = await dryRun(order, listener);
    expect(outcome.gate.verdict).toBe("refuse");
    return { ...outcome, text: renderDryRun(outcome, plain), last: outcome.stages.findLast(({ ok }) => !ok)!.stage };
  };

  test.each([
    ["admitted", strategy(`return hold("" + eval("1"));`), "strategies/momentum.ts:6:"],
    ["type-checked", strategy(`return hold(1);`), "strategies/momentum.ts:6:17 Argument of type"],
    ["loaded", strategy(`return hold("x");`, `throw new Error("no");`), "strategies/momentum.ts:2:11 Error: no"],
  ])("at %s, with the place and the lines around it", async (stage, source, reason) => {
    const { gate, last, text, report } = await refused(source);
    expect(last).toBe(stage);
    expect(gate.reasons[0]).toContain(reason);
    expect(text).toMatch(/^✗ .* would be refused at/);
    expect(text).toMatch(/\n +> \d+ \| /);
    expect(report).toBeNull();
  });

  test("what keeps state, by its line", async () => {
    const { gate, report, text } = await refused(strategy(`n += 1; return hold("" + n);`, "let n = 0;"));
    expect(gate.reasons).toEqual([
      expect.stringMatching(/^it is impure: strategies\/momentum.ts:6:5 `n` lives outside/),
    ]);
    expect(report).toMatchObject({ pure: false });
    expect(text.match(/lives outside/g)).toHaveLength(1);
  });

  test("what faults where the running version does not, by its line", async () => {
    const { gate, text } = await refused(
      strategy(`if (c.close[1]! > 60010) throw new Error("boom"); return hold("");`),
    );
    expect(gate.reasons).toEqual([
      expect.stringMatching(
        /^strategies\/momentum.ts:6:\d+ it faults in 2 of 12 rehearsed decisions \(threw\): Error: boom$/,
      ),
    ]);
    expect(text).toMatch(/> 6 \| /);
    const order = workspace({ strategies: { "momentum.ts": strategy(`throw new Error("boom");`) } });
    await withBot(order, strategy(`throw new Error("as ever");`));
    expect((await dryRun(order, listener)).gate.verdict).toBe("pass");
  });

  test("with too little history where so much is wanted, and never where it is ungated", async () => {
    const { gate } = await refused(CALM, "rehearsal: { minWindows: 2 }");
    expect(gate.reasons).toEqual(["history has 1 windows to rehearse on, expected at least 2"]);
    const ungated = 'rehearsal: { minWindows: 2 }, promotion: { momentum: "ungated" }';
    const order = workspace({ strategies: { "momentum.ts": CALM }, config: ungated });
    expect((await dryRun(order, listener)).gate).toMatchObject({ verdict: "pass", policy: "ungated" });
  });
});

test("without data and history it rehearses on a simulated market, and says so", async () => {
  const order = workspace({ strategies: { "momentum.ts": CALM } });
  const { source, report } = await dryRun({ ...order, data: [] }, listener);
  expect(source).toBe("simulated");
  expect(report!.frames).toBeGreaterThan(3_600);
  expect(report!.notes.join()).toContain("simulated market");
});

test("what is wrong beside the strategy is an error, not a verdict", async () => {
  const order = workspace({ strategies: { "momentum.ts": CALM } });
  await expect(dryRun({ ...order, data: ["none.csv"] }, listener)).rejects.toMatchObject({ code: "data" });
  await expect(dryRun({ ...order, config: "none.ts" }, listener)).rejects.toMatchObject({ code: "config" });
});

test("in a thread of its own the outcome is the same, and one that gives no sign of life is given up", async () => {
  const order = workspace({ strategies: { "momentum.ts": CALM } });
  const stages: string[] = [];
  const thread = new DryRunThread();
  const outcome = await thread.dryRun(order, { ...listener, stage: ({ stage }) => stages.push(stage) });
  expect(outcome).toMatchObject({ gate: { verdict: "pass" }, report: { frames: MINUTES } });
  expect(stages).toContain("gated");
  await expect(thread.dryRun({ ...order, data: ["none.csv"] }, listener)).rejects.toMatchObject({ code: "data" });
  await thread.close();
  const silenceMsMax = 1; // No thread has started by then.
  const impatient = new DryRunThread(silenceMsMax);
  await expect(impatient.dryRun(order, listener)).rejects.toMatchObject({
    code: "rejected",
    message: expect.stringMatching(/it hangs/),
  });
  await impatient.close();
});

test("the code of two versions differs file by file", async () => {
  const make = (files: { readonly [path: string]: string }) =>
    makeArtifact(new DiskFolder(temporaryFolder(files)), "momentum.ts");
  const from = await make({ "momentum.ts": `import "./lost.ts";\n${holding()}`, "lost.ts": "export const a = 1;\n" });
  const to = await make({ "momentum.ts": `import "./fresh.ts";\n${holding()}`, "fresh.ts": "export const b = 2;\n" });
  const files = codeDiff(from, to);
  expect(files.map(({ path }) => path)).toEqual(["fresh.ts", "lost.ts", "momentum.ts"]);
  expect(files[0]!.patch).toBe("--- /dev/null\n+++ b/fresh.ts\n@@ -0,0 +1,1 @@\n+export const b = 2;\n");
  expect(files[1]!.patch).toContain("--- a/lost.ts\n+++ /dev/null\n");
  expect(files[2]!.patch).toContain('-import "./lost.ts";\n+import "./fresh.ts";\n');
  expect(codeDiff(to, to)).toEqual([]);
});
