// 1 while a move of at least z0 standard deviations was made on less than v0 times the usual volume, else 0; NaN while either
// is unknown.
import { defineIndicator, step, VALUE } from "./define-indicator.ts";
import type { Indicator } from "./indicator.ts";
import { relativeVolume } from "./relative-volume.ts";
import { zReturn } from "./z-return.ts";

interface UnconfirmedOptions {
  readonly span: number;
  readonly window: number;
  readonly period: number;
  readonly z0: number;
  readonly v0: number;
}

export function unconfirmed(options: UnconfirmedOptions): Indicator {
  const parts = { move: zReturn(options), volume: relativeVolume(options) };
  const single = new Float64Array(1);
  return defineIndicator({
    outputs: VALUE,
    warmup: Math.max(parts.move.warmup, parts.volume.warmup),
    parts,
    step(candle, out, commit) {
      step(parts.move, candle, single, commit);
      const move = single[0]!;
      step(parts.volume, candle, single, commit);
      const volume = single[0]!;
      const isKnown = !Number.isNaN(move) && !Number.isNaN(volume);
      out[0] = isKnown ? Number(Math.abs(move) >= options.z0 && volume < options.v0) : Number.NaN;
    },
  });
}
