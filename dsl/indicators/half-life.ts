// Candles in which the distance of ln close from the logarithm of its EMA halves, from the regression
// dx = a + b x[-1] over the last `window` steps: -ln 2 / ln(1 + b).
// NaN unless the distance reverts: b in (-1, 0), Dickey-Fuller significant at 5 %, and the window five half-lives long.
// b is biased low by about (1 + 3 phi) / window, so the half-life reads short.
import { defineIndicator, VALUE } from "./define-indicator.ts";
import type { Indicator } from "./indicator.ts";
import { emaWeight, SmoothedMean, settlingTime } from "./parts/smoothed-mean.ts";
import { Window } from "./parts/window.ts";

const DICKEY_FULLER_T = -2.9;
const VARIANCE_MIN = 1e-12;
const HALF_LIVES_MIN = 5;

/** `window` of at least 60 steps; `period` is the EMA's. */
export function halfLife({ window, period }: { readonly window: number; readonly period: number }): Indicator {
  const mean = new SmoothedMean(period, emaWeight(period));
  const distances = new Window(window + 1);
  const warmup = period + window;
  return defineIndicator({
    outputs: VALUE,
    warmup,
    stable: warmup + settlingTime(emaWeight(period)),
    parts: { mean, distances },
    step({ close }, out, commit) {
      const center = mean.push(close, commit);
      out[0] = Number.NaN;
      if (!Number.isNaN(center)) out[0] = halfLifeOf(distances.push(Math.log(close / center), commit));
    },
  });
}

function halfLifeOf(x: Float64Array): number {
  const steps = x.length - 1;
  let meanX = 0;
  for (let index = 0; index < steps; index++) meanX += x[index]! / steps;
  const meanStep = (x[steps]! - x[0]!) / steps;
  let xx = 0;
  let xy = 0;
  let yy = 0;
  for (let index = 0; index < steps; index++) {
    const fromMean = x[index]! - meanX;
    const step = x[index + 1]! - x[index]! - meanStep;
    xx += fromMean * fromMean;
    xy += fromMean * step;
    yy += step * step;
  }
  const b = xy / xx;
  if (!(xx / steps >= VARIANCE_MIN && b > -1 && b < 0)) return Number.NaN;
  const residual = Math.max(0, yy - b * xy);
  const t = b / Math.sqrt(residual / (steps - 2) / xx);
  const candles = -Math.LN2 / Math.log1p(b);
  return t < DICKEY_FULLER_T && steps >= HALF_LIVES_MIN * candles ? candles : Number.NaN;
}
