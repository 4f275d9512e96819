// One market of the tests' world, and what the feed says of it. Everything opens at noon, on both window grids.
import { type Asset, WINDOW_MS, type WindowInterval } from "../../dsl/asset.ts";
import { marketId } from "../../engine/base/ids.ts";
import type { MarketEvent, Tick } from "../../engine/market/event.ts";
import { E18, type Market } from "../../engine/market/market.ts";

export const NOON = Date.UTC(2026, 5, 8, 12);
export const STRIKE = 65_000;
/** One USDC or one share. */
export const UNIT = 1_000_000;

export const e18 = (price: number): bigint => BigInt(Math.round(price * 100)) * (E18 / 100n);

interface Where {
  readonly asset?: Asset;
  readonly interval?: WindowInterval;
  readonly openMs?: number;
}

export function aMarket(
  { asset = "btc", interval = "5m", openMs = NOON }: Where = {},
  changes: Partial<Market> = {},
): Market {
  return {
    id: marketId(asset, interval, openMs),
    conditionId: "0xc0",
    asset,
    interval,
    openMs,
    closeMs: openMs + WINDOW_MS[interval],
    tokens: { up: "1", down: "2" },
    tickMicros: 10_000,
    minSharesMicros: 5 * UNIT,
    feeRatePpm: 70_000,
    twapLookbackMs: 0,
    ...changes,
  };
}

interface TickFacts {
  readonly asset?: Asset;
  readonly receivedAtMs?: number;
  readonly volume?: number;
}

export const aTick = (
  atMs: number,
  price = STRIKE,
  { asset = "btc", receivedAtMs = atMs, volume = 1 }: TickFacts = {},
): Tick => ({ type: "Tick", asset, priceE18: e18(price), volume, eventAtMs: atMs, receivedAtMs });

/** Listed, with its open price. */
export const opening = (market: Market, strike = STRIKE): readonly MarketEvent[] => [
  { type: "MarketListed", market },
  { type: "StrikeSet", market: market.id, strikeE18: e18(strike) },
];
