// Which trials were best, and beside each what its Sharpe ratio is worth after so many were tried.
import type { Params } from "../../engine/frame/manifest.ts";
import { luckOf, momentsOf, probabilisticSharpe } from "./deflated-sharpe.ts";
import { type ReturnPeriods, YEAR_MS } from "./return-periods.ts";
import { type DoneTrial, isDone, type TrialResult } from "./trial.ts";
import { byObjective, earnedOf, type WalkForward, walkForward } from "./walk-forward.ts";

/** Sharpe ratios are a year's, of 365 days. */
export interface RankedTrial {
  readonly trial: number;
  readonly params: Params;
  readonly trades: number;
  readonly pnlMicros: number;
  /** Null where its profit never changed. */
  readonly sharpe: number | null;
  /** That its true Sharpe ratio is above 0, had it been the only trial. */
  readonly probabilisticSharpe: number | null;
  /** That it is above what luck alone gives the best of all trials. */
  readonly deflatedSharpe: number | null;
  /** In the splits where it was chosen by what came before them; null where it never was. */
  readonly outOfSample: { readonly splits: number; readonly pnlMicros: number } | null;
}

export interface Ranking {
  readonly objective: "sharpe";
  /** Best first. */
  readonly ranked: readonly RankedTrial[];
  /** Trials among which luck could choose: those that risked something. */
  readonly tried: number;
  /** The best Sharpe ratio that so many trials without any edge may be expected to show. */
  readonly luck: number;
  readonly walkForward: WalkForward;
}

export function rankTrials(results: readonly TrialResult[], periods: ReturnPeriods): Ranking {
  const done = results.filter(isDone);
  const aYears = yearly(periods);
  const forward = walkForward(done, periods);
  const sharpes = done.flatMap(({ profits }) => momentsOf(profits).sharpe ?? []);
  const luck = luckOf(sharpes);
  const ranked = done
    .map((trial) => ({ ...trial, ...earnedOf(trial.profits) }))
    .sort(byObjective)
    .map((trial): RankedTrial => {
      const moments = momentsOf(trial.profits);
      return {
        trial: trial.trial,
        params: trial.params,
        trades: trial.trades,
        pnlMicros: trial.pnlMicros,
        sharpe: aYears(trial.sharpe),
        probabilisticSharpe: probabilisticSharpe(moments),
        deflatedSharpe: probabilisticSharpe(moments, luck),
        outOfSample: whereChosen(trial, forward),
      };
    });
  const splits = forward.splits.map((split) => ({
    ...split,
    inSample: { ...split.inSample, sharpe: aYears(split.inSample.sharpe) },
    outOfSample: { ...split.outOfSample, sharpe: aYears(split.outOfSample.sharpe) },
  }));
  return {
    objective: "sharpe",
    ranked,
    tried: sharpes.length,
    luck: luck * Math.sqrt(YEAR_MS / periods.stepMs),
    walkForward: { ...forward, splits, outOfSampleSharpe: aYears(forward.outOfSampleSharpe) },
  };
}

const yearly =
  ({ stepMs }: ReturnPeriods) =>
  (sharpe: number | null): number | null =>
    sharpe === null ? null : sharpe * Math.sqrt(YEAR_MS / stepMs);

function whereChosen({ trial }: DoneTrial, { splits }: WalkForward): RankedTrial["outOfSample"] {
  const chosen = splits.filter((split) => split.trial === trial);
  if (chosen.length === 0) return null;
  return { splits: chosen.length, pnlMicros: chosen.reduce((sum, split) => sum + split.outOfSample.pnlMicros, 0) };
}
