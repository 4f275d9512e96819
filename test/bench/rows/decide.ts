// One decision: with the sandbox kept from one to the next, put back before each, and through the host that others call;
// beside the same strategy decided by V8 itself, and by the same QuickJS through JSON.
import { assert } from "../../../engine/base/assert.ts";
import type { Signal } from "../../../engine/decide/decision.ts";
import { Decider } from "../../../engine/sandbox/decide.ts";
import { startEngine } from "../../../engine/sandbox/engine.ts";
import { readEngine } from "../../../engine/sandbox/engine-file.ts";
import { ENGINE_VARIANTS, type EngineVariant } from "../../../engine/sandbox/engine-module.ts";
import { imageOf, localImage } from "../../../engine/sandbox/image.ts";
import { InThreadHost } from "../../../engine/sandbox/in-thread-host.ts";
import { LocalSnapshots } from "../../../engine/sandbox/snapshot.ts";
import { throughJson } from "../json-sandbox.ts";
import { best, figured, type Rounds, timed, type Way } from "../rounds.ts";
import type { Bench, Figure, Row } from "../row.ts";
import { directly, framesOf, load, orderOf, requestOf } from "../subject.ts";

const BUDGETS = { light: { kept: 2, reset: 15 }, realistic: { kept: 8, reset: 25 } } as const;

export const decide: Bench = {
  name: "decide",
  async run(progress) {
    const rows: Row[] = [];
    for (const strategy of ["light", "realistic"] as const) {
      progress(`${strategy} strategy`);
      const times = timed(await waysOf(strategy));
      const figures = (way: string): Figure[] => ENGINE_VARIANTS.map((engine) => figureOf(engine, way, times));
      const { kept, reset } = BUDGETS[strategy];
      const floor: Figure = { engine: "V8", ...figured(times.direct!), ratios: {} };
      rows.push(
        { name: `${strategy}: decide() called in V8`, unit: "µs", budget: null, figures: [floor] },
        { name: `${strategy}: JSON in, JSON out`, unit: "µs", budget: null, figures: figures("json") },
        { name: `${strategy}: sandbox kept`, unit: "µs", budget: kept, figures: figures("kept") },
        { name: `${strategy}: sandbox restored`, unit: "µs", budget: reset, figures: figures("reset") },
        { name: `${strategy}: host, sandbox kept`, unit: "µs", budget: null, figures: figures("hostKept") },
        { name: `${strategy}: host, sandbox restored`, unit: "µs", budget: null, figures: figures("hostReset") },
      );
    }
    return rows;
  },
};

function figureOf(engine: EngineVariant, way: string, times: Readonly<Record<string, Rounds>>): Figure {
  const own = times[`${way} ${engine}`]!;
  const yardsticks = { V8: times.direct!, JSON: times[`json ${engine}`]!, bellard: times[`${way} bellard`]! };
  const ratios = Object.entries(yardsticks)
    .filter(([, yardstick]) => yardstick !== own)
    .map(([name, yardstick]) => [name, best(own) / best(yardstick)]);
  return { engine, ...figured(own), ratios: Object.fromEntries(ratios) };
}

async function waysOf(strategy: string): Promise<Record<string, Way>> {
  const { facts } = await load(strategy, ENGINE_VARIANTS[0]);
  const frames = framesOf(facts);
  const direct = await directly(strategy, facts);
  const ways: Record<string, Way> = { direct: over(frames, direct) };
  for (const engine of ENGINE_VARIANTS) {
    const version = await load(strategy, engine);
    const json = await throughJson(await orderOf(strategy, engine), facts, engine);
    ways[`json ${engine}`] = over(frames, json);
    for (const [name, reset] of [
      ["Kept", false],
      ["Reset", true],
    ] as const) {
      const { instance } = await startEngine(await readEngine(engine));
      const decider = new Decider(instance);
      const image = localImage(imageOf(version), new LocalSnapshots(), !reset);
      const memory = Buffer.from("null");
      ways[`${name.toLowerCase()} ${engine}`] = over(frames, (frame) => decider.decide(image, frame, memory));

      const host = await InThreadHost.create({ variant: engine, reset });
      await host.install(version);
      const decided = (frame: Float64Array): Signal => {
        let signal: Signal | null = null;
        host.decide(1, [requestOf(version.facts, frame)], 0, ([result]) => {
          if (result?.type === "Decided") signal = result.signal;
        });
        assert(signal !== null, "A strategy of the bench gave no signal");
        return signal;
      };
      ways[`host${name} ${engine}`] = over(frames, decided);
      for (const frame of frames) assertAlike([direct(frame), json(frame), decided(frame)]);
    }
  }
  return ways;
}

const over =
  (frames: readonly Float64Array[], decide: (frame: Float64Array) => unknown): Way =>
  (times) => {
    for (let index = 0; index < times; index++) decide(frames[index % frames.length]!);
  };

/** What is timed side by side must come to the same. */
function assertAlike(signals: readonly Signal[]): void {
  const said = new Set(signals.map(({ kind, reason }) => `${kind}: ${reason}`));
  assert(said.size === 1, `The ways of deciding do not agree: ${[...said].join(" / ")}`);
}
