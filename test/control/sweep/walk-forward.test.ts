import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rankTrials } from "../../../control/sweep/ranking.ts";
import { DAY_MS, HOUR_MS, profitsOf, returnPeriods } from "../../../control/sweep/return-periods.ts";
import { sweepVerdict } from "../../../control/sweep/sweep-verdict.ts";
import type { DoneTrial } from "../../../control/sweep/trial.ts";
import { walkForward } from "../../../control/sweep/walk-forward.ts";
import { aBacktestRun } from "../../support/a-backtest-run.ts";

const JUNE = Date.UTC(2026, 5, 1);
const trialOf = (trial: number, profits: readonly number[]): DoneTrial => ({
  trial,
  params: { trial },
  bars: 10,
  trades: 1,
  pnlMicros: profits.reduce((sum, profit) => sum + profit, 0),
  profits,
});

describe("return periods", () => {
  test.each([
    ["a month in five parts", 31 * DAY_MS, 4, DAY_MS, 31],
    ["two weeks in five parts", 14 * DAY_MS, 4, 6 * HOUR_MS, 56],
    ["a day in five parts", DAY_MS, 4, HOUR_MS, 24],
    ["an hour in two parts", HOUR_MS, 1, 5 * 60_000, 12],
  ])("of %s are the longest of which each part has four", (_, lengthMs, splits, stepMs, count) => {
    const periods = returnPeriods(JUNE, JUNE + lengthMs, splits);
    expect(periods).toMatchObject({ fromMs: JUNE, stepMs, count });
    const lengths = periods.parts.slice(1).map((end, index) => end - periods.parts[index]!);
    expect(lengths.length).toBe(splits + 1);
    expect(Math.min(...lengths)).toBeGreaterThanOrEqual(4);
    expect(lengths.reduce((a, b) => a + b)).toBe(count);
  });

  test("that are too short are refused", () => {
    expect(() => returnPeriods(JUNE, JUNE + 30 * 60_000, 4)).toThrow("Cannot split 30 minutes of data into 5 parts");
    expect(() => returnPeriods(JUNE, JUNE - 1, 1)).toThrow("Cannot split 0 minutes");
  });
});

describe("profits", () => {
  test("of days are what equity changed by, all that is held included", () => {
    const periods = returnPeriods(JUNE + HOUR_MS, JUNE + 8 * DAY_MS - 1, 1);
    const run = aBacktestRun({ dailyEquityMicros: [100, 90, 90, 120, 121, 122, 123, 124, 130] });
    expect(profitsOf(run, periods)).toEqual([-10, 0, 30, 1, 1, 1, 1, 6]);
  });

  test("of shorter periods are those of the trades closed in them; what is open at the end is in the last", () => {
    const periods = returnPeriods(JUNE, JUNE + 8 * HOUR_MS - 1, 1);
    const run = aBacktestRun({
      dailyEquityMicros: [100, 123],
      trades: [
        { closedAtMs: JUNE + HOUR_MS, pnlMicros: 5 },
        { closedAtMs: JUNE + 2 * HOUR_MS - 1, pnlMicros: -2 },
        { closedAtMs: JUNE + 9 * HOUR_MS, pnlMicros: 9 },
        { closedAtMs: null, pnlMicros: -1 },
      ],
    });
    expect(profitsOf(run, periods)).toEqual([0, 3, 0, 0, 0, 0, 0, 20]);
  });
});

