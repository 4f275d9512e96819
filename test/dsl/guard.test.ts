// The guard by what a strategy sees: ordinary code works, and what would make decisions differ or never end does not.
import { beforeAll, describe, expect, test } from "vitest";
import type { DecisionResult } from "../../engine/decide/decision.ts";
import { InThreadHost } from "../../engine/sandbox/in-thread-host.ts";
import { Loader } from "../../engine/sandbox/loader.ts";
import { decideAll, deciding, loadStrategy, outcomeOf, requestOf } from "../support/strategy-bundle.ts";

let loader: Loader;
let host: InThreadHost;
beforeAll(async () => {
  loader = await Loader.create();
  host = await InThreadHost.create();
});

/** Evaluates each expression in a sandbox of its own; `bars` are candles of depth 3. */
async function evaluated(expressions: readonly string[]): Promise<readonly string[]> {
  const cases = expressions.map((expression, n) => `case ${n}: return hold(String(${expression}));`).join("\n");
  const source = deciding(
    `const { bars } = readings; switch (window.spot) { ${cases} default: throw new Error(); }`,
    "inputs: () => ({ bars: candles({ depth: 3 }) })",
  );
  const version = await loadStrategy(loader, source.replace(/^/, "// @ts-nocheck\n"));
  await host.install(version);
  const results: readonly DecisionResult[] = await decideAll(
    host,
    expressions.map((_, spot) => requestOf(version, { spot })),
  );
  return results.map(outcomeOf);
}

test("ordinary code works", async () => {
  const ordinary: Record<string, string> = {
    "(() => { class E extends Error { constructor(m) { super(m); this.name = 'E'; } } return new E('x').toString(); })()":
      "E: x",
    "(() => { class E extends RangeError {} try { throw new E('y'); } catch (e) { return (e instanceof E) + e.message; } })()":
      "truey",
    "(() => { const o = {}; o.toString = () => 'own'; return o; })()": "own",
    "(() => { const o = {}; o.constructor = 1; o.valueOf = () => 2; return o.constructor + +o; })()": "3",
    "(() => { class M extends Map { first() { return this.get(1); } } return new M([[1, 'one']]).first(); })()": "one",
    "(() => { class A extends Array {} return A.from([3, 1, 2]).sort().concat([4]).join('') })()": "1234",
    "(() => { class F extends Float64Array {} return new F([1, 2]).subarray(1) instanceof F; })()": "true",
    "[...[3, 1, 2]].sort((a, b) => a - b).map((n) => n * 2).join()": "2,4,6",
    "[3, 20, 100].sort()": "100,20,3",
    "'b'.localeCompare('a')": "1",
    "'a1b22'.match(/\\d+/g).join()": "1,22",
    "[...'a1b2'.matchAll(/(\\w)(\\d)/g)].map((m) => m[1]).join()": "a,b",
    "'a-b-c'.replace(/-(\\w)/g, (_, c) => c.toUpperCase()) + 'x.y'.replaceAll('.', '-')": "aBCx-y",
    "'a,b'.split(',').reverse().join() + 'x'.padStart(3, '.') + 'ab'.repeat(2)": "b,a..xabab",
    "(() => { function* g() { yield* [1, 2]; return 3; } return [...g()].length; })()": "2",
    "(({ a, ...rest }, [b = 5]) => a + b + Object.keys(rest).length)({ a: 1, c: 2 }, [])": "7",
    "Object.entries({ a: 1 }).flat().concat([[2]]).flat().join()": "a,1,2",
    "JSON.stringify(JSON.parse('{\"a\":[1,2.5]}', (k, v) => (v === 1 ? 10 : v)))": '{"a":[10,2.5]}',
    "Array.from({ length: 3 }, (_, n) => n).fill(7, 1).indexOf(7)": "1",
    "Math.max(...new Set([1, 5, 2])) + Math.hypot(3, 4)": "10",
    "(1234.5).toFixed(2) + (0.1).toPrecision(1) + Number('1e3')": "1234.500.11000",
    "(() => 1) instanceof Function && [].indexOf.name + [].indexOf.length": "indexOf1",
    "(() => { Array.prototype.last = function () { return this[this.length - 1]; }; return [1, 2].last(); })()": "2",
    "Object.groupBy([1, 2, 3], (n) => (n % 2 ? 'odd' : 'even')).odd.join()": "1,3",
    "new Float64Array([3, 1, 2]).sort().reduce((a, b) => a * 10 + b, 0)": "123",
    "Reflect.ownKeys({ [Symbol.iterator]: 1, a: 2 }).length + typeof structuredClone": "2undefined",
    "encodeURIComponent('a b')": "a%20b",
    "new WeakMap([[Math, 1]]).get(Math) + typeof Symbol() + 0x10 + (2 ** 10)": "1symbol161024",
  };
  const expected = Object.values(ordinary).map((value) => `hold: ${value}`);
  expect(await evaluated(Object.keys(ordinary))).toEqual(expected);
});

