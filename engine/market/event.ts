// What a feed says. Every message names when it happened (eventAtMs) and when we could know it (receivedAtMs).

import type { Asset } from "../../dsl/asset.ts";
import type { Candle, CandleInterval } from "../../dsl/candle.ts";
import type { MarketId } from "../base/ids.ts";
import type { Market, MarketQuote } from "./market.ts";

export interface Tick {
  readonly type: "Tick";
  readonly asset: Asset;
  /** Exact price × 1e18, as the oracle gives it. */
  readonly priceE18: bigint;
  /** Traded since the last tick, in coins; 0 where the source has none. */
  readonly volume: number;
  readonly eventAtMs: number;
  readonly receivedAtMs: number;
}

export type MarketEvent =
  | Tick
  /** History at start, and candle files: a whole closed candle. */
  | { readonly type: "CandleClosed"; readonly asset: Asset; readonly interval: CandleInterval; readonly candle: Candle }
  | { readonly type: "MarketListed"; readonly market: Market }
  /** The price to beat, known from the window's open on. */
  | { readonly type: "StrikeSet"; readonly market: MarketId; readonly strikeE18: bigint }
  | { readonly type: "Quoted"; readonly market: MarketId; readonly quote: MarketQuote }
  /** Funding rate normalised to 8 hours. */
  | { readonly type: "Funding"; readonly asset: Asset; readonly rate8h: number; readonly atMs: number }
  /** Open interest in coins, not USD. */
  | { readonly type: "OpenInterest"; readonly asset: Asset; readonly coins: number; readonly atMs: number };
