// The order's life as a union: each state has only its own fields, and nothing goes back.
//   Initialized → Denied | Submitted → Accepted → PartiallyFilled → Filled | PendingCancel → Canceled | Rejected | Expired
import type { ClientOrderId, Leg, MarketId, SlotId, TradeId } from "../base/ids.ts";
import type { VersionRef } from "../decide/version.ts";
import type { Side } from "../market/market.ts";

export type OrderAction = "buy" | "sell";
/** FAK: take what is there, drop the rest. GTC: rest until filled, cancelled or the market closes. */
export type TimeInForce = "FAK" | "GTC";

/** What the core wants done: durable before anything is sent, and sent unchanged ever after. */
export interface OrderIntent {
  readonly clientOrderId: ClientOrderId;
  readonly slot: SlotId;
  readonly market: MarketId;
  readonly leg: Leg;
  readonly action: OrderAction;
  readonly side: Side;
  readonly limitMicros: number;
  readonly sharesMicros: number;
  readonly timeInForce: TimeInForce;
  /** The exact code and params that asked for it, and when. */
  readonly version: VersionRef;
  readonly cycle: number;
  readonly createdAtMs: number;
}

/** One execution against an order, as the venue reports it. Fees are in USDC on top of (buy) or out of (sell) the notional. */
export interface Fill {
  readonly tradeId: TradeId;
  readonly clientOrderId: ClientOrderId;
  readonly priceMicros: number;
  readonly sharesMicros: number;
  readonly feeMicros: number;
  readonly liquidity: "maker" | "taker";
  readonly atMs: number;
}

export type OrderStatus =
  | "Initialized"
  | "Denied"
  | "Submitted"
  | "Accepted"
  | "PartiallyFilled"
  | "PendingCancel"
  | "Filled"
  | "Canceled"
  | "Rejected"
  | "Expired";
