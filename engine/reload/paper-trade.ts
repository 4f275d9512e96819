// One imagined trade: what a version would have earned in a window, by the same rules of risk and on the same quotes as the
// trades that are real, and without moving either. It sees the best level only and nobody reacts to it: an estimate, the same
// for both sides of a comparison.
import { assertNever } from "../base/assert.ts";
import { MICROS, mulDiv } from "../base/micros.ts";
import type { Signal } from "../decide/decision.ts";
import { takerFeeMicros } from "../execution/fees.ts";
import { notionalMicros, payoutMicros } from "../execution/position.ts";
import type { HeldPosition } from "../frame/held-position.ts";
import type { MarketQuote, Side, TokenQuote } from "../market/market.ts";
import type { WindowState } from "../market/market-state.ts";
import { checkEntry } from "../risk/entry-check.ts";
import type { RiskLimits, Sizing } from "../risk/settings.ts";
import { floorToStep, SHARE_STEP_MICROS } from "../risk/sizing.ts";

/** What turns a signal into shares. */
export interface BookTerms {
  readonly sizing: Sizing;
  readonly scalePpm: number;
  readonly limits: RiskLimits;
  /** What Kelly takes its fraction of. */
  readonly bankrollMicros: number;
}

export interface PaperResult {
  /** Fees included; 0 when it abstained. */
  readonly pnlMicros: number;
  /** Profit for each share bought, micro-USDC, -1,000,000 … 1,000,000; 0 when it abstained. */
  readonly perShareMicros: number;
  readonly entry: {
    readonly side: Side;
    /** Price and fee a share paid, USDC: 0 … 1. */
    readonly breakEven: number;
    /** Whether the side won, also where it was sold before. */
    readonly won: boolean;
  } | null;
}

type EntrySignal = Extract<Signal, { kind: "up" | "down" }>;

interface Resting {
  readonly side: Side;
  /** As the signal said it. */
  readonly asked: number | null;
  readonly limitMicros: number;
  readonly sharesMicros: number;
}

interface Bought {
  readonly side: Side;
  readonly sharesMicros: number;
  readonly costMicros: number;
  readonly feeMicros: number;
  readonly atMs: number;
}

/** At most one position, as a slot has in a window: after its exit it abstains. */
export class PaperTrade {
  readonly #terms: BookTerms;
  #resting: Resting | null = null;
  #bought: Bought | null = null;
  /** What its sale brought after the fee; null while it is held. */
  #soldForMicros: number | null = null;

  constructor(terms: BookTerms) {
    this.#terms = terms;
  }

  get position(): HeldPosition | null {
    if (this.#bought === null) return null;
    const { side, sharesMicros, costMicros, atMs } = this.#bought;
    const isHeld = this.#soldForMicros === null;
    return {
      side,
      sharesMicros: isHeld ? sharesMicros : 0,
      costMicros: isHeld ? costMicros : 0,
      openedAtMs: atMs,
    };
  }

  /** `spotAtMs`: when the spot price was last received; null before the first. */
  act(signal: Signal, window: WindowState, spotAtMs: number | null, nowMs: number): void {
    if (nowMs >= window.market.closeMs) return;
    this.#reviewResting(signal, window, nowMs);
    switch (signal.kind) {
      case "hold":
        return;
      case "exit":
        return this.#sell(window);
      case "up":
      case "down":
        if (this.#bought === null && this.#resting === null) this.#enter(signal, window, spotAtMs, nowMs);
        return;
      default:
        assertNever(signal, "signal");
    }
  }

  settle(outcome: "up" | "down"): PaperResult {
    const bought = this.#bought;
    if (bought === null) return { pnlMicros: 0, perShareMicros: 0, entry: null };
    const { side, sharesMicros, costMicros, feeMicros } = bought;
    const paidMicros = costMicros + feeMicros;
    const pnlMicros = (this.#soldForMicros ?? payoutMicros(side, sharesMicros, outcome)) - paidMicros;
    return {
      pnlMicros,
      perShareMicros: mulDiv(pnlMicros, MICROS, sharesMicros, "half-even"),
      entry: { side, breakEven: paidMicros / sharesMicros, won: outcome === side },
    };
  }

  /** It fills as soon as the ask comes down to it, and stands only as long as the strategy still asks for the same. */
  #reviewResting(signal: Signal, window: WindowState, nowMs: number): void {
    const resting = this.#resting;
    if (resting === null) return;
    if (signal.kind !== resting.side) {
      this.#resting = null;
      return;
    }
    const level = levelOf(window.quote, resting.side);
    if (level !== null && level.askMicros <= resting.limitMicros) {
      this.#buy(resting.side, resting.limitMicros, Math.min(resting.sharesMicros, level.askSizeMicros), 0, nowMs);
    } else if (signal.limit !== resting.asked) this.#resting = null;
  }

  #enter(signal: EntrySignal, window: WindowState, spotAtMs: number | null, nowMs: number): void {
    const { market, quote } = window;
    const { bankrollMicros, ...terms } = this.#terms;
    const verdict = checkEntry({
      ...terms,
      signal,
      market,
      quote,
      hasStrike: window.strikeE18 !== null,
      nowMs,
      spotAtMs,
      mode: "active",
      exposure: { slotMicros: 0, assetMicros: 0, totalMicros: 0 },
      freeCashMicros: bankrollMicros,
      bankrollMicros,
      realisedTodayMicros: 0,
      ordersLastMinute: 0,
    });
    if (verdict.type === "Denied") return;
    const { limitMicros, sharesMicros, timeInForce } = verdict;
    const level = levelOf(quote, signal.kind);
    if (timeInForce === "GTC") {
      this.#resting = { side: signal.kind, asked: signal.limit, limitMicros, sharesMicros };
    } else if (level !== null) {
      const { askMicros, askSizeMicros } = level;
      this.#buy(signal.kind, askMicros, Math.min(sharesMicros, askSizeMicros), market.feeRatePpm, nowMs);
    }
  }

  #buy(side: Side, priceMicros: number, offeredMicros: number, feeRatePpm: number, atMs: number): void {
    const sharesMicros = floorToStep(offeredMicros, SHARE_STEP_MICROS);
    if (sharesMicros === 0) return;
    const costMicros = notionalMicros(sharesMicros, priceMicros);
    const feeMicros = takerFeeMicros(sharesMicros, priceMicros, feeRatePpm);
    this.#bought = { side, sharesMicros, costMicros, feeMicros, atMs };
    this.#resting = null;
  }

  /** All of it at the best bid, wherever there is one. */
  #sell({ market, quote }: WindowState): void {
    const bought = this.#bought;
    if (bought === null || this.#soldForMicros !== null) return;
    const { side, sharesMicros } = bought;
    const level = levelOf(quote, side);
    if (level === null || level.bidSizeMicros === 0) return;
    const { bidMicros } = level;
    this.#soldForMicros =
      notionalMicros(sharesMicros, bidMicros) - takerFeeMicros(sharesMicros, bidMicros, market.feeRatePpm);
  }
}

const levelOf = (quote: MarketQuote | null, side: Side): TokenQuote | null => quote?.[side] ?? null;
