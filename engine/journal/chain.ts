// What makes the rows of the journal a chain: each names the hash of the one before. A row that was changed, lost, put in or
// moved is found, and so is the first that is not as it was written.
import { createHash } from "node:crypto";
import { messageOf } from "../base/errors.ts";
import type { JournalTable, Link, StoredRow } from "./journal-table.ts";
import type { BrokenRow } from "./port.ts";

/** Read at a time: a reader holds nothing back for longer than this takes. */
const CHUNK_ROWS = 256;

/** Primary result codes: a file that is not a database any more, and pages that make no sense. */
const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;

export class JournalDamaged extends Error {
  override readonly name = "JournalDamaged";
  readonly row: BrokenRow;

  constructor(row: BrokenRow) {
    super(`${describeRow(row)} ${row.what}`);
    this.row = row;
  }
}

/** "row 12 (cycle 7, 2026-01-05T00:14:41.000Z)" */
function describeRow({ seq, cycle, atMs }: Omit<BrokenRow, "what">): string {
  const facts = [cycle === null ? [] : `cycle ${cycle}`, atMs === null ? [] : timeOf(atMs)].flat();
  return `row ${seq}${facts.length === 0 ? "" : ` (${facts.join(", ")})`}`;
}

/** A time may be what was damaged. */
const timeOf = (atMs: number): string =>
  Number.isNaN(new Date(atMs).getTime()) ? `time ${atMs}` : new Date(atMs).toISOString();

/** sha256 over the hash of the row before and all of this one. */
export function rowHash(before: Link, { seq, cycle, atMs, base, body }: Omit<StoredRow, "hash">): Buffer {
  const head = Buffer.allocUnsafe(32);
  head.writeBigInt64BE(BigInt(seq), 0);
  head.writeBigInt64BE(BigInt(cycle), 8);
  head.writeBigInt64BE(BigInt(atMs), 16);
  head.writeBigInt64BE(BigInt(base), 24);
  return createHash("sha256").update(before.hash).update(head).update(body).digest();
}

/** The rows from `fromSeq` on, each proven by its hash. Throws a JournalDamaged at the first that is not as it was written. */
export function* provenRows(table: JournalTable, fromSeq: number): Generator<StoredRow> {
  let before = linkBefore(table, fromSeq);
  for (;;) {
    const rows = read(table, before.seq + 1);
    if (rows.length === 0) return;
    for (const row of rows) {
      // Either rows were pruned since, and the anchor says so, or rows are missing.
      if (row.seq !== before.seq + 1 && row.seq === table.anchor.seq + 1) before = table.anchor;
      if (row.seq !== before.seq + 1) throw missing(before.seq + 1);
      const what = faultOf(before, row);
      if (what !== null) throw new JournalDamaged({ seq: row.seq, cycle: row.cycle, atMs: row.atMs, what });
      yield row;
      before = row;
    }
  }
}

function linkBefore(table: JournalTable, fromSeq: number): Link {
  const anchor = guarded(0, () => table.anchor);
  if (fromSeq <= anchor.seq + 1) return anchor;
  const [row] = guarded(fromSeq - 1, () => table.from(fromSeq - 1, 1));
  if (row?.seq !== fromSeq - 1) throw missing(fromSeq - 1);
  return row;
}

function faultOf(before: Link, row: StoredRow): string | null {
  const isWhole =
    [row.cycle, row.atMs, row.base].every(Number.isSafeInteger) &&
    row.body instanceof Uint8Array &&
    row.hash instanceof Uint8Array;
  if (!isWhole) return "is not as it was written: a column has another type";
  return rowHash(before, row).equals(row.hash) ? null : "is not as it was written: its hash is another";
}

const missing = (seq: number): JournalDamaged =>
  new JournalDamaged({ seq, cycle: null, atMs: null, what: "is missing" });

/** Many at a time; one at a time where some cannot be read, to know which. */
function read(table: JournalTable, fromSeq: number): StoredRow[] {
  try {
    return table.from(fromSeq, CHUNK_ROWS);
  } catch (error) {
    if (!isDamage(error)) throw error;
  }
  return guarded(fromSeq, () => table.from(fromSeq, 1));
}

/** What SQLite cannot read at `seq` is damage; what it cannot do for another reason is not. */
export function guarded<T>(seq: number, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!isDamage(error)) throw error;
    throw new JournalDamaged({ seq, cycle: null, atMs: null, what: `cannot be read: ${messageOf(error)}` });
  }
}

function isDamage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  // An integer beyond those that are exact as a number was never written.
  if ("code" in error && error.code === "ERR_OUT_OF_RANGE") return true;
  const code = "errcode" in error ? Number(error.errcode) & 0xff : 0;
  return code === SQLITE_CORRUPT || code === SQLITE_NOTADB;
}

export const hexOf = (hash: Link["hash"]): string => Buffer.from(hash).toString("hex");
