// What a strategy declares (Input) and what its decide() then reads (Reading). The declaration is data; the host does the work.
import type { CandleInterval } from "./candle.ts";

/** One number over time. `.value` is of the last closed candle (or the forming one, if declared); NaN while not ready. */
export interface Reading {
  readonly value: number;
  readonly ready: boolean;
  /** The value n closed candles back, 0 = last closed; NaN beyond the declared history. */
  at(n: number): number;
}

/** A closed-candle window, oldest first; NaN at the front while there are fewer than `depth`. */
export interface Candles {
  readonly depth: number;
  readonly ready: boolean;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
}

declare const reads: unique symbol;
/** A declared input whose reading has shape R. */
export interface Input<R> {
  readonly [reads]: R;
}

export type Records<Names extends string> = { readonly [K in Names]: Reading };
export type Readings<I> = { readonly [K in keyof I]: I[K] extends Input<infer R> ? R : never };

/** Options that every candle-driven input takes. */
export interface SeriesOptions {
  readonly interval: CandleInterval;
  /** Closed values kept for `.at(n)`; 1 … 500, default 16. */
  readonly history?: number;
  /** true: `.value` follows the candle that is still forming. */
  readonly forming?: boolean;
}

/** Builds the declaration; `options` must be complete, defaults filled in. */
export function declare<R>(kind: string, options: Readonly<Record<string, number | string | boolean>>): Input<R> {
  return Object.freeze({ kind, options: Object.freeze(options) }) as unknown as Input<R>;
}
