// Where orders go. Commands in, reports out; every outcome that is not reported is ambiguous and is reconciled, never assumed.
import type { ClientOrderId, MarketId } from "../base/ids.ts";
import type { Fill, OrderAction, OrderIntent, TimeInForce } from "../execution/order.ts";
import type { MarketEvent } from "../market/event.ts";
import type { Outcome, Side } from "../market/market.ts";

/** What is sent: a function of the intent alone, so a re-send is the same bytes. */
export interface VenueOrder {
  readonly clientOrderId: ClientOrderId;
  readonly market: MarketId;
  readonly action: OrderAction;
  readonly side: Side;
  readonly limitMicros: number;
  readonly sharesMicros: number;
  readonly timeInForce: TimeInForce;
}

export const venueOrder = (intent: OrderIntent): VenueOrder => ({
  clientOrderId: intent.clientOrderId,
  market: intent.market,
  action: intent.action,
  side: intent.side,
  limitMicros: intent.limitMicros,
  sharesMicros: intent.sharesMicros,
  timeInForce: intent.timeInForce,
});

export type VenueCommand =
  /** Idempotent by clientOrderId: a second submit of a known order changes nothing and reports what became of it. */
  | { readonly type: "Submit"; readonly order: VenueOrder }
  | { readonly type: "Cancel"; readonly clientOrderId: ClientOrderId }
  /** Redeems every winning share held in the market. Idempotent by market. */
  | { readonly type: "Claim"; readonly market: MarketId }
  /** Asks what the venue knows of these orders and markets, and what it holds for us. */
  | { readonly type: "Reconcile"; readonly orders: readonly ClientOrderId[]; readonly markets: readonly MarketId[] };

export type CancelReason = "requested" | "killed" | "market-closed";

export type ExecutionReport =
  | {
      readonly type: "OrderAccepted";
      readonly clientOrderId: ClientOrderId;
      readonly venueOrderId: string;
      readonly atMs: number;
    }
  | {
      readonly type: "OrderRejected";
      readonly clientOrderId: ClientOrderId;
      readonly reason: string;
      readonly atMs: number;
    }
  | { readonly type: "OrderFilled"; readonly fill: Fill }
  /** Terminal: whatever was not filled never will be. */
  | {
      readonly type: "OrderCanceled";
      readonly clientOrderId: ClientOrderId;
      readonly reason: CancelReason;
      readonly atMs: number;
    }
  | {
      readonly type: "CancelRejected";
      readonly clientOrderId: ClientOrderId;
      readonly reason: string;
      readonly atMs: number;
    }
  | { readonly type: "MarketResolved"; readonly market: MarketId; readonly outcome: Outcome; readonly atMs: number }
  | { readonly type: "Claimed"; readonly market: MarketId; readonly amountMicros: number; readonly atMs: number }
  | { readonly type: "Reconciled"; readonly snapshot: VenueSnapshot };

export interface VenueSnapshot {
  readonly atMs: number;
  /** Free and reserved cash together, micro-USDC. */
  readonly cashMicros: number;
  /** Shares held per market and outcome, unclaimed ones included. */
  readonly holdings: readonly { readonly market: MarketId; readonly side: Side; readonly sharesMicros: number }[];
  /** One entry per order asked for. */
  readonly orders: readonly VenueOrderState[];
  readonly resolutions: readonly { readonly market: MarketId; readonly outcome: Outcome }[];
  readonly claims: readonly { readonly market: MarketId; readonly amountMicros: number }[];
  /** Orders and trades ever booked for this account. */
  readonly totals: { readonly orders: number; readonly fills: number };
}

export type VenueOrderState =
  | { readonly clientOrderId: ClientOrderId; readonly status: "unknown" }
  | { readonly clientOrderId: ClientOrderId; readonly status: "rejected"; readonly reason: string }
  | {
      readonly clientOrderId: ClientOrderId;
      readonly status: "open" | "filled";
      readonly venueOrderId: string;
      readonly fills: readonly Fill[];
    }
  | {
      readonly clientOrderId: ClientOrderId;
      readonly status: "canceled";
      readonly venueOrderId: string;
      readonly reason: CancelReason;
      readonly fills: readonly Fill[];
    };

export interface ExecutionClient {
  /** Never throws and never blocks; what became of it arrives as reports. */
  send(command: VenueCommand): void;
  close(): Promise<void>;
}

/** The simulated venue is also an oracle and a quote source: it is shown the feed and the time. */
export interface SimulatedExecutionClient extends ExecutionClient {
  observe(events: readonly MarketEvent[]): void;
  /** Moves the venue's clock; due fills, resolutions and quotes come out as reports and events. Never goes back. */
  advance(nowMs: number): void;
  /**
   * Calls back once everything handed over so far has been answered, and what came of it was told: at once where nothing is
   * left. Only the last caller is called back, and nobody is by a venue that hangs.
   */
  caughtUp(then: () => void): void;
}

export interface VenueListener {
  report(report: ExecutionReport): void;
  market(events: readonly MarketEvent[]): void;
}
