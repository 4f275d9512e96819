// A candle on the interval grid. Prices here are floats: market data that indicators read, never money.

export const CANDLE_INTERVALS = ["10s", "1m", "5m", "15m", "1h"] as const;
export type CandleInterval = (typeof CANDLE_INTERVALS)[number];

export const CANDLE_MS: Readonly<Record<CandleInterval, number>> = {
  "10s": 10_000,
  "1m": 60_000,
  "5m": 300_000,
  "15m": 900_000,
  "1h": 3_600_000,
};

export interface Candle {
  /** Start of the interval, ms UTC, a multiple of the interval. */
  readonly openMs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** Coins traded; 0 where the source has no volume. */
  readonly volume: number;
  /** A flat candle put in for an interval without a tick: volatility and volume estimators skip it. */
  readonly synthetic: boolean;
  /** Funding rate as of the close, normalised to 8 hours; NaN when unknown. */
  readonly fundingRate8h: number;
  /** Open interest as of the close, in coins; NaN when unknown. */
  readonly openInterest: number;
}
