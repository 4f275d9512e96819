// The lives of orders and receipts, step by step, as only the journal has them: nothing goes back, and every order that a
// strategy wanted follows from a decision of the same transaction.
import type { DecisionResult } from "../../../engine/decide/decision.ts";
import type { RecordedEvent } from "../../../engine/journal/port.ts";
import { mayFollow, type ReceiptState } from "../../../engine/reload/receipt.ts";
import type { OrderRow, ReceiptRow } from "../../../engine/store/tables.ts";
import { type Invariant, Tally } from "../invariant.ts";
import type { JournalWatch } from "../journal-walk.ts";

/** The live states, in order; a cancel that is refused leaves what it found. */
const RANK: { readonly [status in OrderRow["status"]]?: number } = {
  Initialized: 0,
  Submitted: 1,
  Accepted: 2,
  PendingCancel: 2,
  PartiallyFilled: 3,
};

/** What has ended stays as it is, but for a fill that came too late: that is booked, and alarmed. */
function mayBecome(before: OrderRow["status"], next: OrderRow["status"]): boolean {
  const [from, to] = [RANK[before], RANK[next]];
  if (from === undefined) return next === before || next === "Canceled";
  return to === undefined || next === "PendingCancel" || to >= from;
}

export class LifeWatch implements JournalWatch {
  readonly #orders = new Tally({
    id: "order-states-go-forward",
    name: "an order begins as an intent or a denial, and no state or fill of it is ever taken back",
  });
  readonly #decisions = new Tally({
    id: "orders-follow-from-decisions",
    name: "each entry and exit was written with the decision that wanted it, and with no other",
  });
  readonly #receipts = new Tally({
    id: "receipt-states-follow",
    name: "a reload goes from stage to stage in order, and what has ended stays ended",
  });
  readonly #states = new Map<string, Pick<OrderRow, "status" | "filledSharesMicros">>();
  readonly #stages = new Map<string, ReceiptState>();
  #decided: readonly DecisionResult[] = [];
  #cycle = 0;

  event(event: RecordedEvent): void {
    if (event.type === "Decided") {
      this.#cycle = event.cycle;
      this.#decided = event.decisions.map(({ result }) => result);
    } else if (event.type === "Started") {
      // Armed, and its boundary never came: a start takes it back to the gate.
      for (const [id, state] of this.#stages) if (state === "armed") this.#stages.set(id, "gated");
    }
  }

  order(row: OrderRow, isNew: boolean, isWithin: boolean): void {
    const { clientOrderId: id, status, filledSharesMicros } = row;
    const before = this.#states.get(id);
    this.#states.set(id, { status, filledSharesMicros });
    if (!isWithin) return;
    if (before === undefined) {
      if (!isNew) return; // The journal does not go back to its beginning.
      this.#orders.see(status === "Initialized" || status === "Denied" ? null : `${id} began as ${status}`);
      if (row.leg !== "flatten") this.#decisions.see(this.#undecided(row));
      return;
    }
    const follows = mayBecome(before.status, status) && filledSharesMicros >= before.filledSharesMicros;
    this.#orders.see(follows ? null : `${id} went from ${before.status} to ${status}`);
  }

  receipt({ id, state }: ReceiptRow): void {
    const [before, next] = [this.#stages.get(id), state as ReceiptState];
    this.#stages.set(id, next);
    const follows = before === undefined || before === next || mayFollow(before, next);
    this.#receipts.see(follows ? null : `${id} went from ${before} to ${next}`);
  }

  end(note: string | null): Invariant[] {
    return [this.#orders.end(note), this.#decisions.end(note), this.#receipts.end(note)];
  }

  #undecided({
    clientOrderId: id,
    slot,
    cycle,
    leg,
    side,
    code,
    params,
    reason,
    probability,
  }: OrderRow): string | null {
    const results = this.#cycle === cycle ? this.#decided.filter((result) => result.slot === slot) : [];
    const [result] = results;
    if (results.length !== 1 || result === undefined) return `${id} follows from ${results.length} decisions`;
    if (result.type === "Faulted") return `${id} follows from a fault`;
    const { version, signal } = result;
    if (version.code !== code || version.params !== params)
      return `${id} was decided by v${version.ordinal}, it names another`;
    const wanted = leg === "exit" ? "exit" : side;
    const stated = "probability" in signal ? signal.probability : null;
    const isSame = signal.kind === wanted && signal.reason === reason && stated === probability;
    return isSame ? null : `${id} says ${wanted} for "${reason}", decided was ${signal.kind} for "${signal.reason}"`;
  }
}
