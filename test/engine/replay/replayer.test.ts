import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { UserError } from "../../../engine/base/errors.ts";
import type { DecisionResult } from "../../../engine/decide/decision.ts";
import type { RecordedDecision } from "../../../engine/journal/port.ts";
import { MISMATCHES_MAX, Replayer, type ReplayReport } from "../../../engine/replay/replayer.ts";
import { deciding } from "../../support/strategy-bundle.ts";
import { RecordedLife } from "./recorded-life.ts";

const FILES = {
  "leans.ts": deciding(
    `if (!readings.rsi.ready) return hold("warming up");
     if (readings.rsi.value > 50) return up({ probability: 0.25 + readings.rsi.value / 1e4, limit: 0.5, reason: "rsi " + readings.rsi.value });
     return readings.bars.ready ? down({ probability: params.chance, reason: "bar " + readings.bars.close.at(-1) }) : exit("no bars");`,
    `params: { chance: param.number({ default: 0.6 }) },
     inputs: () => ({ rsi: ta.rsi({ interval: "1m", period: 3 }), bars: candles({ interval: "1m", depth: 4 }) })`,
  ),
  "counts.ts": deciding(
    `return hold("n=" + memory.n, { memory: { n: memory.n + 1 } });`,
    `inputs: () => ({}), memory: { initial: { n: 0 } }`,
  ),
  "fails.ts": deciding(
    `if (window.secondsLeft > 200) throw new RangeError("at " + window.secondsLeft.toFixed(1));
     if (window.secondsLeft > 100) for (;;);
     return window.secondsLeft > 50 ? "no signal" : hold("fine");`,
  ),
};
const EDITED = deciding(
  `return hold("m=" + memory.m, { memory: { m: memory.m + 1 } });`,
  `inputs: () => ({}), memory: { initial: { m: 0 }, migrate: (old, from) => ({ m: old.n + from.length }) }`,
);
const TRADERS = [
  { slot: "BTC-5m-leans", strategy: "leans" },
  { slot: "ETH-5m-leans", strategy: "leans", params: { chance: 0.7 } },
  { slot: "BTC-5m-counts", strategy: "counts" },
  { slot: "BTC-5m-fails", strategy: "fails" },
];

/** Two releases lived it: the first on one engine, then an edit on the other. */
const lived = async (cycles: number): Promise<RecordedLife> => {
  const life = new RecordedLife(FILES, TRADERS);
  await life.live(cycles);
  return life.live(cycles, "ng", { "counts.ts": EDITED });
};

type Change = (decision: RecordedDecision, cycle: number) => RecordedDecision;

async function replay(life: RecordedLife, change: Change = (decision) => decision): Promise<ReplayReport> {
  const replayer = new Replayer(life.dir);
  for (const { cycle, decisions } of life.decisions) {
    await replayer.replay(
      cycle,
      decisions.map((decision) => change(decision, cycle)),
    );
  }
  return replayer.report();
}

/** The first decision of a slot from which `edited` makes another, planted. */
function planting(slot: string, edited: (result: DecisionResult) => DecisionResult | null): Change {
  let planted = false;
  return ({ request, result }) => {
    const other = planted || request.slot !== slot ? null : edited(result);
    if (other === null) return { request, result };
    planted = true;
    return { request, result: other };
  };
}

const nextDouble = (value: number): number => {
  const bits = new BigInt64Array(new Float64Array([value]).buffer);
  bits[0]! += 1n;
  return new Float64Array(bits.buffer)[0]!;
};

type Edit = (result: DecisionResult) => DecisionResult | null;
type Decided = Extract<DecisionResult, { type: "Decided" }>;
type Faulted = Extract<DecisionResult, { type: "Faulted" }>;
const ofDecided =
  (edit: (result: Decided) => DecisionResult | null): Edit =>
  (result) =>
    result.type === "Decided" ? edit(result) : null;
const ofFault =
  (edit: (fault: Faulted["fault"]) => Faulted["fault"] | null): Edit =>
  (result) => {
    const fault = result.type === "Faulted" ? edit(result.fault) : null;
    return fault === null ? null : { ...(result as Faulted), fault };
  };
