// A sweep from its order to the results of its trials: opened, drawn, taken from a file where they are done already, run.
import { UserError } from "../../engine/base/errors.ts";
import type { CodeVersion } from "../../engine/base/ids.ts";
import { type Draw, drawTrials } from "./draw-trials.ts";
import { type ReturnPeriods, returnPeriods } from "./return-periods.ts";
import { type Space, searchSpace } from "./space.ts";
import { SweepFile } from "./sweep-file.ts";
import { sweepIdentity } from "./sweep-identity.ts";
import type { SweepOrder, TrialAsked, TrialResult } from "./trial.ts";
import { THREADS, TrialThreads } from "./trial-threads.ts";

export interface SweepTrials {
  readonly code: CodeVersion;
  readonly space: Space;
  readonly draw: Draw;
  readonly periods: ReturnPeriods;
  /** In the order of the trials. */
  readonly results: readonly TrialResult[];
  /** Of them, those that were in the file. */
  readonly resumed: number;
  /** Of this process; null where it ran nothing. */
  readonly barsPerSecond: number | null;
  readonly isCutShort: boolean;
}

export interface SweepHost {
  /** The module of the threads. */
  readonly entry: URL;
  readonly signal: AbortSignal;
  readonly threads?: number;
  readonly silenceMsMax?: number;
  /** Called before the first trial. */
  readonly begins: (facts: Pick<SweepTrials, "space" | "draw" | "periods" | "resumed">, threads: TrialThreads) => void;
  /** After every trial: how many are done. */
  readonly done: (trials: number) => void;
}

const TRIALS_MAX = 10_000;
const SPLITS_MAX = 100;

/** Null when it was stopped before the data was read. Throws a UserError. */
export async function sweep(order: SweepOrder, host: SweepHost): Promise<SweepTrials | null> {
  requireWithin("--trials", order.trialsMax, TRIALS_MAX);
  requireWithin("--splits", order.splits, SPLITS_MAX);
  const { params: _, trialsMax, seed, resume, ...trialsOrder } = order;
  const { signal } = host;
  const threads = new TrialThreads(trialsOrder, { ...host, threads: Math.min(host.threads ?? THREADS, trialsMax) });
  const stop = () => threads.stop();
  signal.addEventListener("abort", stop);
  if (signal.aborted) stop();
  try {
    const opened = await threads.open();
    if (opened === null) return null;
    const space = searchSpace(opened.declared, order.params);
    const draw = drawTrials(opened.declared, space, trialsMax, seed);
    const periods = returnPeriods(opened.fromMs, opened.toMs, order.splits);
    const trials = draw.trials.map((params, trial): TrialAsked => ({ trial, params }));
    const kept =
      resume === null ? null : SweepFile.open(resume, await sweepIdentity(order, opened.code, space), trials);
    const results = new Map<number, TrialResult>(kept?.results.map((result) => [result.trial, result]));
    const facts = { space, draw, periods, resumed: results.size };
    host.begins(facts, threads);
    const left = trials.filter(({ trial }) => !results.has(trial));
    const startedMs = performance.now();
    await threads.run(left, (result) => {
      results.set(result.trial, result);
      kept?.file.append(result);
      host.done(results.size);
    });
    const seconds = (performance.now() - startedMs) / 1000;
    return {
      ...facts,
      code: opened.code,
      results: [...results.values()].sort((a, b) => a.trial - b.trial),
      barsPerSecond: left.length === 0 ? null : Math.round(threads.bars / seconds),
      isCutShort: results.size < trials.length,
    };
  } finally {
    signal.removeEventListener("abort", stop);
    await threads.close();
  }
}

function requireWithin(option: string, value: number, max: number): void {
  if (value >= 1 && value <= max) return;
  throw new UserError("usage", `Cannot sweep with ${option} ${value}: expected 1 to ${max}`, { where: option });
}
