// `sweep`: what the options mean, and what is said.
import { resolve } from "node:path";
import { requireSound } from "../backtest/sound-strategies.ts";
import { count, plural } from "../number-format.ts";
import { requireFolderOf } from "../output-file.ts";
import { DEFAULT_SEED } from "../run/world.ts";
import { nothingSwept, renderSweep, sweepJson } from "../sweep/render-sweep.ts";
import { type SweepHost, type SweepTrials, sweep } from "../sweep/sweep.ts";
import { SweepProgress } from "../sweep/sweep-progress.ts";
import { isDone, type SweepOrder } from "../sweep/trial.ts";
import { columns, hasColor } from "../terminal.ts";
import { painter } from "../text-table.ts";
import { type BacktestFlags, backtestOrder } from "./backtest.ts";
import { strategyFile } from "./check.ts";

export interface SweepFlags extends Omit<BacktestFlags, "params" | "out"> {
  readonly params?: readonly string[];
  readonly trials: number;
  readonly splits: number;
  readonly resume?: string;
}

const EXIT_INTERRUPTED = 130;

/** 1 when every trial failed. */
export async function runSweep(strategy: string, flags: SweepFlags): Promise<number> {
  const order = orderOf(strategy, flags);
  const name = order.backtest.strategies[0]!;
  process.stderr.write(`Opening ${plural(flags.data.length, "file")} for ${name} …\n`);
  await requireSound(order.backtest);
  const interrupt = onInterrupt();
  const progress = new SweepProgress(process.stderr);
  let swept: SweepTrials | null;
  try {
    swept = await sweep(order, {
      entry: new URL("../sweep/sweep-worker.ts", import.meta.url),
      signal: interrupt.signal,
      begins: (facts, threads) => {
        process.stderr.write(`${beginning(facts, threads.count)}\n`);
        progress.start(facts.draw.trials.length, facts.resumed, () => threads.bars);
      },
      done: (trials) => progress.show(trials),
    });
  } finally {
    progress.close();
    interrupt.release();
  }
  if (swept === null) {
    process.stdout.write(flags.json ? `${JSON.stringify(nothingSwept(name))}\n` : "Stopped before the first trial.\n");
    return 0;
  }
  const paint = painter(hasColor());
  process.stdout.write(
    flags.json ? `${JSON.stringify(sweepJson(name, swept))}\n` : renderSweep(name, swept, { width: columns(), paint }),
  );
  return swept.results.length > 0 && !swept.results.some(isDone) ? 1 : 0;
}

function orderOf(typed: string, flags: SweepFlags): SweepOrder {
  const { root, entry } = strategyFile(typed, flags.strategies);
  if (flags.resume !== undefined) requireFolderOf(flags.resume, "keep trials in");
  return {
    backtest: backtestOrder([entry.replace(/\.ts$/, "")], root, flags),
    fromMs: flags.from ?? null,
    toMs: flags.to ?? null,
    batch: flags.batch,
    splits: flags.splits,
    params: flags.params ?? [],
    trialsMax: flags.trials,
    seed: flags.seed ?? DEFAULT_SEED,
    resume: flags.resume === undefined ? null : resolve(flags.resume),
  };
}

function beginning({ space, draw, resumed }: Parameters<SweepHost["begins"]>[0], threads: number): string {
  const trials = draw.trials.length;
  const what = draw.isSample
    ? `${plural(trials, "trial")} drawn at random from a grid of ${count(draw.points)}`
    : `${plural(trials, "trial")}, the whole grid`;
  return [
    `${what}, on ${plural(threads, "thread")}`,
    ...(resumed === 0 ? [] : [`${plural(resumed, "trial")} of them done before`]),
    ...space.unbounded.map((name) => `${name} declares no limits and stays at its default: name it with --params`),
  ].join("\n");
}

/** The first signal ends trials and shows what there is, the second is taken at its word. */
function onInterrupt(): { readonly signal: AbortSignal; readonly release: () => void } {
  const controller = new AbortController();
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(EXIT_INTERRUPTED);
    controller.abort();
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return {
    signal: controller.signal,
    release: () => {
      process.off("SIGINT", onSignal);
      process.off("SIGTERM", onSignal);
    },
  };
}
