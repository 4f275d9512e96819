// When the facts of a market could be known in a recording of ticks. Nothing is told before a tick proves its time came.
import { type Asset, WINDOW_INTERVALS, WINDOW_MS } from "../../../dsl/asset.ts";
import type { Tick } from "../../market/event.ts";
import type { Market } from "../../market/market.ts";
import { modelledMarket } from "../modelled-market.ts";
import { firstIndex } from "./first-index.ts";
import type { MarketRecord } from "./market-file.ts";

export interface Listing {
  readonly market: Market;
  /** One window before the open. */
  readonly listedAtMs: number;
  /** Null when there is no strike, or the recording ends before the window opens. */
  readonly strike: { readonly atMs: number; readonly priceE18: bigint } | null;
  /** Receipt of the first tick of the close or later: from then on the window is history. */
  readonly endedAtMs: number;
}

/** Recorded markets of one asset, whose ticks are in the order of receipt: a strike counts as known once a tick of the open or later has come. */
export function recordedListings(ticks: readonly Tick[], records: readonly MarketRecord[]): readonly Listing[] {
  const receiptOf = receiptsOf(ticks);
  return records.map(({ market, strikeE18 }) => {
    const atMs = receiptOf(market.openMs);
    const strike = strikeE18 === null || atMs === null ? null : { atMs, priceE18: strikeE18 };
    return listing(market, strike, receiptOf(market.closeMs));
  });
}

/** Without recorded markets, every window that opens within the recording; its strike is the tick at the open. */
export function modelledListings(asset: Asset, ticks: readonly Tick[]): readonly Listing[] {
  const receiptOf = receiptsOf(ticks);
  const eventMs = ticks.map((tick) => tick.eventAtMs);
  // Of two ticks of one instant the later received is the correction.
  const opens = new Map(ticks.map((tick) => [tick.eventAtMs, tick]));
  const fromMs = eventMs.reduce((a, b) => Math.min(a, b));
  const toMs = eventMs.reduce((a, b) => Math.max(a, b));
  return WINDOW_INTERVALS.flatMap((interval) => {
    const lengthMs = WINDOW_MS[interval];
    const listings: Listing[] = [];
    for (let openMs = Math.ceil(fromMs / lengthMs) * lengthMs; openMs <= toMs; openMs += lengthMs) {
      const tick = opens.get(openMs);
      const strike = tick === undefined ? null : { atMs: tick.receivedAtMs, priceE18: tick.priceE18 };
      const market = modelledMarket(asset, interval, openMs);
      listings.push(listing(market, strike, receiptOf(market.closeMs)));
    }
    return listings;
  });
}

const listing = (market: Market, strike: Listing["strike"], endedAtMs: number | null): Listing => ({
  market,
  listedAtMs: market.openMs - WINDOW_MS[market.interval],
  strike,
  endedAtMs: endedAtMs ?? market.closeMs,
});

/** Receipt of the first tick, in the order of receipt, that is of `eventMs` or later; null if there is none. */
function receiptsOf(ticks: readonly Tick[]): (eventMs: number) => number | null {
  const newest: Tick[] = [];
  for (const tick of ticks) if (tick.eventAtMs > (newest.at(-1)?.eventAtMs ?? 0)) newest.push(tick);
  return (eventMs) => newest[firstIndex(newest.length, (i) => newest[i]!.eventAtMs >= eventMs)]?.receivedAtMs ?? null;
}
