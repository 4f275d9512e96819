// What of the market is kept on disk: closed candles, and a sample of every quote. Enough to rehearse a day of windows on.
import type { CANDLE_MS } from "../../dsl/candle.ts";
import type { CandleRow, Write } from "../store/tables.ts";
import type { MarketEvent } from "./event.ts";
import type { AssetState, MarketState, WindowState } from "./market-state.ts";

const QUOTE_SAMPLE_MS = 10_000;

/** Turns what has closed into rows, once each: a warm start replays candles that are on disk already. */
export class CandleJournal {
  readonly #storedTo = new Map<string, number>();

  constructor(stored: readonly CandleRow[]) {
    for (const row of stored) this.#storedTo.set(row.asset, Math.max(row.openMs, this.#storedTo.get(row.asset) ?? 0));
  }

  /** Rows for the 1m candles that closed since the last call. */
  closed(market: MarketState): Write[] {
    const writes: Write[] = [];
    for (const asset of market.assets) {
      const storedTo = this.#storedTo.get(asset.asset) ?? Number.NEGATIVE_INFINITY;
      for (const { interval, candle } of asset.candles.drainClosed()) {
        if (interval === "1m" && candle.openMs > storedTo)
          writes.push({ table: "candles", row: candleRow(asset, candle) });
      }
    }
    return writes;
  }
}

const candleRow = (
  { asset }: AssetState,
  candle: Extract<MarketEvent, { type: "CandleClosed" }>["candle"],
): CandleRow => ({
  asset,
  interval: "1m",
  openMs: candle.openMs,
  open: candle.open,
  high: candle.high,
  low: candle.low,
  close: candle.close,
  volume: candle.volume,
  synthetic: candle.synthetic ? 1 : 0,
  fundingRate8h: Number.isNaN(candle.fundingRate8h) ? null : candle.fundingRate8h,
  openInterest: Number.isNaN(candle.openInterest) ? null : candle.openInterest,
});

/** Kept candles as events, for a market state that starts again; what the feed's own history brought already is ignored. */
export const candleEvents = (rows: readonly CandleRow[]): MarketEvent[] =>
  rows.map((row) => ({
    type: "CandleClosed",
    asset: row.asset as AssetState["asset"],
    interval: row.interval as keyof typeof CANDLE_MS,
    candle: {
      openMs: row.openMs,
      open: row.open,
      high: row.high,
      low: row.low,
      close: row.close,
      volume: row.volume,
      synthetic: row.synthetic === 1,
      fundingRate8h: row.fundingRate8h ?? Number.NaN,
      openInterest: row.openInterest ?? Number.NaN,
    },
  }));

/** A row each 10 s a window; null in between and without a quote. */
export function quoteSample(window: WindowState, nowMs: number, cycleMs: number): Write | null {
  const { quote, market } = window;
  if (quote === null || nowMs % QUOTE_SAMPLE_MS >= cycleMs) return null;
  return {
    table: "quotes",
    row: {
      market: market.id,
      atMs: nowMs,
      upBid: quote.up.bidMicros,
      upAsk: quote.up.askMicros,
      upBidSize: quote.up.bidSizeMicros,
      upAskSize: quote.up.askSizeMicros,
      downBid: quote.down.bidMicros,
      downAsk: quote.down.askMicros,
      downBidSize: quote.down.bidSizeMicros,
      downAskSize: quote.down.askSizeMicros,
    },
  };
}
