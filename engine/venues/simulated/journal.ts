// The exchange's own memory. Nothing is reported before the records behind it are here to stay.
import type { ClientOrderId, MarketId } from "../../base/ids.ts";
import type { Fill } from "../../execution/order.ts";
import type { Market, Outcome, Side } from "../../market/market.ts";
import type { ExchangeOrder } from "./exchange-order.ts";
import type { EndSample } from "./resolution.ts";

export interface AccountRecord {
  readonly type: "Account";
  readonly openingCashMicros: number;
  readonly cashMicros: number;
  /** Orders the exchange took, and fills, ever. */
  readonly orders: number;
  readonly fills: number;
  /** The exchange's clock. */
  readonly nowMs: number;
}

/** Every record holds the whole new value, so that writing one twice changes nothing. */
export type VenueRecord =
  | AccountRecord
  /** A market that was traded; it is live until it is resolved and nothing is left to claim. */
  | { readonly type: "Market"; readonly market: Market; readonly strikeE18: bigint | null; readonly isLive: boolean }
  | { readonly type: "EndSample"; readonly market: MarketId; readonly sample: EndSample }
  /** The fills come as records of their own. */
  | { readonly type: "Order"; readonly order: ExchangeOrder }
  | { readonly type: "Fill"; readonly fill: Fill }
  | { readonly type: "Holding"; readonly market: MarketId; readonly side: Side; readonly sharesMicros: number }
  | { readonly type: "Resolution"; readonly market: MarketId; readonly outcome: Outcome; readonly atMs: number }
  | { readonly type: "Claim"; readonly market: MarketId; readonly amountMicros: number; readonly atMs: number };

/** A live market with all that belongs to it. */
export interface JournaledMarket {
  readonly market: Market;
  readonly strikeE18: bigint | null;
  readonly samples: readonly EndSample[];
  readonly outcome: Outcome | null;
  readonly holding: { readonly up: number; readonly down: number };
  readonly orders: readonly ExchangeOrder[];
}

export interface VenueJournal {
  /** The account with its live markets; null when nothing was ever written. */
  load(): { readonly account: AccountRecord; readonly markets: readonly JournaledMarket[] } | null;
  /** All or nothing, and durable when it returns. Throws when it cannot be. */
  append(records: readonly VenueRecord[]): void;
  findOrder(id: ClientOrderId): ExchangeOrder | null;
  /** Of a market that is not live any more, or whose claim is being asked for again. */
  findResolution(market: MarketId): { readonly outcome: Outcome; readonly claimedMicros: number | null } | null;
}
