// The account on the exchange: cash, holdings and orders, and the records of every change that the journal still has to
// take. Money moves here and nowhere else.
import { assert } from "../../base/assert.ts";
import type { ClientOrderId, MarketId } from "../../base/ids.ts";
import { takerFeeMicros } from "../../execution/fees.ts";
import type { Fill } from "../../execution/order.ts";
import type { Outcome, Side } from "../../market/market.ts";
import type { VenueSnapshot } from "../port.ts";
import type { Level } from "./book.ts";
import {
  type ExchangeOrder,
  isOpen,
  notionalMicros,
  remainingMicros,
  reservedCashMicros,
  reservedSharesMicros,
  tradeIdOf,
  venueStateOf,
} from "./exchange-order.ts";
import type { AccountRecord, VenueJournal, VenueRecord } from "./journal.ts";
import type { LiveMarket } from "./live-market.ts";
import type { Means } from "./order-check.ts";
import { type EndSample, payoutMicros } from "./resolution.ts";

export class ExchangeAccount {
  readonly markets = new Map<MarketId, LiveMarket>();
  /** Orders of live markets, and those of them that can still trade. */
  readonly #orders = new Map<ClientOrderId, ExchangeOrder>();
  readonly #open = new Map<ClientOrderId, ExchangeOrder>();
  readonly #journal: VenueJournal;
  readonly #openingCashMicros: number;
  #cashMicros: number;
  #orderCount: number;
  #fillCount: number;
  #records: VenueRecord[] = [];
  /** Over and done with, to be forgotten once the journal knows. */
  #done: LiveMarket[] = [];

  constructor(journal: VenueJournal, account: Omit<AccountRecord, "type" | "nowMs">) {
    this.#journal = journal;
    this.#openingCashMicros = account.openingCashMicros;
    this.#cashMicros = account.cashMicros;
    this.#orderCount = account.orders;
    this.#fillCount = account.fills;
  }

  /** Takes up an order that the journal already has. */
  restore(order: ExchangeOrder): void {
    this.#orders.set(order.order.clientOrderId, order);
    if (isOpen(order)) this.#open.set(order.order.clientOrderId, order);
  }

  get openOrders(): Iterable<ExchangeOrder> {
    return this.#open.values();
  }

  order(id: ClientOrderId): ExchangeOrder | null {
    return this.#orders.get(id) ?? this.#journal.findOrder(id);
  }

  openOrder(id: ClientOrderId): ExchangeOrder | null {
    return this.#open.get(id) ?? null;
  }

  means(live: LiveMarket, order: ExchangeOrder): Means {
    const { action, side } = order.order;
    return {
      cashMicros: this.#cashMicros,
      reservedCashMicros: this.#reservedCashMicros(),
      heldMicros: live.holding[side],
      reservedSharesMicros: this.#reservedSharesMicros(live.market.id, side),
      costMicros: action === "buy" ? reservedCashMicros(order, live.market.feeRatePpm) : 0,
      openOrders: this.#open.size,
    };
  }

  /** Refused for good: it never touches the account and is remembered by the journal alone. */
  refuse(order: ExchangeOrder): void {
    this.#records.push({ type: "Order", order });
  }

  receive(live: LiveMarket, order: ExchangeOrder): void {
    this.#orderCount += 1;
    if (!live.isTraded) {
      live.isTraded = true;
      this.recordMarket(live);
      for (const sample of live.samples.all) this.#records.push({ type: "EndSample", market: live.market.id, sample });
    }
    this.put(order);
  }

  /** The order in its new state. */
  put(order: ExchangeOrder): ExchangeOrder {
    const id = order.order.clientOrderId;
    this.#orders.set(id, order);
    if (isOpen(order)) this.#open.set(id, order);
    else this.#open.delete(id);
    this.#records.push({ type: "Order", order });
    return order;
  }

  /** Trades against one level: moves cash and shares, and returns the order with its new fill. */
  trade(
    live: LiveMarket,
    order: ExchangeOrder,
    level: Level,
    liquidity: Fill["liquidity"],
    atMs: number,
  ): ExchangeOrder {
    const { clientOrderId, action, side } = order.order;
    const { priceMicros, sharesMicros } = level;
    const feeMicros = liquidity === "maker" ? 0 : takerFeeMicros(sharesMicros, priceMicros, live.market.feeRatePpm);
    const tradeId = tradeIdOf(clientOrderId, order.fills.length);
    const fill: Fill = { tradeId, clientOrderId, priceMicros, sharesMicros, feeMicros, liquidity, atMs };
    const sign = action === "buy" ? 1 : -1;
    this.#cashMicros -= sign * notionalMicros(sharesMicros, priceMicros) + feeMicros;
    this.#fillCount += 1;
    this.#hold(live, side, live.holding[side] + sign * sharesMicros);
    this.#records.push({ type: "Fill", fill });
    const filled = { ...order, fills: [...order.fills, fill] };
    return this.put(remainingMicros(filled) === 0 ? { ...filled, state: { type: "filled" } } : filled);
  }

  recordMarket({ market, strikeE18, isTraded }: LiveMarket, isLive = true): void {
    if (isTraded) this.#records.push({ type: "Market", market, strikeE18, isLive });
  }

