// Decisions on random frames, compared between kinds of sandbox, processes and Nodes: `npm run determinism` does the same on
// more frames, and says how another Node is had.
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import type { SlotId } from "../../../engine/base/ids.ts";
import type { DecisionResult } from "../../../engine/decide/decision.ts";
import { ENGINE_VARIANTS } from "../../../engine/sandbox/engine-module.ts";
import { Loader } from "../../../engine/sandbox/loader.ts";
import { digestOfResults } from "../../determinism/digest.ts";
import { compareProcesses } from "../../determinism/processes.ts";
import { randomRequests } from "../../determinism/random-frames.ts";
import { differences, type ProcessReport, reportOn, shippedOrders, waysOf } from "../../determinism/report.ts";
import { DECIDE } from "../../determinism/sandbox-kinds.ts";
import { bundleStrategy, deciding } from "../../support/strategy-bundle.ts";
import { versionFacts } from "../../support/version-facts.ts";

const { UNDERWAY_NODE26: NODE26 } = process.env;
const PROCESSES_MS_MAX = 180_000;
const SHIPPED = 4;

describe("shipped strategies", () => {
  let reports: readonly ProcessReport[] = [];
  beforeAll(async () => {
    const nodes = NODE26 ? [NODE26] : [];
    reports = await compareProcesses({ engines: ENGINE_VARIANTS, frames: 30, nodes });
  }, PROCESSES_MS_MAX);

  test("decide alike, to the bit and the tick, in every kind of sandbox and in two processes", () => {
    const [first, second] = reports;
    expect(first!.strategies.length).toBeGreaterThanOrEqual(SHIPPED * ENGINE_VARIANTS.length);
    expect(differences([first!, second!])).toEqual([]);
  });

  test.skipIf(!NODE26)("decide alike under Node 26 (UNDERWAY_NODE26)", () => {
    expect(reports[2]?.name).toMatch(/^Node 26\./);
    expect(differences(reports)).toEqual([]);
  });
});

test("random frames make a shipped strategy give every signal it has", async () => {
  const loader = await Loader.create("bellard");
  for (const order of await shippedOrders("bellard")) {
    const version = loader.load(order);
    const results = await DECIDE.reset({ order, version }, randomRequests(version.facts, 1_000), "bellard");
    const signals = readFileSync(order.file, "utf8").match(/\b(up|down|hold|exit)\(/g)!;
    expect(signals.length, order.file).toBeGreaterThan(3);
    expect(waysOf(results), order.file).toBeGreaterThanOrEqual(signals.length);
  }
});

describe("the comparison", () => {
  test.each(
    ENGINE_VARIANTS,
  )("finds what a strategy keeps to itself, and only where its sandbox is kept: %s", async (engine) => {
    const counting = deciding('return hold("decision " + ++count);', undefined, "let count = 0;");
    const report = await reportOn(await bundleStrategy(counting), 5, engine);
    expect(differences([{ name: "Node", strategies: [report] }])).toEqual([
      `example on ${engine}: Node decided otherwise in a kept sandbox than Node afresh`,
    ]);
  });

  test("finds what differs between processes", () => {
    const digests = { fresh: "d", forked: "d", reset: "d", kept: "d" };
    const report = {
      engine: "ng",
      strategy: "trend",
      frames: "f",
      decisions: digests,
      fuel: { min: 1, max: 2 },
      outcomes: {},
      ways: 1,
    } as const;
    const found = (other: Partial<typeof report> | null) =>
      differences([
        { name: "one", strategies: [report] },
        { name: "two", strategies: other === null ? [] : [{ ...report, ...other }] },
      ]);
    expect(found({})).toEqual([]);
    expect(found({ decisions: { ...digests, forked: "e" } as never })).toEqual([
      "trend on ng: two decided otherwise in a forked sandbox than one afresh",
    ]);
    expect(found({ frames: "g" as never })).toEqual(["trend on ng: two drew other frames than one"]);
    expect(found(null)).toEqual(["trend on ng: two did not decide it"]);
    expect(differences([])).toEqual(["nothing was decided"]);
    expect(differences([{ name: "one", strategies: [{ ...report, fuel: { min: 0, max: 2 } }] }])).toEqual([
      "trend on ng: a decision spent no fuel",
    ]);
  });

  test("tells the last bit of a number, a tick, a character and the order apart", () => {
    const { ref } = versionFacts({});
    const up = (terms: { probability?: number; limit?: number; reason?: string }, fuel = 60): DecisionResult => {
      const signal = { kind: "up", probability: 0.5, limit: null, reason: "at 0.50", ...terms } as const;
      return { type: "Decided", slot: "BTC-5m-x" as SlotId, version: ref, signal, memory: "null", fuel };
    };
    const one = up({});
    const rows = [
      [one, up({ limit: 0.5 })],
      [up({ limit: 0.5 }), one],
      [one, up({ probability: 0.5 + Number.EPSILON / 2 })],
      [one, up({ probability: 0.5 + Number.EPSILON })],
      [one, up({ reason: "at 0.51" })],
      [one, up({}, 61)],
      [one, { ...one, memory: "0" }],
      [one],
    ];
    expect(new Set(rows.map(digestOfResults)).size).toBe(rows.length);
    expect(digestOfResults([one, one])).toBe(digestOfResults([one, up({})]));
  });

  test("draws every frame anew and the same in every process, missing numbers among them", async () => {
    const loader = await Loader.create("bellard");
    const [momentum] = await shippedOrders("bellard");
    const { facts } = loader.load(momentum!);
    const frames = randomRequests(facts, 200).map(({ frame }) => frame);
    expect(randomRequests(facts, 200).map(({ frame }) => frame)).toEqual(frames);
    expect(new Set(frames.map(String)).size).toBe(200);
    expect(frames.some((frame) => frame.slice(2, 14).some(Number.isNaN))).toBe(true);
    expect(frames.some((frame) => Number.isNaN(frame.at(-1)))).toBe(true);
  });
});