test("a strategy can be written without a clock, and is told so", async () => {
  const date = /^threw! Error: Cannot use Date: .*time is in window.secondsLeft/;
  for (const outcome of await evaluated(["Date.now()", "new Date()", "Date()", "Date.parse('2026')", "Date.UTC(1)"])) {
    expect(outcome).toMatch(date);
  }
  expect(await evaluated(["Math.random()"])).toEqual([
    "threw! Error: Cannot use Math.random: a decision must be the same for the same frame",
  ]);
});

describe("what a strategy must not have", () => {
  test.each([
    "performance",
    "WeakRef",
    "FinalizationRegistry",
    "SharedArrayBuffer",
    "Atomics",
    "eval",
    "BigInt",
    "setTimeout",
    "queueMicrotask",
    "console",
    "process",
    "fetch",
  ])("%s is not there", async (name) => {
    expect(await evaluated([`typeof ${name}`])).toEqual(["hold: undefined"]);
  });

  test("no code comes out of text", async () => {
    const makers = [
      "Function",
      "(() => {}).constructor",
      "(function* () {}).constructor",
      "(async () => {}).constructor",
    ];
    for (const outcome of await evaluated(makers.map((maker) => `${maker}("return 1")`))) {
      expect(outcome).toBe("threw! Error: Cannot use Function: a strategy cannot make code out of text");
    }
  });

  test("candles show no more of the frame than their own series", async () => {
    const outcomes = await evaluated([
      "bars.close.buffer.byteLength",
      "bars.close.subarray(1).buffer.byteLength",
      "(() => { let seen = 'nothing'; try { bars.close.constructor = { [Symbol.species]: function (b) { seen = b.byteLength; return new Float64Array(b); } }; } catch {} bars.close.subarray(0); return seen; })()",
      "typeof bars.close.buffer.transfer + typeof bars.close.buffer.resize",
      "new Float64Array(4).buffer.byteLength",
    ]);
    expect(outcomes).toEqual(["hold: 24", "hold: 24", "hold: 24", "hold: undefinedundefined", "hold: 32"]);
  });

  test("nothing of the reader is in reach", async () => {
    expect(
      await evaluated(["Object.keys(globalThis).join()", "typeof frame + typeof out + typeof __underway"]),
    ).toEqual(["hold: ", "hold: undefinedundefinedundefined"]);
  });
});

describe("natives that never ask for fuel are bounded", () => {
  test.each([
    "new Array(2 ** 32 - 1).indexOf(1)",
    "new Array(2 ** 32 - 1).includes(1)",
    "new Array(2 ** 32 - 1).reverse()",
    "new Array(2 ** 32 - 1).join()",
    "String(new Array(2 ** 32 - 1))",
    "[].concat(new Array(2 ** 32 - 1))",
    "Array.prototype.fill.call({ length: 2 ** 53 - 1 }, 0)",
    "Array.from({ length: 2 ** 31 })",
    "'a'.repeat(1e9)",
    "'a'.padEnd(1e9)",
    "'a'.repeat(5000).concat('b'.repeat(9000)).indexOf('x')",
    "JSON.parse('['.concat(...Array(20).fill('['.repeat(9000))))",
  ])("%s", async (expression) => {
    expect((await evaluated([expression]))[0]).toMatch(
      /^threw! RangeError: Cannot work on (an array|a string|a JSON text) of length/,
    );
  });

  test.each([
    ["[...Array(2 ** 32 - 1)].length", /^memory!/],
    ["(() => { let s = 'x'; for (;;) s += s; })()", /^(memory!|threw! \w+: string too long)/],
    ["(() => { const f = () => f() + 1; return f(); })()", /^threw! InternalError: stack overflow/],
    ["JSON.parse('['.repeat(9999))", /^threw! \w+: (stack overflow|unexpected)/],
    ["'a'.repeat(30).replace(/(a+)+$/, 'b').length + /(a+)+b/.test('a'.repeat(40))", /^fuel!/],
  ])("%s", async (expression, outcome) => {
    expect((await evaluated([expression]))[0]).toMatch(outcome);
  });
});
