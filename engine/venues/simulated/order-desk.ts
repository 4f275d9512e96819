// The life of an order on the exchange: received, acknowledged, delayed while marketable, matched, resting, ended.
import { assertNever } from "../../base/assert.ts";
import type { ClientOrderId, MarketId } from "../../base/ids.ts";
import { hash32, seedOf, uniform } from "../../base/prng.ts";
import type { Fill } from "../../execution/order.ts";
import type { CancelReason, ExecutionReport, VenueOrder } from "../port.ts";
import { type Level, SHARE_STEP_MICROS } from "./book.ts";
import type { ExchangeAccount } from "./exchange-account.ts";
import { type ExchangeOrder, isOpen, remainingMicros, reportsOf, venueOrderIdOf } from "./exchange-order.ts";
import type { LiveMarket } from "./live-market.ts";
import { sharesIn, take } from "./matching.ts";
import { isPayload, marketRejection, meansRejection } from "./order-check.ts";

const LATENCY_MS = { min: 20, max: 80 };
/** Marketable orders wait this long, in which the book may move away. */
const TAKER_DELAY_MS = 150;
/** A resting order that is traded through gets at least this share of what it still wants, each second. */
const PARTIAL_FILL_MIN = 0.25;
const PARTIAL_FILL_SHARES_MICROS = 5_000_000;

/** Streams of draws. */
const LATENCY = 1;
const REJECT = 2;
const PARTIAL = 3;

export type DeskAction =
  | { readonly type: "Say"; readonly report: ExecutionReport }
  | { readonly type: "Acknowledge" | "Match" | "Cancel"; readonly id: ClientOrderId };

export interface DeskContext {
  readonly seed: number;
  /** Share of submits refused for no fault of theirs, parts per million. */
  readonly rejectPpm: number;
  readonly account: ExchangeAccount;
  say(report: ExecutionReport): void;
  schedule(atMs: number, action: DeskAction): void;
}

export class OrderDesk {
  readonly #context: DeskContext;
  readonly #account: ExchangeAccount;
  /** Cancels that arrived while their order was in flight: they apply once it rests. */
  readonly #cancelRequested = new Set<ClientOrderId>();

  constructor(context: DeskContext) {
    this.#context = context;
    this.#account = context.account;
  }

  /** Takes up an order of an earlier life where it was left. */
  restore(order: ExchangeOrder): void {
    this.#account.restore(order);
    const id = order.order.clientOrderId;
    if (order.state.type === "received") this.#context.schedule(order.ackAtMs, { type: "Acknowledge", id });
    if (order.state.type === "delayed") this.#context.schedule(order.state.matchAtMs, { type: "Match", id });
  }

  submit(order: VenueOrder, nowMs: number): void {
    const { clientOrderId } = order;
    const known = this.#account.order(clientOrderId);
    if (known !== null) {
      for (const report of reportsOf(known)) this.#context.say(report);
      return;
    }
    const ackAtMs = nowMs + this.latencyMs(clientOrderId, nowMs);
    const venueOrderId = venueOrderIdOf(clientOrderId);
    const received: ExchangeOrder = { order, venueOrderId, ackAtMs, fills: [], state: { type: "received" } };
    const live = this.#account.markets.get(order.market) ?? null;
    const reason = this.#rejection(received, live, nowMs);
    if (reason === null) {
      this.#account.receive(live!, received);
      this.#context.schedule(ackAtMs, { type: "Acknowledge", id: clientOrderId });
      return;
    }
    const refused: ExchangeOrder = { ...received, state: { type: "rejected", reason } };
    if (isPayload(order)) this.#account.refuse(refused);
    for (const report of reportsOf(refused)) this.#context.schedule(ackAtMs, { type: "Say", report });
  }

  cancel(id: ClientOrderId, nowMs: number): void {
    this.#context.schedule(nowMs + this.latencyMs(id, nowMs), { type: "Cancel", id });
  }

  do(action: DeskAction, nowMs: number): void {
    if (action.type === "Say") {
      this.#context.say(action.report);
      return;
    }
    const order = this.#account.openOrder(action.id);
    switch (action.type) {
      case "Cancel":
        this.#cancel(action.id, order, nowMs);
        return;
      // An order that ended meanwhile, with its market, has been told of already.
      case "Acknowledge":
        if (order !== null) this.#acknowledge(order, nowMs);
        return;
      case "Match":
        if (order !== null) this.#match(order, nowMs);
        return;
      default:
        assertNever(action, "desk action");
    }
  }

