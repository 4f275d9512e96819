// Makes an Indicator of its parts and one step function, and keeps bad candles out of its state.
// Gaps: the caller puts in up to five synthetic candles for missing ones; over a longer gap it makes a new instance, since
// nothing here can know what happened in between.
import type { Candle } from "../candle.ts";
import type { Indicator } from "./indicator.ts";
import { type Part, restoreParts, saveParts } from "./parts/part.ts";

/** Bounds within which quotients and squares of prices stay finite, whatever the order of the candles. */
const PRICE_MIN = 1e-100;
const PRICE_MAX = 1e100;

interface Definition {
  readonly outputs: readonly string[];
  readonly warmup: number;
  /** Default: `warmup`, right for everything that sees a window only. */
  readonly stable?: number;
  readonly parts: Readonly<Record<string, Part>>;
  /** Writes the outputs with this candle in; changes state only if `commit` is set. */
  step(candle: Candle, out: Float64Array, commit: boolean): void;
}

export const VALUE = ["value"] as const;

export function defineIndicator({ outputs, warmup, stable = warmup, parts, step }: Definition): Indicator {
  return {
    outputs,
    warmup,
    stable,
    next(candle, out) {
      requireCandle(candle);
      step(candle, out, true);
    },
    peek(candle, out) {
      requireCandle(candle);
      step(candle, out, false);
    },
    snapshot: () => saveParts(parts),
    restore: (state) => restoreParts(parts, state),
  };
}

/** Steps an indicator that is a part of another one. */
export function step(indicator: Indicator, candle: Candle, out: Float64Array, commit: boolean): void {
  if (commit) indicator.next(candle, out);
  else indicator.peek(candle, out);
}

function requireCandle(candle: Candle): void {
  const { open, high, low, close, volume } = candle;
  if (isPrice(open) && isPrice(high) && isPrice(low) && isPrice(close) && volume >= 0 && volume <= PRICE_MAX) return;
  throw new RangeError(
    `Cannot take the candle at ${candle.openMs}: open ${open}, high ${high}, low ${low}, close ${close}, volume ${volume}; expected finite prices above 0 and a finite volume of at least 0`,
  );
}

const isPrice = (price: number): boolean => price >= PRICE_MIN && price <= PRICE_MAX;
