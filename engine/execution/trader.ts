// From a signal to an order: entries through every limit of risk, exits of what is held, and the sells that the core itself wants.
import { assertNever } from "../base/assert.ts";
import { clientOrderId, type Leg, type MarketId, type SlotId } from "../base/ids.ts";
import { formatMicros, MICROS } from "../base/micros.ts";
import type { Signal } from "../decide/decision.ts";
import type { VersionRef } from "../decide/version.ts";
import type { MarketState, WindowState } from "../market/market-state.ts";
import { checkEntry, type EntryInput } from "../risk/entry-check.ts";
import { ALLOWED } from "../risk/mode.ts";
import type { Mode, Settings } from "../risk/settings.ts";
import { floorToStep, SHARE_STEP_MICROS } from "../risk/sizing.ts";
import type { Slot } from "../slots.ts";
import { madeBy, type Turn } from "../turn.ts";
import type { Desk } from "./desk.ts";
import type { Order } from "./order.ts";
import type { Position } from "./position.ts";

/** A forced sell is tried this often, then the position waits for settlement. */
export const FORCED_TRIES = 3;
const MINUTE_MS = 60_000;

type EntrySignal = Extract<Signal, { kind: "up" | "down" }>;
type Counts = (of: { readonly slot: SlotId; readonly market: MarketId }) => boolean;

export interface TradeContext {
  readonly settings: Settings;
  readonly mode: Mode;
}

export class Trader {
  readonly #desk: Desk;
  readonly #market: MarketState;
  #intentTimes: number[] = [];

  constructor(desk: Desk, market: MarketState) {
    this.#desk = desk;
    this.#market = market;
  }

  /** Acts on what a version decided for a slot in its present window. True when that gave an order, sent or denied. */
  act(
    slot: Slot,
    window: WindowState,
    version: VersionRef,
    signal: Signal,
    context: TradeContext,
    turn: Turn,
  ): boolean {
    const position = this.#desk.position(slot.settings.id, window.market.id);
    this.#reviewRestingEntries(slot, window, signal, turn);
    switch (signal.kind) {
      case "hold":
        return false;
      case "exit":
        if (!ALLOWED[context.mode].strategyExits || position === null) return false;
        return this.#sell(slot, window, position, "exit", signal.reason, version, context, turn);
      case "up":
      case "down":
        return position === null && this.#enter(slot, window, version, signal, context, turn);
      default:
        return assertNever(signal, "signal");
    }
  }

  /** Sells what the ladder or an operator wants sold, a bounded number of times. */
  force(slot: Slot, window: WindowState, context: TradeContext, turn: Turn): void {
    const market = window.market.id;
    const position = this.#desk.position(slot.settings.id, market);
    if (position === null || position.sharesMicros === 0 || context.mode === "halted") return;
    const forced = slot.forced?.market === market ? slot.forced : { market, command: null, triesLeft: FORCED_TRIES };
    if (forced.triesLeft === 0 || (forced.command === null && !ALLOWED[context.mode].forcedSell)) return;
    const reason = forced.command ?? `mode ${context.mode}`;
    if (this.#sell(slot, window, position, "flatten", reason, position.version, context, turn)) {
      slot.forced = { ...forced, triesLeft: forced.triesLeft - 1 };
    }
  }

  cancelEntries(slot: Slot, turn: Turn): void {
    for (const order of this.#desk.liveOrdersOf(slot.settings.id))
      if (order.leg === "entry") this.#desk.cancel(order, turn);
  }

  /** A resting entry stands only as long as the strategy still asks for the same. */
  #reviewRestingEntries(slot: Slot, window: WindowState, signal: Signal, turn: Turn): void {
    for (const order of this.#desk.liveOrdersOf(slot.settings.id)) {
      if (order.leg !== "entry" || order.timeInForce !== "GTC") continue;
      const wanted =
        order.market === window.market.id &&
        signal.kind === order.side &&
        signal.limit !== null &&
        floorToStep(Math.floor(signal.limit * MICROS + 1e-6), window.market.tickMicros) === order.limitMicros;
      if (!wanted) this.#desk.cancel(order, turn);
    }
  }

