// Rules of decisions, over the cycles that the ledger keeps, in one pass: each order has its decision, each decision one version,
// and that version was the one that was active in the slot, or the one that its position is pinned to.
import type { DatabaseSync } from "node:sqlite";
import { WINDOW_INTERVALS, WINDOW_MS, type WindowInterval } from "../../../dsl/asset.ts";
import { marketId } from "../../../engine/base/ids.ts";
import { type CycleDecisions, parseCycle } from "../../report/cycle-decisions.ts";
import { type Evidence, type Invariant, Tally } from "../invariant.ts";

interface Cycle {
  readonly cycle: number;
  readonly atMs: number;
  readonly decided: number;
  readonly faulted: number;
  readonly text: string;
}

interface Wanted {
  readonly id: string;
  readonly slot: string;
  readonly cycle: number;
  readonly leg: string;
  readonly side: string;
  readonly code: string;
  readonly params: string;
  readonly reason: string;
  readonly probability: number | null;
}

export function checkDecisions(evidence: Evidence): Invariant[] {
  const { db, fromMs, toMs } = evidence;
  const traced = new Tally({
    id: "trade-has-one-decision",
    name: "each entry and exit was decided once, in its cycle, by the version and for the reason that it names",
  });
  const single = new Tally({
    id: "never-two-versions-in-one-slot-cycle",
    name: "no slot is decided twice in a cycle",
  });
  const active = new Tally({
    id: "version-active",
    name: "a decision's version was active in its slot then, or had entered the window",
  });
  const counted = new Tally({
    id: "decisions-are-counted",
    name: "a cycle's row counts its decisions and faults, and the totals count all of them",
  });
  const orders = new Merge<Wanted>(db.prepare(ORDERS).iterate(fromMs, toMs) as Iterator<unknown> as Iterator<Wanted>);
  const activations = new Activations(db);
  const rows = db.prepare(
    "SELECT cycle, at_ms, decided, faulted, decisions FROM cycles WHERE at_ms >= ? AND at_ms < ? ORDER BY cycle",
  );
  rows.setReturnArrays(true);
  let first: number | null = null;
  for (const row of rows.iterate(fromMs, toMs)) {
    const [cycle, atMs, decided, faulted, text] = row as unknown as [number, number, number, number, string];
    first ??= cycle;
    const decisions = parseCycle(text);
    counted.see(
      decisions === null ? `cycle ${cycle}: its row is damaged` : miscount(decisions, { cycle, decided, faulted }),
    );
    if (decisions === null) continue;
    const { versions, slots } = decisions;
    const seen = new Set<string>();
    for (const [slot, index] of slots) {
      single.see(seen.has(slot) ? `${slot}@${cycle} was decided twice` : null);
      seen.add(slot);
      const [strategy, code, params] = versions[index] ?? ["", "", ""];
      const isActive =
        activations.has(slot, cycle, code, params) || activations.isPinned(slot, atMs, cycle, code, params);
      active.see(
        isActive ? null : `${slot}@${cycle} was decided by ${strategy}@${code.slice(0, 8)}, which was not active`,
      );
    }
    for (const order of orders.of(cycle)) traced.see(decisionMissing(order, decisions));
  }
  counted.see(totalsDiffer(db));
  const isCut = first !== null && orders.skipped > 0;
  return [
    traced.end(isCut ? `orders before cycle ${first} are left out: their cycles are not kept any more` : null),
    single.end(),
    active.end(),
    counted.end(),
  ];
}

const ORDERS = `SELECT client_order_id AS id, slot, cycle, leg, side, code, params, reason, probability FROM orders
  WHERE leg <> 'flatten' AND created_at_ms >= ? AND created_at_ms < ? ORDER BY cycle`;

function miscount({ slots }: CycleDecisions, row: Pick<Cycle, "cycle" | "decided" | "faulted">): string | null {
  const faults = slots.reduce((sum, [, , kind]) => sum + Number(kind === "fault"), 0);
  if (row.faulted === faults && row.decided === slots.length - faults) return null;
  const { cycle, decided, faulted } = row;
  return `cycle ${cycle} has ${slots.length - faults} decisions and ${faults} faults, it counts ${decided} and ${faulted}`;
}

