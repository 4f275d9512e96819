// How an order moves: one total function. An event that cannot follow the present state is "ignored" (a duplicate or a late
// message after the end) or, where it would contradict the ledger, reported as such; nothing ever goes back.
import { assertNever } from "../base/assert.ts";
import { filledShares, isTerminal, type Order, type TerminalOrder } from "./order.ts";

export type OrderEvent =
  | { readonly type: "Sent"; readonly atMs: number }
  | { readonly type: "Accepted"; readonly venueOrderId: string; readonly atMs: number }
  | { readonly type: "Rejected"; readonly reason: string; readonly atMs: number }
  | { readonly type: "Filled"; readonly sharesMicros: number; readonly atMs: number }
  | { readonly type: "CancelAsked"; readonly atMs: number }
  | { readonly type: "CancelRefused"; readonly atMs: number }
  | { readonly type: "Canceled"; readonly reason: string; readonly atMs: number }
  /** The venue says that it never had it. */
  | { readonly type: "NeverArrived"; readonly atMs: number };

export type Transition =
  | { readonly type: "Moved"; readonly order: Order }
  | { readonly type: "Ignored" }
  /** A fill beyond the order, or after its end: booked all the same, and alarmed. */
  | { readonly type: "Contradicts"; readonly order: Order; readonly message: string };

const moved = (order: Order): Transition => ({ type: "Moved", order });

export function transition(order: Order, event: OrderEvent): Transition {
  if (event.type === "Filled") return fill(order, event.sharesMicros, event.atMs);
  if (isTerminal(order)) return { type: "Ignored" };
  const filledSharesMicros = filledShares(order);
  const venueOrderId = "venueOrderId" in order ? order.venueOrderId : null;
  const base = { ...order, filledSharesMicros, venueOrderId, updatedAtMs: event.atMs };
  switch (event.type) {
    case "Sent":
      return order.status === "Initialized" ? moved({ ...base, status: "Submitted" }) : { type: "Ignored" };
    case "Accepted": {
      const known = { ...base, venueOrderId: event.venueOrderId };
      if (order.status === "Initialized" || order.status === "Submitted") {
        return moved({ ...known, status: filledSharesMicros > 0 ? "PartiallyFilled" : "Accepted" });
      }
      return base.venueOrderId === event.venueOrderId ? { type: "Ignored" } : moved({ ...known, status: order.status });
    }
    case "Rejected":
      return moved({ ...base, status: "Rejected", statusReason: event.reason });
    case "CancelAsked":
      return order.status === "PendingCancel" ? { type: "Ignored" } : moved({ ...base, status: "PendingCancel" });
    case "CancelRefused":
      return order.status === "PendingCancel"
        ? moved({ ...base, status: filledSharesMicros > 0 ? "PartiallyFilled" : "Accepted" })
        : { type: "Ignored" };
    case "Canceled":
      return moved({ ...base, status: "Canceled", statusReason: event.reason });
    case "NeverArrived":
      return moved({ ...base, status: "Expired", statusReason: "never reached the venue" });
    default:
      return assertNever(event, "order event");
  }
}

function fill(order: Order, sharesMicros: number, atMs: number): Transition {
  const filledSharesMicros = filledShares(order) + sharesMicros;
  const venueOrderId = "venueOrderId" in order ? order.venueOrderId : null;
  const base = { ...order, filledSharesMicros, venueOrderId, updatedAtMs: atMs };
  if (isTerminal(order)) {
    const late = {
      ...base,
      status: order.status === "Filled" ? "Filled" : "Canceled",
      statusReason: "filled after its end",
    } as TerminalOrder;
    return {
      type: "Contradicts",
      order: late,
      message: `${order.clientOrderId} was ${order.status} and got a fill of ${sharesMicros}`,
    };
  }
  if (filledSharesMicros > order.sharesMicros) {
    return {
      type: "Contradicts",
      order: { ...base, status: "Filled" },
      message: `${order.clientOrderId} is overfilled: ${filledSharesMicros} of ${order.sharesMicros}`,
    };
  }
  if (filledSharesMicros === order.sharesMicros) return moved({ ...base, status: "Filled" });
  return moved({ ...base, status: order.status === "PendingCancel" ? "PendingCancel" : "PartiallyFilled" });
}