  recordSample(live: LiveMarket, sample: EndSample): void {
    if (live.isTraded) this.#records.push({ type: "EndSample", market: live.market.id, sample });
  }

  /** Losing shares are worth nothing from now on and leave the account. */
  resolve(live: LiveMarket, outcome: Outcome, atMs: number): void {
    live.outcome = outcome;
    if (live.isTraded) this.#records.push({ type: "Resolution", market: live.market.id, outcome, atMs });
    if (outcome !== "void") this.#hold(live, outcome === "up" ? "down" : "up", 0);
    this.#endIfEmpty(live);
  }

  /** Pays what a resolved market owes, once. Returns null where there is nothing to say: unresolved, or never traded. */
  claim(id: MarketId, atMs: number): number | null {
    const live = this.markets.get(id);
    if (live === undefined) {
      const resolution = this.#journal.findResolution(id);
      return resolution === null ? null : (resolution.claimedMicros ?? 0);
    }
    if (live.outcome === null || !live.isTraded) return null;
    if (this.#done.includes(live)) return live.claimedMicros;
    live.claimedMicros = payoutMicros(live.holding, live.outcome);
    this.#cashMicros += live.claimedMicros;
    this.#records.push({ type: "Claim", market: id, amountMicros: live.claimedMicros, atMs });
    this.#hold(live, "up", 0);
    this.#hold(live, "down", 0);
    this.#endIfEmpty(live);
    return live.claimedMicros;
  }

  /** Drops a market with its orders from memory; the journal knows them still. */
  forget(live: LiveMarket): void {
    this.markets.delete(live.market.id);
    for (const [id, { order }] of this.#orders) if (order.market === live.market.id) this.#orders.delete(id);
  }

  snapshot(orders: readonly ClientOrderId[], markets: readonly MarketId[], atMs: number): VenueSnapshot {
    const found = markets.flatMap((market) => {
      const outcome = this.markets.get(market)?.outcome ?? null;
      const resolution = outcome === null ? this.#journal.findResolution(market) : { outcome, claimedMicros: null };
      return resolution === null ? [] : [{ market, ...resolution }];
    });
    return {
      atMs,
      cashMicros: this.#cashMicros,
      holdings: [...this.markets.values()].flatMap(({ market, holding }) =>
        (["up", "down"] as const)
          .filter((side) => holding[side] > 0)
          .map((side) => ({ market: market.id, side, sharesMicros: holding[side] })),
      ),
      orders: orders.map((id) => {
        const order = this.order(id);
        return order === null ? { clientOrderId: id, status: "unknown" } : venueStateOf(order);
      }),
      resolutions: found.map(({ market, outcome }) => ({ market, outcome })),
      claims: found.flatMap(({ market, claimedMicros }) =>
        claimedMicros === null ? [] : [{ market, amountMicros: claimedMicros }],
      ),
      totals: { orders: this.#orderCount, fills: this.#fillCount },
    };
  }

  /** Hands what changed to the journal in one piece; returns once it is durable. */
  commit(nowMs: number): void {
    if (this.#records.length > 0) {
      this.#assertSound();
      this.#journal.append([...this.#records, this.#record(nowMs)]);
      this.#records = [];
    }
    for (const live of this.#done) this.forget(live);
    this.#done = [];
  }

  #record(nowMs: number): AccountRecord {
    return {
      type: "Account",
      openingCashMicros: this.#openingCashMicros,
      cashMicros: this.#cashMicros,
      orders: this.#orderCount,
      fills: this.#fillCount,
      nowMs,
    };
  }

  #hold(live: LiveMarket, side: Side, sharesMicros: number): void {
    if (live.holding[side] === sharesMicros) return;
    live.holding[side] = sharesMicros;
    this.#records.push({ type: "Holding", market: live.market.id, side, sharesMicros });
  }

  #endIfEmpty(live: LiveMarket): void {
    if (live.holding.up > 0 || live.holding.down > 0) return;
    this.recordMarket(live, false);
    this.#done.push(live);
  }

  #reservedCashMicros(): number {
    let sum = 0;
    for (const order of this.#open.values()) {
      sum += reservedCashMicros(order, this.markets.get(order.order.market)!.market.feeRatePpm);
    }
    return sum;
  }

  #reservedSharesMicros(market: MarketId, side: Side): number {
    let sum = 0;
    for (const order of this.#open.values()) {
      if (order.order.market === market && order.order.side === side) sum += reservedSharesMicros(order);
    }
    return sum;
  }

  #assertSound(): void {
    const reserved = this.#reservedCashMicros();
    assert(this.#cashMicros >= reserved, `Cash ${this.#cashMicros} is less than the ${reserved} reserved`);
    for (const order of this.#open.values()) {
      const { market, side } = order.order;
      const held = this.markets.get(market)!.holding[side];
      assert(held >= reservedSharesMicros(order), `${held} ${side} of ${market} held, less than one order offers`);
    }
    for (const { market, holding } of this.markets.values()) {
      assert(holding.up >= 0 && holding.down >= 0, `Holding in ${market.id} is negative`);
    }
  }
}
