// An intent to buy ten Up shares at 0.51, in whatever state a test wants it.
import { clientOrderId, type TradeId } from "../../engine/base/ids.ts";
import type { Fill, Order, OrderIntent, OrderStatus } from "../../engine/execution/order.ts";
import { aMarket, NOON, UNIT } from "./a-market.ts";
import { SLOT } from "./core.ts";
import { versionRef } from "./version-facts.ts";

export function anIntent(changes: Partial<OrderIntent> = {}): Extract<Order, { status: "Initialized" }> {
  const intent = {
    clientOrderId: clientOrderId(SLOT, NOON, 1, "entry"),
    slot: SLOT,
    market: aMarket().id,
    leg: "entry",
    action: "buy",
    side: "up",
    limitMicros: 510_000,
    sharesMicros: 10 * UNIT,
    timeInForce: "FAK",
    version: versionRef(),
    cycle: 1,
    createdAtMs: NOON,
    ...changes,
  } as const;
  return { ...intent, reason: "edge", probability: 0.7, updatedAtMs: NOON, status: "Initialized" };
}

/** An order in this state; `filled` counts whole shares. */
export function anOrder(status: OrderStatus, filled = 0, changes: Partial<OrderIntent> = {}): Order {
  const { status: _, ...placed } = anIntent(changes);
  const working = { ...placed, venueOrderId: "v1", filledSharesMicros: filled * UNIT };
  switch (status) {
    case "Initialized":
      return { ...placed, status };
    case "Denied":
      return { ...placed, status, statusReason: "too much" };
    case "Canceled":
    case "Rejected":
    case "Expired":
      return { ...working, status, statusReason: "over" };
    default:
      return { ...working, status };
  }
}

export const aFill = (tradeId: string, changes: Partial<Fill> = {}): Fill => ({
  tradeId: tradeId as TradeId,
  clientOrderId: anIntent().clientOrderId,
  priceMicros: 500_000,
  sharesMicros: UNIT,
  feeMicros: 0,
  liquidity: "taker",
  atMs: NOON + 1_000,
  ...changes,
});
