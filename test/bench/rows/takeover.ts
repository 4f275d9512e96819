// One slot of 16 hangs: how long after the live worker is given up the spare has decided all the others.
import { performance } from "node:perf_hooks";
import { assert } from "../../../engine/base/assert.ts";
import { ENGINE_VARIANTS, type EngineVariant } from "../../../engine/sandbox/engine-module.ts";
import { WorkerHost } from "../../../engine/sandbox/worker-host.ts";
import { decideAll } from "../../support/strategy-bundle.ts";
import { median, quantile } from "../rounds.ts";
import type { Bench, Row } from "../row.ts";
import { framesOf, load, requestOf } from "../subject.ts";

const ROUNDS = 5;
const SLOTS = 16;
/** A deadline with which a worker that is at its first request is given up after the host's least patience. */
const DEADLINE_MS = 400;
const PATIENCE_MS = 100;
const BUDGET_MS = 5;

export const takeover: Bench = {
  name: "takeover",
  async run(progress) {
    const lanes = await Promise.all(ENGINE_VARIANTS.map(openLane));
    for (let round = 0; round < ROUNDS; round++) {
      progress(`round ${round + 1} of ${ROUNDS}`);
      for (const lane of lanes) await lane.round();
    }
    await Promise.all(lanes.map((lane) => lane.close()));
    const rows: Row[] = [
      {
        name: "takeover by the spare, p50",
        unit: "ms",
        budget: BUDGET_MS,
        figures: lanes.map(({ engine, tookMs, soundMs }) => ({
          engine,
          value: median(tookMs),
          beside: { best: quantile(tookMs, 0), worst: quantile(tookMs, 1) },
          ratios: { "sound cycle": median(tookMs) / median(soundMs) },
        })),
      },
      {
        name: "decisions missed beside the one that hung",
        unit: "",
        budget: 0,
        figures: lanes.map(({ engine, missed }) => ({ engine, value: missed(), beside: {}, ratios: {} })),
      },
    ];
    return rows;
  },
};

async function openLane(engine: EngineVariant) {
  const [hanging, sound] = [await load("hanging", engine), await load("realistic", engine)];
  const [frame] = framesOf(sound.facts);
  const hang = new Float64Array(hanging.facts.layout.size).fill(1);
  const others = Array.from({ length: SLOTS - 1 }, (_, slot) => requestOf(sound.facts, frame!, slot));
  const host = await WorkerHost.create(engine);
  const recovered = () => Promise.all([hanging, sound].map((version) => host.install(version)));
  await recovered();
  const [tookMs, soundMs]: [number[], number[]] = [[], []];
  let missed = 0;
  return {
    engine,
    tookMs,
    soundMs,
    missed: () => missed,
    async round(): Promise<void> {
      const before = performance.now();
      await decideAll(host, others);
      const start = performance.now();
      const [first, ...results] = await decideAll(host, [requestOf(hanging.facts, hang), ...others], DEADLINE_MS);
      const tookLongerMs = performance.now() - start - PATIENCE_MS;
      assert(first?.type === "Faulted" && first.fault.kind === "hung", "The strategy that hangs did not hang");
      assert(tookLongerMs > 0, "The host's patience is not what this row takes it for");
      missed += results.filter(({ type }) => type === "Faulted").length;
      soundMs.push(start - before);
      tookMs.push(tookLongerMs);
      await recovered();
    },
    close: () => host.close(),
  };
}
