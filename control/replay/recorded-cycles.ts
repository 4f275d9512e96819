// The decisions of a journal, cycle by cycle, as far as they were selected.
import type { SlotId } from "../../engine/base/ids.ts";
import type { JournalRange } from "../../engine/journal/journal-reader.ts";
import type { JournalRow, RecordedDecision } from "../../engine/journal/port.ts";
import type { Selection } from "./selection.ts";

/** Decisions that came late are in the row of a later cycle. */
const LATE_CYCLES_MAX = 60;

export interface RecordedCycle {
  readonly cycle: number;
  /** Market time, ms UTC. */
  readonly atMs: number;
  readonly decisions: readonly RecordedDecision[];
}

export function* recordedCycles(rows: Iterable<JournalRow>, selection: Selection): Generator<RecordedCycle> {
  const isSelected = selector(selection);
  for (const { atMs, events } of rows) {
    for (const event of events) {
      if (event.type !== "Decided") continue;
      const { cycle } = event;
      const decisions = event.decisions.filter(({ request }) => isSelected(request.slot, cycle));
      if (decisions.length > 0) yield { cycle, atMs, decisions };
    }
  }
}

/** The rows that can hold what is selected. */
export function rangeOf(selection: Selection): JournalRange {
  if (selection.type === "All") return {};
  if (selection.type === "Since") return { fromMs: selection.atMs };
  const cycles = selection.type === "Cycle" ? [selection.cycle] : selection.decisions.map(({ cycle }) => cycle);
  return { fromCycle: Math.min(...cycles), toCycle: Math.max(...cycles) + LATE_CYCLES_MAX };
}

function selector(selection: Selection): (slot: SlotId, cycle: number) => boolean {
  if (selection.type === "Cycle") return (_, cycle) => cycle === selection.cycle;
  if (selection.type !== "Decisions") return () => true;
  return (slot, cycle) => selection.decisions.some((name) => name.slot === slot && name.cycle === cycle);
}
