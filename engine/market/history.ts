// What of the market is kept on disk: closed candles, and a sample of every quote. Enough to rehearse a day of windows on.
import { CANDLE_INTERVALS, type CandleInterval } from "../../dsl/candle.ts";
import type { CandleRow, Write } from "../store/tables.ts";
import type { MarketEvent } from "./event.ts";
import type { AssetState, MarketState, WindowState } from "./market-state.ts";

const QUOTE_SAMPLE_MS = 10_000;

/** Turns what has closed into rows, once each: a warm start replays candles that are on disk already. */
export class CandleJournal {
  readonly #storedTo = new Map<string, number>();

  constructor(stored: readonly CandleRow[]) {
    for (const { asset, interval, openMs } of stored) {
      const series = `${asset} ${interval}`;
      this.#storedTo.set(series, Math.max(openMs, this.#storedTo.get(series) ?? 0));
    }
  }

  /** Rows for the candles that closed since the last call. */
  closed(market: MarketState): Write[] {
    const writes: Write[] = [];
    for (const asset of market.assets) {
      for (const { interval, candle } of asset.candles.drainClosed()) {
        const storedTo = this.#storedTo.get(`${asset.asset} ${interval}`) ?? Number.NEGATIVE_INFINITY;
        if (candle.openMs <= storedTo) continue;
        writes.push({ table: "candles", row: candleRow(asset, interval, candle) });
      }
    }
    return writes;
  }
}

const candleRow = (
  { asset }: AssetState,
  interval: CandleInterval,
  candle: Extract<MarketEvent, { type: "CandleClosed" }>["candle"],
): CandleRow => ({
  asset,
  interval,
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

/** Kept candles as events, for a market state that starts again: the longest intervals first, as it takes them. */
export const candleEvents = (rows: readonly CandleRow[]): MarketEvent[] =>
  [...CANDLE_INTERVALS]
    .reverse()
    .flatMap((interval) => rows.filter((row) => row.interval === interval).map(candleEvent));

const candleEvent = (row: CandleRow): MarketEvent => ({
  type: "CandleClosed",
  asset: row.asset as AssetState["asset"],
  interval: row.interval as CandleInterval,
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
});

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
