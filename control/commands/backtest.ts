// `backtest`: what the options mean, and what is said.
import { existsSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Asset } from "../../dsl/asset.ts";
import { UserError } from "../../engine/base/errors.ts";
import type { EngineVariant } from "../../engine/sandbox/engine-module.ts";
import { paramsOf } from "../backtest/compiled-strategies.ts";
import type { BacktestOrder, BacktestRun, OpenedBacktest, RunOrder } from "../backtest/port.ts";
import { backtestJson, renderBacktest } from "../backtest/render-backtest.ts";
import { requireSound } from "../backtest/sound-strategies.ts";
import { plural } from "../number-format.ts";
import { requireFolderOf } from "../output-file.ts";
import { Progress } from "../run/progress.ts";
import { columns, hasColor } from "../terminal.ts";
import { painter } from "../text-table.ts";
import { strategyFile } from "./check.ts";

export interface BacktestFlags {
  readonly data: readonly string[];
  readonly asset?: Asset;
  readonly market: "updown" | "spot";
  readonly from?: number;
  readonly to?: number;
  /** Parts per million. */
  readonly fee?: number;
  /** Micro-USDC, or micro-units. */
  readonly cash?: number;
  readonly size?: number;
  readonly dailyLoss?: number;
  readonly seed?: number;
  readonly strategies: string;
  readonly config: string;
  readonly batch: boolean;
  readonly engine: EngineVariant;
  /** As typed. */
  readonly params: { readonly [name: string]: string };
  readonly out?: string;
  readonly json?: boolean;
}

const EXIT_INTERRUPTED = 130;

/** 0 also for a run that was cut short: it says so, and shows what it has. */
export async function runBacktest(typed: readonly string[], flags: BacktestFlags): Promise<number> {
  const order = orderOf(typed, flags);
  if (flags.out !== undefined) requireFolderOf(flags.out, "write");
  process.stderr.write(`Reading ${plural(flags.data.length, "file")} for ${order.strategies.join(", ")} …\n`);
  // Beside each other: both take about a second.
  const flaw = requireSound(order).then(
    () => null,
    (error: unknown) => error,
  );
  const opened = await open(order);
  try {
    const error = await flaw;
    if (error !== null) throw error;
    const params = paramsOf(flags.params, opened.declared);
    const run = await watched(opened, {
      params,
      fromMs: flags.from ?? null,
      toMs: flags.to ?? null,
      batch: flags.batch,
    });
    const report = run.report();
    if (flags.out !== undefined) writeFileSync(flags.out, (await import("../report/html.ts")).renderReport(report));
    process.stdout.write(
      flags.json
        ? `${JSON.stringify(backtestJson(run, report))}\n`
        : renderBacktest(run, report, { width: columns(), paint: painter(hasColor()) }),
    );
    return 0;
  } finally {
    await opened.close();
  }
}

const open = async (order: BacktestOrder): Promise<OpenedBacktest> =>
  order.market === "spot"
    ? (await import("../backtest/spot.ts")).openSpotBacktest(order)
    : (await import("../backtest/updown.ts")).openUpdownBacktest(order);

/** With progress on stderr. The first Ctrl-C ends the run in order, the second is taken at its word. */
async function watched(opened: OpenedBacktest, order: RunOrder): Promise<BacktestRun> {
  const fromMs = Math.max(opened.fromMs, order.fromMs ?? opened.fromMs);
  const toMs = Math.min(opened.toMs, order.toMs ?? opened.toMs);
  const progress = new Progress(process.stderr, fromMs, toMs);
  let isAsked = false;
  const onSignal = (): void => {
    if (isAsked) process.exit(EXIT_INTERRUPTED);
    isAsked = true;
  };
  const pulse = (atMs: number, done: number): boolean => {
    progress.show(Math.min(atMs, toMs), done);
    return isAsked;
  };
  process.on("SIGINT", onSignal);
  try {
    return await opened.run({ ...order, pulse });
  } finally {
    process.off("SIGINT", onSignal);
    progress.close();
  }
}

function orderOf(typed: readonly string[], flags: BacktestFlags): BacktestOrder {
  const files = typed.map((name) => {
    const file = strategyFile(name, flags.strategies);
    return existsSync(join(file.root, file.entry)) ? file : { root: flags.strategies, entry: name };
  });
  const [{ root }] = files as [(typeof files)[number]];
  if (files.some((file) => file.root !== root)) {
    throw new UserError("usage", "Cannot test strategies of different folders together", {
      where: typed.join(", "),
      hint: "name the folder that holds them all with --strategies",
    });
  }
  if (flags.from !== undefined && flags.to !== undefined && flags.from >= flags.to) {
    throw new UserError("usage", "Cannot test a stretch that ends before it begins", { where: "--from, --to" });
  }
  return backtestOrder(
    files.map(({ entry }) => entry.replace(/\.ts$/, "")),
    root,
    flags,
  );
}

/** `root`: the folder of the strategies. */
export const backtestOrder = (
  strategies: readonly string[],
  root: string,
  flags: Omit<BacktestFlags, "params" | "out">,
): BacktestOrder => ({
  market: flags.market,
  strategies: [...new Set(strategies)],
  data: flags.data.map((path) => resolve(path)),
  asset: flags.asset ?? null,
  strategiesDir: resolve(root),
  config: resolve(flags.config),
  feePpm: flags.fee ?? 0,
  cashMicros: flags.cash ?? null,
  sizeMicros: flags.size ?? null,
  dailyLossMicros: flags.dailyLoss ?? null,
  seed: flags.seed ?? null,
  engine: flags.engine,
});
