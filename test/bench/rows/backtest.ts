// A backtest on candles, all of it: indicator, frame, decision, account. The strategy is proven pure; beside it with the sandbox
// put back before every decision, the same with V8 deciding on the same frames, and two threads at once.
import { once } from "node:events";
import { performance } from "node:perf_hooks";
import { Worker } from "node:worker_threads";
import { assert } from "../../../engine/base/assert.ts";
import { ENGINE_VARIANTS, type EngineVariant } from "../../../engine/sandbox/engine-module.ts";
import { best, figured, type Rounds } from "../rounds.ts";
import type { Bench, Figure, Row } from "../row.ts";
import { CANDLES, type Lane, spotLanes } from "../spot-lane.ts";

const ROUNDS = 12;
const THREADS = 2;
const BUDGET_MICROS = 2;

type Timings = Record<"direct" | "kept" | "reset" | "threads", number[]>;

export const backtest: Bench = {
  name: "backtest",
  async run(progress) {
    const all = new Map<EngineVariant, Timings>();
    for (const engine of ENGINE_VARIANTS) all.set(engine, await timed(engine, progress));
    const row = (name: string, way: keyof Timings, budget: number | null, against: (keyof Timings)[]): Row => ({
      name,
      unit: "µs",
      budget,
      figures: [...all].map(([engine, timings]) => figureOf(engine, timings, way, against)),
    });
    return [
      row("a candle, V8 deciding", "direct", null, []),
      row("a candle, proven pure: sandbox kept", "kept", BUDGET_MICROS, ["direct"]),
      row("a candle, sandbox put back", "reset", null, ["direct", "kept"]),
      row(`a candle, kept, ${THREADS} threads`, "threads", null, ["kept"]),
    ];
  },
};

const YARDSTICKS: Readonly<Record<keyof Timings, string>> = {
  direct: "V8 deciding",
  kept: "kept",
  reset: "put back",
  threads: "threads",
};

function figureOf(engine: EngineVariant, timings: Timings, way: keyof Timings, against: (keyof Timings)[]): Figure {
  const own: Rounds = timings[way];
  const { value, beside } = figured(own);
  const ratios = against.map((other) => [YARDSTICKS[other], value / best(timings[other])]);
  return { engine, value, beside: { "candles/s": 1e6 / value, ...beside }, ratios: Object.fromEntries(ratios) };
}

async function timed(engine: EngineVariant, progress: (what: string) => void): Promise<Timings> {
  const lanes = await spotLanes(engine);
  const timings: Timings = { direct: [], kept: [], reset: [], threads: [] };
  const threads = await Promise.all(Array.from({ length: THREADS }, () => startedThread(engine)));
  const equities = new Set<number>();
  const run = (lane: Lane): number => {
    const { micros, equityMicros } = lane();
    equities.add(equityMicros);
    return micros;
  };
  for (let round = 0; round < ROUNDS; round++) {
    progress(`${engine}, round ${round + 1} of ${ROUNDS}`);
    for (const way of ["direct", "kept", "reset"] as const) timings[way].push(run(lanes[way]));
    const start = performance.now();
    for (const [equity] of await Promise.all(threads.map(asked))) equities.add(equity as number);
    timings.threads.push(((performance.now() - start) * 1_000) / (CANDLES * THREADS));
  }
  await Promise.all(threads.map((thread) => thread.terminate()));
  assert(equities.size === 1, "What is timed side by side must come to the same");
  return timings;
}

async function startedThread(engine: EngineVariant): Promise<Worker> {
  const thread = new Worker(new URL("../spot-worker.ts", import.meta.url), { workerData: engine });
  await once(thread, "message");
  return thread;
}

function asked(thread: Worker): Promise<unknown[]> {
  const answer = once(thread, "message");
  thread.postMessage("run");
  return answer;
}
