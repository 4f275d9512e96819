// Where the close lies between the Bollinger bands: below 0 or above 1 is outside; NaN where the bands coincide.
import { bollinger } from "./bollinger.ts";
import { defineIndicator, step, VALUE } from "./define-indicator.ts";
import type { Indicator } from "./indicator.ts";

export function percentB(options: { readonly period: number; readonly deviations: number }): Indicator {
  const bands = bollinger(options);
  const values = new Float64Array(bands.outputs.length);
  const index = bands.outputs.indexOf("percentB");
  return defineIndicator({
    outputs: VALUE,
    warmup: bands.warmup,
    parts: { bands },
    step(candle, out, commit) {
      step(bands, candle, values, commit);
      out[0] = values[index]!;
    },
  });
}
