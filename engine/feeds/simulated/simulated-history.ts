// What an observer of the simulated world would have seen before an instant. Old candles are drawn from a few seconds
// of each, not all: their highs and lows are a little tight, and a whole history costs milliseconds.
import { CANDLE_INTERVALS, CANDLE_MS, type Candle } from "../../../dsl/candle.ts";
import { AssetCandles } from "../../market/candle-series.ts";
import type { MarketEvent } from "../../market/event.ts";
import type { AssetProcess } from "./asset-process.ts";

const HOUR_MS = CANDLE_MS["1h"];
const MINUTE_MS = CANDLE_MS["1m"];
const LONG_CANDLES = 300;
const MINUTES = 1_500;
/** Seconds between the prices that a candle is drawn from. */
const STEP_SECONDS = { "10s": 2, "1m": 10, "15m": 90, "1h": 360 } as const;

/**
 * Closed candles, the longest interval first and each oldest first: at least an hour of 10s, 1,500 of 1m and 300 of each
 * longer one; then the ticks of the minute that is forming at `atMs`, as far as they have been received.
 */
export function* simulatedHistory(process: AssetProcess, atMs: number): Generator<MarketEvent> {
  const minuteMs = floorTo(atMs, MINUTE_MS);
  const minutesFromMs = floorTo(minuteMs - MINUTES * MINUTE_MS, HOUR_MS);
  const candles = new AssetCandles();
  const draw = (interval: keyof typeof STEP_SECONDS, fromMs: number, toMs: number): void => {
    const lengthMs = CANDLE_MS[interval];
    for (let openMs = floorTo(fromMs, lengthMs); openMs < toMs; openMs += lengthMs) {
      candles.addClosed(interval, drawnCandle(process, openMs, lengthMs / 1_000, STEP_SECONDS[interval]));
    }
  };
  draw("1h", minuteMs - LONG_CANDLES * HOUR_MS, minutesFromMs);
  draw("15m", minuteMs - LONG_CANDLES * CANDLE_MS["15m"], minutesFromMs);
  draw("1m", minutesFromMs, minuteMs);
  draw("10s", minuteMs - HOUR_MS, minuteMs);
  for (const interval of CANDLE_INTERVALS.toReversed()) {
    const closed = candles.closed(interval);
    for (let back = closed.length - 1; back >= 0; back--) {
      yield { type: "CandleClosed", asset: process.asset, interval, candle: closed.at(back)! };
    }
  }
  for (let second = minuteMs / 1_000; second * 1_000 <= atMs; second++) {
    const tick = process.tick(second);
    if (tick.receivedAtMs <= atMs) yield tick;
  }
}

function drawnCandle(process: AssetProcess, openMs: number, lengthSeconds: number, stepSeconds: number): Candle {
  const openSecond = openMs / 1_000;
  const endSecond = openSecond + lengthSeconds;
  let last = process.logPrice(openSecond);
  let volume = 0;
  const open = process.priceOf(last);
  let [high, low, close] = [open, open, open];
  for (let second = openSecond; second < endSecond; second += stepSeconds) {
    // The last second of a candle is the one before its end.
    const sampledSecond = Math.min(second + stepSeconds, endSecond - 1);
    const next = process.logPrice(sampledSecond);
    close = process.priceOf(next);
    high = Math.max(high, close);
    low = Math.min(low, close);
    volume += process.volume(sampledSecond, stepSeconds, next - last);
    last = next;
  }
  return {
    openMs,
    open,
    high,
    low,
    close,
    volume,
    synthetic: false,
    fundingRate8h: process.fundingRate8h(Math.floor(endSecond / 3_600)),
    openInterest: process.openInterest(Math.floor(endSecond / 60)),
  };
}

const floorTo = (atMs: number, stepMs: number): number => Math.floor(atMs / stepMs) * stepMs;
