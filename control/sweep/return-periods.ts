// What a trial earned in each of equal stretches of time: the returns of its Sharpe ratio and what walk-forward splits are made of.
//
// A trial runs once over all the data, and splits are cut out of what it earned: params are fixed within a trial and a strategy
// sees no future, so nothing that it did before a split depends on anything in it. Compared with running every split by itself
// this needs no second warm-up and no second run; in return a position that is open where a split begins comes with it.
//
// Returns are profits over the cash that the trial began with, not compounded, since stakes are not.
import { UserError } from "../../engine/base/errors.ts";
import type { BacktestRun } from "../backtest/port.ts";

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;
export const YEAR_MS = 365 * DAY_MS;
/** Days where there are enough of them. */
const STEPS_MS = [DAY_MS, 6 * HOUR_MS, HOUR_MS, 15 * MINUTE_MS, 5 * MINUTE_MS];
/** In the training part and in each split: fewer say nothing about how returns vary. */
const PERIODS_PER_PART_MIN = 4;

export interface ReturnPeriods {
  /** Of the first period, a multiple of `stepMs`; the first and the last may be incomplete. */
  readonly fromMs: number;
  readonly stepMs: number;
  readonly count: number;
  /** Periods [parts[i], parts[i + 1]): the first part is for training alone, each other one is a split. */
  readonly parts: readonly number[];
}

/** The longest periods of which every part has enough. Throws a UserError where there are none. */
export function returnPeriods(fromMs: number, toMs: number, splits: number): ReturnPeriods {
  for (const stepMs of STEPS_MS) {
    const first = Math.floor(fromMs / stepMs);
    const count = Math.ceil(toMs / stepMs) - first;
    if (count < PERIODS_PER_PART_MIN * (splits + 1)) continue;
    const parts = Array.from({ length: splits + 2 }, (_, part) => Math.floor((part * count) / (splits + 1)));
    return { fromMs: first * stepMs, stepMs, count, parts };
  }
  const minutes = Math.max(0, Math.floor((toMs - fromMs) / MINUTE_MS));
  throw new UserError("usage", `Cannot split ${minutes} minutes of data into ${splits + 1} parts: they are too short`, {
    where: "--splits",
    hint: "ask for fewer splits, or give more data",
  });
}

/**
 * Micro-USDC earned in each period, by all that was held where periods are days. In shorter ones a position counts when it is
 * closed, and what is still open at the end counts in the last. They add up to what the run earned.
 */
export function profitsOf(run: BacktestRun, { fromMs, stepMs, count }: ReturnPeriods): readonly number[] {
  const profits = new Array<number>(count).fill(0);
  const earned = run.finalEquityMicros - run.startCashMicros;
  if (stepMs === DAY_MS) {
    const atEndOf = (day: number) =>
      (day === count - 1 ? null : run.dailyEquityMicros[day + 1]) ?? run.finalEquityMicros;
    return profits.map((_, day) => atEndOf(day) - (day === 0 ? run.startCashMicros : atEndOf(day - 1)));
  }
  let realised = 0;
  for (const { closedAtMs, pnlMicros } of run.report().trades) {
    if (closedAtMs === null) continue;
    const period = Math.min(Math.max(Math.floor((closedAtMs - fromMs) / stepMs), 0), count - 1);
    profits[period]! += pnlMicros;
    realised += pnlMicros;
  }
  profits[count - 1]! += earned - realised;
  return profits;
}

export const totalOf = (profits: readonly number[]): number => profits.reduce((sum, profit) => sum + profit, 0);
