// What one process found, and what may not differ: between kinds of sandbox, between processes, between versions of Node.

import type { DecisionResult } from "../../engine/decide/decision.ts";
import type { EngineVariant } from "../../engine/sandbox/engine-module.ts";
import type { LoadOrder } from "../../engine/sandbox/loader.ts";
import { Loader } from "../../engine/sandbox/loader.ts";
import { DiskFolder, fileName } from "../../engine/versions/source-folder.ts";
import { makeArtifact } from "../../engine/versions/workshop.ts";
import { digestOfRequests, digestOfResults } from "./digest.ts";
import { randomRequests } from "./random-frames.ts";
import { DECIDE, SANDBOX_KINDS, type SandboxKind } from "./sandbox-kinds.ts";

export interface StrategyReport {
  readonly engine: EngineVariant;
  readonly strategy: string;
  /** Of what was asked: where it differs, so must the rest. */
  readonly frames: string;
  readonly decisions: Readonly<Record<SandboxKind, string>>;
  readonly fuel: { readonly min: number; readonly max: number };
  /** How often it came to what: signals by kind, and faults. */
  readonly outcomes: { readonly [outcome: string]: number };
  /** How much of the strategy was reached. */
  readonly ways: number;
}

export interface ProcessReport {
  /** Which process, for people. */
  readonly name: string;
  readonly strategies: readonly StrategyReport[];
}

/** The strategies of the repository, as they are loaded into a bot. */
export async function shippedOrders(engine: EngineVariant): Promise<LoadOrder[]> {
  const folder = new DiskFolder(new URL("../../strategies/", import.meta.url).pathname);
  return Promise.all(
    folder.strategies().map(async (entry) => {
      const { strategy, code, bundle, analysis, sourceMap } = await makeArtifact(folder, entry, engine);
      const file = fileName(folder, entry);
      return { strategy, code, params: {}, bundle, places: analysis.places, sourceMap, file };
    }),
  );
}

/** Decides the same random frames in every kind of sandbox. */
export async function reportOn(
  order: LoadOrder,
  frames: number,
  engine: EngineVariant,
  progress: (kind: SandboxKind) => void = () => {},
): Promise<StrategyReport> {
  const version = (await Loader.create(engine)).load(order);
  const requests = randomRequests(version.facts, frames);
  const results = new Map<SandboxKind, readonly DecisionResult[]>();
  for (const kind of SANDBOX_KINDS) {
    progress(kind);
    results.set(kind, await DECIDE[kind]({ order, version }, requests, engine));
  }
  const digests = SANDBOX_KINDS.map((kind) => [kind, digestOfResults(results.get(kind)!)] as const);
  const fresh = results.get("fresh")!;
  const fuel = fresh.map((result) => result.fuel);
  return {
    engine,
    strategy: order.strategy,
    frames: digestOfRequests(requests),
    decisions: Object.fromEntries(digests) as Record<SandboxKind, string>,
    fuel: { min: Math.min(...fuel), max: Math.max(...fuel) },
    outcomes: counted(fresh.map((result) => (result.type === "Decided" ? result.signal.kind : "fault"))),
    ways: waysOf(fresh),
  };
}

/** Different reasons, numbers aside, and places of faults. */
export function waysOf(results: readonly DecisionResult[]): number {
  const ways = results.map((result) =>
    result.type === "Faulted" ? `${result.fault.where}` : result.signal.reason.replace(/-?[\d.]+/g, "#"),
  );
  return new Set(ways).size;
}

function counted(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names.toSorted()) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

/** One sentence for everything that is not as it must be. */
export function differences(reports: readonly ProcessReport[]): string[] {
  const [first] = reports;
  if (first === undefined || first.strategies.length === 0) return ["nothing was decided"];
  return first.strategies.flatMap((expected) => {
    const what = `${expected.strategy} on ${expected.engine}`;
    const found = reports.flatMap(({ name, strategies }) => {
      const report = strategies.find(
        ({ strategy, engine }) => strategy === expected.strategy && engine === expected.engine,
      );
      if (report === undefined) return [`${what}: ${name} did not decide it`];
      if (report.frames !== expected.frames) return [`${what}: ${name} drew other frames than ${first.name}`];
      const others = SANDBOX_KINDS.filter((kind) => report.decisions[kind] !== expected.decisions.fresh);
      return others.map((kind) => `${what}: ${name} decided otherwise in a ${kind} sandbox than ${first.name} afresh`);
    });
    return expected.fuel.min > 0 ? found : [...found, `${what}: a decision spent no fuel`];
  });
}