  closeMarket(id: MarketId, nowMs: number): void {
    for (const order of [...this.#account.openOrders]) {
      if (order.order.market !== id) continue;
      if (order.state.type === "received") this.#sayAccepted(order, nowMs);
      this.#end(order, "market-closed", nowMs);
    }
  }

  get hasResting(): boolean {
    for (const { state } of this.#account.openOrders) if (state.type === "resting") return true;
    return false;
  }

  /** Once a second: resting orders that the model price has gone through are taken, in part or whole, at their own price. */
  sweep(nowMs: number): void {
    for (const order of [...this.#account.openOrders]) {
      const { clientOrderId, market, side, limitMicros } = order.order;
      const live = this.#account.markets.get(market)!;
      if (order.state.type !== "resting" || take(live.book(side, nowMs), order.order).length === 0) continue;
      const remaining = remainingMicros(order);
      const drawn = uniform(this.#context.seed ^ seedOf(clientOrderId), PARTIAL, nowMs);
      const share = PARTIAL_FILL_MIN + (1 - PARTIAL_FILL_MIN) * drawn;
      const part = Math.ceil((remaining * share) / SHARE_STEP_MICROS) * SHARE_STEP_MICROS;
      const sharesMicros = remaining <= PARTIAL_FILL_SHARES_MICROS ? remaining : Math.min(remaining, part);
      this.#trade(live, order, { priceMicros: limitMicros, sharesMicros }, "maker", nowMs);
    }
  }

  latencyMs(name: string, nowMs: number): number {
    const { min, max } = LATENCY_MS;
    return min + (hash32(this.#context.seed ^ seedOf(name), LATENCY, nowMs) % (max - min + 1));
  }

  #rejection(received: ExchangeOrder, live: LiveMarket | null, nowMs: number): string | null {
    const { order } = received;
    const reason = marketRejection(order, live?.market ?? null, nowMs);
    if (reason !== null || live === null) return reason;
    const drawn = hash32(this.#context.seed ^ seedOf(order.clientOrderId), REJECT) % 1_000_000;
    if (drawn < this.#context.rejectPpm) return "order match delayed due to market conditions";
    return meansRejection(order, this.#account.means(live, received));
  }

  #acknowledge(order: ExchangeOrder, nowMs: number): void {
    this.#sayAccepted(order, nowMs);
    const live = this.#account.markets.get(order.order.market)!;
    const isMarketable = take(live.book(order.order.side, nowMs), order.order).length > 0;
    if (!isMarketable) {
      this.#rest(order, nowMs);
      return;
    }
    const matchAtMs = nowMs + TAKER_DELAY_MS;
    this.#account.put({ ...order, state: { type: "delayed", matchAtMs } });
    this.#context.schedule(matchAtMs, { type: "Match", id: order.order.clientOrderId });
  }

  #match(delayed: ExchangeOrder, nowMs: number): void {
    const { market, side, action } = delayed.order;
    const live = this.#account.markets.get(market)!;
    const levels = take(live.book(side, nowMs), delayed.order);
    live.consume(side, action === "buy" ? "asks" : "bids", sharesIn(levels), nowMs);
    let order = delayed;
    for (const level of levels) order = this.#trade(live, order, level, "taker", nowMs);
    this.#rest(order, nowMs);
  }

  /** What is left after taking: nothing, or the end of a FAK, or a place in the book. */
  #rest(order: ExchangeOrder, nowMs: number): void {
    const { clientOrderId, timeInForce } = order.order;
    const isCancelRequested = this.#cancelRequested.delete(clientOrderId);
    if (isOpen(order) && timeInForce === "GTC") {
      if (isCancelRequested) this.#end(order, "requested", nowMs);
      else this.#account.put({ ...order, state: { type: "resting" } });
      return;
    }
    if (isOpen(order)) this.#end(order, "killed", nowMs);
    if (isCancelRequested) this.#sayCancelRejected(clientOrderId, nowMs);
  }

  #cancel(id: ClientOrderId, order: ExchangeOrder | null, nowMs: number): void {
    if (order === null) this.#sayCancelRejected(id, nowMs);
    else if (order.state.type === "resting") this.#end(order, "requested", nowMs);
    else this.#cancelRequested.add(id);
  }

  #end(order: ExchangeOrder, reason: CancelReason, nowMs: number): void {
    const { clientOrderId } = order.order;
    // A market may close on an order that is still on its way.
    const ackAtMs = Math.min(order.ackAtMs, nowMs);
    this.#account.put({ ...order, ackAtMs, state: { type: "canceled", reason, atMs: nowMs } });
    this.#context.say({ type: "OrderCanceled", clientOrderId, reason, atMs: nowMs });
    this.#cancelRequested.delete(clientOrderId);
  }

  #trade(
    live: LiveMarket,
    order: ExchangeOrder,
    level: Level,
    liquidity: Fill["liquidity"],
    nowMs: number,
  ): ExchangeOrder {
    const traded = this.#account.trade(live, order, level, liquidity, nowMs);
    this.#context.say({ type: "OrderFilled", fill: traded.fills.at(-1)! });
    return traded;
  }

  #sayAccepted({ order: { clientOrderId }, venueOrderId, ackAtMs }: ExchangeOrder, nowMs: number): void {
    this.#context.say({ type: "OrderAccepted", clientOrderId, venueOrderId, atMs: Math.min(ackAtMs, nowMs) });
  }

  #sayCancelRejected(clientOrderId: ClientOrderId, nowMs: number): void {
    const reason = "order can't be found - already canceled or matched";
    this.#context.say({ type: "CancelRejected", clientOrderId, reason, atMs: nowMs });
  }
}
