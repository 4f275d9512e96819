// The trading desk: every order, fill, position and cent of this bot. Reports come in, rows and claims go out.
import { assert, assertNever } from "../base/assert.ts";
import type { ClientOrderId, MarketId, SlotId, TradeId } from "../base/ids.ts";
import { formatMicros } from "../base/micros.ts";
import { type Account, type Cause, Ledger } from "../ledger/ledger.ts";
import type { Outcome } from "../market/market.ts";
import { orderCost } from "../risk/entry-check.ts";
import type { Recovered } from "../store/port.ts";
import { madeBy, type Turn } from "../turn.ts";
import { type ExecutionReport, venueOrder } from "../venues/port.ts";
import { Claims } from "./claims.ts";
import { type Fill, isTerminal, type LiveOrder, type Order, remainingShares } from "./order.ts";
import { orderOfRow, orderRow } from "./order-row.ts";
import { type OrderEvent, transition } from "./order-transition.ts";
import {
  addBuy,
  addSell,
  notionalMicros,
  openPosition,
  type Position,
  positionOfRow,
  positionRow,
  settle,
} from "./position.ts";
import { RealisedToday } from "./realised-today.ts";

const keyOf = (slot: SlotId, market: MarketId): string => `${slot} ${market}`;

export class Desk {
  readonly ledger: Ledger;
  readonly claims: Claims;
  readonly today: RealisedToday;
  readonly #orders = new Map<ClientOrderId, Order>();
  /** The orders and positions that still matter each cycle: few, whatever the history. */
  readonly #live = new Map<ClientOrderId, LiveOrder>();
  readonly #open = new Map<string, Position>();
  readonly #positions = new Map<string, Position>();
  /** Booked already, by market. */
  readonly #trades = new Map<TradeId, MarketId>();

  constructor(recovered: Recovered) {
    this.ledger = new Ledger(recovered.balances, recovered.lastTransferId);
    this.claims = new Claims(recovered.markets);
    this.today = new RealisedToday(recovered.meta);
    for (const row of recovered.orders) this.#keepOrder(orderOfRow(row));
    for (const row of recovered.fills) this.#trades.set(row.tradeId, row.market);
    for (const row of recovered.positions) this.#keepPosition(positionOfRow(row));
  }

  /** The slot's position in this market, also one that was closed or settled: there is at most one a window. */
  position(slot: SlotId, market: MarketId): Position | null {
    return this.#positions.get(keyOf(slot, market)) ?? null;
  }

