// A slot decided moment after moment says what it says when it is asked by requests, with its sandbox kept and without.
import { expect, test } from "vitest";
import { slotId } from "../../../engine/base/ids.ts";
import type { DecisionResult } from "../../../engine/decide/decision.ts";
import type { LoadedVersion } from "../../../engine/decide/port.ts";
import { BatchHost } from "../../../engine/sandbox/batch-host.ts";
import { Loader } from "../../../engine/sandbox/loader.ts";
import { initialMemory } from "../../../engine/sandbox/memory-start.ts";
import { syntheticFrame } from "../../../engine/sandbox/synthetic-frame.ts";
import { decideAll, deciding, loadStrategy } from "../../support/strategy-bundle.ts";

const SLOT = slotId("btc", "1m", "example");
const FRAMES = 40;
const READS = `inputs: () => ({ rsi: ta.rsi(), bars: candles({ depth: 8 }) })`;
const REMEMBERS = `inputs: () => ({}), memory: { initial: { n: 0 } }`;

const STRATEGIES: Readonly<Record<string, string>> = {
  "says every kind": deciding(
    `const n = Math.floor(window.secondsLeft) % 5;
     if (n === 0) return up({ probability: 0.6, reason: "up at " + window.spot });
     if (n === 1) return down({ probability: 0.55, limit: 0.5, reason: "dówn" });
     return n === 2 ? exit("out") : hold(n === 3 ? "same" : "left " + window.secondsLeft);`,
  ),
  remembers: deciding(
    `if (window.secondsLeft < 60) return hold("kept");
     if (window.secondsLeft > 800) throw new Error("n=" + memory.n);
     return up({ probability: 0.5, reason: "n=" + memory.n, memory: { n: memory.n + 1 } });`,
    REMEMBERS,
  ),
  "fails now and then": deciding(
    `if (readings.rsi.value > 2) throw new RangeError("at " + readings.rsi.value);
     if (window.secondsLeft < 60) for (;;);
     return readings.rsi.ready ? hold("ready") : { kind: "hold", reason: 5 };`,
    READS,
  ),
  "writes into what it reads": deciding(
    `const last = readings.bars.close[7];
     readings.bars.close.fill(window.secondsLeft);
     return hold("last " + last);`,
    READS,
  ),
  "says what is no share": deciding(
    `const kind = window.secondsLeft > 300 ? "up" : "down";
     return { kind, probability: window.secondsLeft % 2, reason: "made by hand" };`,
  ),
};

async function byRequests(version: LoadedVersion, frames: readonly Float64Array[]): Promise<DecisionResult[]> {
  const host = await BatchHost.create({ batch: false });
  await host.install(version);
  let memory = initialMemory(version.facts.manifest.memory);
  const results: DecisionResult[] = [];
  for (const frame of frames) {
    const [result] = await decideAll(host, [{ slot: SLOT, version: version.facts.ref, frame, memory }]);
    results.push(result!);
    if (result!.type === "Decided") memory = result!.memory;
  }
  return results;
}

async function byRun(version: LoadedVersion, frames: readonly Float64Array[], pure: boolean, isAsked: boolean) {
  const host = await BatchHost.create();
  await host.install(version, { pure });
  const run = host.run(SLOT, version.facts.ref);
  return frames.map((frame) => {
    run.frame.set(frame);
    const kind = run.decide();
    return isAsked ? { kind, result: run.result() } : { kind };
  });
}

test.each(Object.keys(STRATEGIES))("%s", async (name) => {
  const version = await loadStrategy(await Loader.create(), STRATEGIES[name]!);
  const frames = Array.from({ length: FRAMES }, (_, index) => syntheticFrame(version.facts.layout, 11, index));
  const expected = (await byRequests(version, frames)).map((result) => ({
    kind: result.type === "Faulted" ? "fault" : result.signal.kind,
    result,
  }));
  for (const pure of [true, false]) {
    expect(await byRun(version, frames, pure, true)).toEqual(expected);
    expect(await byRun(version, frames, pure, false)).toEqual(expected.map(({ kind }) => ({ kind })));
  }
});
