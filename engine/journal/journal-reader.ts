// The journal as whoever looks on reads it: from a connection of its own, while the bot may be writing. It reads a bounded
// number of rows at a time and holds nothing open in between.
import type { DatabaseSync } from "node:sqlite";
import { messageOf } from "../base/errors.ts";
import { guarded, JournalDamaged, provenRows } from "./chain.ts";
import { JournalTable, type Link, type StoredRow } from "./journal-table.ts";
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
    const last = guarded(0, () => this.#table.last);
    return last === null ? null : { seq: last.seq, cycle: last.cycle, hash: hexOf(last.hash) };
  }

  /** Market time of the last row; null without any. */
  get lastAtMs(): number | null {
    return guarded(0, () => this.#table.last)?.atMs ?? null;
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
    const head = this.head();
    const fromSeq = this.#start(range);
    if (head === null || fromSeq === null) return;
    const [first] = guarded(fromSeq, () => this.#table.from(fromSeq, 1));
    const decoder = new RowDecoder();
    for (const row of provenRows(this.#table, Math.min(first?.base ?? fromSeq, fromSeq))) {
      if (row.seq > Math.min(head.seq, toSeq) || row.cycle > toCycle || row.atMs > toMs) return;
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
      const last = this.head();
      const total = last === null ? 0 : last.seq - this.anchor().seq;
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

  /** Seq of the first row of the range; null where there is none. */
  #start({ fromSeq = 0, fromCycle, fromMs }: JournalRange): number | null {
    return guarded(fromSeq, () => {
      const starts = [
        this.#table.from(fromSeq, 1)[0]?.seq ?? null,
        fromCycle === undefined ? 0 : this.#table.seqAt("cycle", fromCycle),
        fromMs === undefined ? 0 : this.#table.seqAt("atMs", fromMs),
      ];
      return starts.includes(null) ? null : Math.max(...(starts as number[]));
    });
  }
}

function decoded(decoder: RowDecoder, { seq, cycle, atMs, base, body }: StoredRow): DecodedRow {
  try {
    return decoder.decode(body, base === seq);
  } catch (error) {
    throw new JournalDamaged({ seq, cycle, atMs, what: `cannot be read: ${messageOf(error)}` });
  }
}

const hexOf = (hash: Link["hash"]): string => Buffer.from(hash).toString("hex");
