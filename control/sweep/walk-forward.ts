// Would choosing by the past have paid? Anchored walk-forward: before each split the best params of all that came before are
// chosen, and what they earned in the split counts. Put one after the other, that is what nobody could have fitted.
import type { Params } from "../../engine/frame/manifest.ts";
import { momentsOf } from "./deflated-sharpe.ts";
import { type ReturnPeriods, totalOf } from "./return-periods.ts";
import type { DoneTrial } from "./trial.ts";

/** Of a stretch. The ratio is of one return period; null where nothing varied. */
export interface Earned {
  readonly pnlMicros: number;
  readonly sharpe: number | null;
}

export interface Split {
  readonly fromMs: number;
  readonly toMs: number;
  /** The chosen one. */
  readonly trial: number;
  readonly params: Params;
  /** Of all that came before the split: what it was chosen for. */
  readonly inSample: Earned;
  readonly outOfSample: Earned;
}

export interface WalkForward {
  readonly splits: readonly Split[];
  readonly outOfSamplePnlMicros: number;
  readonly outOfSampleSharpe: number | null;
  /** At the end of each period out of sample, what was earned there so far. */
  readonly outOfSampleCurve: readonly { readonly atMs: number; readonly pnlMicros: number }[];
}

export const earnedOf = (profits: readonly number[]): Earned => ({
  pnlMicros: totalOf(profits),
  sharpe: momentsOf(profits).sharpe,
});

/** Best first: by Sharpe ratio, a trial that risked nothing counting as 0, then by profit, then the earlier one. */
export function byObjective(a: Earned & { readonly trial: number }, b: Earned & { readonly trial: number }): number {
  return (b.sharpe ?? 0) - (a.sharpe ?? 0) || b.pnlMicros - a.pnlMicros || a.trial - b.trial;
}

/** `trials` in any order; no splits without any. */
export function walkForward(trials: readonly DoneTrial[], periods: ReturnPeriods): WalkForward {
  const { fromMs, stepMs, parts } = periods;
  const at = (period: number) => fromMs + period * stepMs;
  const earned: number[] = [];
  const splits = parts.slice(1, -1).flatMap((start, index): Split[] => {
    const end = parts[index + 2]!;
    const best = bestOf(trials, start);
    if (best === null) return [];
    const { trial, params, profits } = best;
    const outOfSample = profits.slice(start, end);
    earned.push(...outOfSample);
    return [
      {
        fromMs: at(start),
        toMs: at(end),
        trial,
        params,
        inSample: earnedOf(profits.slice(0, start)),
        outOfSample: earnedOf(outOfSample),
      },
    ];
  });
  let pnlMicros = 0;
  return {
    splits,
    outOfSamplePnlMicros: totalOf(earned),
    outOfSampleSharpe: momentsOf(earned).sharpe,
    outOfSampleCurve: earned.map((profit, index) => {
      pnlMicros += profit;
      return { atMs: at(parts[1]! + index + 1), pnlMicros };
    }),
  };
}

/** By what was earned before period `end`. */
function bestOf(trials: readonly DoneTrial[], end: number): DoneTrial | null {
  const ranked = trials
    .map((done) => ({ done, trial: done.trial, ...earnedOf(done.profits.slice(0, end)) }))
    .sort(byObjective);
  return ranked[0]?.done ?? null;
}
