// A sweep as it is shown: for people a table and a sentence, for programs one object.
import { shortVersion } from "../../engine/base/ids.ts";
import type { Params } from "../../engine/frame/manifest.ts";
import { count, MISSING, plural, profit } from "../number-format.ts";
import { type Paint, table, wrap } from "../text-table.ts";
import { type RankedTrial, type Ranking, rankTrials } from "./ranking.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "./return-periods.ts";
import type { SweepTrials } from "./sweep.ts";
import { ratio, sweepVerdict } from "./sweep-verdict.ts";
import { type FailedTrial, isDone } from "./trial.ts";
import type { Split } from "./walk-forward.ts";

const RANKED_MAX = 50;
const SHOWN_MAX = 10;
const FAILURES_MAX = 10;
const ERROR_LINES = 2;
const PARAMS_CHARS_MIN = 24;

/** The last line of stdout with --json; times apart, the same for the same sweep. */
export function sweepJson(strategy: string, swept: SweepTrials) {
  const { code, draw, periods, results, barsPerSecond, isCutShort } = swept;
  const ranking = rankTrials(results, periods);
  const { objective, ranked, luck, tried, walkForward } = ranking;
  const failures = failuresOf(swept);
  return {
    strategy,
    version: shortVersion(strategy, code),
    trials: results.length,
    failed: failures.length,
    gridPoints: draw.points,
    isSample: draw.isSample,
    objective,
    returnPeriodMs: periods.stepMs,
    returns: periods.count,
    tried,
    luckSharpe: luck,
    best: ranked[0] ?? null,
    ranked: ranked.slice(0, RANKED_MAX),
    walkForward,
    failures: failures.slice(0, FAILURES_MAX),
    verdict: sweepVerdict(ranking, periods.count),
    barsPerSecond,
    isCutShort,
  };
}

/** The same, of a sweep that was stopped before its data was read. */
export const nothingSwept = (strategy: string) => ({
  strategy,
  version: null,
  trials: 0,
  failed: 0,
  objective: "sharpe",
  best: null,
  ranked: [],
  walkForward: null,
  barsPerSecond: null,
  isCutShort: true,
});

const failuresOf = ({ results }: SweepTrials): readonly FailedTrial[] =>
  results.flatMap((result) => (isDone(result) ? [] : [result]));

interface RenderOptions {
  readonly width: number;
  readonly paint: Paint;
}

export function renderSweep(strategy: string, swept: SweepTrials, { width, paint }: RenderOptions): string {
  const { space, periods, isCutShort, results, draw, barsPerSecond } = swept;
  const names = space.axes.map(({ name }) => name);
  const ranking = rankTrials(results, periods);
  const failures = failuresOf(swept);
  const facts = [
    `${shortVersion(strategy, swept.code)}: ${plural(results.length, "trial")} of ${count(draw.trials.length)}${isCutShort ? ", cut short" : ""}`,
    ...(failures.length === 0 ? [] : [`${count(failures.length)} failed`]),
    `by the Sharpe ratio, a year's, of ${count(periods.count)} ${lengthOf(periods.stepMs)} returns`,
    ...(barsPerSecond === null ? [] : [`${count(barsPerSecond)} bars/s`]),
  ];
  const blocks = [
    wrap(facts.join(" · "), width),
    ranking.ranked.length === 0 ? [] : rankedTable(ranking.ranked.slice(0, SHOWN_MAX), names, width, paint),
    ranking.walkForward.splits.length === 0 ? [] : splitsTable(ranking, names, width, paint),
    failureLines(failures, names, width).map((line) => paint("yellow", line)),
    wrap(sweepVerdict(ranking, periods.count), width).map((line) => paint("bold", line)),
  ];
  return `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join("\n"))
    .join("\n\n")}\n`;
}

function rankedTable(ranked: readonly RankedTrial[], names: readonly string[], width: number, paint: Paint): string[] {
  return table<RankedTrial>(
    [
      { title: "trial", cell: ({ trial }) => String(trial), right: true, dispensable: 2 },
      { title: "trades", cell: ({ trades }) => count(trades), right: true, dispensable: 1 },
      { title: "profit", cell: ({ pnlMicros }) => profit(pnlMicros), right: true },
      { title: "Sharpe", cell: ({ sharpe }) => ratioOf(sharpe), right: true },
      { title: "if alone", cell: (row) => share(row.probabilisticSharpe), right: true, dispensable: 3 },
      { title: "deflated", cell: (row) => share(row.deflatedSharpe), right: true },
      { title: "out of sample", cell: outOfSampleCell, right: true },
    ],
    { title: "params", cell: ({ trial, params }) => paramsCell(params, names, trial), charsMin: PARAMS_CHARS_MIN },
    ranked,
    width,
    paint,
  );
}

function splitsTable({ walkForward }: Ranking, names: readonly string[], width: number, paint: Paint): string[] {
  const lines = table<Split>(
    [
      { title: "out of sample from", cell: ({ fromMs }) => minute(fromMs) },
      { title: "to", cell: ({ toMs }) => minute(toMs), dispensable: 2 },
      { title: "Sharpe before", cell: ({ inSample }) => ratioOf(inSample.sharpe), right: true },
      { title: "then", cell: ({ outOfSample }) => ratioOf(outOfSample.sharpe), right: true },
      { title: "profit before", cell: ({ inSample }) => profit(inSample.pnlMicros), right: true, dispensable: 1 },
      { title: "then", cell: ({ outOfSample }) => profit(outOfSample.pnlMicros), right: true },
    ],
    { title: "chosen", cell: ({ trial, params }) => paramsCell(params, names, trial), charsMin: PARAMS_CHARS_MIN },
    walkForward.splits,
    width,
    paint,
  );
  const { outOfSamplePnlMicros, outOfSampleSharpe } = walkForward;
  return [...lines, `All splits: ${profit(outOfSamplePnlMicros)} USDC, Sharpe ${ratioOf(outOfSampleSharpe)}`];
}

function failureLines(failures: readonly FailedTrial[], names: readonly string[], width: number): string[] {
  const shown = failures.slice(0, FAILURES_MAX);
  const more = failures.length - shown.length;
  return [
    ...shown.flatMap(({ trial, params, error }) => {
      // What went wrong and where; the lines of code around it are the same each time.
      const said = error.split("\n", ERROR_LINES).join(" ");
      return wrap(`Trial ${trial} failed, ${paramsCell(params, names, trial)}: ${said}`, width);
    }),
    ...(more === 0 ? [] : [`${count(more)} more failed`]),
  ];
}

function paramsCell(params: Params, names: readonly string[], trial: number): string {
  const said = names.map((name) => `${name}=${params[name]}`).join(" ");
  return trial === 0 ? `${said} (defaults)`.trim() : said;
}

function lengthOf(stepMs: number): string {
  if (stepMs === DAY_MS) return "daily";
  return stepMs >= HOUR_MS ? `${stepMs / HOUR_MS}-hour` : `${stepMs / MINUTE_MS}-minute`;
}

const outOfSampleCell = ({ outOfSample }: RankedTrial): string =>
  outOfSample === null ? MISSING : `${profit(outOfSample.pnlMicros)} in ${plural(outOfSample.splits, "split")}`;

const ratioOf = (sharpe: number | null): string => (sharpe === null ? MISSING : ratio(sharpe));
const share = (probability: number | null): string => (probability === null ? MISSING : probability.toFixed(2));
const minute = (ms: number): string => new Date(ms).toISOString().slice(0, 16).replace("T", " ");
