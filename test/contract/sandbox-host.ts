// What every sandbox host promises, whatever thread it decides in.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CodeVersion, shortVersion } from "../../engine/base/ids.ts";
import type { DecisionRequest, DecisionResult } from "../../engine/decide/decision.ts";
import type { LoadedVersion, SandboxHost } from "../../engine/decide/port.ts";
import { versionKey } from "../../engine/decide/version.ts";
import { ENGINE_VARIANTS, type EngineVariant } from "../../engine/sandbox/engine-module.ts";
import { FUEL_MAX } from "../../engine/sandbox/instance.ts";
import { Loader } from "../../engine/sandbox/loader.ts";
import { decideAll, deciding, loadStrategy, outcomeOf, requestOf } from "../support/strategy-bundle.ts";

const READS_EVERYTHING = deciding(
  `const { rsi, macd, bars } = readings;
   const seen = { asset: window.asset, interval: window.interval, spot: window.spot, open: window.open,
     left: window.secondsLeft, up: { ...window.up, ask: window.up.ask }, downAsk: window.down.ask, fee: window.feeRate,
     side: position?.side ?? null, shares: position?.shares ?? null,
     rsi: [rsi.ready, rsi.value, rsi.at(0), rsi.at(2), rsi.at(3)],
     macd: [macd.macd.value, macd.signal.value, macd.histogram.ready],
     bars: [bars.depth, bars.ready, bars.open[0], bars.close[1], bars.volume[1], bars.close.length] };
   return hold(JSON.stringify(seen));`,
  `inputs: () => ({ rsi: ta.rsi({ history: 2 }), macd: ta.macd({ history: 1 }), bars: candles({ depth: 2 }) })`,
);

const REMEMBERS = deciding(
  `if (window.spot === 0) return hold("keeps");
   return up({ probability: 0.6, limit: 0.55, reason: "n=" + memory.n, memory: { n: memory.n + 1 } });`,
  `inputs: () => ({}), memory: { initial: { n: 0 } }`,
);

/** Both of its functions use up fuel as the memory says, and count in the module how often they were called. */
const MIGRATES = deciding(
  `burn(memory.burn);
   if (window.spot === 1) return hold("remembers", { memory: { ...memory, n: memory.n + 1 } });
   return hold([memory.n, memory.from, ++calls].join(" "));`,
  `inputs: () => ({}), memory: { initial: { n: 0, from: "", burn: 0 }, migrate(old, from) {
    burn(old.burn);
    switch (old.fails) {
      case "throws": throw new RangeError("of " + from);
      case "never ends": return burn(Infinity);
      case "grows": for (const all = []; ; ) all.push(new Float64Array(10000));
      case "makes no JSON": return { n: NaN };
      case "makes nothing": return;
      case "comes later": return Promise.resolve({ n: 1 });
      case "makes too much": return "é".repeat(600);
    }
    return { n: old.count + ++calls, from, burn: old.burn };
  } }`,
  "let calls = 0; const burn = (turns) => { for (let n = 0; n < turns; n++); };",
);
const ANOTHER = "3f9a2c1e".repeat(8) as CodeVersion;

const FAULTS = deciding(
  `switch (window.spot) {
    case 1: return readings.missing.value;
    case 2: for (idle(1); ; ) idle(2);
    case 3: { const all = []; for (;;) all.push(new Float64Array(10000)); }
    case 4: return up({ probability: window.open, reason: "certain" });
    case 5: return "up";
    default: return hold("sound");
  }`,
  undefined,
  "const idle = (x) => x;",
);
/** Where the engines put the read of `undefined` and the call of up() there: ng knows no places of reads. */
const PLACES = {
  bellard: { read: "5:29", signal: "8:13" },
  ng: { read: "3:62", signal: "8:20" },
} as const satisfies Record<EngineVariant, object>;

