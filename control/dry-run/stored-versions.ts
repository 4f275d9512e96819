// The versions that a bot has kept: which there are, and one of them loaded again, to be compared with.
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { messageOf, UserError } from "../../engine/base/errors.ts";
import type { Params } from "../../engine/frame/manifest.ts";
import type { Arm } from "../../engine/rehearsal/port.ts";
import type { SlotSettings } from "../../engine/risk/settings.ts";
import type { EngineVariant } from "../../engine/sandbox/engine-module.ts";
import type { Loader } from "../../engine/sandbox/loader.ts";
import { readNewest } from "../../engine/store/read-rows.ts";
import type { ActivationRow } from "../../engine/store/tables.ts";
import { codeVersionOf, digestsOfEngine } from "../../engine/versions/code-version.ts";
import type { Artifact } from "../../engine/versions/port.ts";
import { Refusal } from "../../engine/versions/source-error.ts";
import { StoredFolder } from "../../engine/versions/source-folder.ts";
import { VersionStore } from "../../engine/versions/version-store.ts";
import { loadArtifact, makeArtifact } from "../../engine/versions/workshop.ts";
import { type KnownVersion, versionLabel } from "../version-name.ts";
import { loadArms } from "./candidate.ts";

const VERSIONS_MAX = 100_000;
const SLOTS_MAX = 10_000;

/** The newest first, those without a number last. `db` is null where no bot ran yet. */
export function knownVersions(dir: string, db: DatabaseSync | null): KnownVersion[] {
  const rows = db === null ? [] : readNewest(db, "versions", "ORDER BY first_seen_ms DESC, ordinal DESC", VERSIONS_MAX);
  const numbered = new Set(rows.map(({ code }) => code));
  const store = openVersionStore(dir);
  const others = (store?.list() ?? []).flatMap((code): KnownVersion[] => {
    if (numbered.has(code)) return [];
    try {
      return [{ strategy: store!.get(code).strategy, code, ordinal: null }];
    } catch {
      return []; // Damaged: it is no version that could be compared with.
    }
  });
  return [...rows, ...others];
}

/** Null where none is kept: to look must not make one. */
const openVersionStore = (dir: string): VersionStore | null =>
  existsSync(join(dir, "versions")) ? new VersionStore(dir) : null;

/** Throws a UserError naming what is missing. */
export function storedArtifact(dir: string, { code, strategy, ordinal }: KnownVersion): Artifact {
  const store = openVersionStore(dir);
  if (store !== null) return store.get(code);
  throw new UserError("data", `Cannot load ${versionLabel({ code, strategy, ordinal })}: no version is kept here`, {
    where: join(dir, "versions"),
  });
}

/** The last activation of each slot of the strategy, the newest first. */
export const runningRows = (db: DatabaseSync, strategy: string): ActivationRow[] =>
  readNewest(
    db,
    "activations",
    "WHERE rowid IN (SELECT max(rowid) FROM activations GROUP BY slot) AND strategy = ? ORDER BY rowid DESC",
    SLOTS_MAX,
    strategy,
  );

interface StoredOrder {
  readonly loader: Loader;
  readonly engine: EngineVariant;
  readonly slots: readonly SlotSettings[];
  /** As a slot would give them: what the version does not declare is left out. */
  readonly paramsOf: (slot: SlotSettings) => Params;
}

/** The artifact, loaded for the slots. `isRebuilt`: the engine it ran on is not this one. Throws a UserError. */
export async function loadStored(
  artifact: Artifact,
  { loader, engine, slots, paramsOf }: StoredOrder,
): Promise<{ readonly arms: readonly Arm[]; readonly isRebuilt: boolean }> {
  const { entry, sources, digests, code, strategy } = artifact;
  const folder = new StoredFolder("strategies", sources);
  const isRebuilt = codeVersionOf(entry, sources, digestsOfEngine(engine)) !== codeVersionOf(entry, sources, digests);
  try {
    const built = isRebuilt ? { ...(await makeArtifact(folder, entry, engine)), code } : artifact;
    const { manifest } = loadArtifact(loader, built, {}, folder).facts;
    const declared = (params: Params): Params =>
      Object.fromEntries(Object.entries(params).filter(([name]) => Object.hasOwn(manifest.params, name)));
    return { arms: loadArms(loader, built, folder, slots, (slot) => declared(paramsOf(slot))), isRebuilt };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const label = versionLabel({ strategy, code, ordinal: null });
    throw new UserError("data", `Cannot load ${label}: ${messageOf(error)}`, { cause: error });
  }
}
