// What a volatility means where the source has no candles as short as its step: the same over the shortest there are, and
// over a window long enough for them. Other inputs are on the interval they name or are not ready.
import { CANDLE_INTERVALS, CANDLE_MS, type CandleInterval } from "../../dsl/candle.ts";
import type { InputSpec } from "./manifest.ts";

const STEPPED = ["market.volatility", "market.probabilityUp"];
/** The longest window an input can declare. */
const WINDOW_MAX = "1h";

/** `shortestMs`: length of the source's candles; 0 for a source of ticks, which has them all. */
export function coarsen(spec: InputSpec, shortestMs: number): InputSpec {
  if (!STEPPED.includes(spec.kind) || CANDLE_MS[spec.options.step as CandleInterval] >= shortestMs) return spec;
  const step = CANDLE_INTERVALS.find((interval) => CANDLE_MS[interval] >= shortestMs) ?? "1h";
  return {
    kind: spec.kind,
    options: { ...spec.options, step, window: step === "1m" ? spec.options.window! : WINDOW_MAX },
  };
}
