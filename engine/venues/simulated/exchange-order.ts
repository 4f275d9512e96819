// An order as the exchange keeps it, what it holds back of the account meanwhile, and how it is told to its owner.
import { assertNever } from "../../base/assert.ts";
import type { ClientOrderId, TradeId } from "../../base/ids.ts";
import { MICROS, mulDiv } from "../../base/micros.ts";
import { hash32, seedOf } from "../../base/prng.ts";
import { FEE_STEP_MICROS, takerFeeMicros } from "../../execution/fees.ts";
import type { Fill } from "../../execution/order.ts";
import type { CancelReason, ExecutionReport, VenueOrder, VenueOrderState } from "../port.ts";

export type OrderState =
  /** On its way through the exchange: recorded, not yet acknowledged. */
  | { readonly type: "received" }
  /** Acknowledged and marketable: it waits for the taker delay to pass. */
  | { readonly type: "delayed"; readonly matchAtMs: number }
  | { readonly type: "resting" }
  | { readonly type: "filled" }
  | { readonly type: "canceled"; readonly reason: CancelReason; readonly atMs: number }
  | { readonly type: "rejected"; readonly reason: string };

export interface ExchangeOrder {
  readonly order: VenueOrder;
  readonly venueOrderId: string;
  /** When the acknowledgement, or the rejection, leaves. */
  readonly ackAtMs: number;
  readonly fills: readonly Fill[];
  readonly state: OrderState;
}

export const isOpen = ({ state }: ExchangeOrder): boolean =>
  state.type === "received" || state.type === "delayed" || state.type === "resting";

export const remainingMicros = ({ order, fills }: ExchangeOrder): number =>
  fills.reduce((left, fill) => left - fill.sharesMicros, order.sharesMicros);

/** Exact wherever both are on the exchange's grids. */
export const notionalMicros = (sharesMicros: number, priceMicros: number): number =>
  mulDiv(sharesMicros, priceMicros, MICROS, "ceil");

/**
 * The most that a buy can still cost. A better price never costs more, for p + rate × p × (1 − p) grows with p; one fee
 * step on top covers what flooring hides.
 */
export function reservedCashMicros(exchangeOrder: ExchangeOrder, feeRatePpm: number): number {
  const { order, state } = exchangeOrder;
  if (order.action === "sell" || !isOpen(exchangeOrder)) return 0;
  const sharesMicros = remainingMicros(exchangeOrder);
  const costMicros = notionalMicros(sharesMicros, order.limitMicros);
  if (state.type === "resting") return costMicros;
  const feeMicros = takerFeeMicros(sharesMicros, order.limitMicros, feeRatePpm);
  return costMicros + feeMicros + (feeRatePpm === 0 ? 0 : FEE_STEP_MICROS);
}

export const reservedSharesMicros = (exchangeOrder: ExchangeOrder): number =>
  exchangeOrder.order.action === "sell" && isOpen(exchangeOrder) ? remainingMicros(exchangeOrder) : 0;

/** 32 hex digits that look like the venue's own, from the client's id alone. */
export function venueOrderIdOf(clientOrderId: ClientOrderId): string {
  const word = (salt: number): string =>
    hash32(seedOf(`${salt}:${clientOrderId}`), salt)
      .toString(16)
      .padStart(8, "0");
  return `0x${word(1)}${word(2)}${word(3)}${word(4)}`;
}

export const tradeIdOf = (clientOrderId: ClientOrderId, fillIndex: number): TradeId =>
  `${clientOrderId}#${fillIndex}` as TradeId;

/** Everything that has been said of the order so far, again. */
export function reportsOf({ order, venueOrderId, ackAtMs, fills, state }: ExchangeOrder): readonly ExecutionReport[] {
  const { clientOrderId } = order;
  if (state.type === "received") return [];
  if (state.type === "rejected") {
    return [{ type: "OrderRejected", clientOrderId, reason: state.reason, atMs: ackAtMs }];
  }
  const reports: ExecutionReport[] = [{ type: "OrderAccepted", clientOrderId, venueOrderId, atMs: ackAtMs }];
  for (const fill of fills) reports.push({ type: "OrderFilled", fill });
  if (state.type === "canceled") {
    reports.push({ type: "OrderCanceled", clientOrderId, reason: state.reason, atMs: state.atMs });
  }
  return reports;
}

export function venueStateOf({ order, venueOrderId, fills, state }: ExchangeOrder): VenueOrderState {
  const { clientOrderId } = order;
  switch (state.type) {
    case "received":
    case "delayed":
    case "resting":
      return { clientOrderId, status: "open", venueOrderId, fills };
    case "filled":
      return { clientOrderId, status: "filled", venueOrderId, fills };
    case "canceled":
      return { clientOrderId, status: "canceled", venueOrderId, reason: state.reason, fills };
    case "rejected":
      return { clientOrderId, status: "rejected", reason: state.reason };
    default:
      return assertNever(state, "order state");
  }
}
