// What a candidate is compared with: what runs, as the ledger says, or a version by its name.
import type { DatabaseSync } from "node:sqlite";
import { UserError } from "../../engine/base/errors.ts";
import type { Params } from "../../engine/frame/manifest.ts";
import type { Arm } from "../../engine/rehearsal/port.ts";
import type { SlotSettings } from "../../engine/risk/settings.ts";
import type { EngineVariant } from "../../engine/sandbox/engine-module.ts";
import type { Loader } from "../../engine/sandbox/loader.ts";
import { findVersion, versionLabel } from "../version-name.ts";
import { knownVersions, loadStored, runningRows, storedArtifact } from "./stored-versions.ts";

export interface Against {
  readonly arms: readonly Arm[];
  readonly notes: readonly string[];
}

export interface AgainstOrder {
  readonly dir: string;
  /** Null where no bot ran yet. */
  readonly db: DatabaseSync | null;
  readonly strategy: string;
  /** As typed; null: what runs, if anything does. */
  readonly named: string | null;
  readonly slots: readonly SlotSettings[];
  readonly loader: Loader;
  readonly engine: EngineVariant;
}

const RUNNING = "running";

/** Throws a UserError that says what there is. */
export async function loadAgainst(order: AgainstOrder): Promise<Against> {
  const { dir, db, strategy, named, slots } = order;
  if (named !== null && named !== RUNNING) {
    const version = findVersion(named, knownVersions(dir, db), strategy);
    return loaded(storedArtifact(dir, version), order, slots, (slot) => slot.params);
  }
  const rows = db === null ? [] : runningRows(db, strategy);
  const [newest] = rows;
  if (newest === undefined) {
    if (named === null) return { arms: [], notes: [] };
    const others = knownVersions(dir, db).filter((version) => version.strategy === strategy);
    throw new UserError("usage", `Cannot compare with what runs: nothing of "${strategy}" ever ran here`, {
      where: dir,
      hint: others.length === 0 ? "name the bot's data directory with --dir" : `there is ${versionLabel(others[0]!)}`,
    });
  }
  const rowOf = (slot: SlotSettings) => rows.find((row) => row.slot === slot.id) ?? newest;
  const parts = await Promise.all(
    [...new Set(slots.map((slot) => rowOf(slot).code))].map((code) =>
      loaded(
        storedArtifact(dir, rows.find((row) => row.code === code)!),
        order,
        slots.filter((slot) => rowOf(slot).code === code),
        (slot) => JSON.parse(rowOf(slot).paramsJson) as Params,
      ),
    ),
  );
  return { arms: parts.flatMap(({ arms }) => arms), notes: parts.flatMap(({ notes }) => notes) };
}

async function loaded(
  artifact: Parameters<typeof loadStored>[0],
  { loader, engine }: AgainstOrder,
  slots: readonly SlotSettings[],
  paramsOf: (slot: SlotSettings) => Params,
): Promise<Against> {
  const { arms, isRebuilt } = await loadStored(artifact, { loader, engine, slots, paramsOf });
  const label = versionLabel({ ...artifact, ordinal: null });
  return {
    arms,
    notes: isRebuilt ? [`${label} was built again for the engine of today, from its stored sources`] : [],
  };
}
