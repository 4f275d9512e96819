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

interface Placed extends OrderIntent {
  /** Why the strategy wanted it, and how sure it was (null for exits): for people who read the ledger. */
  readonly reason: string;
  readonly probability: number | null;
  readonly updatedAtMs: number;
}

/** Known to the venue, or on its way there. */
interface Working extends Placed {
  readonly venueOrderId: string | null;
  readonly filledSharesMicros: number;
}

export type LiveOrder =
  | (Placed & { readonly status: "Initialized" })
  | (Working & { readonly status: "Submitted" | "Accepted" | "PartiallyFilled" | "PendingCancel" });

export type TerminalOrder =
  | (Placed & { readonly status: "Denied"; readonly statusReason: string })
  | (Working & { readonly status: "Filled" })
  | (Working & { readonly status: "Canceled" | "Rejected" | "Expired"; readonly statusReason: string });

export type Order = LiveOrder | TerminalOrder;

export const isTerminal = (order: Order): order is TerminalOrder =>
  order.status === "Denied" ||
  order.status === "Filled" ||
  order.status === "Canceled" ||
  order.status === "Rejected" ||
  order.status === "Expired";

export const filledShares = (order: Order): number => ("filledSharesMicros" in order ? order.filledSharesMicros : 0);
export const remainingShares = (order: Order): number => order.sharesMicros - filledShares(order);
