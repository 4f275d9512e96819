// A ledger with a journal in it, a row a cycle, and ways to damage it.
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { JournalReader } from "../../../engine/journal/journal-reader.ts";
import type { JournalEntry } from "../../../engine/journal/port.ts";
import { DATABASE_FILE, openDatabase } from "../../../engine/store/database.ts";
import type { Batch } from "../../../engine/store/port.ts";
import { SqliteStore } from "../../../engine/store/sqlite-store.ts";
import { StoreDriver, temporaryDir } from "../../contract/store.ts";
import { rows, write } from "../../contract/store-rows.ts";

export const SECOND_MS = 1_000;
const { atMs: FIRST_MS } = rows.cycles;

/** At a second a cycle. */
export const timeOf = (cycle: number): number => FIRST_MS + cycle * SECOND_MS;

export const entryOf = (cycle: number, atMs = timeOf(cycle)): JournalEntry => [
  { type: "CycleOpened", cycle, atMs },
  { type: "Heartbeat", atMs, state: `{"beat":${cycle}}` },
];

export class Journaled {
  readonly dir: string;
  readonly db: DatabaseSync;
  readonly driver = new StoreDriver();
  readonly store: SqliteStore;

  constructor(dir = temporaryDir()) {
    this.dir = dir;
    this.db = openDatabase(dir);
    this.store = new SqliteStore(this.db, this.driver);
  }

  gather(cycle: number, journal: JournalEntry = entryOf(cycle), more: Batch["writes"] = []): void {
    const atMs = timeOf(cycle);
    const writes = [write("cycles", { cycle, atMs }), write("alarms", { id: cycle, cycle }), ...more];
    this.store.gather({ ...this.driver.batch(writes), journal });
  }

  /** Cycles from `from` to `to`, in one transaction. */
  run(from: number, to: number): void {
    for (let cycle = from; cycle <= to; cycle++) this.gather(cycle);
    this.store.flush();
  }

  /** A connection of its own, as another process has one. */
  reader(): JournalReader {
    return new JournalReader(new DatabaseSync(join(this.dir, DATABASE_FILE), { readOnly: true }));
  }

  /** Runs SQL against the rules of the schema. */
  damage(sql: string): void {
    this.db.exec("DROP TRIGGER IF EXISTS journal_no_update; DROP TRIGGER IF EXISTS journal_pruned_by_age");
    this.db.exec(`PRAGMA ignore_check_constraints = ON; ${sql}`);
  }
}