  #enter(
    slot: Slot,
    window: WindowState,
    version: VersionRef,
    signal: EntrySignal,
    context: TradeContext,
    turn: Turn,
  ): boolean {
    const { id } = slot.settings;
    const { market } = window;
    const desk = this.#desk;
    if (desk.liveOrdersOf(id).some((order) => order.market === market.id)) return false;
    const verdict = checkEntry(this.#entryInput(slot, window, signal, context, turn.nowMs));
    const placed = {
      clientOrderId: clientOrderId(id, market.openMs, turn.cycle, "entry"),
      slot: id,
      market: market.id,
      leg: "entry" as const,
      action: "buy" as const,
      side: signal.kind,
      version,
      cycle: turn.cycle,
      createdAtMs: turn.nowMs,
      updatedAtMs: turn.nowMs,
      reason: signal.reason,
      probability: signal.probability,
    };
    if (verdict.type === "Denied") {
      if (slot.denied?.market === market.id && slot.denied.reason === verdict.reason) return false;
      slot.denied = { market: market.id, reason: verdict.reason };
      desk.place(
        {
          ...placed,
          limitMicros: 0,
          sharesMicros: 0,
          timeInForce: "FAK",
          status: "Denied",
          statusReason: verdict.reason,
        },
        turn,
      );
      turn.log("info", "order.denied", `entry ${signal.kind} denied: ${verdict.reason}`, {
        ...madeBy(id, version),
        reason: signal.reason,
      });
      return true;
    }
    const { type: _, ...terms } = verdict;
    this.#place({ ...placed, ...terms, status: "Initialized" }, turn);
    return true;
  }

  /** Everything that the limits are held against, as it is now. */
  #entryInput(slot: Slot, window: WindowState, signal: EntrySignal, context: TradeContext, nowMs: number): EntryInput {
    const { id, asset } = slot.settings;
    const { market } = window;
    const desk = this.#desk;
    this.#intentTimes = this.#intentTimes.filter((atMs) => nowMs - atMs < MINUTE_MS);
    const feeRate = (other: MarketId) => this.#market.window(other)?.market.feeRatePpm ?? market.feeRatePpm;
    const inFlight = (counts: Counts) => desk.inFlightMicros(counts, feeRate);
    const committed = (counts: Counts) => desk.heldMicros(counts) + inFlight(counts);
    const everything = () => true;
    const cash = desk.ledger.balance("cash");
    return {
      signal,
      market,
      quote: window.quote,
      hasStrike: window.strikeE18 !== null,
      nowMs,
      spotAtMs: this.#market.asset(asset).lastTick?.receivedAtMs ?? null,
      mode: context.mode,
      sizing: context.settings.sizing,
      scalePpm: context.settings.scalePpm,
      limits: context.settings.risk,
      exposure: {
        slotMicros: committed((of) => of.slot === id),
        assetMicros: committed((of) => of.market.startsWith(`${asset}-`)),
        totalMicros: committed(everything),
      },
      freeCashMicros: cash - inFlight(everything),
      bankrollMicros: cash + desk.heldMicros(everything),
      realisedTodayMicros: desk.today.at(nowMs),
      ordersLastMinute: this.#intentTimes.length,
    };
  }

  /** True when an order went out: not while another sell is still working, nor for less than the venue trades. */
  #sell(
    slot: Slot,
    window: WindowState,
    position: Position,
    leg: Leg,
    reason: string,
    version: VersionRef,
    context: TradeContext,
    turn: Turn,
  ): boolean {
    const { id } = slot.settings;
    const { market, quote } = window;
    const bid = quote === null ? null : position.side === "up" ? quote.up : quote.down;
    const sharesMicros = floorToStep(position.sharesMicros, SHARE_STEP_MICROS);
    if (bid === null || bid.bidSizeMicros === 0 || sharesMicros === 0 || turn.nowMs >= market.closeMs) return false;
    if (this.#desk.liveOrdersOf(id).some((order) => order.market === market.id)) return false;
    const limitMicros = Math.max(
      market.tickMicros,
      bid.bidMicros - floorToStep(context.settings.risk.collarMicros, market.tickMicros),
    );
    this.#place(
      {
        clientOrderId: clientOrderId(id, market.openMs, turn.cycle, leg),
        slot: id,
        market: market.id,
        leg,
        action: "sell",
        side: position.side,
        limitMicros,
        sharesMicros,
        timeInForce: "FAK",
        version,
        cycle: turn.cycle,
        createdAtMs: turn.nowMs,
        updatedAtMs: turn.nowMs,
        reason,
        probability: null,
        status: "Initialized",
      },
      turn,
    );
    return true;
  }

  #place(order: Extract<Order, { status: "Initialized" }>, turn: Turn): void {
    this.#intentTimes.push(turn.nowMs);
    this.#desk.place(order, turn);
    turn.log(
      "info",
      "order.placed",
      `${order.leg}: ${order.action} ${formatMicros(order.sharesMicros)} ${order.side} at ${formatMicros(order.limitMicros, 3)} or better, ${order.timeInForce} · ${order.reason}`,
      { ...madeBy(order.slot, order.version), market: order.market, order: order.clientOrderId },
    );
  }
}
