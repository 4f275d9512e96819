// An order as it is stored, and back.
import { assert } from "../base/assert.ts";
import type { OrderRow } from "../store/tables.ts";
import { filledShares, type Order } from "./order.ts";

export const orderRow = (order: Order): OrderRow => ({
  clientOrderId: order.clientOrderId,
  venueOrderId: "venueOrderId" in order ? order.venueOrderId : null,
  slot: order.slot,
  market: order.market,
  leg: order.leg,
  action: order.action,
  side: order.side,
  limitMicros: order.limitMicros,
  sharesMicros: order.sharesMicros,
  timeInForce: order.timeInForce,
  status: order.status,
  statusReason: "statusReason" in order ? order.statusReason : null,
  filledSharesMicros: filledShares(order),
  cycle: order.cycle,
  strategy: order.version.strategy,
  code: order.version.code,
  params: order.version.params,
  ordinal: order.version.ordinal,
  reason: order.reason,
  probability: order.probability,
  createdAtMs: order.createdAtMs,
  updatedAtMs: order.updatedAtMs,
});

export function orderOfRow(row: OrderRow): Order {
  const placed = {
    clientOrderId: row.clientOrderId,
    slot: row.slot,
    market: row.market,
    leg: row.leg,
    action: row.action,
    side: row.side,
    limitMicros: row.limitMicros,
    sharesMicros: row.sharesMicros,
    timeInForce: row.timeInForce,
    version: { strategy: row.strategy, code: row.code, params: row.params, ordinal: row.ordinal },
    cycle: row.cycle,
    createdAtMs: row.createdAtMs,
    reason: row.reason,
    probability: row.probability,
    updatedAtMs: row.updatedAtMs,
  };
  const working = { ...placed, venueOrderId: row.venueOrderId, filledSharesMicros: row.filledSharesMicros };
  switch (row.status) {
    case "Initialized":
      return { ...placed, status: row.status };
    case "Denied":
      return { ...placed, status: row.status, statusReason: row.statusReason ?? "" };
    case "Submitted":
    case "Accepted":
    case "PartiallyFilled":
    case "PendingCancel":
    case "Filled":
      return { ...working, status: row.status };
    case "Canceled":
    case "Rejected":
    case "Expired":
      assert(row.statusReason !== null, `Order ${row.clientOrderId} is ${row.status} without a reason`);
      return { ...working, status: row.status, statusReason: row.statusReason };
  }
}