const ofEntry = (edit: (signal: { probability: number; limit: number | null }) => object | null): Edit =>
  ofDecided((result) => {
    const change = "probability" in result.signal ? edit(result.signal) : null;
    return change === null ? null : { ...result, signal: { ...result.signal, ...change } as Decided["signal"] };
  });

const ALTERATIONS: readonly [field: string, slot: string, Edit][] = [
  ["fuel", "BTC-5m-leans", (result) => ({ ...result, fuel: result.fuel + 1 })],
  ["probability", "BTC-5m-leans", ofEntry(({ probability }) => ({ probability: nextDouble(probability) }))],
  ["limit", "BTC-5m-leans", ofEntry(({ limit }) => (limit === null ? null : { limit: nextDouble(limit) }))],
  [
    "kind",
    "BTC-5m-leans",
    ofDecided(({ signal, ...rest }) =>
      signal.kind === "exit" ? { ...rest, signal: { ...signal, kind: "hold" } } : null,
    ),
  ],
  [
    "reason",
    "ETH-5m-leans",
    ofDecided(({ signal, ...rest }) => ({ ...rest, signal: { ...signal, reason: `${signal.reason} ` } })),
  ],
  ["memory", "BTC-5m-counts", ofDecided((result) => ({ ...result, memory: `${result.memory} ` }))],
  ["fault.message", "BTC-5m-fails", ofFault((fault) => ({ ...fault, message: `${fault.message}!` }))],
  [
    "fault.where",
    "BTC-5m-fails",
    ofFault((fault) => (fault.where === null ? null : { ...fault, where: `${fault.where}1` })),
  ],
  ["fault.kind", "BTC-5m-fails", ofFault((fault) => ({ ...fault, kind: "memory" }))],
];

describe("decisions of two engines, with params, memory, faults and an edit that migrates", () => {
  let life: RecordedLife;
  const results = () => life.decisions.flatMap(({ decisions }) => decisions.map(({ result }) => result));
  beforeAll(async () => {
    life = await lived(40);
    return () => life.remove();
  });

  test("come out again, to the byte and the tick", async () => {
    expect(await replay(life)).toEqual({
      decisions: 320,
      matched: 320,
      mismatchedTotal: 0,
      mismatched: [],
      undecided: 0,
      notReplayable: 0,
      notReplayableVersions: [],
      versions: 8,
    });
    const kinds = results().map((result) => (result.type === "Decided" ? result.signal.kind : result.fault.kind));
    expect(new Set(kinds)).toEqual(new Set(["up", "down", "hold", "exit", "threw", "fuel", "output"]));
    const migrated = life.decisions.flatMap(({ decisions }) => decisions.filter(({ request }) => request.migrateFrom));
    expect(migrated.map(({ request }) => request.slot)).toEqual(["BTC-5m-counts"]);
  });

  test("come out again whatever the clock of this machine says", async () => {
    let reading = 0;
    const [now, at] = [Date.now, performance.now];
    onTestFinished(() => {
      [Date.now, performance.now] = [now, at];
    });
    [Date.now, performance.now] = [() => (reading += 1e6 * Math.random()), () => (reading += Math.random())];
    expect((await replay(life)).matched).toBe(320);
  });

  test("one that was recorded otherwise by a single bit is found, with the very field, and nothing else is", async () => {
    const planted = new Map<string, { readonly field: string; readonly slot: string }>();
    const report = await replay(life, ({ request, result }, cycle) => {
      for (const [field, slot, edited] of ALTERATIONS) {
        const isPlanted = [...planted.values()].some((other) => other.field === field);
        const other = isPlanted || request.slot !== slot ? null : edited(result);
        if (other === null) continue;
        planted.set(`${slot}@${cycle}`, { field, slot });
        return { request, result: other };
      }
      return { request, result };
    });
    expect(planted.size).toBe(ALTERATIONS.length);
    expect(report.mismatched.map(({ decision, slot, field }) => [decision, { field, slot }])).toEqual([...planted]);
    for (const { field, fields, recorded, replayed } of report.mismatched) {
      expect(fields).toEqual([field]);
      expect(recorded).not.toEqual(replayed);
    }
    expect([report.matched, report.mismatchedTotal]).toEqual([320 - planted.size, planted.size]);
  });

  test("one recorded as a decision where the code faults is found, with the place in the TypeScript", async () => {
    const held = { type: "Decided", signal: { kind: "hold", reason: "" }, memory: "null" } as const;
    const planted = planting("BTC-5m-fails", (result) =>
      result.type === "Faulted" && result.fault.kind === "threw" ? { ...result, ...held } : null,
    );
    expect((await replay(life, planted)).mismatched).toMatchObject([
      { field: "result", recorded: "hold", where: expect.stringMatching(/^strategies\/fails\.ts:4:\d+$/) },
    ]);
  });

  test("what real time or the machine ended is no decision, and is not compared", async () => {
    const kinds = ["overdue", "hung", "host"] as const;
    let n = 0;
    const { undecided, matched } = await replay(life, ({ request, result }) => {
      const kind = kinds[n++];
      if (kind === undefined) return { request, result };
      const fault = { kind, message: "", where: null, frame: null };
      return { request, result: { type: "Faulted", slot: request.slot, version: request.version, fault, fuel: 0 } };
    });
    expect([undecided, matched]).toEqual([3, 317]);
  });

  test("the same file in a folder of another name is the same place", async () => {
    const moved = planting("BTC-5m-fails", (result) =>
      result.type === "Decided" || result.fault.where === null
        ? null
        : { ...result, fault: { ...result.fault, where: result.fault.where.replace("strategies/", "bots/") } },
    );
    expect((await replay(life, moved)).mismatchedTotal).toBe(0);
  });

  test("only the first differences are listed, and all are counted", async () => {
    const report = await replay(life, ({ request, result }) => ({ request, result: { ...result, fuel: -1 } }));
    expect([report.mismatched.length, report.mismatchedTotal]).toEqual([MISMATCHES_MAX, 320]);
  });

  test("a frame of another length than the version reads is said, not decided", async () => {
    const { notReplayableVersions } = await replay(life, ({ request, result }) =>
      request.slot === "BTC-5m-counts"
        ? { request: { ...request, frame: new Float64Array(3) }, result }
        : { request, result },
    );
    expect(notReplayableVersions.map(({ decisions, why }) => [decisions, why])).toEqual([
      [40, "a frame of 3 numbers is recorded, the version reads 18"],
      [40, "a frame of 3 numbers is recorded, the version reads 18"],
    ]);
  });
});