export function sandboxHostContract(create: (variant: EngineVariant) => Promise<SandboxHost>): void {
  describe.each(ENGINE_VARIANTS)("the contract of a sandbox host on %s", (variant) => {
    let host: SandboxHost;
    let loader: Loader;
    const install = async (source: string): Promise<LoadedVersion> => {
      const version = await loadStrategy(loader, source);
      await host.install(version);
      return version;
    };
    const one = async (version: LoadedVersion, ...rest: [header?: object, options?: object]): Promise<DecisionResult> =>
      (await decideAll(host, [requestOf(version, ...rest)]))[0]!;

    beforeAll(async () => {
      loader = await Loader.create(variant);
      host = await create(variant);
    });
    afterAll(() => host.close());

    test("a decision sees the frame and nothing but the frame", async () => {
      const version = await install(READS_EVERYTHING);
      const request = requestOf(version, {
        assetIndex: 1,
        intervalIndex: 1,
        spot: 101,
        open: 100,
        secondsLeft: 42,
        upBid: 0.4,
        upAsk: 0.45,
        downAsk: 0.6,
        feeRate: 0.07,
        positionSide: 2,
        positionShares: 12.5,
      });
      const inputs = [70, 71, 72, 73, /* macd */ 1, 0, 0, /* signal */ 2, 0, 0, /* histogram */ Number.NaN, 0, 0];
      const bars = [10, 11, 12, 13, 8, 9, 10.5, 11.5, 300, 400];
      request.frame.set([...inputs, ...bars], 18);
      const [result] = await decideAll(host, [request]);
      expect(result).toMatchObject({ type: "Decided", slot: request.slot, version: version.facts.ref });
      expect(result?.type === "Decided" && `${result.signal.reason}`).toBe(
        JSON.stringify({
          asset: "eth",
          interval: "15m",
          spot: 101,
          open: 100,
          left: 42,
          up: { bid: 0.4, ask: 0.45, bidSize: 0, askSize: 0 },
          downAsk: 0.6,
          fee: 0.07,
          side: "down",
          shares: 12.5,
          rsi: [true, 70, 71, 73, null],
          macd: [1, 2, false],
          bars: [2, true, 10, 11.5, 400, 2],
        }).slice(0, 200),
      );
    });

    test("every request gets one result, in order", async () => {
      const version = await install(REMEMBERS);
      const slots = Array.from({ length: 150 }, (_, index) => `S${index}`);
      const requests = slots.map((slot, n) => requestOf(version, { spot: 1 }, { slot, memory: `{"n":${n}}` }));
      const results = await decideAll(host, requests);
      expect(results.map(({ slot }) => slot)).toEqual(slots);
      expect(results.map(outcomeOf)).toEqual(slots.map((_, n) => `up: n=${n}`));
    });

    test("returned memory replaces the slot's; without one it stays", async () => {
      const version = await install(REMEMBERS);
      const first = await one(version, { spot: 1 }, { memory: '{"n":7}' });
      expect(first).toMatchObject({ memory: '{"n":8}', signal: { kind: "up", probability: 0.6, limit: 0.55 } });
      expect(await one(version, { spot: 0 }, { memory: '{"n":8}' })).toMatchObject({ memory: '{"n":8}' });
    });

    test("memory over its size never reaches the strategy", async () => {
      const version = await install(REMEMBERS);
      const result = await one(version, { spot: 1 }, { memory: `{"n":"${"x".repeat(1024)}"}` });
      expect(outcomeOf(result)).toBe("memory! MemoryError: memory is 1032 bytes of JSON, expected at most 1024");
    });

    test("module-level state is gone before the next decision", async () => {
      const source = deciding(
        `return hold([++count, [].seen ?? "clean", (Array.prototype.seen = "patched")].join(" "));`,
        undefined,
        "let count = 0;",
      );
      const version = await install(source);
      const twice = await decideAll(host, [requestOf(version), requestOf(version)]);
      expect(twice.map(outcomeOf)).toEqual(["hold: 1 clean patched", "hold: 1 clean patched"]);
    });

    test("what fails is a fault with its place in the TypeScript, and its neighbours decide", async () => {
      const version = await install(FAULTS);
      const spots = [0, 1, 2, 3, 4, 5, 0];
      const results = await decideAll(
        host,
        spots.map((spot) => requestOf(version, { spot, open: 1.5 })),
      );
      expect(results.map(outcomeOf)).toEqual([
        "hold: sound",
        "threw! TypeError: cannot read property 'value' of undefined",
        `fuel! ran out of fuel: more than ${FUEL_MAX} ticks in one decision, spent at or after this place`,
        "memory! InternalError: out of memory",
        "output! SignalError: Cannot signal: probability is 1.5, expected above 0 and below 1",
        "output! SignalError: decide() returned a string, expected up(), down(), hold() or exit()",
        "hold: sound",
      ]);
      const places = results.map((result) => {
        if (result.type === "Decided") return "decided";
        // Where fuel ends in a loop depends on how much was spent before: the line is told, the column is luck.
        return result.fault.kind === "fuel" ? result.fault.where!.replace(/:\d+$/, "") : result.fault.where;
      });
      const { read, signal } = PLACES[variant];
      expect(places).toEqual([
        "decided",
        `strategies/example.ts:${read}`,
        "strategies/example.ts:6",
        "strategies/example.ts:7:53",
        `strategies/example.ts:${signal}`,
        "strategies/example.ts:3:62",
        "decided",
      ]);
      expect(results[3]).toMatchObject({
        fault: {
          frame: expect.stringContaining(
            "> 7 |     case 3: { const all = []; for (;;) all.push(new Float64Array(10000)); }\n    |                                                     ^",
          ),
        },
      });
    });

    test("the same decision takes the same fuel, whatever ran before it", async () => {
      const version = await install(REMEMBERS);
      const faulty = await install(FAULTS);
      const request = requestOf(version, { spot: 1 }, { memory: '{"n":1}' });
      const before = await one(version, { spot: 1 }, { memory: '{"n":1}' });
      const others = [1, 2, 3].map((spot) => requestOf(faulty, { spot }));
      const [, , , after] = await decideAll(host, [...others, request]);
      expect(after).toEqual(before);
      expect(before.fuel).toBeGreaterThan(10);
      expect(before.fuel).toBeLessThan(500);
    });

    test("counters say what was decided, what faulted and where", async () => {
      const version = await install(FAULTS);
      const before = host.counters();
      await decideAll(
        host,
        [requestOf(version), requestOf(version, { spot: 5 }, { slot: "ETH-5m-example" })],
        20_000,
        77,
      );
      const after = host.counters();
      expect([after.decisions - before.decisions, after.faults - before.faults]).toEqual([2, 1]);
      const fault = {
        kind: "output",
        slot: "ETH-5m-example",
        version: shortVersion("example", version.facts.ref.code),
        cycle: 77,
      };
      const [strategy] = after.strategies;
      const slot = after.slots.get("ETH-5m-example");
      expect(after).toMatchObject({ fuelMax: FUEL_MAX, lastFault: fault });
      expect(strategy).toMatchObject({ name: "example", lastFault: fault });
      expect(slot).toMatchObject({ decisions: 1, faults: 1, lastFault: fault });
      for (const { fuelP50, fuelP99, heapBytes } of [after, strategy!, slot!]) {
        expect(fuelP50).toBeGreaterThan(0);
        expect(fuelP99).toBeGreaterThanOrEqual(fuelP50);
        // The version's own heap is the least, the memory of the sandbox the most.
        expect(heapBytes).toBeGreaterThan(50_000);
        expect(heapBytes).toBeLessThan(16 * 1024 * 1024);
      }
    });

    test("what decides as a shadow is counted in no figure", async () => {
      const version = await install(FAULTS);
      await one(version);
      const before = host.counters();
      const requests = [0, 5].map((spot) => requestOf(version, { spot }, { slot: "SOL-5m-example" }));
      const results = await new Promise<readonly DecisionResult[]>((resolve) =>
        host.decide(78, requests, 20_000, resolve, "shadow"),
      );
      expect(results.map(({ type }) => type)).toEqual(["Decided", "Faulted"]);
      expect(host.counters()).toEqual(before);
    });

    describe("a version that starts from another's memory", () => {
      const migrating = (version: LoadedVersion, memory: unknown, spot = 0): DecisionRequest => ({
        ...requestOf(version, { spot }, { memory: JSON.stringify(memory) }),
        migrateFrom: ANOTHER,
      });

      test("decides with what its migrate() makes of it, and remembers that or what the decision says", async () => {
        const version = await install(MIGRATES);
        const results = await decideAll(host, [
          migrating(version, { count: 4, burn: 0 }),
          migrating(version, { count: 6, burn: 0 }, 1),
        ]);
        expect(results).toMatchObject([
          {
            signal: { kind: "hold", reason: "5 example@3f9a2c1e 1" },
            memory: '{"n":5,"from":"example@3f9a2c1e","burn":0}',
          },
          { signal: { reason: "remembers" }, memory: '{"n":8,"from":"example@3f9a2c1e","burn":0}' },
        ]);
      });

      test("without migrate() starts from `initial`, and from nothing where it declares no memory", async () => {
        const remembers = await install(REMEMBERS);
        const forgets = await install(deciding("return hold(typeof memory);"));
        const requests = [0, 1].map((spot) => migrating(remembers, { count: 4 }, spot));
        const results = await decideAll(host, [...requests, migrating(forgets, { count: 4 })]);
        expect(results).toMatchObject([{ memory: '{"n":0}' }, { memory: '{"n":1}' }, { memory: "null" }]);
        expect(results.map(outcomeOf)).toEqual(["hold: keeps", "up: n=0", "hold: undefined"]);
      });

      test("migrates from its snapshot and decides from it: again and again the same, whatever either changed", async () => {
        const version = await install(MIGRATES);
        const request = migrating(version, { count: 4, burn: 10 });
        const [first, ...others] = await decideAll(host, [
          request,
          request,
          requestOf(version, {}, { memory: '{"n":1}' }),
          request,
        ]);
        expect(outcomeOf(first!)).toBe("hold: 5 example@3f9a2c1e 1");
        expect(others.filter((_, n) => n !== 1)).toEqual([first, first]);
        expect(outcomeOf(others[1]!)).toBe("hold: 1  1");
      });

      test("spends what migrate() and the decision spend, each within a decision's fuel", async () => {
        const version = await install(MIGRATES);
        const turns = Math.floor(FUEL_MAX * 0.3);
        const [both, alone] = await decideAll(host, [
          migrating(version, { count: 4, burn: turns }),
          requestOf(version, {}, { memory: `{"n":5,"from":"example@3f9a2c1e","burn":${turns}}` }),
        ]);
        expect(both).toEqual({ ...alone, fuel: expect.any(Number) });
        expect(both!.fuel - alone!.fuel).toBeGreaterThan(turns);
        expect(both!.fuel).toBeGreaterThan(FUEL_MAX);
      });

      test("has no decision when its migrate() fails, and its neighbours decide", async () => {
        const version = await install(MIGRATES);
        const failing = (fails: string) => migrating(version, { count: 4, burn: 0, fails });
        const results = await decideAll(host, [
          ...["throws", "never ends", "grows", "makes no JSON", "makes nothing", "comes later", "makes too much"].map(
            failing,
          ),
          migrating(version, { count: 4, burn: 0 }),
        ]);
        expect(results.map(outcomeOf)).toEqual([
          "threw! migrate: RangeError: of example@3f9a2c1e",
          `fuel! migrate: ran out of fuel: more than ${FUEL_MAX} ticks in one decision, spent at or after this place`,
          "memory! migrate: InternalError: out of memory",
          "memory! migrate: MemoryError: memory.n is NaN, expected a finite number",
          "memory! migrate: MemoryError: memory is undefined, expected plain JSON data",
          "memory! migrate: MemoryError: memory is not a plain object: only plain JSON data can be kept",
          "memory! migrate: MemoryError: memory is 1202 bytes of JSON, expected at most 1024",
          "hold: 5 example@3f9a2c1e 1",
        ]);
        expect(results.slice(0, -1).filter(({ fuel }) => !(fuel > 0))).toEqual([]);
        expect(results[0]).toMatchObject({ fault: { where: expect.stringMatching(/^strategies\/example\.ts:6:/) } });
      });
    });

    test("a retired version cannot be asked", async () => {
      const version = await install(deciding(`return hold("retired soon");`));
      host.retire(versionKey(version.facts.ref));
      expect(() => host.decide(1, [requestOf(version)], 1000, () => {})).toThrow("is not installed");
    });
  });
}
