// Writes the journal, a row a transaction: encodes what the core was told at once, for its frames are used again, and seals it
// with the hash of the row before. It goes on where the last life of the bot ended, after a look at what that left.
import type { DatabaseSync } from "node:sqlite";
import { UserError } from "../base/errors.ts";
import type { MarketEvent } from "../market/event.ts";
import type { Batch } from "../store/port.ts";
import { guarded, hexOf, JournalDamaged, provenRows, rowHash } from "./chain.ts";
import { JournalTable, type Link, type StoredRow } from "./journal-table.ts";
import { JOURNALED, type JournalEntry, type JournaledWrite, type JournalHead } from "./port.ts";
import { RowEncoder } from "./row-code.ts";

/** Rows of a group: any row is read after at most so many before it. */
export const GROUP_ROWS = 128;

/** Newest rows that are proven at a start, for milliseconds; `audit` proves them all. */
const PROVEN_ROWS = 4_096;

const TABLES: ReadonlySet<string> = new Set(JOURNALED);
const isJournaled = (write: Batch["writes"][number]): write is JournaledWrite => TABLES.has(write.table);

export class JournalWriter {
  readonly #table: JournalTable;
  readonly #encoder = new RowEncoder();
  #before: Link;
  /** Seq of the key row of the group that is written; null at a start, for nothing is known then. */
  #base: number | null = null;
  #cycle: number;
  #atMs: number;

  /** Throws a UserError "data" where the newest rows are not as they were written. */
  constructor(db: DatabaseSync) {
    this.#table = new JournalTable(db);
    const last = lastProven(this.#table, db.location() ?? ":memory:");
    this.#before = last ?? this.#table.anchor;
    this.#cycle = last?.cycle ?? 0;
    this.#atMs = last?.atMs ?? 0;
  }

  /** The row that was sealed last; null before the first there ever was. */
  get head(): JournalHead | null {
    const { seq, hash } = this.#before;
    return seq === 0 ? null : { seq, cycle: this.#cycle, hash: hexOf(hash) };
  }

  /** The row of this batch, to be written in its transaction; null when it has no entry. Frames are read now. */
  seal({ journal, writes }: Batch): StoredRow | null {
    if (journal === undefined) return null;
    this.#turnClock(journal);
    const seq = this.#before.seq + 1;
    if (this.#base === null || seq >= this.#base + GROUP_ROWS) this.#base = seq;
    const body = this.#encoder.encode(journal, writes.filter(isJournaled), seq === this.#base);
    const row = { seq, cycle: this.#cycle, atMs: this.#atMs, base: this.#base, body };
    this.#before = { seq, hash: rowHash(this.#before, row) };
    return { ...row, hash: this.#before.hash };
  }

  /** Within the transaction of its batch. */
  write(row: StoredRow): void {
    this.#table.insert(row);
  }

  /** Neither goes back, whatever a clock does: rows are found by them. */
  #turnClock(entry: JournalEntry): void {
    for (const event of entry) {
      switch (event.type) {
        case "CycleOpened":
        case "CycleDue":
          this.#cycle = Math.max(this.#cycle, event.cycle);
          this.#atMs = Math.max(this.#atMs, event.atMs);
          break;
        case "Heartbeat":
          this.#atMs = Math.max(this.#atMs, event.atMs);
          break;
        case "Market":
          // Before its first cycle the bot has no time of its own.
          if (this.#atMs === 0) this.#atMs = Math.max(0, ...event.events.map(timeOf));
          break;
        default:
      }
    }
  }
}

function timeOf(event: MarketEvent): number {
  if (event.type === "Tick") return event.receivedAtMs;
  return event.type === "Funding" || event.type === "OpenInterest" ? event.atMs : 0;
}

function lastProven(table: JournalTable, path: string): StoredRow | null {
  try {
    const newest = guarded(0, () => table.lastSeq) ?? 0;
    let last: StoredRow | null = null;
    for (const row of provenRows(table, newest - PROVEN_ROWS + 1)) last = row;
    return last;
  } catch (error) {
    if (!(error instanceof JournalDamaged)) throw error;
    throw new UserError("data", `Cannot open ledger "${path}": the journal in it is damaged, ${error.message}`, {
      where: path,
      hint: "Restore it from a backup, or start with another --dir; underway audit --dir shows more",
    });
  }
}
