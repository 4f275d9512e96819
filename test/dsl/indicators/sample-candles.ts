// Seeded candles for tests: a price that returns to its mean, so that every indicator has a value on it.
import type { Candle } from "../../../dsl/candle.ts";
import type { Indicator } from "../../../dsl/indicators/indicator.ts";
import { gaussian, uniform } from "../../../engine/base/prng.ts";

interface SampleOptions {
  readonly seed: number;
  readonly count: number;
  /** Price level. */
  readonly scale?: number;
  /** Leading candles on which nothing moves. */
  readonly flat?: number;
  /** With synthetic candles, unknown funding, missing open interest and contract migrations. */
  readonly holes?: boolean;
}

export function sampleCandles({ seed, count, scale = 1, flat = 0, holes = false }: SampleOptions): Candle[] {
  const candles: Candle[] = [];
  let deviation = 0;
  let close = scale;
  let interest = 50_000;
  for (let index = 0; index < count; index++) {
    const isFlat = index < flat;
    const synthetic = holes && uniform(seed, index, 1) < 0.1;
    const open = close;
    if (!isFlat && !synthetic) {
      deviation = 0.6 * deviation + 0.002 * gaussian(seed, index, 2);
      close = scale * Math.exp(deviation + 0.02 * Math.sin(index / 90));
    }
    interest *= Math.exp(0.005 * gaussian(seed, index, 3)) * (holes && uniform(seed, index, 4) < 0.02 ? 2 : 1);
    const spread = isFlat || synthetic ? 0 : 0.001 * scale;
    candles.push({
      openMs: index * 60_000,
      open,
      high: Math.max(open, close) + spread * uniform(seed, index, 5),
      low: Math.min(open, close) - spread * uniform(seed, index, 6),
      close,
      volume: isFlat || synthetic ? 0 : 5 * Math.exp(0.6 * gaussian(seed, index, 7)),
      synthetic,
      fundingRate8h: holes && uniform(seed, index, 8) < 0.1 ? Number.NaN : 1e-4 + 5e-5 * gaussian(seed, index, 9),
      openInterest: holes && uniform(seed, index, 10) < 0.1 ? 0 : interest,
    });
  }
  return candles;
}

/** A candle on which only the close matters. */
export const candleAt = (close: number, rest: Partial<Candle> = {}): Candle => ({
  openMs: 0,
  open: close,
  high: close,
  low: close,
  close,
  volume: 1,
  synthetic: false,
  fundingRate8h: Number.NaN,
  openInterest: Number.NaN,
  ...rest,
});

/** One row of outputs per candle. */
export function run(indicator: Indicator, candles: readonly Candle[]): number[][] {
  const out = new Float64Array(indicator.outputs.length);
  return candles.map((candle) => {
    indicator.next(candle, out);
    return [...out];
  });
}

/** First output after each close. */
export const runCloses = (indicator: Indicator, closes: readonly number[]): number[] =>
  run(
    indicator,
    closes.map((close) => candleAt(close)),
  ).map((row) => row[0]!);
