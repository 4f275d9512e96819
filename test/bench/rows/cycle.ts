// Whole cycles through the worker, as the trading thread sees them: from the requests to all results. Beside them, as many
// decisions called in V8 and through JSON, without any thread.
import { performance } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import type { DecisionRequest } from "../../../engine/decide/decision.ts";
import { ENGINE_VARIANTS, type EngineVariant } from "../../../engine/sandbox/engine-module.ts";
import { Loader } from "../../../engine/sandbox/loader.ts";
import { WorkerHost } from "../../../engine/sandbox/worker-host.ts";
import { decideAll } from "../../support/strategy-bundle.ts";
import { throughJson } from "../json-sandbox.ts";
import { median, quantile } from "../rounds.ts";
import type { Bench, Figure, Row } from "../row.ts";
import { directly, framesOf, orderOf, requestOf } from "../subject.ts";

const ROUNDS = 20;
const DEADLINE_MS = 60_000;
const WARM_UP_CYCLES = 100;
const PAUSE_MS = 20;

/** Slots of a cycle, versions of each that decide, cycles a round. */
const SHAPES = {
  slots16: { slots: 16, versions: 1, cycles: 100 },
  versions3: { slots: 16, versions: 3, cycles: 30 },
  slots100: { slots: 100, versions: 1, cycles: 10 },
  slots1000: { slots: 1_000, versions: 1, cycles: 2 },
  rested: { slots: 16, versions: 1, cycles: 1 },
} as const;
type Shape = keyof typeof SHAPES;

/** Milliseconds. */
type Timings = Record<Shape | "direct" | "json", number[]>;

export const cycle: Bench = {
  name: "cycle",
  async run(progress) {
    const lanes = await Promise.all(ENGINE_VARIANTS.map(openLane));
    for (let round = 0; round < ROUNDS; round++) {
      progress(`round ${round + 1} of ${ROUNDS}`);
      for (const lane of lanes) await lane.round();
    }
    await Promise.all(lanes.map((lane) => lane.close()));
    const row = (name: string, shape: Shape, share: number, budget: number | null): Row => ({
      name,
      unit: "ms",
      budget,
      figures: lanes.map(({ engine, timings }) => figureOf(engine, timings, shape, share)),
    });
    return [
      row("16 slots, p50", "slots16", 0.5, 0.5),
      row("16 slots, p99", "slots16", 0.99, 3),
      row(`16 slots, p50 after ${PAUSE_MS} ms of rest`, "rested", 0.5, null),
      row("16 slots with a shadow and a pinned version each, p50", "versions3", 0.5, 1.5),
      row("100 slots, p50", "slots100", 0.5, null),
      row("1,000 slots, p50", "slots1000", 0.5, 30),
    ];
  },
};

function figureOf(engine: EngineVariant, timings: Timings, shape: Shape, share: number): Figure {
  const times = timings[shape];
  const value = quantile(times, share);
  const beside =
    share === 0.5 ? { best: quantile(times, 0), p99: quantile(times, 0.99) } : { worst: quantile(times, 1) };
  const decisions = (of: Shape) => SHAPES[of].slots * SHAPES[of].versions;
  const ratios = {
    V8: value / (median(timings.direct) * decisions(shape)),
    JSON: value / (median(timings.json) * decisions(shape)),
    ...(shape === "slots1000" && {
      "100, per slot": value / decisions(shape) / (median(timings.slots100) / decisions("slots100")),
    }),
  };
  return { engine, value, beside, ratios };
}

async function openLane(engine: EngineVariant) {
  const loader = await Loader.create(engine);
  const order = await orderOf("realistic", engine);
  const versions = [0.02, 0.021, 0.022].map((edge) => loader.load({ ...order, params: { edge } }));
  const { facts } = versions[0]!;
  const frames = framesOf(facts);
  const host = await WorkerHost.create(engine);
  await Promise.all(versions.map((version) => host.install(version)));
  const direct = await directly("realistic", facts);
  const json = await throughJson(order, facts, engine);

  const requestsOf = ({ slots, versions: count }: (typeof SHAPES)[Shape]): DecisionRequest[] =>
    versions
      .slice(0, count)
      .flatMap((version) =>
        Array.from({ length: slots }, (_, slot) => requestOf(version.facts, frames[slot % frames.length]!, slot)),
      );
  const timings: Timings = {
    slots16: [],
    versions3: [],
    slots100: [],
    slots1000: [],
    rested: [],
    direct: [],
    json: [],
  };
  const run = async (shape: Shape): Promise<void> => {
    const requests = requestsOf(SHAPES[shape]);
    for (let index = 0; index < SHAPES[shape].cycles; index++) {
      const start = performance.now();
      await decideAll(host, requests, DEADLINE_MS);
      timings[shape].push(performance.now() - start);
    }
  };
  for (let index = 0; index < WARM_UP_CYCLES; index++) await decideAll(host, requestsOf(SHAPES.slots16), DEADLINE_MS);

  return {
    engine,
    timings,
    async round(): Promise<void> {
      for (const [name, decide] of [
        ["direct", direct],
        ["json", json],
      ] as const) {
        const start = performance.now();
        for (const frame of frames) decide(frame);
        timings[name].push((performance.now() - start) / frames.length);
      }
      for (const shape of ["slots16", "versions3", "slots100", "slots1000"] as const) await run(shape);
      await pause(PAUSE_MS);
      await run("rested");
    },
    close: () => host.close(),
  };
}
