// t statistic of the least-squares slope of ln close on time over the last n candles, clipped to ±10: a straight line has no
// residual and would be infinite. 0 where nothing moved.
import { defineIndicator, VALUE } from "./define-indicator.ts";
import type { Indicator } from "./indicator.ts";
import { Window } from "./parts/window.ts";

const T_MAX = 10;

/** `period` of at least 3: two points are always on a line. */
export function trend({ period }: { readonly period: number }): Indicator {
  const closes = new Window(period);
  return defineIndicator({
    outputs: VALUE,
    warmup: period,
    parts: { closes },
    step(candle, out, commit) {
      out[0] = slopeT(closes.push(candle.close, commit));
    },
  });
}

function slopeT(closes: Float64Array): number {
  const n = closes.length;
  const last = closes[n - 1]!;
  const middle = (n - 1) / 2;
  let total = 0;
  let cross = 0;
  let squares = 0;
  for (let index = 0; index < n; index++) {
    const y = Math.log(closes[index]! / last);
    total += y;
    cross += (index - middle) * y;
    squares += y * y;
  }
  if (squares === 0) return 0;
  const sumOfTimeSquares = (n * (n * n - 1)) / 12;
  const slope = cross / sumOfTimeSquares;
  const residual = Math.max(0, squares - (total * total) / n - slope * cross);
  const t = slope / Math.sqrt(residual / (n - 2) / sumOfTimeSquares);
  return Math.max(-T_MAX, Math.min(T_MAX, t));
}
