// Evidence is pruned by age only: cycles, candles and quotes, a bounded number at a time, so that no cycle waits for it.
import type { DatabaseSync } from "node:sqlite";
import { scalar } from "./database.ts";

const WINDOW_LONGEST_MS = 15 * 60_000;
const DAY_MS = 24 * 60 * 60_000;

/** Rehearsal needs 288 windows of the longest interval; a day more, so that it never meets the edge. */
export const MARKET_HISTORY_KEPT_MS = 288 * WINDOW_LONGEST_MS + DAY_MS;

/** Looked at in one run, per table. */
const PRUNE_ROWS_MAX = 5_000;

/** Cycles and quotes come in the order of time, so only their oldest rows are looked at and time needs no index. */
const OLDEST = (table: "cycles" | "quotes"): string =>
  `DELETE FROM ${table} WHERE rowid IN (SELECT id FROM (SELECT rowid AS id, at_ms FROM ${table} ORDER BY rowid LIMIT ${PRUNE_ROWS_MAX})
   WHERE at_ms < ?)`;

const STATEMENTS = [
  OLDEST("cycles"),
  OLDEST("quotes"),
  `DELETE FROM candles WHERE rowid IN (SELECT rowid FROM candles WHERE open_ms < ? ORDER BY open_ms LIMIT ${PRUNE_ROWS_MAX})`,
];

/** Age is counted back from the last cycle: the ledger's own time, which may be virtual. */
export function prune(db: DatabaseSync): void {
  const lastAtMs = scalar(db, "SELECT at_ms FROM cycles ORDER BY cycle DESC LIMIT 1");
  if (typeof lastAtMs !== "number") return;
  for (const sql of STATEMENTS) db.prepare(sql).run(lastAtMs - MARKET_HISTORY_KEPT_MS);
}
