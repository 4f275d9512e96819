// Whether an entry may be sent, and as what order. The first limit that is broken names itself; nothing is resized to fit.
import { MICROS } from "../base/micros.ts";
import type { Signal } from "../decide/decision.ts";
import type { TimeInForce } from "../execution/order.ts";
import { notionalMicros } from "../execution/position.ts";
import type { Market, MarketQuote, TokenQuote } from "../market/market.ts";
import { ALLOWED } from "./mode.ts";
import type { Mode, RiskLimits, Sizing } from "./settings.ts";
import { feePerShare, floorToStep, sharesFor, stakeMicros } from "./sizing.ts";

/** Money already committed: cost of what is held, plus the full cost of what is in flight. */
interface Exposure {
  readonly slotMicros: number;
  readonly assetMicros: number;
  readonly totalMicros: number;
}

export interface EntryInput {
  readonly signal: Extract<Signal, { kind: "up" | "down" }>;
  readonly market: Market;
  readonly quote: MarketQuote | null;
  readonly hasStrike: boolean;
  readonly nowMs: number;
  /** When the spot price was last received; null before the first. */
  readonly spotAtMs: number | null;
  readonly mode: Mode;
  readonly sizing: Sizing;
  readonly scalePpm: number;
  readonly limits: RiskLimits;
  readonly exposure: Exposure;
  readonly freeCashMicros: number;
  readonly bankrollMicros: number;
  readonly realisedTodayMicros: number;
  readonly ordersLastMinute: number;
}

export type EntryVerdict =
  | { readonly type: "Denied"; readonly reason: string }
  | {
      readonly type: "Allowed";
      readonly limitMicros: number;
      readonly sharesMicros: number;
      readonly timeInForce: TimeInForce;
    };

const denied = (reason: string): EntryVerdict => ({ type: "Denied", reason });

export function checkEntry(input: EntryInput): EntryVerdict {
  const { signal, market, quote, limits, nowMs } = input;
  if (!ALLOWED[input.mode].newEntries) return denied(`mode is ${input.mode}`);
  if (!input.hasStrike) return denied("the window has no open price");
  if (nowMs < market.openMs || nowMs >= market.closeMs) return denied("the window is not open");
  if (input.spotAtMs === null || nowMs - input.spotAtMs > limits.staleAfterMs) return denied("the price is stale");
  if (quote === null || nowMs - quote.atMs > limits.staleAfterMs) return denied("the quote is stale");
  if (input.realisedTodayMicros <= -limits.dailyLossMicros) return denied("the daily loss limit is reached");
  if (input.ordersLastMinute >= limits.ordersPerMinute) return denied("the order rate limit is reached");

  const terms = priceTerms(signal, market, signal.kind === "up" ? quote.up : quote.down, limits);
  if (terms.type === "Denied") return terms;
  const { limitMicros, payMicros, feeMicros, timeInForce } = terms;
  const edgeMicros = Math.floor(signal.probability * MICROS) - payMicros - feeMicros;
  if (edgeMicros < limits.minEdgeMicros) return denied("the edge after fees is below the minimum");

  const stake = stakeMicros({
    sizing: input.sizing,
    scalePpm: input.scalePpm,
    priceMicros: payMicros,
    feePerShareMicros: feeMicros,
    probability: signal.probability,
    bankrollMicros: input.bankrollMicros,
  });
  const sharesMicros = sharesFor(stake, payMicros, feeMicros);
  if (sharesMicros < market.minSharesMicros) return denied("the stake buys less than the market's minimum");

  const costMicros = orderCost(sharesMicros, limitMicros, market.feeRatePpm);
  const { exposure } = input;
  if (exposure.slotMicros + costMicros > limits.perSlotMicros) return denied("the slot's limit is reached");
  if (exposure.assetMicros + costMicros > limits.perAssetMicros) return denied("the asset's limit is reached");
  if (exposure.totalMicros + costMicros > limits.totalMicros) return denied("the total limit is reached");
  if (costMicros > input.freeCashMicros) return denied("there is not enough free cash");
  return { type: "Allowed", limitMicros, sharesMicros, timeInForce };
}

/** The most an order can cost: all of it at its limit, as a taker. */
export const orderCost = (sharesMicros: number, limitMicros: number, feeRatePpm: number): number =>
  notionalMicros(sharesMicros, limitMicros) + Math.ceil((sharesMicros * feePerShare(limitMicros, feeRatePpm)) / MICROS);

type PriceTerms =
  | { readonly type: "Denied"; readonly reason: string }
  | {
      readonly type: "Terms";
      readonly limitMicros: number;
      readonly payMicros: number;
      readonly feeMicros: number;
      readonly timeInForce: TimeInForce;
    };

/**
 * Without a limit, or with one at or above the ask: take what is there now, reaching no further than the collar and no
 * further than the least edge allows. With a limit below the ask: rest there as a maker.
 */
function priceTerms(
  signal: Extract<Signal, { kind: "up" | "down" }>,
  market: Market,
  quote: TokenQuote,
  limits: RiskLimits,
): PriceTerms {
  const { tickMicros } = market;
  const asked = signal.limit === null ? null : floorToStep(Math.floor(signal.limit * MICROS + 1e-6), tickMicros);
  if (asked !== null && asked < tickMicros) return { type: "Denied", reason: "the limit is below the smallest price" };
  if (asked !== null && (quote.askSizeMicros === 0 || asked < quote.askMicros)) {
    const limitMicros = Math.min(asked, MICROS - tickMicros);
    return { type: "Terms", limitMicros, payMicros: limitMicros, feeMicros: 0, timeInForce: "GTC" };
  }
  if (quote.askSizeMicros === 0) return { type: "Denied", reason: "nothing is offered" };
  const payMicros = quote.askMicros;
  const feeMicros = feePerShare(payMicros, market.feeRatePpm);
  const worthMicros = Math.floor(signal.probability * MICROS) - limits.minEdgeMicros;
  const reach = Math.min(asked ?? MICROS, payMicros + limits.collarMicros, worthMicros, MICROS - tickMicros);
  let limitMicros = floorToStep(reach, tickMicros);
  // The fee depends on the price paid, so the edge is held against each price within reach.
  while (limitMicros > payMicros && limitMicros + feePerShare(limitMicros, market.feeRatePpm) > worthMicros)
    limitMicros -= tickMicros;
  return { type: "Terms", limitMicros: Math.max(payMicros, limitMicros), payMicros, feeMicros, timeInForce: "FAK" };
}
