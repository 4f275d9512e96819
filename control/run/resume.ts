// A start begins with what decided before: from the ledger and the version store, never from the strategies folder.
import type { CodeVersion, SlotId } from "../../engine/base/ids.ts";
import { shortVersion } from "../../engine/base/ids.ts";
import { versionKey } from "../../engine/decide/version.ts";
import type { Engine } from "../../engine/engine.ts";
import type { EngineEvent } from "../../engine/event.ts";
import type { Settings } from "../../engine/risk/settings.ts";
import type { ActivationRow } from "../../engine/store/tables.ts";
import type { Workshop } from "../../engine/versions/port.ts";
import type { InstalledVersions } from "./installed-versions.ts";
import { type Restored, restoreVersions } from "./restore-versions.ts";

export interface ResumeParts {
  readonly engine: Engine;
  readonly settings: Settings;
  /** In the order of time: what runs, what ran before it, and what positions and orders are pinned to. */
  readonly activations: readonly ActivationRow[];
  readonly workshop: Workshop;
  readonly versions: InstalledVersions;
  readonly admit: (strategy: string, code: CodeVersion) => number;
  readonly post: (event: EngineEvent) => void;
}

/** Returns what could not be had again, and why. */
export async function resumeVersions(parts: ResumeParts): Promise<Restored["lost"]> {
  const { engine, settings, activations, workshop, versions, post } = parts;
  const slots = new Set<SlotId>(settings.slots.map(({ id }) => id));
  const rows = activations.filter(({ slot }) => slots.has(slot));
  const last = new Map(rows.map((row) => [row.slot, row]));
  // A version that was rolled back still decides what it holds; one that is quarantined would not be asked.
  const { loaded, became, lost } = await restoreVersions(
    rows.filter((row) => last.get(row.slot) === row || !engine.bars.isQuarantined(row)),
    workshop,
    parts.admit,
    (row) => (engine.bars.isQuarantined(row) ? engine.bars.refusal(row) : null),
  );
  await Promise.all(loaded.map((version) => versions.install(version)));
  post({ type: "VersionsLoaded", versions: loaded.map((version) => version.facts) });
  // Where what ran last was barred and the way back was cut short, the core goes on with it by itself.
  const resumed = [...last.values()].filter((row) => !engine.bars.has(row));
  const arms = resumed.flatMap((row) => {
    const key = became.get(versionKey(row));
    return key === undefined ? [] : [{ slot: row.slot, key }];
  });
  post({ type: "VersionsArmed", slots: arms });
  post({ type: "Resumed" });
  holdEntries(rebuiltOf(resumed, became, settings), engine, post);
  return lost;
}

/** Versions that were built again from their sources, under another DSL or engine, of strategies that have a gate. */
function rebuiltOf(rows: readonly ActivationRow[], became: Restored["became"], settings: Settings): string[] {
  const { promotion, promotions } = settings.reload;
  const rebuilt = rows.filter((row) => {
    const key = became.get(versionKey(row));
    const isGated = (promotions.get(row.strategy) ?? promotion).type === "steps";
    return isGated && key !== undefined && key !== versionKey(row);
  });
  return [...new Set(rebuilt.map(({ strategy, code }) => shortVersion(strategy, code)))];
}

/** They are not the code that somebody let through: they look after positions, and enter nothing until they are approved. */
function holdEntries(rebuilt: readonly string[], engine: Engine, post: (event: EngineEvent) => void): void {
  if (rebuilt.length === 0) return;
  const names = rebuilt.join(", ");
  const reason = `${names} ran under another engine and was built again from its stored sources; look at diff and dry-run`;
  post({ type: "Latched", kind: "rebuilt", mode: "entries-stopped", reason, atMs: engine.nowMs });
}
