// The store's synchronous core: gathers batches, writes them in one transaction, says what is durable, and stops for good
// where the disk can no longer be trusted. It runs in its own thread live, and in the engine's thread in virtual time.
import { accessSync, constants } from "node:fs";
import { dirname } from "node:path";
import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import { assert } from "../base/assert.ts";
import type { StoredRow } from "../journal/journal-table.ts";
import { JournalWriter } from "../journal/journal-writer.ts";
import { scalar } from "./database.ts";
import { exportLedger } from "./ledger-export.ts";
import { ledgerTotals } from "./ledger-totals.ts";
import type { Batch, LedgerTotals, Recovered, StoreFailure, StoreListener } from "./port.ts";
import { JOURNAL_KEPT_MS, prune } from "./prune.ts";
import { recover } from "./recover.ts";
import { SCHEMA } from "./schema.ts";
import { failureOf } from "./store-failure.ts";
import { writeSql } from "./table-spec.ts";
import type { TableName, Write } from "./tables.ts";

/** Batches that may wait, gathered or on their way to the thread. */
export const STORE_QUEUE_MAX = 4_096;

/** Between two checkpoints, and between two prunings. */
const CHECKPOINT_BATCHES = 256;
const PRUNE_BATCHES = 1_024;

interface Gathered {
  readonly seq: number;
  readonly writes: readonly Write[];
  readonly journal: StoredRow | null;
}

/** A ledger in memory always is. */
function isWritable(path: string | null): boolean {
  try {
    if (path !== null) for (const each of [path, dirname(path)]) accessSync(each, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

interface Writer {
  readonly fields: readonly string[];
  readonly statement: StatementSync;
}

export class SqliteStore {
  readonly #db: DatabaseSync;
  readonly #listener: StoreListener;
  readonly #freeSpace: () => boolean;
  readonly #writers = new Map<TableName, Writer>();
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #rollback: StatementSync;
  readonly #journal: JournalWriter;
  #gathered: Gathered[] = [];
  #journalKeptMs = JOURNAL_KEPT_MS;
  #lastSeq = 0;
  #batchesSinceCheckpoint = 0;
  #batchesSincePrune = 0;
  #isFull = false;
  #stopped: StoreFailure | null = null;

  /**
   * Owns `db` from here on. `freeSpace` gives disk space back where it can, and says whether it did. Throws a UserError "data"
   * where the newest rows of the journal are damaged.
   */
  constructor(db: DatabaseSync, listener: StoreListener, freeSpace: () => boolean = () => false) {
    this.#db = db;
    this.#journal = new JournalWriter(db);
    this.#listener = listener;
    this.#freeSpace = freeSpace;
    this.#begin = db.prepare("BEGIN IMMEDIATE");
    this.#commit = db.prepare("COMMIT");
    this.#rollback = db.prepare("ROLLBACK");
  }

  get gathered(): number {
    return this.#gathered.length;
  }

  keepJournal(ms: number): void {
    this.#journalKeptMs = ms;
  }

  /** Keeps the batch for the next flush; what its entry refers to is read now. */
  gather(batch: Batch): void {
    assert(batch.seq === this.#lastSeq + 1, `Batch ${batch.seq} came after batch ${this.#lastSeq}`);
    this.#lastSeq = batch.seq;
    if (this.#stopped !== null) return;
    assert(this.#gathered.length < STORE_QUEUE_MAX, `${STORE_QUEUE_MAX} batches wait for the disk`);
    this.#gathered.push({ seq: batch.seq, writes: batch.writes, journal: this.#journal.seal(batch) });
  }

  /** Makes durable what was gathered and says so; what a full disk refuses stays gathered. */
  flush(): void {
    const last = this.#gathered.at(-1);
    if (last === undefined || !this.#attempt(() => this.#write(this.#gathered))) return;
    this.#isFull = false;
    this.#batchesSinceCheckpoint += this.#gathered.length;
    this.#batchesSincePrune += this.#gathered.length;
    this.#gathered = [];
    this.#listener.durable(last.seq, this.#journal.head);
    this.#maintain();
  }

  recover(): Recovered {
    return recover(this.#readable());
  }

  totals(): LedgerTotals {
    return ledgerTotals(this.#readable());
  }

  exportTo(path: string): { readonly rows: number } {
    return exportLedger(this.#readable(), path);
  }

  close(): void {
    this.flush();
    this.#gathered = []; // What a full disk refused to the end.
    this.#attempt(() => this.#checkpoint("TRUNCATE"));
    this.#db.close();
  }

  /** Answers include everything committed before the question. */
  #readable(): DatabaseSync {
    this.flush();
    if (this.#stopped !== null) throw new Error(`Cannot read the store: it has stopped (${this.#stopped.message})`);
    return this.#db;
  }

  /** Nothing is retried but a full disk after space was freed: after a failed fsync the pages only look clean. */
  #attempt(action: () => void): boolean {
    if (this.#stopped !== null) return false;
    try {
      action();
      return true;
    } catch (error) {
      const failure = failureOf(error, () => isWritable(this.#db.location()));
      if (failure.kind !== "full") this.#stopped = failure;
      if (failure.kind !== "full" || !this.#isFull) this.#listener.failed(failure);
      this.#isFull = failure.kind === "full";
      return this.#isFull && this.#freeSpace() && this.#attempt(action);
    }
  }

  #write(batches: readonly Gathered[]): void {
    this.#begin.run();
    try {
      for (const { writes, journal } of batches) {
        for (const write of writes) this.#writeRow(write);
        if (journal !== null) this.#journal.write(journal);
      }
      this.#commit.run();
    } catch (error) {
      if (this.#db.isTransaction) this.#rollback.run();
      throw error;
    }
  }

  #writeRow(write: Write): void {
    let writer = this.#writers.get(write.table);
    if (writer === undefined) {
      const spec = SCHEMA[write.table];
      writer = { fields: Object.keys(spec.columns), statement: this.#db.prepare(writeSql(write.table, spec)) };
      this.#writers.set(write.table, writer);
    }
    // The schema's columns are exactly the row's fields, each a number, a string or null: its type says so.
    const row = write.row as unknown as { readonly [field: string]: SQLInputValue };
    writer.statement.run(...writer.fields.map((field) => row[field]!));
  }

  /** After the acknowledgement, so that no order waits for it. */
  #maintain(): void {
    if (this.#batchesSincePrune >= PRUNE_BATCHES) {
      this.#batchesSincePrune = 0;
      this.#attempt(() => prune(this.#db, this.#journalKeptMs));
    }
    if (this.#batchesSinceCheckpoint >= CHECKPOINT_BATCHES) {
      this.#batchesSinceCheckpoint = 0;
      this.#attempt(() => this.#checkpoint("PASSIVE"));
    }
  }

  /** A reader may hold back part of it: the next one takes that too. */
  #checkpoint(kind: "PASSIVE" | "TRUNCATE"): void {
    scalar(this.#db, `PRAGMA wal_checkpoint(${kind})`);
  }
}
