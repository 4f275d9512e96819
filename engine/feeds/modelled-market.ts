// A window's market where no venue's record of it exists (simulated prices, price and candle files): the facts that the
// real 5m and 15m markets mostly have.
import { type Asset, WINDOW_MS, type WindowInterval } from "../../dsl/asset.ts";
import { marketId } from "../base/ids.ts";
import type { Market } from "../market/market.ts";

export function modelledMarket(asset: Asset, interval: WindowInterval, openMs: number): Market {
  const id = marketId(asset, interval, openMs);
  return {
    id,
    conditionId: `${id}/condition`,
    asset,
    interval,
    openMs,
    closeMs: openMs + WINDOW_MS[interval],
    tokens: { up: `${id}/up`, down: `${id}/down` },
    tickMicros: 10_000,
    minSharesMicros: 5_000_000,
    feeRatePpm: 70_000,
    twapLookbackMs: 0,
  };
}