describe("what versions ran on", () => {
  const short = (traders: number, cycles: number): Promise<RecordedLife> => {
    const life = new RecordedLife(FILES, TRADERS.slice(0, traders));
    onTestFinished(() => life.remove());
    return life.live(cycles);
  };

  test("is not needed of versions that were recorded before it was kept: they are counted apart", async () => {
    const life = await short(3, 5);
    const recipes = join(life.dir, "recipes");
    const first = life.decisions[0]!.decisions[2]!.request.version;
    rmSync(join(recipes, `${first.code}-${first.params}.json.gz`));
    const { decisions, matched, notReplayable, notReplayableVersions } = await replay(life);
    expect([decisions, matched, notReplayable]).toEqual([15, 10, 5]);
    expect(notReplayableVersions).toMatchObject([
      {
        version: `counts@${first.code.slice(0, 8)}`,
        decisions: 5,
        why: expect.stringContaining("before recipes were kept"),
      },
    ]);
  });

  test.each([
    "versions",
    "recipes",
    "runtimes",
  ])("is refused, by the file's name, when a file of %s is gone or damaged", async (folder) => {
    const life = await short(1, 1);
    const [name] = readdirSync(join(life.dir, folder));
    const file = join(life.dir, folder, name!);
    if (folder === "recipes") {
      const bytes = readFileSync(file);
      bytes[bytes.length >> 1]! ^= 1;
      writeFileSync(file, bytes);
    } else rmSync(file);
    const error: unknown = await replay(life).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(UserError);
    expect(error).toMatchObject({ code: "data", where: file });
  });

  test("is only read: a replay leaves no file behind", async () => {
    const life = await short(4, 2);
    const before = readdirSync(life.dir, { recursive: true });
    rmSync(life.strategiesDir, { recursive: true });
    expect((await replay(life)).matched).toBe(8);
    expect(readdirSync(life.dir, { recursive: true })).toEqual(before);
  });
});
