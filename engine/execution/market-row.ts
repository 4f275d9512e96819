// A window as it is stored, and back: facts, strike, how it ended by our own ticks and by the venue.

import type { Market } from "../market/market.ts";
import { computedOutcome, type WindowState } from "../market/market-state.ts";
import type { MarketRow } from "../store/tables.ts";
import type { Resolution } from "./claims.ts";

export const marketRow = (window: WindowState, resolution: Resolution | null): MarketRow => ({
  market: window.market.id,
  asset: window.market.asset,
  interval: window.market.interval,
  openMs: window.market.openMs,
  closeMs: window.market.closeMs,
  facts: JSON.stringify(window.market),
  strikeE18: window.strikeE18?.toString() ?? null,
  endE18: window.endE18?.toString() ?? null,
  computedOutcome: computedOutcome(window),
  venueOutcome: resolution?.outcome ?? null,
  claimStatus: resolution?.claim ?? "none",
  claimedMicros: resolution?.amountMicros ?? 0,
});

export const marketOfRow = (
  row: MarketRow,
): { readonly market: Market; readonly strikeE18: bigint | null; readonly endE18: bigint | null } => ({
  market: JSON.parse(row.facts) as Market, // Written by us from a Market; the store's checksum-free trust ends at its schema.
  strikeE18: row.strikeE18 === null ? null : BigInt(row.strikeE18),
  endE18: row.endE18 === null ? null : BigInt(row.endE18),
});
