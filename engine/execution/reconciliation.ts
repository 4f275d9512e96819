// A restart asks the venue before it trades: what became of our orders, what do we hold, how much money is there.
import { assertNever } from "../base/assert.ts";
import type { MarketId } from "../base/ids.ts";
import { formatMicros } from "../base/micros.ts";
import type { Turn } from "../turn.ts";
import type { VenueCommand, VenueOrderState, VenueSnapshot } from "../venues/port.ts";
import type { Desk } from "./desk.ts";

/** At most this many orders and markets are asked about; more than that open at once is a bug. */
const ASKED_MAX = 1_000;

export const reconcileCommand = (desk: Desk): VenueCommand => ({
  type: "Reconcile",
  orders: desk.liveOrders.slice(0, ASKED_MAX).map((order) => order.clientOrderId),
  markets: [
    ...new Set<MarketId>([
      ...desk.liveOrders.map((order) => order.market),
      ...desk.openPositions.map((position) => position.market),
      ...desk.claims.requested,
    ]),
  ].slice(0, ASKED_MAX),
});

/** Takes over the venue's truth and compares. Returns what does not agree; empty when all does. */
export function reconcile(desk: Desk, snapshot: VenueSnapshot, turn: Turn): string[] {
  if (desk.ledger.isEmpty) desk.deposit(snapshot.cashMicros, turn);
  for (const order of snapshot.orders) takeOver(desk, order, turn);
  for (const { market, outcome } of snapshot.resolutions) desk.resolve(market, outcome, turn);
  for (const { market, amountMicros } of snapshot.claims) desk.claimed(market, amountMicros, turn);
  return differences(desk, snapshot);
}

function takeOver(desk: Desk, state: VenueOrderState, turn: Turn): void {
  const { clientOrderId } = state;
  switch (state.status) {
    case "unknown":
      return desk.neverArrived(clientOrderId, turn);
    case "rejected":
      return desk.apply({ type: "OrderRejected", clientOrderId, reason: state.reason, atMs: turn.nowMs }, turn);
    case "open":
    case "filled":
    case "canceled": {
      desk.apply({ type: "OrderAccepted", clientOrderId, venueOrderId: state.venueOrderId, atMs: turn.nowMs }, turn);
      for (const fill of state.fills) desk.book(fill, turn);
      if (state.status === "open") {
        // A cancel that was asked for before a kill was not heard: it is asked for again where it is still wanted.
        desk.apply({ type: "CancelRejected", clientOrderId, reason: "not heard", atMs: turn.nowMs }, turn);
      }
      if (state.status === "canceled") {
        desk.apply({ type: "OrderCanceled", clientOrderId, reason: state.reason, atMs: turn.nowMs }, turn);
      }
      return;
    }
    default:
      assertNever(state, "venue order state");
  }
}

/** Cash to the micro, and per token the sum over our slots. Markets that resolved are compared by their claims instead. */
function differences(desk: Desk, snapshot: VenueSnapshot): string[] {
  const found: string[] = [];
  const cash = desk.ledger.balance("cash");
  if (cash !== snapshot.cashMicros) {
    found.push(
      `cash is ${formatMicros(cash, 6)} in the ledger and ${formatMicros(snapshot.cashMicros, 6)} at the venue`,
    );
  }
  const ours = new Map<string, number>();
  for (const { market, side, sharesMicros } of desk.openPositions) {
    ours.set(`${market} ${side}`, (ours.get(`${market} ${side}`) ?? 0) + sharesMicros);
  }
  for (const { market, side, sharesMicros } of snapshot.holdings) {
    if (desk.claims.of(market) !== null) continue;
    const token = `${market} ${side}`;
    const held = ours.get(token) ?? 0;
    ours.delete(token);
    if (held !== sharesMicros)
      found.push(`${token}: ${formatMicros(held)} shares in the ledger and ${formatMicros(sharesMicros)} at the venue`);
  }
  for (const [token, held] of ours)
    found.push(`${token}: ${formatMicros(held)} shares in the ledger and none at the venue`);
  return found;
}
