// Kaufman's efficiency ratio, 0 … 1: the way made good over the way travelled; 0 where nothing moved.
import { defineIndicator, VALUE } from "./define-indicator.ts";
import type { Indicator } from "./indicator.ts";
import { Delay } from "./parts/delay.ts";
import { SlidingFold, sum } from "./parts/sliding-fold.ts";

export function efficiency({ period }: { readonly period: number }): Indicator {
  const previous = new Delay(1);
  const start = new Delay(period);
  const steps = new SlidingFold(period, sum);
  return defineIndicator({
    outputs: VALUE,
    warmup: period + 1,
    parts: { previous, start, steps },
    step({ close }, out, commit) {
      const made = Math.abs(close - start.push(close, commit));
      const travelled = steps.push(Math.abs(close - previous.push(close, commit)), commit);
      out[0] = travelled === 0 ? 0 : Math.min(1, made / travelled);
    },
  });
}
