// One pass over the journal, for everything that wants to know what it says, in the order it happened.
import type { DatabaseSync } from "node:sqlite";
import type { JournalRow, RecordedEvent } from "../../engine/journal/port.ts";
import { LedgerFold } from "../../engine/replay/ledger-fold.ts";
import type { LatchRow, OrderRow, PositionRow, ReceiptRow } from "../../engine/store/tables.ts";
import { DecisionWatch } from "./checks/journaled-decisions.ts";
import { EntryWatch } from "./checks/journaled-entries.ts";
import { LifeWatch } from "./checks/journaled-order.ts";
import { type Evidence, type Invariant, Tally } from "./invariant.ts";

/** Hears a row's events first, then what was written of them. */
export interface JournalWatch {
  event?(event: RecordedEvent, isWithin: boolean): void;
  /** `isNew`: its first row was written then. */
  order?(row: OrderRow, isNew: boolean, isWithin: boolean): void;
  position?(row: PositionRow): void;
  latch?(row: LatchRow): void;
  receipt?(row: ReceiptRow): void;
  end(note: string | null): Invariant[];
}

const DIFFERENCES_MAX = 1_000;

export class JournalWalk {
  readonly #evidence: Evidence;
  readonly #watches: readonly JournalWatch[];
  readonly #fold = new LedgerFold();
  readonly #orders = new Set<string>();
  #firstSeq: number | null = null;
  /** It has the first transfer there is. A ledger may be older than its journal. */
  #isWhole = false;

  constructor(evidence: Evidence) {
    this.#evidence = evidence;
    const { db } = evidence;
    this.#watches = [new EntryWatch(feeRates(db)), new LifeWatch(), new DecisionWatch(db)];
  }

  take({ seq, cycle, atMs, events, writes }: JournalRow): void {
    this.#firstSeq ??= seq;
    const { fromMs, toMs } = this.#evidence;
    const isWithin = atMs >= fromMs && atMs < toMs;
    for (const event of events) for (const watch of this.#watches) watch.event?.(event, isWithin);
    this.#fold.add(writes);
    for (const { table, row } of writes) {
      if (table === "orders") {
        // The order of an older cycle may have begun before the journal does.
        const isNew = !this.#orders.has(row.clientOrderId) && (this.#isWhole || row.cycle === cycle);
        this.#orders.add(row.clientOrderId);
        for (const watch of this.#watches) watch.order?.(row, isNew, isWithin);
      } else if (table === "transfers") this.#isWhole ||= row.id === 1;
      else if (table === "positions") for (const watch of this.#watches) watch.position?.(row);
      else if (table === "latches") for (const watch of this.#watches) watch.latch?.(row);
      else if (table === "receipts") for (const watch of this.#watches) watch.receipt?.(row);
    }
  }

  /** `note`: why there was nothing to walk, or not all of it. `isToTheEnd`: all of it was walked. */
  end(note: string | null, isToTheEnd: boolean): Invariant[] {
    const folded = new Tally({
      id: "ledger-is-what-was-journaled",
      name: "every row of the ledger is the last word of the journal on it",
    });
    if (isToTheEnd && this.#firstSeq !== null) {
      folded.count(this.#fold.rows);
      const differences = this.#fold.differences(this.#evidence.db, this.#isWhole, DIFFERENCES_MAX);
      for (const { table, key, what } of differences) folded.violated(`${table} ${key}: ${what}`);
    }
    return [folded.end(note), ...this.#watches.flatMap((watch) => watch.end(note))];
  }
}

/** A market's facts never change. One that is not kept has no fee. */
function feeRates(db: DatabaseSync): (market: string) => number {
  const known = new Map<string, number>();
  const statement = db.prepare(
    "SELECT facts ->> '$.feeRatePpm' AS rate FROM markets WHERE market = ? AND json_valid(facts)",
  );
  return (market) => {
    const rate = known.get(market) ?? Number(statement.get(market)?.rate ?? 0);
    known.set(market, rate);
    return rate;
  };
}
