// How much to buy: a stake in money, then whole hundredths of a share, never rounded up.
import { assertNever } from "../base/assert.ts";
import { MICROS, mulDiv } from "../base/micros.ts";
import { takerFeeMicros } from "../execution/fees.ts";
import type { Sizing } from "./settings.ts";

/** The venue trades shares in hundredths. */
export const SHARE_STEP_MICROS = 10_000;

export interface SizingInput {
  readonly sizing: Sizing;
  readonly scalePpm: number;
  /** Price we expect to pay a share. */
  readonly priceMicros: number;
  /** Fee on one share at that price; 0 for a maker. */
  readonly feePerShareMicros: number;
  /** The strategy's probability that the bought side wins, 0 … 1. */
  readonly probability: number;
  /** Cash and cost of open positions: what Kelly takes its fraction of. */
  readonly bankrollMicros: number;
}

/** Money to put in, fee included. Fractional Kelly is net of the fee: f* = (p − c) ÷ (1 − c) with c = price + fee. */
export function stakeMicros(input: SizingInput): number {
  return mulDiv(unscaledStake(input), input.scalePpm, MICROS, "floor");
}

function unscaledStake({ sizing, priceMicros, feePerShareMicros, probability, bankrollMicros }: SizingInput): number {
  switch (sizing.type) {
    case "fixedStake":
      return sizing.stakeMicros;
    case "fractionalKelly": {
      const costMicros = priceMicros + feePerShareMicros;
      const edgeMicros = Math.floor(probability * MICROS) - costMicros;
      if (edgeMicros <= 0 || costMicros >= MICROS) return 0;
      const fractionPpm = mulDiv(edgeMicros, sizing.fractionPpm, MICROS - costMicros, "floor");
      return Math.min(sizing.capMicros, mulDiv(bankrollMicros, fractionPpm, MICROS, "floor"));
    }
    default:
      return assertNever(sizing, "sizing");
  }
}

/** Whole hundredths of a share that a stake buys at this price and fee; 0 when it buys none. */
export function sharesFor(stake: number, priceMicros: number, feePerShareMicros: number): number {
  const costMicros = priceMicros + feePerShareMicros;
  if (stake <= 0 || costMicros <= 0) return 0;
  return floorToStep(mulDiv(stake, MICROS, costMicros, "floor"), SHARE_STEP_MICROS);
}

export const floorToStep = (micros: number, stepMicros: number): number => micros - (micros % stepMicros);

/** Taker fee on exactly one share, rounded up to the micro: what a plan must reckon with. */
export const feePerShare = (priceMicros: number, feeRatePpm: number): number =>
  Math.ceil(takerFeeMicros(1_000 * MICROS, priceMicros, feeRatePpm) / 1_000);
