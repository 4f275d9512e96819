// What of the market is kept on disk: closed candles, and a sample of every quote. Enough to rehearse a day of windows on.
import { CANDLE_INTERVALS, CANDLE_MS, type CandleInterval } from "../../dsl/candle.ts";
import type { CandleRow, Write } from "../store/tables.ts";
import type { MarketEvent } from "./event.ts";
import { type AssetState, type MarketState, spotOf, type WindowState } from "./market-state.ts";

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

/** A quote that decisions were made on becomes a row at this pace, and whenever one of them acted. */
export const isSampleDue = (nowMs: number, cycleMs: number): boolean => nowMs % QUOTE_SAMPLE_MS < cycleMs;

/** The market of one asset as decisions see it now. */
export function assetSample(state: AssetState, cycle: number, nowMs: number): Write {
  const { asset, candles, lastTick } = state;
  const closedToMs = Math.max(
    ...CANDLE_INTERVALS.map(
      (interval) => (candles.closed(interval).at(0)?.openMs ?? Number.NaN) + CANDLE_MS[interval],
    ).filter((endMs) => !Number.isNaN(endMs)),
  );
  const forming = candles.forming("10s");
  return {
    table: "samples",
    row: {
      asset,
      atMs: nowMs,
      cycle,
      spot: lastTick === null ? null : spotOf(state),
      closedToMs: Number.isFinite(closedToMs) ? closedToMs : null,
      open: forming?.open ?? null,
      high: forming?.high ?? null,
      low: forming?.low ?? null,
      volume: forming?.volume ?? null,
    },
  };
}

/** Null without a quote. */
export function quoteSample({ quote, market }: WindowState, nowMs: number): Write | null {
  if (quote === null) return null;
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