describe("walk-forward", () => {
  const periods = returnPeriods(JUNE, JUNE + 12 * DAY_MS - 1, 2);
  const early = trialOf(0, [3, 2, 3, 2, -1, -2, -1, -2, 7, 8, 7, 8]);
  const late = trialOf(1, [1, -2, 1, -2, 9, 8, 9, 8, 1, 2, 3, 4]);

  test("takes for each split what was best before it, and puts the splits together", () => {
    const { splits, outOfSamplePnlMicros, outOfSampleCurve } = walkForward([late, early], periods);
    expect(
      splits.map(({ trial, inSample, outOfSample }) => [trial, inSample.pnlMicros, outOfSample.pnlMicros]),
    ).toEqual([
      [0, 10, -6],
      [1, 32, 10],
    ]);
    expect(splits[1]).toMatchObject({ fromMs: JUNE + 8 * DAY_MS, toMs: JUNE + 12 * DAY_MS, params: { trial: 1 } });
    expect(outOfSamplePnlMicros).toBe(4);
    expect(outOfSampleCurve.map(({ pnlMicros }) => pnlMicros)).toEqual([-1, -3, -4, -6, -5, -3, 0, 4]);
    expect(outOfSampleCurve.at(-1)?.atMs).toBe(JUNE + 12 * DAY_MS);
  });

  test("never looks ahead: whatever happens from a split on, what was chosen for it stays", () => {
    const profits = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 12, maxLength: 12 });
    const pair = fc.array(fc.tuple(profits, profits), { minLength: 1, maxLength: 5 });
    const chosen = (trials: DoneTrial[]) => walkForward(trials, periods).splits.map(({ trial }) => trial);
    fc.assert(
      fc.property(pair, fc.integer({ min: 1, max: 2 }), (pairs, split) => {
        const cut = periods.parts[split]!;
        const seen = chosen(pairs.map(([one], trial) => trialOf(trial, one)));
        const changed = pairs.map(([one, other], trial) => trialOf(trial, [...one.slice(0, cut), ...other.slice(cut)]));
        expect(chosen(changed).slice(0, split)).toEqual(seen.slice(0, split));
      }),
    );
  });
});

describe("a ranking", () => {
  const periods = returnPeriods(JUNE, JUNE + 8 * DAY_MS - 1, 1);
  const idle = trialOf(0, [0, 0, 0, 0, 0, 0, 0, 0]);
  const good = trialOf(1, [2, 1, 2, 1, 2, 1, 2, 2]);
  const twice = trialOf(2, [4, 2, 4, 2, 4, 2, 4, 4]);
  const poor = trialOf(3, [1, -3, 1, -2, 1, -3, 1, -2]);
  const poorer = trialOf(4, [1, -3, -1, -2, -1, -3, 1, -2]);
  const unfair = trialOf(6, [2, -3, 2, -2, 2, -3, 2, -1]);
  const fair = trialOf(5, [3, -2, 2, -1, 3, -2, 1, -1]);

  test("is by Sharpe ratio, then profit; who risks nothing is above who loses, and no trial that luck could choose", () => {
    const { ranked, tried } = rankTrials([idle, good, twice, poor], periods);
    expect(ranked.map(({ trial }) => trial)).toEqual([2, 1, 0, 3]);
    expect(tried).toBe(3);
    const returnsOfADay = [2, 1, 2, 1, 2, 1, 2, 2];
    const mean = 13 / 8;
    const deviation = Math.sqrt(returnsOfADay.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 7);
    expect(ranked[1]?.sharpe).toBeCloseTo((mean / deviation) * Math.sqrt(365), 10);
    expect(ranked[0]).toMatchObject({ outOfSample: { splits: 1, pnlMicros: 14 } });
    expect(ranked[1]?.outOfSample).toBeNull();
    expect(ranked[2]).toMatchObject({ sharpe: null, probabilisticSharpe: null, deflatedSharpe: null });
    expect(ranked[1]!.deflatedSharpe).toBeLessThan(ranked[1]!.probabilisticSharpe!);
  });

  test.each([
    ["no trial", [], "No trial was done: there is nothing to rank."],
    ["idle ones", [idle], "None of 1 trial risked anything: there is nothing to rank."],
    ["idle and losing ones", [idle, poor], "Best of 2 trials: the one that risks nothing. All others lost money."],
    ["a losing one", [poor], "The one trial: Sharpe −7.5, it lost money: not evidence of an edge. 8 returns are few"],
    [
      "one with an edge",
      [good],
      "The one trial: Sharpe 60.0 is more than what luck alone gives (deflated probability 1.00): evidence of an edge",
    ],
    [
      "the better of two",
      [fair, unfair],
      "Best of 2 trials: Sharpe 3.4 is not clearly above what luck alone gives in 2 trials, 1.6 (deflated",
    ],
    [
      "the best of more",
      [fair, poor, poorer],
      "Best of 3 trials: Sharpe 3.4 is what luck alone gives in 3 trials, 7.9 (deflated probability 0.26): not evidence",
    ],
  ])("of %s is put in plain words", (_, trials, words) => {
    expect(sweepVerdict(rankTrials(trials, periods), periods.count)).toContain(words);
  });
});
