// Whether the exchange takes an order, and if not the words it refuses it with, in the style of the real venue's.
import { formatMicros, MICROS } from "../../base/micros.ts";
import type { Market } from "../../market/market.ts";
import type { VenueOrder } from "../port.ts";
import { SHARE_STEP_MICROS } from "./book.ts";

/** A million shares: far above any depth, far below where shares × price stops being exact. */
const SHARES_MICROS_MAX = 1_000_000 * MICROS;
const OPEN_ORDERS_MAX = 10_000;

export interface Means {
  /** Cash held, and how much of it open buys may still cost. */
  readonly cashMicros: number;
  readonly reservedCashMicros: number;
  /** Shares held of the order's outcome, and how many of them open sells may still deliver. */
  readonly heldMicros: number;
  readonly reservedSharesMicros: number;
  /** The most this order can cost, fee included; 0 for a sell. */
  readonly costMicros: number;
  readonly openOrders: number;
}

/** Whether the terms are numbers that a cost can be computed from at all. */
export const isPayload = ({ limitMicros, sharesMicros }: VenueOrder): boolean =>
  Number.isSafeInteger(limitMicros) &&
  limitMicros > 0 &&
  limitMicros < MICROS &&
  Number.isSafeInteger(sharesMicros) &&
  sharesMicros > 0 &&
  sharesMicros <= SHARES_MICROS_MAX;

/** Why the market does not take this order now, or null. */
export function marketRejection(order: VenueOrder, market: Market | null, nowMs: number): string | null {
  if (!isPayload(order)) return "Invalid order payload";
  if (market === null) return `the orderbook ${order.market} does not exist`;
  if (nowMs < market.openMs) return "the market is not yet ready to process new orders";
  if (nowMs >= market.closeMs) return "the market is closed and does not process new orders";
  const { limitMicros, sharesMicros } = order;
  const { tickMicros, minSharesMicros } = market;
  const id = order.clientOrderId;
  if (limitMicros < tickMicros || limitMicros > MICROS - tickMicros) {
    return `invalid price (${decimal(limitMicros)}), min: ${decimal(tickMicros)} - max: ${decimal(MICROS - tickMicros)}`;
  }
  if (limitMicros % tickMicros !== 0) {
    return `order ${id} is invalid. Price (${decimal(limitMicros)}) breaks minimum tick size rule: ${decimal(tickMicros)}`;
  }
  if (sharesMicros % SHARE_STEP_MICROS !== 0) {
    return `order ${id} is invalid. Size (${decimal(sharesMicros)}) breaks minimum step size rule: ${decimal(SHARE_STEP_MICROS)}`;
  }
  // A partial fill may leave less than the minimum, and what is held can always be sold.
  if (order.action === "buy" && sharesMicros < minSharesMicros) {
    return `order ${id} is invalid. Size (${decimal(sharesMicros)}) lower than the minimum: ${decimal(minSharesMicros)}`;
  }
  return null;
}

/** Why the account cannot back this order, or null. */
export function meansRejection(order: VenueOrder, means: Means): string | null {
  if (means.openOrders >= OPEN_ORDERS_MAX)
    return `Too many open orders: ${means.openOrders}, max allowed: ${OPEN_ORDERS_MAX}`;
  const isBuy = order.action === "buy";
  const balance = isBuy ? means.cashMicros : means.heldMicros;
  const active = isBuy ? means.reservedCashMicros : means.reservedSharesMicros;
  const amount = isBuy ? means.costMicros : order.sharesMicros;
  if (amount <= balance - active) return null;
  const sum = active === 0 ? "" : `, sum of active orders: ${active}`;
  const kind = isBuy ? "order amount (inc. fees)" : "order amount";
  return `not enough balance / allowance: the balance is not enough -> balance: ${balance}${sum}, ${kind}: ${amount}`;
}

/** 520000 → "0.52", 5000000 → "5". */
const decimal = (micros: number): string => formatMicros(micros, 6).replace(/\.?0+$/, "");