  get openPositions(): Position[] {
    return [...this.#open.values()];
  }

  get liveOrders(): LiveOrder[] {
    return [...this.#live.values()];
  }

  liveOrdersOf(slot: SlotId): LiveOrder[] {
    return this.liveOrders.filter((order) => order.slot === slot);
  }

  /** Most that live buy orders can still cost. */
  inFlightMicros(counts: (order: LiveOrder) => boolean, feeRatePpm: (market: MarketId) => number): number {
    let sum = 0;
    for (const order of this.liveOrders) {
      if (order.action === "buy" && counts(order))
        sum += orderCost(remainingShares(order), order.limitMicros, feeRatePpm(order.market));
    }
    return sum;
  }

  heldMicros(counts: (position: Position) => boolean): number {
    return this.openPositions.filter(counts).reduce((sum, position) => sum + position.costMicros, 0);
  }

  /** Whether the venue still owes this market an answer: a resolution of what we hold, or a claim. */
  awaits(market: MarketId): boolean {
    return this.claims.of(market)?.claim === "requested" || this.openPositions.some((held) => held.market === market);
  }

  /** Takes an order on: durable first, sent after. A denied one is only recorded. */
  place(order: Order, turn: Turn): void {
    assert(!this.#orders.has(order.clientOrderId), `Client order id ${order.clientOrderId} is used twice`);
    this.#save(order, turn);
    if (order.status === "Initialized") turn.sendWhenDurable({ type: "Submit", order: venueOrder(order) });
  }

  /** The order left the process. */
  sent(id: ClientOrderId, turn: Turn): void {
    this.#move(id, { type: "Sent", atMs: turn.nowMs }, turn);
  }

  cancel(order: LiveOrder, turn: Turn): void {
    if (order.status === "PendingCancel" || order.status === "Initialized") return;
    this.#move(order.clientOrderId, { type: "CancelAsked", atMs: turn.nowMs }, turn);
    turn.send({ type: "Cancel", clientOrderId: order.clientOrderId });
  }

  /** Everything the venue says except its reconciliation snapshot. */
  apply(report: Exclude<ExecutionReport, { type: "Reconciled" }>, turn: Turn): void {
    switch (report.type) {
      case "OrderAccepted":
        return this.#move(
          report.clientOrderId,
          { type: "Accepted", venueOrderId: report.venueOrderId, atMs: report.atMs },
          turn,
        );
      case "OrderRejected":
        return this.#move(report.clientOrderId, { type: "Rejected", reason: report.reason, atMs: report.atMs }, turn);
      case "OrderFilled":
        return this.book(report.fill, turn);
      case "OrderCanceled":
        return this.#move(report.clientOrderId, { type: "Canceled", reason: report.reason, atMs: report.atMs }, turn);
      case "CancelRejected":
        return this.#move(report.clientOrderId, { type: "CancelRefused", atMs: report.atMs }, turn);
      case "MarketResolved":
        return this.resolve(report.market, report.outcome, turn);
      case "Claimed":
        return this.claimed(report.market, report.amountMicros, turn);
      default:
        return assertNever(report, "execution report");
    }
  }

  /** The venue has never heard of it, and says so: it will never fill. */
  neverArrived(id: ClientOrderId, turn: Turn): void {
    this.#move(id, { type: "NeverArrived", atMs: turn.nowMs }, turn);
  }

  /** Books a fill once, whatever the order's state: money that moved is always in the ledger. */
  book(fill: Fill, turn: Turn): void {
    if (this.#trades.has(fill.tradeId)) return;
    const order = this.#orders.get(fill.clientOrderId);
    if (order === undefined) {
      turn.alarm(
        "ledger-mismatch",
        "critical",
        fill.clientOrderId,
        `The venue filled an order we do not know: ${fill.clientOrderId}`,
      );
      return;
    }
    this.#trades.set(fill.tradeId, order.market);
    this.#move(fill.clientOrderId, { type: "Filled", sharesMicros: fill.sharesMicros, atMs: fill.atMs }, turn);
    const { slot, market, version, action, side, cycle } = order;
    turn.write({
      table: "fills",
      row: {
        ...fill,
        slot,
        market,
        action,
        side,
        cycle,
        strategy: version.strategy,
        code: version.code,
        params: version.params,
      },
    });
    const cause: Cause = { market, slot, version, reference: fill.tradeId };
    const held = this.position(slot, market) ?? openPosition(slot, market, side, version, order.cycle, fill.atMs);
    if (action === "buy") {
      this.#savePosition(addBuy(held, fill), turn);
      this.#transfer(
        "buy",
        `position:${slot}`,
        "cash",
        notionalMicros(fill.sharesMicros, fill.priceMicros),
        cause,
        turn,
      );
    } else {
      const sold = addSell(held, fill);
      this.#savePosition(sold.position, turn);
      this.#transfer("sell", "cash", `position:${slot}`, sold.proceedsMicros, cause, turn);
      this.#result(slot, sold.profitMicros, cause, turn);
      if (sold.position.status === "closed") this.#sayResult("position.closed", "closed", sold.position, turn);
    }
    this.#transfer("fee", `fees:${slot}`, "cash", fill.feeMicros, cause, turn);
    turn.write(this.today.add(-fill.feeMicros, turn.nowMs));
    turn.log(
      "info",
      "order.filled",
      `${action === "buy" ? "bought" : "sold"} ${formatMicros(fill.sharesMicros)} ${side} at ${formatMicros(fill.priceMicros, 3)}, fee ${formatMicros(fill.feeMicros, 4)}`,
      { ...madeBy(slot, version), market, order: fill.clientOrderId, trade: fill.tradeId, decidedCycle: order.cycle },
    );
  }

  /** Settles every position in the market, exactly once; what was won is claimed when that is durable. */
  resolve(market: MarketId, outcome: Outcome, turn: Turn): void {
    let payout = 0;
    for (const position of this.openPositions) {
      if (position.market !== market) continue;
      const { slot, version } = position;
      const cause: Cause = { market, slot, version, reference: null };
      const settled = settle(position, outcome, turn.nowMs);
      this.#savePosition(settled.position, turn);
      this.#transfer("payout", "claims", `position:${slot}`, settled.payoutMicros, cause, turn);
      this.#result(slot, settled.profitMicros, cause, turn);
      payout += settled.payoutMicros;
      this.#sayResult("position.settled", `settled ${outcome}`, settled.position, turn);
    }
    this.claims.resolved(market, outcome, payout, turn);
  }

  claimed(market: MarketId, amountMicros: number, turn: Turn): void {
    const expected = this.claims.claimed(market, amountMicros, turn);
    if (expected === null) return;
    this.#transfer(
      "claim",
      "cash",
      "claims",
      amountMicros,
      { market, slot: null, version: null, reference: null },
      turn,
    );
    if (expected !== amountMicros) {
      turn.alarm(
        "ledger-mismatch",
        "critical",
        market,
        `Claimed ${amountMicros} micro-USDC in ${market}, expected ${expected}`,
      );
    }
    turn.log("info", "market.claimed", `Claimed ${formatMicros(amountMicros)} USDC from ${market}`, {
      market,
      amountMicros,
    });
  }

  deposit(amountMicros: number, turn: Turn): void {
    this.#transfer(
      "deposit",
      "cash",
      "equity",
      amountMicros,
      { market: null, slot: null, version: null, reference: null },
      turn,
    );
  }

