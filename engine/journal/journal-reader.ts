// The journal as whoever looks on reads it: from a connection of its own, while the bot may be writing. It reads a bounded
// number of rows at a time and holds nothing open in between.
import type { DatabaseSync } from "node:sqlite";
import { messageOf } from "../base/errors.ts";
import { guarded, hexOf, JournalDamaged, provenRows } from "./chain.ts";
import { JournalTable, type StoredRow } from "./journal-table.ts";
import type { ChainVerdict, JournalHead, JournalRow } from "./port.ts";
import { type DecodedRow, RowDecoder } from "./row-code.ts";

/** Both ends belong to it; what is left out is not bounded. Times are the market's, ms UTC. */
export interface JournalRange {
  readonly fromSeq?: number;
  readonly toSeq?: number;
  readonly fromCycle?: number;
  readonly toCycle?: number;
  readonly fromMs?: number;
  readonly toMs?: number;
}

/** The last row that was pruned; seq 0 and zeros while none was. */
export interface JournalAnchor {
  readonly seq: number;
  /** sha256 in hex. */
  readonly hash: string;
}

const PROGRESS_ROWS = 256;

export class JournalReader {
  readonly #table: JournalTable;

  /** `db`: a ledger of this schema, read only if need be. */
  constructor(db: DatabaseSync) {
    this.#table = new JournalTable(db);
  }

  /** Null without any row. */
  head(): JournalHead | null {
    const last = this.#last();
    return last === null ? null : { seq: last.seq, cycle: last.cycle, hash: hexOf(last.hash) };
  }

  anchor(): JournalAnchor {
    const { seq, hash } = guarded(0, () => this.#table.anchor);
    return { seq, hash: hexOf(hash) };
  }

  /**
   * In order, up to the last row that there is now. Throws a JournalDamaged at the first row that is not as it was written, or
   * that this program cannot read.
   */
  *rows(range: JournalRange = {}): Generator<JournalRow> {
    const { toSeq = Infinity, toCycle = Infinity, toMs = Infinity } = range;
    const lastSeq = Math.min(toSeq, this.#lastSeq() ?? 0);
    const fromSeq = this.#start(range);
    if (fromSeq === null || fromSeq > lastSeq) return;
    const decoder = new RowDecoder();
    for (const row of provenRows(this.#table, this.#keyOf(fromSeq))) {
      if (row.seq > lastSeq || row.cycle > toCycle || row.atMs > toMs) return;
      const { events, writes } = decoded(decoder, row);
      if (row.seq < fromSeq) continue;
      yield { seq: row.seq, cycle: row.cycle, atMs: row.atMs, hash: hexOf(row.hash), events, writes };
    }
  }

  /**
   * The whole chain. `progress` is told how many rows of how many are done. `isDecoding`: what is in the rows is read too, which
   * takes ten times as long and finds nothing that a hash would not, but rows of a newer version.
   */
  verify(progress: (rows: number, of: number) => void = () => {}, isDecoding = false): ChainVerdict {
    let rows = 0;
    let head: JournalHead | null = null;
    try {
      const total = (this.#lastSeq() ?? 0) - this.anchor().seq;
      const decoder = isDecoding ? new RowDecoder() : null;
      for (const row of provenRows(this.#table, 0)) {
        if (decoder !== null) decoded(decoder, row);
        rows += 1;
        head = { seq: row.seq, cycle: row.cycle, hash: hexOf(row.hash) };
        if (rows % PROGRESS_ROWS === 0) progress(rows, Math.max(rows, total));
      }
      progress(rows, rows);
      return { ok: true, rows, head, firstBad: null };
    } catch (error) {
      if (!(error instanceof JournalDamaged)) throw error;
      return { ok: false, rows, head, firstBad: error.row };
    }
  }

  /** Where its group begins. Where the row says so of one that begins none, it is damaged itself: that is found at the row. */
  #keyOf(seq: number): number {
    const base = this.#fact(seq, "base");
    return base > seq || (this.#seqFrom(base) === base && this.#fact(base, "base") !== base) ? seq : base;
  }

  #last(): StoredRow | null {
    return guarded(this.#lastSeq() ?? 0, () => this.#table.last);
  }

  #lastSeq(): number | null {
    return guarded(0, () => this.#table.lastSeq);
  }

  #seqFrom(seq: number): number | null {
    return guarded(seq, () => this.#table.seqFrom(seq));
  }

  #fact(seq: number, column: "cycle" | "at_ms" | "base"): number {
    return guarded(seq, () => this.#table.fact(seq, column));
  }

  /** Seq of the first row of the range; null where there is none. */
  #start({ fromSeq = 0, fromCycle, fromMs }: JournalRange): number | null {
    let start = this.#seqFrom(fromSeq);
    if (start !== null && fromCycle !== undefined) start = this.#firstAt(start, "cycle", fromCycle);
    if (start !== null && fromMs !== undefined) start = this.#firstAt(start, "at_ms", fromMs);
    return start;
  }

  /** The first row from `start` on where it is `least` or more: neither ever goes back from one row to the next. */
  #firstAt(start: number, column: "cycle" | "at_ms", least: number): number | null {
    let [low, high] = [start, (this.#lastSeq() ?? 0) + 1];
    while (low < high) {
      const middle = this.#seqFrom(Math.floor((low + high) / 2));
      if (middle === null || middle >= high || this.#fact(middle, column) >= least) high = Math.floor((low + high) / 2);
      else low = middle + 1;
    }
    return this.#seqFrom(low);
  }
}

function decoded(decoder: RowDecoder, { seq, cycle, atMs, base, body }: StoredRow): DecodedRow {
  try {
    return decoder.decode(body, base === seq);
  } catch (error) {
    throw new JournalDamaged({ seq, cycle, atMs, what: `cannot be read: ${messageOf(error)}` });
  }
}
