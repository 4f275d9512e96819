// What a journal begins with: the market that its bot came to, and what it came with.
import type { JournalRow, Started } from "../../journal/port.ts";

export interface JournalBeginning {
  /** Null where it has been pruned. */
  readonly started: Started | null;
  /** Facts noted of the data directory before the first cycle, by name. */
  readonly notes: ReadonlyMap<string, string>;
  /** What the venue held for the bot when it was first asked; null where that has been pruned. */
  readonly cashMicros: number | null;
  /** The first cycle and its market time, ms UTC. */
  readonly cycle: number;
  readonly atMs: number;
}

/** Null when there was no cycle yet. Reads no further than the first. */
export function beginningOf(rows: Iterable<JournalRow>): JournalBeginning | null {
  let started: Started | null = null;
  let cashMicros: number | null = null;
  const notes = new Map<string, string>();
  for (const { events } of rows) {
    for (const event of events) {
      if (event.type === "Started") started ??= event;
      else if (event.type === "Noted") for (const { name, value } of event.notes) notes.set(name, value);
      else if (event.type === "Reported" && event.report.type === "Reconciled") {
        cashMicros ??= event.report.snapshot.cashMicros;
      } else if (event.type === "CycleDue") return { started, notes, cashMicros, cycle: event.cycle, atMs: event.atMs };
    }
  }
  return null;
}