  /** Forgets what belongs to windows that closed long ago; open positions and live orders stay. */
  forget(isOld: (market: MarketId) => boolean): void {
    for (const [key, position] of this.#positions)
      if (position.status !== "open" && isOld(position.market)) this.#positions.delete(key);
    for (const [id, order] of this.#orders) if (isTerminal(order) && isOld(order.market)) this.#orders.delete(id);
    for (const [trade, market] of this.#trades) if (isOld(market)) this.#trades.delete(trade);
    this.claims.forget(isOld);
  }

  /** What a position came to, fees included, by the code that opened it. */
  #sayResult(event: string, what: string, position: Position, turn: Turn): void {
    const { slot, version, market, side, outcome } = position;
    const netMicros = position.realisedMicros - position.feesMicros;
    const amount = `${netMicros >= 0 ? "+" : "-"}${formatMicros(Math.abs(netMicros))}`;
    turn.log("info", event, `${what}: ${amount} USDC`, { ...madeBy(slot, version), market, side, outcome, netMicros });
  }

  #result(slot: SlotId, profitMicros: number, cause: Cause, turn: Turn): void {
    if (profitMicros >= 0) this.#transfer("profit", `position:${slot}`, `pnl:${slot}`, profitMicros, cause, turn);
    else this.#transfer("loss", `pnl:${slot}`, `position:${slot}`, -profitMicros, cause, turn);
    turn.write(this.today.add(profitMicros, turn.nowMs));
  }

  #transfer(
    kind: Parameters<Ledger["transfer"]>[0],
    debit: Account,
    credit: Account,
    amountMicros: number,
    cause: Cause,
    turn: Turn,
  ): void {
    turn.write(this.ledger.transfer(kind, debit, credit, amountMicros, cause, { cycle: turn.cycle, atMs: turn.nowMs }));
  }

  #move(id: ClientOrderId, event: OrderEvent, turn: Turn): void {
    const order = this.#orders.get(id);
    if (order === undefined) return; // Of another life of this account: reconciliation compares the totals.
    const next = transition(order, event);
    if (next.type === "Ignored") return;
    if (next.type === "Contradicts") turn.alarm("overfill", "critical", id, next.message);
    this.#save(next.order, turn);
    const refused = next.order.status === "Rejected" || next.order.status === "Expired";
    if (refused && "statusReason" in next.order) {
      turn.log("warn", "order.refused", `order ${next.order.status}: ${next.order.statusReason}`, {
        ...madeBy(order.slot, order.version),
        order: id,
      });
    }
  }

  #keepOrder(order: Order): void {
    this.#orders.set(order.clientOrderId, order);
    if (isTerminal(order)) this.#live.delete(order.clientOrderId);
    else this.#live.set(order.clientOrderId, order);
  }

  #keepPosition(position: Position): void {
    const key = keyOf(position.slot, position.market);
    this.#positions.set(key, position);
    if (position.status === "open" && position.sharesMicros > 0) this.#open.set(key, position);
    else this.#open.delete(key);
  }

  #save(order: Order, turn: Turn): void {
    this.#keepOrder(order);
    turn.write({ table: "orders", row: orderRow(order) });
  }

  #savePosition(position: Position, turn: Turn): void {
    this.#keepPosition(position);
    turn.write({ table: "positions", row: positionRow(position) });
  }
}
