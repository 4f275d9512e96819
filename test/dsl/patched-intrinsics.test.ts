// The reader stands on what the strategy could not touch: whatever function of the language is replaced or deleted, one at
// a time or all at once, in decide() or before, a decision says what it says without that, or is a fault.
import { beforeAll, describe, expect, test } from "vitest";
import type { DecisionResult } from "../../engine/decide/decision.ts";
import type { LoadedVersion } from "../../engine/decide/port.ts";
import { versionKey } from "../../engine/decide/version.ts";
import { ENGINE_VARIANTS } from "../../engine/sandbox/engine-module.ts";
import { InThreadHost } from "../../engine/sandbox/in-thread-host.ts";
import { LoadError } from "../../engine/sandbox/load-error.ts";
import { Loader } from "../../engine/sandbox/loader.ts";
import { bundleStrategy, decideAll, deciding, outcomeOf, requestOf } from "../support/strategy-bundle.ts";

const NONE = -1;
const ALL = -2;
const WAYS = { throws: 0, "gives garbage": 1, "is deleted": 2 } as const;
/** What decide() does then, all of it prepared before. */
const ENDS = 6;
const COUNT = 6;

const patching = (atLoad: string) =>
  deciding(
    `patch(window.spot, window.open);
     switch (window.secondsLeft) {
       case 0: return SIGNAL;
       case 1: throw ERROR;
       case 2: throw "text";
       case 3: return 5;
       case 4: return BAD_MEMORY;
       case ${COUNT}: return { kind: "hold", reason: "" + places.length };
       default: return { kind: "hold", reason: "read " + readings.rsi.value + readings.bars.close[1] + readings.rsi.at(1) + memory.n };
     }`,
    `memory: { initial: { n: 1 } }, params: { one: param.integer({ default: ${NONE}, min: ${ALL} }), way: param.integer({ default: 0 }) },
     inputs({ one, way }) {
       const inputs = { rsi: ta.rsi({ history: 2 }), bars: candles({ depth: 2 }) };
       patch(one, way);
       return inputs;
     }`,
    `const { defineProperty, deleteProperty, getOwnPropertyDescriptor, getPrototypeOf, ownKeys } = Reflect;
     const SIGNAL = { kind: "up", probability: 0.5, limit: 0.25, reason: "own \\u20ac", memory: { n: [0.5, { a: "b" }] } };
     const BAD_MEMORY = { kind: "hold", reason: "", memory: { deep: [NaN] } };
     const ERROR = new RangeError("thrown");
     const places = [], seen = new Set();
     const walk = (owner) => {
       if (owner === null || (typeof owner !== "object" && typeof owner !== "function") || seen.has(owner)) return;
       seen.add(owner);
       for (const key of ownKeys(owner)) {
         const { value, get, set, configurable, writable } = getOwnPropertyDescriptor(owner, key);
         if ((get ?? set ?? (typeof value === "function" ? value : undefined)) && (configurable || writable)) places.push([owner, key]);
         walk(value);
       }
       walk(getPrototypeOf(owner));
     };
     for (const root of [globalThis, [].values(), new Map().keys(), new Set().keys(), ""[Symbol.iterator](), (function* () {})()]) walk(root);
     const fakes = [() => { throw new Error("patched"); }, () => ({ kind: "down", probability: 0.9, length: 3, value: "x" })];
     const replace = (at, way) => {
       const owner = places[at][0], key = places[at][1];
       if (way === 2) deleteProperty(owner, key);
       else if (!defineProperty(owner, key, { value: fakes[way], writable: true, configurable: true })) defineProperty(owner, key, { value: fakes[way] });
     };
     const patch = (one, way) => {
       if (one === ${ALL}) for (let at = 0; at < places.length; at++) replace(at, way);
       else if (one >= 0 && one < places.length) replace(one, way);
     };
     ${atLoad}`,
  );

