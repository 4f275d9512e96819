// ln(OI / OI[n]) in coins: dollars would move with the price. NaN where either is missing, and while a contract migration
// lies between them.
import { defineIndicator, VALUE } from "./define-indicator.ts";
import type { Indicator } from "./indicator.ts";
import { Delay } from "./parts/delay.ts";
import { OpenInterestLevel } from "./parts/open-interest-level.ts";
import { SlidingFold } from "./parts/sliding-fold.ts";

export function openInterestChange({ period }: { readonly period: number }): Indicator {
  const level = new OpenInterestLevel();
  const levels = new Delay(period);
  const breaks = new SlidingFold(period, Math.max);
  return defineIndicator({
    outputs: VALUE,
    warmup: period + 1,
    parts: { level, levels, breaks },
    step(candle, out, commit) {
      const now = level.push(candle, commit);
      const change = Math.log(now / levels.push(now, commit));
      const hasBreak = breaks.push(Number(level.isBreak), commit) > 0;
      out[0] = hasBreak ? Number.NaN : change;
    },
  });
}
