// A composite of this product, not of the literature: how strongly the last move looks overdone, and which way a return would go.
//   side     = against the move: -1 after a rise, 1 after a fall
//   strength = clamp((|z| - 2) / 2) × (1 - clamp((relative volume - 1) / 2)) × (1 outside the bands, else 0.5)
//              × (1 if distances from the mean have a half-life of at least one candle, else 0.5)
//   score    = side × strength, in [-1, 1]
// The parts are outputs too. It detects; whether moves do return in this market is for the strategy to measure: on overreaction
// days Caporale and Plastun (2019) found momentum, and Wen et al. (2022) both.
import { defineIndicator, step } from "./define-indicator.ts";
import { halfLife } from "./half-life.ts";
import type { Indicator } from "./indicator.ts";
import { percentB } from "./percent-b.ts";
import { relativeVolume } from "./relative-volume.ts";
import { zReturn } from "./z-return.ts";

const Z_NONE = 2;
const Z_FULL = 4;
/** Relative volumes between which a move goes from unconfirmed to fully confirmed. */
const VOLUME_NONE = 1;
const VOLUME_FULL = 3;

interface OverreactionOptions {
  readonly span: number;
  readonly window: number;
  readonly period: number;
  readonly deviations: number;
}

export function overreactionScore(options: OverreactionOptions): Indicator {
  const parts = {
    moveZ: zReturn(options),
    relativeVolume: relativeVolume(options),
    percentB: percentB(options),
    halfLife: halfLife(options),
  };
  const indicators = Object.values(parts);
  const single = new Float64Array(1);
  const values = new Float64Array(indicators.length);
  return defineIndicator({
    outputs: ["score", "side", "strength", ...Object.keys(parts)],
    warmup: Math.max(...indicators.map((indicator) => indicator.warmup)),
    stable: Math.max(...indicators.map((indicator) => indicator.stable)),
    parts,
    step(candle, out, commit) {
      for (let index = 0; index < indicators.length; index++) {
        step(indicators[index]!, candle, single, commit);
        values[index] = single[0]!;
        out[3 + index] = single[0]!;
      }
      const z = values[0]!;
      const strength = strengthOf(z, values[1]!, values[2]!, values[3]!);
      const side = z === 0 ? 0 : -Math.sign(z);
      out[0] = strength === 0 ? 0 : side * strength;
      out[1] = side;
      out[2] = strength;
    },
  });
}

/** NaN while the move or its volume is unknown. */
function strengthOf(z: number, volume: number, band: number, halfLifeCandles: number): number {
  const size = clamp01((Math.abs(z) - Z_NONE) / (Z_FULL - Z_NONE));
  const confirmed = clamp01((volume - VOLUME_NONE) / (VOLUME_FULL - VOLUME_NONE));
  const isOutside = band < 0 || band > 1;
  return size * (1 - confirmed) * (isOutside ? 1 : 0.5) * (halfLifeCandles >= 1 ? 1 : 0.5);
}

const clamp01 = (x: number): number => Math.max(0, Math.min(1, x));
