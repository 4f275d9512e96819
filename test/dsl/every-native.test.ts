// Every function that an engine has, called with what is longest: none may go on without asking for fuel. The functions
// are found in the engine itself, so one that a newer engine brings is found as well. A hang costs a worker, and is seen.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ENGINE_VARIANTS } from "../../engine/sandbox/engine-module.ts";
import { Loader } from "../../engine/sandbox/loader.ts";
import { WorkerHost } from "../../engine/sandbox/worker-host.ts";
import { decideAll, deciding, loadStrategy, outcomeOf, requestOf } from "../support/strategy-bundle.ts";

const DEADLINE_MS = 60_000;
const CALLS_MAX = 3000;

/** `window.spot` chooses a call, `window.open` says its name instead of making it. */
const CALLS_EVERYTHING = deciding(
  `let text = "ab";
   while (text.length < 2 ** 20) text += text;
   const sparse = new Array(2 ** 32 - 1), like = { length: 2 ** 53 - 1 }, bytes = new Uint8Array(2 ** 21);
   const receivers = [
     [Array.prototype, sparse], [Array.prototype, like], [Array.prototype, text], [Object.getPrototypeOf(Uint8Array.prototype), bytes],
     [String.prototype, text], [RegExp.prototype, /(?:)/g], [Iterator.prototype, sparse.values()], [Function.prototype, Math.max],
     [Set.prototype, new Set([1])], [Object.prototype, sparse],
   ];
   const members = (owner) => Reflect.ownKeys(owner)
     .filter((name) => name !== "constructor" && typeof Reflect.getOwnPropertyDescriptor(owner, name).value === "function")
     .map((name) => [name, owner[name]]);
   const calls = [];
   for (const [owner, receiver] of receivers) {
     for (const [name, method] of members(owner)) {
       for (const given of [[], [() => true, 0], [2 ** 31], [text.slice(0, 9999), "$&"], [sparse, sparse]]) calls.push([name, method, receiver, given]);
     }
   }
   for (const name of Object.getOwnPropertyNames(globalThis)) {
     const owner = globalThis[name];
     if (name === "globalThis" || owner === null || (typeof owner !== "function" && typeof owner !== "object")) continue;
     for (const [key, method] of [...members(owner), ...(typeof owner === "function" ? [[name, owner]] : [])]) {
       for (const given of [[like], [text, text], [sparse, Number], [Number, null, like], [{ raw: like }]]) calls.push([key, method, owner, given]);
     }
   }
   if (window.spot >= calls.length) return exit("none");
   const [name, method, receiver, given] = calls[window.spot];
   if (window.open === 1) return hold(String(name) + " " + given.map((one) => typeof one));
   const made = Reflect.apply(method, receiver, given);
   return hold(made !== null && typeof made === "object" && typeof made.next === "function" ? typeof made.next() : typeof made);`,
);

describe.each(ENGINE_VARIANTS)("on %s", (variant) => {
  let host: WorkerHost;
  beforeAll(async () => {
    host = await WorkerHost.create(variant);
  });
  afterAll(() => host.close());

  test("no function goes on without end", { timeout: 2 * DEADLINE_MS }, async () => {
    const version = await loadStrategy(await Loader.create(variant), `// @ts-nocheck\n${CALLS_EVERYTHING}`);
    await host.install(version);
    const ask = async (spots: readonly number[], open: number) => {
      const requests = spots.map((spot) => requestOf(version, { spot, open }));
      return (await decideAll(host, requests, DEADLINE_MS)).map(outcomeOf);
    };
    const outcomes = await ask([...Array(CALLS_MAX).keys()], 0);
    expect(outcomes.at(-1)).toBe("exit: none");
    expect(outcomes.filter((outcome) => outcome !== "exit: none").length).toBeGreaterThan(1000);
    const endless = [...outcomes.keys()].filter((index) => /^(hung|overdue|host)!/.test(outcomes[index]!));
    expect(await ask(endless, 1)).toEqual([]);
  });
});
