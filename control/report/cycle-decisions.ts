// What a cycle's row says that each slot decided, and by which version: the reading side of decisionRows.
import type { DatabaseSync } from "node:sqlite";

export interface CycleDecisions {
  readonly versions: readonly (readonly [strategy: string, code: string, params: string])[];
  /** `[slot, index of its version, kind or "fault", reason or kind of fault, fuel, probability?, limit?]` */
  readonly slots: readonly (readonly [
    slot: string,
    version: number,
    kind: string,
    reason: string,
    fuel: number,
    probability?: number,
    limit?: number | null,
  ])[];
}

/** Null for what is not such a text. */
export function parseCycle(decisions: string): CycleDecisions | null {
  try {
    const parsed = JSON.parse(decisions) as CycleDecisions;
    return Array.isArray(parsed?.versions) && Array.isArray(parsed.slots) ? parsed : null;
  } catch {
    return null;
  }
}

interface DecidedCycle extends CycleDecisions {
  readonly cycle: number;
  readonly atMs: number;
}

const EMPTY: CycleDecisions = { versions: [], slots: [] };

/** The cycles that are kept, of a stretch of market time, oldest first; one whose text is damaged decided nothing. */
export function* decidedCycles(db: DatabaseSync, fromMs: number, toMs: number): Generator<DecidedCycle> {
  const rows = db.prepare("SELECT cycle, at_ms, decisions FROM cycles WHERE at_ms >= ? AND at_ms < ? ORDER BY cycle");
  rows.setReturnArrays(true);
  for (const row of rows.iterate(fromMs, toMs)) {
    const [cycle, atMs, decisions] = row as unknown as [number, number, string];
    yield { cycle, atMs, ...(parseCycle(decisions) ?? EMPTY) };
  }
}
