// The inside of a thread of a sweep: data read and strategy compiled once, then one trial at a time.
import { parentPort } from "node:worker_threads";
import { assert } from "../../engine/base/assert.ts";
import type { CodeVersion } from "../../engine/base/ids.ts";
import { bootData } from "../../engine/node/start-worker.ts";
import { sendError } from "../../engine/versions/workshop-messages.ts";
import type { BacktestOrder, OpenedBacktest } from "../backtest/port.ts";
import { profitsOf, type ReturnPeriods, returnPeriods, totalOf } from "./return-periods.ts";
import type { DoneTrial, ThreadData, TrialAsked, TrialTold } from "./trial.ts";

export interface BacktestOpener {
  open(order: BacktestOrder): Promise<OpenedBacktest>;
  /** Of the one strategy, as it is on disk. */
  codeOf(order: BacktestOrder): Promise<CodeVersion>;
}

export async function serveTrials(opener: BacktestOpener): Promise<void> {
  assert(parentPort !== null, "trials run in a worker thread");
  const port = parentPort;
  const tell = (told: TrialTold): void => port.postMessage(told);
  const { order, stop, bars } = bootData<ThreadData>();
  try {
    const backtest = await opener.open(order.backtest);
    const code = await opener.codeOf(order.backtest);
    const fromMs = Math.max(backtest.fromMs, order.fromMs ?? backtest.fromMs);
    const toMs = Math.min(backtest.toMs, order.toMs ?? backtest.toMs);
    const periods = returnPeriods(fromMs, toMs, order.splits);
    port.on("message", async (asked: TrialAsked) => {
      tell({ type: "Ran", result: await runTrial(backtest, asked, periods) });
    });
    tell({ type: "Opened", opened: { code, declared: backtest.declared, fromMs, toMs } });
  } catch (error) {
    tell({ type: "CannotOpen", error: sendError(error) });
  }

  /** Whatever fails ends the thread: what it may have broken in here is not used again. */
  async function runTrial(
    backtest: OpenedBacktest,
    { trial, params }: TrialAsked,
    periods: ReturnPeriods,
  ): Promise<DoneTrial | null> {
    const barsBefore = bars[0]!;
    const pulse = (_: number, done: number): boolean => {
      bars[0] = barsBefore + done;
      return Atomics.load(stop, 0) > 0;
    };
    const run = await backtest.run({ params, fromMs: order.fromMs, toMs: order.toMs, batch: order.batch, pulse });
    bars[0] = barsBefore + run.bars;
    if (run.isCutShort) return null;
    const profits = profitsOf(run, periods);
    return { trial, params, bars: run.bars, trades: run.trades, pnlMicros: totalOf(profits), profits };
  }
}
