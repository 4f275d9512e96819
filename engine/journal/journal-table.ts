// The journal's table: a row a transaction, never changed, each sealed by a hash over itself and the one before. What is pruned
// leaves its last row's seq and hash behind, the anchor, so that what is left still hangs on something.
import type { DatabaseSync, StatementSync } from "node:sqlite";

const HASH_BYTES = 32;

/** One row as it is stored. */
export interface StoredRow {
  readonly seq: number;
  readonly cycle: number;
  /** Market time, ms UTC. */
  readonly atMs: number;
  /** Seq of the key row of its group. */
  readonly base: number;
  readonly body: Uint8Array;
  readonly hash: Uint8Array;
}

/** What the next row hangs on: the last row, or the anchor. */
export type Link = Pick<StoredRow, "seq" | "hash">;

/** The times of rows never go back. Only what the anchor already stands for is deleted. */
export const JOURNAL_SQL = `CREATE TABLE journal (
  seq INTEGER PRIMARY KEY,
  cycle INTEGER NOT NULL,
  at_ms INTEGER NOT NULL,
  base INTEGER NOT NULL CHECK (base <= seq),
  body BLOB NOT NULL,
  hash BLOB NOT NULL CHECK (length(hash) = ${HASH_BYTES})
) STRICT;
CREATE INDEX journal_cycle ON journal (cycle);
CREATE TABLE journal_anchor (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  seq INTEGER NOT NULL,
  hash BLOB NOT NULL CHECK (length(hash) = ${HASH_BYTES})
) STRICT;
INSERT INTO journal_anchor VALUES (1, 0, zeroblob(${HASH_BYTES}));
CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal
BEGIN SELECT RAISE(ABORT, 'journal is append only'); END;
CREATE TRIGGER journal_pruned_by_age BEFORE DELETE ON journal WHEN OLD.seq > (SELECT seq FROM journal_anchor)
BEGIN SELECT RAISE(ABORT, 'journal is pruned by age only'); END;
`;

const FIELDS = "seq, cycle, at_ms AS atMs, base, body, hash";

export class JournalTable {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  insert({ seq, cycle, atMs, base, body, hash }: StoredRow): void {
    this.#statement("INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?)").run(seq, cycle, atMs, base, body, hash);
  }

  get anchor(): Link {
    return this.#statement("SELECT seq, hash FROM journal_anchor").get() as unknown as Link;
  }

  get last(): StoredRow | null {
    const row = this.#statement(`SELECT ${FIELDS} FROM journal ORDER BY seq DESC LIMIT 1`).get();
    return (row ?? null) as unknown as StoredRow | null;
  }

  /** In order, from this seq or the first one after it. */
  from(seq: number, rowsMax: number): StoredRow[] {
    const statement = this.#statement(`SELECT ${FIELDS} FROM journal WHERE seq >= ? ORDER BY seq LIMIT ?`);
    return statement.all(seq, rowsMax) as unknown as StoredRow[];
  }

  /** Seq of the row with this seq, or of the first one after it; null when there is none. What is damaged in it does not matter. */
  seqFrom(seq: number): number | null {
    const row = this.#statement("SELECT seq FROM journal WHERE seq >= ? ORDER BY seq LIMIT 1").get(seq);
    return (row?.seq ?? null) as number | null;
  }

  /** Null without any row. */
  get lastSeq(): number | null {
    return this.#statement("SELECT max(seq) AS seq FROM journal").get()?.seq as number | null;
  }

  /** One column of a row that there is. */
  fact(seq: number, column: "cycle" | "at_ms" | "base"): number {
    return this.#statement(`SELECT ${column} AS fact FROM journal WHERE seq = ?`).get(seq)?.fact as number;
  }

  /** The key row of the last row, of the `rowsMax` oldest ones, that is older than this; null when none is. */
  keyBefore(oldestMs: number, rowsMax: number): number | null {
    const row = this.#statement(
      "SELECT max(base) AS base FROM (SELECT base, at_ms FROM journal ORDER BY seq LIMIT ?) WHERE at_ms < ?",
    ).get(rowsMax, oldestMs);
    return (row?.base ?? null) as number | null;
  }

  /** Deletes everything before `key`, the first row of a group. */
  pruneBefore(key: number): void {
    this.#statement(
      "UPDATE journal_anchor SET seq = last.seq, hash = last.hash FROM journal AS last WHERE last.seq = ?",
    ).run(key - 1);
    this.#statement("DELETE FROM journal WHERE seq < ?").run(key);
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}