function totalsDiffer(db: DatabaseSync): string | null {
  const totals = db
    .prepare(
      `SELECT decided, faulted, (SELECT coalesce(sum(decided), 0) FROM decision_counts) AS counted,
        (SELECT count(*) FROM cycles) AS kept, cycles FROM cycle_totals`,
    )
    .get() as { [name in "decided" | "counted" | "kept" | "cycles"]: number };
  if (totals.decided !== totals.counted)
    return `${totals.decided} decisions in all cycles, ${totals.counted} of all versions`;
  return totals.kept > totals.cycles ? `${totals.kept} cycles are kept, ${totals.cycles} were counted` : null;
}

function decisionMissing(order: Wanted, { versions, slots }: CycleDecisions): string | null {
  const decided = slots.find(([slot]) => slot === order.slot);
  if (decided === undefined) return `${order.id}: nothing was decided for its slot in its cycle`;
  const [, index, kind, reason, , probability] = decided;
  const [, code, params] = versions[index] ?? ["", "", ""];
  if (code !== order.code || params !== order.params)
    return `${order.id}: its cycle was decided by ${code.slice(0, 8)}`;
  const wanted = order.leg === "exit" ? "exit" : order.side;
  if (kind !== wanted) return `${order.id}: ${kind} was decided, it is ${wanted}`;
  if (reason !== order.reason) return `${order.id}: decided for "${reason}", it says "${order.reason}"`;
  return (probability ?? null) === order.probability
    ? null
    : `${order.id}: decided at probability ${probability}, it says ${order.probability}`;
}

/** Rows in the order of their cycle, handed out cycle by cycle. */
class Merge<Row extends { readonly cycle: number }> {
  readonly #rows: Iterator<Row>;
  #next: Row | null;
  skipped = 0;

  constructor(rows: Iterator<Row>) {
    this.#rows = rows;
    this.#next = this.#take();
  }

  *of(cycle: number): Generator<Row> {
    while (this.#next !== null && this.#next.cycle <= cycle) {
      const row = this.#next;
      this.#next = this.#take();
      if (row.cycle === cycle) yield row;
      else this.skipped += 1;
    }
  }

  #take(): Row | null {
    const { done, value } = this.#rows.next();
    return done === true ? null : value;
  }
}

class Activations {
  /** By slot, in the order they were written. */
  readonly #lists = new Map<string, { readonly cycle: number; readonly code: string; readonly params: string }[]>();
  /** Where in its list each slot is: cycles are asked for in order. */
  readonly #at = new Map<string, number>();
  readonly #pinned: ReturnType<DatabaseSync["prepare"]>;

  constructor(db: DatabaseSync) {
    for (const row of db.prepare("SELECT slot, cycle, code, params FROM activations ORDER BY rowid").iterate()) {
      const { slot, cycle, code, params } = row as { slot: string; cycle: number; code: string; params: string };
      const list = this.#lists.get(slot);
      if (list === undefined) this.#lists.set(slot, [{ cycle, code, params }]);
      else list.push({ cycle, code, params });
    }
    this.#pinned = db.prepare(
      "SELECT 1 FROM orders WHERE market = ? AND slot = ? AND code = ? AND params = ? AND cycle < ? AND status <> 'Denied' LIMIT 1",
    );
  }

  has(slot: string, cycle: number, code: string, params: string): boolean {
    const list = this.#lists.get(slot);
    if (list === undefined) return false;
    let at = this.#at.get(slot) ?? -1;
    while (at + 1 < list.length && list[at + 1]!.cycle <= cycle) at += 1;
    this.#at.set(slot, at);
    const running = list[at];
    return running !== undefined && running.code === code && running.params === params;
  }

  /** Whether that version had ordered in the slot's window already. */
  isPinned(slot: string, atMs: number, cycle: number, code: string, params: string): boolean {
    const [asset = "", interval = ""] = slot.split("-");
    if (!(WINDOW_INTERVALS as readonly string[]).includes(interval)) return false;
    const lengthMs = WINDOW_MS[interval as WindowInterval];
    const market = marketId(asset.toLowerCase(), interval, atMs - (atMs % lengthMs));
    return this.#pinned.get(market, slot, code, params, cycle) !== undefined;
  }
}
