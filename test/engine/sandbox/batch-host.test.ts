import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { canonicalJson } from "../../../engine/base/canonical-json.ts";
import type { CodeVersion } from "../../../engine/base/ids.ts";
import type { DecisionRequest, DecisionResult } from "../../../engine/decide/decision.ts";
import type { LoadedVersion } from "../../../engine/decide/port.ts";
import { BatchHost } from "../../../engine/sandbox/batch-host.ts";
import { ENGINE_VARIANTS } from "../../../engine/sandbox/engine-module.ts";
import { InThreadHost } from "../../../engine/sandbox/in-thread-host.ts";
import { Loader } from "../../../engine/sandbox/loader.ts";
import { syntheticFrame } from "../../../engine/sandbox/synthetic-frame.ts";
import { sandboxHostContract } from "../../contract/sandbox-host.ts";
import { decideAll, deciding, loadStrategy, outcomeOf, requestOf } from "../../support/strategy-bundle.ts";

sandboxHostContract((variant) => BatchHost.create({ variant }));

const READS = `inputs: () => ({ rsi: ta.rsi(), macd: ta.macd(), bars: candles({ depth: 8 }) })`;
const REMEMBERS = `inputs: () => ({}), memory: { initial: { n: 0 } }`;

/** Pure, all of them. */
const PURE: Readonly<Record<string, string>> = {
  "holds with the same words": deciding(`return hold("no edge");`, READS),
  "holds with words of its own": deciding(`return hold("rsi " + readings.rsi.value.toFixed(3));`, READS),
  "enters and exits": deciding(
    `if (position) return readings.rsi.value > 1 ? exit("over " + readings.rsi.value) : hold("holding");
     if (!readings.macd.signal.ready) return hold("warming up");
     if (readings.macd.signal.value > 1) return up({ probability: 0.6, limit: window.up.ask, reason: "up" });
     return readings.rsi.at(3) > 0.5 ? down({ probability: 0.55, reason: "down" }) : hold("no edge");`,
    READS,
  ),
  "exits late": deciding(`return window.secondsLeft > 400 ? exit("late") : hold("early");`),
  remembers: deciding(
    `if (window.secondsLeft < 100) return hold("kept");
     return hold("n=" + memory.n, { memory: { n: (memory.n + Math.floor(window.secondsLeft)) % 3 } });`,
    REMEMBERS,
  ),
  "remembers what it knew": deciding(`return hold("same", { memory: { n: memory.n } });`, REMEMBERS),
  throws: deciding(
    `if (readings.rsi.value > 2) throw new RangeError("at " + readings.rsi.value); return hold("x");`,
    READS,
  ),
  "throws what is no error": deciding(`if (window.secondsLeft > 400) throw "late"; return hold("early");`),
  "answers with no signal": deciding(`return readings.rsi.ready ? hold("x") : "hold";`, READS),
  "spends its fuel": deciding(`for (let n = 0; n < window.secondsLeft * 500; n++); return hold("done");`),
  "leaves circles behind": deciding(
    `const bars = readings.bars.close.slice();
     const circle = { bars: new Float64Array(30_000).fill(bars[0]) };
     circle.self = circle;
     class Local { static latest = circle; }
     return hold("last " + Local.latest.self.bars.at(-1));`,
    READS,
  ),
  "needs nearly all of its memory": deciding(
    `const circle = { bytes: new Uint8Array(100_000) };
     circle.self = circle;
     const rows = [];
     for (let n = 0; n < (window.secondsLeft > 300 ? 9 : 1); n++) rows.push(new Uint8Array(1_000_000).fill(n));
     return hold("rows " + rows.length);`,
  ),
  "catches that its memory is gone": deciding(
    `const rows = [];
     const circle = { bytes: new Uint8Array(100_000) };
     circle.self = circle;
     try {
       for (let n = 0; n < window.secondsLeft / 4; n++) rows.push(new Float64Array(10_000));
     } catch (error) {
       return hold("caught " + rows.length);
     }
     return hold("all " + rows.length);`,
  ),
  "matches and sorts": deciding(
    `const words = String(window.spot * 1e9).replace(/[0-4]+/g, (digits) => digits + "-").split("-");
     const counts = new Map();
     for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
     return hold([...counts].sort(([a], [b]) => (a < b ? 1 : -1)).join(" "));`,
  ),
};

