// One up/down contract and what is quoted on it.

import type { Asset, WindowInterval } from "../../dsl/asset.ts";
import type { MarketId } from "../base/ids.ts";

export type Side = "up" | "down";

export interface Market {
  readonly id: MarketId;
  readonly conditionId: string;
  readonly asset: Asset;
  readonly interval: WindowInterval;
  readonly openMs: number;
  readonly closeMs: number;
  /** Token ids as the venue names them. */
  readonly tokens: { readonly up: string; readonly down: string };
  /** Smallest price step, micro-USDC. */
  readonly tickMicros: number;
  readonly minSharesMicros: number;
  /** Taker fee rate of shares × rate × p(1−p), in parts per million (70,000 = 0.07). */
  readonly feeRatePpm: number;
  /** 0: settled on the instantaneous price; otherwise on the mean of this long before the boundary. */
  readonly twapLookbackMs: number;
}

/** Best level of one outcome token; 0 size and NaN-free: an empty side has price 0 (bid) or 1,000,000 (ask) and size 0. */
export interface TokenQuote {
  readonly bidMicros: number;
  readonly askMicros: number;
  readonly bidSizeMicros: number;
  readonly askSizeMicros: number;
}

export interface MarketQuote {
  readonly atMs: number;
  readonly up: TokenQuote;
  readonly down: TokenQuote;
}

/** Void: no end price could be had; each share pays half. */
export type Outcome = "up" | "down" | "void";

export const E18 = 10n ** 18n;

/** The double nearest to a 1e18-scaled price: for indicators and display, never for settlement. */
export function priceOfE18(priceE18: bigint): number {
  const digits = priceE18.toString().padStart(19, "0");
  return Number(`${digits.slice(0, -18)}.${digits.slice(-18)}`);
}

/** A tie is Up (the venue's rule: end ≥ strike). Compares the exact 1e18 integers. */
export const outcomeOf = (strikeE18: bigint, endE18: bigint): Outcome => (endE18 >= strikeE18 ? "up" : "down");
