// Evidence is pruned by age only: cycles, candles, quotes and the journal, a bounded number at a time, so that no cycle waits
// for it.
import type { DatabaseSync } from "node:sqlite";
import { JournalTable } from "../journal/journal-table.ts";
import { scalar } from "./database.ts";

const WINDOW_LONGEST_MS = 15 * 60_000;
const DAY_MS = 24 * 60 * 60_000;

/** Rehearsal needs 288 windows of the longest interval; a day more, so that it never meets the edge. */
export const MARKET_HISTORY_KEPT_MS = 288 * WINDOW_LONGEST_MS + DAY_MS;

/** Unless the configuration says otherwise. */
export const JOURNAL_KEPT_MS = 14 * DAY_MS;

/** Rows of the journal are a kilobyte and more: twice as many as come in between two runs. */
const PRUNE_JOURNAL_ROWS_MAX = 2_048;

/** Cycles, and quotes, deleted in one run: more than come in between two runs. Candles are few. */
const PRUNE_ROWS_MAX = 50_000;

/** Cycles and quotes come in the order of time: everything before the first young row is old, and time needs no index. */
const pruneOldest = (
  table: "cycles" | "quotes" | "samples" | "memory_samples",
): string => `DELETE FROM ${table} WHERE rowid < coalesce(
  (SELECT id FROM (SELECT rowid AS id, at_ms FROM ${table} ORDER BY rowid LIMIT ${PRUNE_ROWS_MAX}) WHERE at_ms >= ? LIMIT 1),
  (SELECT min(rowid) FROM ${table}) + ${PRUNE_ROWS_MAX})`;

const STATEMENTS = [
  pruneOldest("cycles"),
  pruneOldest("quotes"),
  pruneOldest("samples"),
  pruneOldest("memory_samples"),
  "DELETE FROM candles WHERE open_ms < ?",
];

/** Age is counted back from the last cycle: the ledger's own time, which may be virtual. */
export function prune(db: DatabaseSync, journalKeptMs = JOURNAL_KEPT_MS): void {
  const lastAtMs = scalar(db, "SELECT at_ms FROM cycles ORDER BY cycle DESC LIMIT 1");
  if (typeof lastAtMs !== "number") return;
  for (const sql of STATEMENTS) db.prepare(sql).run(lastAtMs - MARKET_HISTORY_KEPT_MS);
  pruneJournal(db, lastAtMs - journalKeptMs);
}

/** In whole groups: a row is read after those of its group before it. The newest group stays. */
function pruneJournal(db: DatabaseSync, oldestMs: number): void {
  const journal = new JournalTable(db);
  const key = journal.keyBefore(oldestMs, PRUNE_JOURNAL_ROWS_MAX);
  if (key === null) return;
  db.exec("BEGIN IMMEDIATE");
  try {
    journal.pruneBefore(key);
    db.exec("COMMIT");
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
}