describe.each(ENGINE_VARIANTS)("running ahead on %s", (variant) => {
  const versions = new Map<string, LoadedVersion>();
  let reset: InThreadHost;
  let batch: BatchHost;
  let noBatch: BatchHost;

  beforeAll(async () => {
    const loader = await Loader.create(variant);
    reset = await InThreadHost.create({ variant });
    batch = await BatchHost.create({ variant });
    noBatch = await BatchHost.create({ variant, batch: false });
    for (const [name, source] of Object.entries(PURE)) {
      const version = await loadStrategy(loader, source);
      versions.set(name, version);
      await Promise.all([
        reset.install(version),
        ...[batch, noBatch].map((host) => host.install(version, { pure: true })),
      ]);
    }
  });

  const requests = ({ facts }: LoadedVersion, frames: readonly Float64Array[], memory: string): DecisionRequest[] =>
    frames.map((frame) => ({ slot: "BTC-5m-example" as DecisionRequest["slot"], version: facts.ref, frame, memory }));

  /** As a backtest goes: what was decided with the memory of before is laid out again. */
  const runAhead = (
    host: BatchHost,
    version: LoadedVersion,
    frames: readonly Float64Array[],
    sizes: readonly number[],
  ) => {
    const results: DecisionResult[] = [];
    let memory = canonicalJson(version.facts.manifest.memory?.initial ?? null);
    for (let turn = 0; results.length < frames.length; turn++) {
      const ahead = frames.slice(results.length, results.length + sizes[turn % sizes.length]!);
      const decided = host.decideAhead(results.length, requests(version, ahead, memory));
      results.push(...decided);
      const last = results.at(-1)!;
      if (last.type === "Decided") memory = last.memory;
    }
    return results;
  };
  const oneByOne = async (version: LoadedVersion, frames: readonly Float64Array[]): Promise<DecisionResult[]> => {
    const results: DecisionResult[] = [];
    let memory = canonicalJson(version.facts.manifest.memory?.initial ?? null);
    for (const frame of frames) {
      const [result] = await decideAll(reset, requests(version, [frame], memory));
      results.push(result!);
      if (result!.type === "Decided") memory = result!.memory;
    }
    return results;
  };

  test("gives the results of one by one with reset, bytes and fuel, whatever is asked at once", async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 6 });
    const names = fc.array(fc.constantFrom(...Object.keys(PURE)), { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(
        names,
        fc.integer(),
        fc.integer({ min: 1, max: 40 }),
        sizes,
        async (chosen, seed, count, many) => {
          for (const name of chosen) {
            const version = versions.get(name)!;
            const frames = Array.from({ length: count }, (_, n) => syntheticFrame(version.facts.layout, seed, n));
            const expected = await oneByOne(version, frames);
            expect(runAhead(batch, version, frames, many)).toEqual(expected);
            expect(runAhead(noBatch, version, frames, many)).toEqual(expected);
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  test("every strategy of the table is equal over many frames as well", async () => {
    for (const version of versions.values()) {
      const frames = Array.from({ length: 48 }, (_, n) => syntheticFrame(version.facts.layout, 7, n));
      expect(runAhead(batch, version, frames, [48])).toEqual(await oneByOne(version, frames));
    }
  });

  test("ends with the first result that is not a plain hold", () => {
    const ahead = (name: string, seconds: readonly number[]) => {
      const version = versions.get(name)!;
      const memory = canonicalJson(version.facts.manifest.memory?.initial ?? null);
      return seconds.map((secondsLeft) => requestOf(version, { secondsLeft, positionSide: 1 }, { memory }));
    };
    const outcomes = (name: string, seconds: readonly number[]) =>
      batch.decideAhead(1, ahead(name, seconds)).map(outcomeOf);
    expect(outcomes("holds with the same words", [1, 2, 3])).toEqual([
      "hold: no edge",
      "hold: no edge",
      "hold: no edge",
    ]);
    expect(outcomes("exits late", [1, 401, 2])).toEqual(["hold: early", "exit: late"]);
    expect(outcomes("throws what is no error", [1, 2, 401, 3])).toHaveLength(3);
    expect(outcomes("remembers", [1, 2, 101, 3])).toEqual(["hold: kept", "hold: kept", "hold: n=0"]);
    expect(outcomes("remembers what it knew", [1, 2, 3])).toHaveLength(3);
    expect(noBatch.decideAhead(1, ahead("remembers", [1, 2]))).toHaveLength(1);
  });
});

describe("a version that starts from another's memory", () => {
  const ANOTHER = "3f9a2c1e".repeat(8) as CodeVersion;
  /** Impure: what a kept sandbox has decided before shows. */
  const COUNTS = deciding(
    "return hold([memory.n, ++calls].join());",
    "inputs: () => ({}), memory: { initial: { n: 0 }, migrate: (old) => ({ n: old.n * ++calls }) }",
    "let calls = 0;",
  );

  test("migrates and decides as from its snapshot, also where its sandbox is kept", async () => {
    const host = await BatchHost.create();
    const version = await loadStrategy(await Loader.create(), COUNTS);
    await host.install(version, { pure: true });
    const plain = requestOf(version, {}, { memory: '{"n":7}' });
    const migrating = { ...plain, migrateFrom: ANOTHER };
    const outcomes = (await decideAll(host, [plain, plain, migrating, migrating, plain])).map(outcomeOf);
    // Then its sandbox goes on from that decision.
    expect(outcomes).toEqual(["hold: 7,1", "hold: 7,2", "hold: 7,1", "hold: 7,1", "hold: 7,2"]);
  });

  test("ends what runs ahead: after it the memory is its own, even where it reads the same", async () => {
    const host = await BatchHost.create();
    const version = await loadStrategy(await Loader.create(), COUNTS);
    await host.install(version, { pure: true });
    const migrating = { ...requestOf(version, {}, { memory: '{"n":7}' }), migrateFrom: ANOTHER };
    const results = host.decideAhead(1, [migrating, migrating]);
    expect(results).toMatchObject([{ memory: '{"n":7}' }]);
  });
});

test("a fault on the way is counted in its own cycle", async () => {
  const host = await BatchHost.create();
  const version = await loadStrategy(await Loader.create(), PURE["throws what is no error"]!);
  await host.install(version, { pure: true });
  host.decideAhead(
    70,
    [1, 2, 401, 3].map((secondsLeft) => requestOf(version, { secondsLeft })),
  );
  expect(host.counters()).toMatchObject({ decisions: 3, faults: 1, lastFault: { cycle: 72 } });
});

test("frames of two slots, or with two memories, cannot run ahead together", async () => {
  const host = await BatchHost.create();
  const version = await loadStrategy(await Loader.create(), PURE["holds with the same words"]!);
  await host.install(version, { pure: true });
  const first = requestOf(version);
  expect(() => host.decideAhead(1, [first, { ...first, memory: '"other"' }])).toThrow("of one slot, with one memory");
  expect(() => host.decideAhead(1, [first, requestOf(version, {}, { slot: "ETH-5m-example" })])).toThrow("of one slot");
});

describe("an impure strategy", () => {
  const IMPURE: Readonly<Record<string, string>> = {
    counter: deciding(`return hold("n=" + ++n);`, undefined, "let n = 0;"),
    cache: deciding(
      `const key = Math.floor(window.spot); if (!cache.has(key)) cache.set(key, key * 2);
       return hold(cache.size + " of " + cache.get(key));`,
      undefined,
      "const cache = new Map();",
    ),
    "mutated constant": deciding(
      `LIMITS.calls.push(window.spot); return hold(LIMITS.calls.join());`,
      undefined,
      "const LIMITS = { calls: [] };",
    ),
    "patched prototype": deciding(
      `const seen = [].seen ?? 0; Array.prototype.seen = seen + 1; return hold("seen " + seen);`,
    ),
  };

  test.each(Object.entries(IMPURE))("decides each time as it does first: %s", async (_, source) => {
    const host = await BatchHost.create();
    const version = await loadStrategy(await Loader.create(), source);
    const request = requestOf(version, { spot: 3 });
    await host.install(version, { pure: false });
    const [first, ...later] = host.decideAhead(
      1,
      Array.from({ length: 20 }, () => request),
    );
    expect(later).toHaveLength(19);
    for (const result of later) expect(result).toEqual(first);
    // What it would do otherwise.
    await host.install(version, { pure: true });
    expect(host.decideAhead(1, [request, request])[1]).not.toEqual(first);
  });
});