describe.each(ENGINE_VARIANTS)("on %s", (variant) => {
  let loader: Loader;
  let host: InThreadHost;
  let plain: LoadedVersion;
  let expected: readonly string[];
  /** How many functions and accessors there are. */
  let count: number;

  const shown = (result: DecisionResult): string =>
    `${outcomeOf(result)} ${result.type === "Decided" ? JSON.stringify([result.signal, result.memory]) : result.fault.where}`;

  async function decided(version: LoadedVersion, one: number, way = 0): Promise<readonly string[]> {
    const requests = Array.from({ length: ENDS }, (_, secondsLeft) => {
      const request = requestOf(version, { spot: one, open: way, secondsLeft }, { memory: '{"n":7}' });
      request.frame.fill(3, 18);
      return request;
    });
    return (await decideAll(host, requests)).map(shown);
  }

  async function load(atLoad: string, params = {}): Promise<LoadedVersion> {
    return loader.load(await bundleStrategy(`// @ts-nocheck\n${patching(atLoad)}`, params));
  }

  beforeAll(async () => {
    [loader, host] = await Promise.all([Loader.create(variant), InThreadHost.create({ variant })]);
    plain = await load("");
    await host.install(plain);
    expected = await decided(plain, NONE);
    const [counted] = await decideAll(host, [requestOf(plain, { spot: NONE, secondsLeft: COUNT })]);
    count = Number(outcomeOf(counted!).slice("hold: ".length));
  });

  test("decides soundly as long as nothing is patched", () => {
    expect(count).toBeGreaterThan(350);
    expect(expected.map((outcome) => outcome.replace(/ strategies\/.*| \[.*/, ""))).toEqual([
      "up: own €",
      "threw! RangeError: thrown",
      "threw! Error: threw text, which is not an Error",
      "output! SignalError: decide() returned 5, expected up(), down(), hold() or exit()",
      "memory! MemoryError: memory.deep[0] is NaN, expected a finite number",
      "hold: read 3337",
    ]);
  });

  describe.each(Object.entries(WAYS))("what %s", (_, way) => {
    test("in decide(), one at a time, changes nothing", async () => {
      for (let one = 0; one < count; one++) expect([one, await decided(plain, one, way)]).toEqual([one, expected]);
    });

    test("in decide(), all at once, changes nothing", async () => {
      expect(await decided(plain, ALL, way)).toEqual(expected);
    });

    test("in inputs(), each in one of these ways, changes nothing", async () => {
      const order = await bundleStrategy(`// @ts-nocheck\n${patching("")}`);
      for (let one: number = way; one < count; one += Object.keys(WAYS).length) {
        const version = loader.load({ ...order, params: { one, way } });
        await host.install(version);
        expect([one, await decided(version, NONE)]).toEqual([one, expected]);
        host.retire(versionKey(version.facts.ref));
      }
    });

    test("before, all at once, changes nothing or is refused", async () => {
      for (const atLoad of [`patch(${ALL}, ${way});`, ""]) {
        let version: LoadedVersion;
        try {
          version = await load(atLoad, atLoad === "" ? { one: ALL, way } : {});
        } catch (error) {
          expect(error).toBeInstanceOf(LoadError);
          continue;
        }
        await host.install(version);
        expect(await decided(version, NONE)).toEqual(expected);
      }
    });
  });

  test.each([
    ["value: 'added', writable: true"],
    ["get() { throw new Error('read'); }, set() { throw new Error('written'); }"],
  ])("what is added to the prototypes, { %s }, changes nothing or is refused", async (descriptor) => {
    const loaded: string[] = [];
    for (const name of [
      "kind",
      "probability",
      "limit",
      "reason",
      "value",
      "then",
      "toJSON",
      "get",
      "length",
      "stack",
      "0",
    ]) {
      const owners = "[Object.prototype, Array.prototype, Error.prototype]";
      const add = `for (const owner of ${owners}) defineProperty(owner, "${name}", { __proto__: null, ${descriptor}, configurable: true });`;
      try {
        const version = await load(name === "length" ? add.replace(", Array.prototype", "") : add);
        await host.install(version);
        expect([name, await decided(version, NONE)]).toEqual([name, expected]);
        loaded.push(name);
      } catch (error) {
        if (!(error instanceof LoadError)) throw error;
      }
    }
    expect(loaded).toEqual(expect.arrayContaining(["kind", "probability", "reason", "then", "stack", "0"]));
  });
});
