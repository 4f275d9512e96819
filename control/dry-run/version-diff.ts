// Two versions that a bot has kept, beside each other: what is written otherwise, and what they decide otherwise on the bot's own
// history. In the calling thread.
import { createTwoFilesPatch, FILE_HEADERS_ONLY } from "diff";
import { shortVersion } from "../../engine/base/ids.ts";
import { REHEARSED_WINDOWS, type RehearsalReport } from "../../engine/rehearsal/port.ts";
import type { EngineVariant } from "../../engine/sandbox/engine-module.ts";
import { Loader } from "../../engine/sandbox/loader.ts";
import type { Artifact } from "../../engine/versions/port.ts";
import { openLedger } from "../ledger-file.ts";
import { findVersion } from "../version-name.ts";
import type { DryRunListener } from "./dry-run.ts";
import { framesFor } from "./frames.ts";
import { rehearse } from "./rehearse.ts";
import { settingsInForce } from "./settings-in-force.ts";
import { knownVersions, loadStored, storedArtifact } from "./stored-versions.ts";

export interface VersionDiffOrder {
  readonly from: string;
  readonly to: string;
  readonly dir: string;
  readonly config: string;
  readonly engine: EngineVariant;
}

export interface VersionDiff {
  /** `momentum@3f9a2c1e` */
  readonly from: string;
  readonly to: string;
  readonly files: readonly { readonly path: string; readonly patch: string }[];
  /** Null where there is no history to decide on. */
  readonly decisions: RehearsalReport | null;
}

const CONTEXT_LINES = 3;

/** Rejects with a UserError for versions that are not kept here. */
export async function diffVersions(order: VersionDiffOrder, { walking, alive }: DryRunListener): Promise<VersionDiff> {
  const { dir, engine, config } = order;
  const db = openLedger(dir, "Cannot compare versions");
  try {
    const known = knownVersions(dir, db);
    const from = storedArtifact(dir, findVersion(order.from, known));
    const to = storedArtifact(dir, findVersion(order.to, known, from.strategy));
    const name = ({ strategy, code }: Artifact) => shortVersion(strategy, code);
    const diff = { from: name(from), to: name(to), files: codeDiff(from, to) };

    const { cold, settings, terms } = await settingsInForce(config, engine, db);
    const { slots, ...frames } = framesFor({ strategy: to.strategy, data: [], asset: null, settings, db });
    if (frames.source !== "recorded") return { ...diff, decisions: null };
    const loader = await Loader.create(engine);
    const load = (artifact: Artifact) =>
      loadStored(artifact, { loader, engine, slots, paramsOf: ({ params }) => params });
    const rehearsal = {
      strategy: to.strategy,
      candidate: (await load(to)).arms,
      against: (await load(from)).arms,
      terms,
      windows: REHEARSED_WINDOWS,
      budgetMs: Number.POSITIVE_INFINITY,
    };
    const how = { impure: null, notes: [], dir, engine, cycleMs: cold.cycleMs, observe: null, walking, alive };
    return { ...diff, decisions: await rehearse({ order: rehearsal, ...how }, frames) };
  } finally {
    db.close();
  }
}

/** Files that differ, in the order of their paths. */
export function codeDiff(from: Artifact, to: Artifact): VersionDiff["files"] {
  const paths = [...new Set([...Object.keys(from.sources), ...Object.keys(to.sources)])].sort();
  return paths.flatMap((path) => {
    const [before, after] = [from.sources[path], to.sources[path]];
    if (before === after) return [];
    const [a, b] = [before === undefined ? "/dev/null" : `a/${path}`, after === undefined ? "/dev/null" : `b/${path}`];
    const options = { context: CONTEXT_LINES, headerOptions: FILE_HEADERS_ONLY };
    return [{ path, patch: createTwoFilesPatch(a, b, before ?? "", after ?? "", undefined, undefined, options) }];
  });
}
