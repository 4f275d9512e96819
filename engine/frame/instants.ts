// Inputs of the present moment: they have a value and no history.
import { probabilityUp } from "../../dsl/indicators/probability-up.ts";
import { MICROS } from "../base/micros.ts";
import { priceOfE18 } from "../market/market.ts";
import type { WindowState } from "../market/market-state.ts";
import type { Moment } from "./frame-header.ts";

/** (bid size − ask size) ÷ their sum at the best Up level, −1 … 1. */
export function imbalanceOf(window: WindowState): number {
  if (window.quote === null) return Number.NaN;
  const { bidSizeMicros, askSizeMicros } = window.quote.up;
  const sum = bidSizeMicros + askSizeMicros;
  return sum === 0 ? Number.NaN : (bidSizeMicros - askSizeMicros) / sum;
}

/** Ask − bid of the Up token, USDC; NaN while a side is empty. */
export function spreadOf(window: WindowState): number {
  if (window.quote === null) return Number.NaN;
  const { bidMicros, askMicros, bidSizeMicros, askSizeMicros } = window.quote.up;
  return bidSizeMicros === 0 || askSizeMicros === 0 ? Number.NaN : (askMicros - bidMicros) / MICROS;
}

/** `sigma` per root of a second; `elapsedMean`: of the lookback that has passed, NaN where there is none. */
export function chanceOfUp({ window, spot, nowMs }: Moment, sigma: number, elapsedMean: number): number {
  const { market, strikeE18 } = window;
  if (strikeE18 === null) return Number.NaN;
  return probabilityUp({
    spot,
    spotAgeSeconds: 0, // Judged before, by the limit of this bot and not of the model.
    strike: priceOfE18(strikeE18),
    secondsLeft: (market.closeMs - nowMs) / 1000,
    sigma,
    lookbackSeconds: market.twapLookbackMs / 1000,
    elapsedMean,
  });
}
