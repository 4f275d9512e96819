// The guard by what a strategy sees: ordinary code works, and what would make decisions differ or never end does not.

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these texts are programs
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DecisionResult } from "../../engine/decide/decision.ts";
import type { SandboxHost } from "../../engine/decide/port.ts";
import { ENGINE_VARIANTS } from "../../engine/sandbox/engine-module.ts";
import { InThreadHost } from "../../engine/sandbox/in-thread-host.ts";
import { Loader } from "../../engine/sandbox/loader.ts";
import { WorkerHost } from "../../engine/sandbox/worker-host.ts";
import { decideAll, deciding, loadStrategy, outcomeOf, requestOf } from "../support/strategy-bundle.ts";

const STACK_OVERFLOW = {
  bellard: /^threw! \w+: stack overflow/,
  ng: /^threw! RangeError: Maximum call stack size exceeded/,
} as const;

describe.each(ENGINE_VARIANTS)("on %s", (variant) => {
  let loader: Loader;
  let host: InThreadHost;
  let worker: WorkerHost;
  beforeAll(async () => {
    loader = await Loader.create(variant);
    host = await InThreadHost.create({ variant });
    worker = await WorkerHost.create(variant);
  });
  afterAll(() => worker.close());

  /** Evaluates each expression in a sandbox of its own; `bars` are candles of depth 3. */
  async function evaluated(expressions: readonly string[], decides: SandboxHost = host): Promise<readonly string[]> {
    const cases = expressions.map((expression, n) => `case ${n}: return hold(String(${expression}));`).join("\n");
    const source = deciding(
      `const { bars } = readings; switch (window.spot) { ${cases} default: throw new Error(); }`,
      "inputs: () => ({ bars: candles({ depth: 3 }) })",
    );
    const version = await loadStrategy(loader, source.replace(/^/, "// @ts-nocheck\n"));
    await decides.install(version);
    const results: readonly DecisionResult[] = await decideAll(
      decides,
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
      "(() => { class M extends Map { first() { return this.get(1); } } return new M([[1, 'one']]).first(); })()":
        "one",
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
      "(() => { class A { #n = 1; static #made = 0; static { A.#made = 7; } get n() { return this.#n; } set n(n) { this.#n = n; } static has(a) { return #n in a; } static get made() { return A.#made; } } const a = new A(); a.n += 4; return [a.n, A.made, A.has(a), A.has({})]; })()":
        "5,7,true,false",
      "(() => { out: for (const a of [1, 2]) for (const b of [1, 2]) { if (b === 2) continue out; if (a === 2) break out; } return 'out'; })()":
        "out",
      "((text, ...values) => text.raw.join('|') + values)`a\\n${1}b${2}` + String.raw`\\n${3}`": "a\\n|b|1,2\\n3",
      "(() => { const all = { *[Symbol.iterator]() { yield 1; yield 2; } }; const [a, ...b] = all; return a + b + Math.max(...all); })()":
        "122",
      "(() => { const later = async () => { await null; throw 1; }; later(); return typeof later().then; })()":
        "function",
      "(() => { const e = new Error('x', { cause: 5 }); return [e.cause, e.name, typeof e.stack, e instanceof Object]; })()":
        "5,Error,string,true",
      "(() => { Error.stackTraceLimit = 0; Error.prepareStackTrace = () => 5; return [Error.stackTraceLimit, new Error('x').stack.includes('at ')]; })()":
        "0,true",
      "Object.isFrozen(Object.freeze([1])) + [...new Set([1, 1, 2]).union(new Set([3]))].join()": "true1,2,3",
      "Map.groupBy([1, 2, 3], (n) => n % 2).get(1) + [1, 2, 3].values().map((n) => n * 2).drop(1).toArray().join()":
        "1,34,6",
      "[[1, [2]], 3].flat().length + [[1, [2]], [[[3]]]].flat(Infinity).join() + [[1]].flat(0).length": "31,2,31",
      "[1, 2, 3].reduce((a, b) => a + b) + [1].reduceRight((a, b) => a + b, 'r') + [4].flatMap((n) => [n, n])":
        "6r14,4",
      "Array.prototype.map.call('abc', (c) => c + c) + [].slice.call({ length: 2, 0: 'x', 1: 'y' }) + Array.from('né')":
        "aa,bb,ccx,yn,é",
      "[3, 1].toSorted() + [1, 2, 3].findLast((n) => n < 3) + [1, 2].at(-1) + [1, 2].with(0, 9) + [5].concat(1, [2], 'x')":
        "1,3229,25,1,2,x",
      "JSON.stringify({ a: [1, undefined, () => 1], b: undefined, c: new Map(), d: NaN, e: { toJSON: () => 'j' } })":
        '{"a":[1,null,null],"c":{},"d":null,"e":"j"}',
      "JSON.stringify({ a: 1, b: 2 }, ['b']) + JSON.stringify([1], (k, v) => (k ? 2 : v), 1) + JSON.stringify(undefined)":
        '{"b":2}[ 2]undefined',
      "new DataView(new Float64Array([1.5]).buffer).getFloat64(0, true) + ' t '.trim().at(-1) + 'x'.concat('y')":
        "1.5txy",
      "new WeakMap([[Math, 1]]).get(Math) + typeof Symbol() + 0x10 + (2 ** 10)": "1symbol161024",
    };
    const expected = Object.values(ordinary).map((value) => `hold: ${value}`);
    expect(await evaluated(Object.keys(ordinary))).toEqual(expected);
  });

  test("a strategy can be written without a clock, and is told so", async () => {
    const date = /^threw! Error: Cannot use Date: .*time is in window.secondsLeft/;
    for (const outcome of await evaluated([
      "Date.now()",
      "new Date()",
      "Date()",
      "Date.parse('2026')",
      "Date.UTC(1)",
    ])) {
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
        "new Float64Array(4).buffer.byteLength",
      ]);
      expect(outcomes).toEqual(["hold: 24", "hold: 24", "hold: 24", "hold: 32"]);
    });

    test("whatever is called with it, the frame stays attached, and no BigInt comes out", async () => {
      const [outcome] = await evaluated([
        `(() => {
          const { close } = bars;
          const seen = new Set();
          let called = 0;
          const walk = (value) => {
            if (typeof value === "bigint") throw new Error("a BigInt");
            if (value === null || (typeof value !== "object" && typeof value !== "function") || seen.has(value)) return;
            seen.add(value);
            for (const one of Reflect.ownKeys(value)) {
              const { value: member, get } = Reflect.getOwnPropertyDescriptor(value, one);
              for (const f of [member, get]) if (typeof f === "function") all.push(f);
              walk(member);
            }
            walk(Reflect.getPrototypeOf(value));
          };
          const all = [];
          walk(globalThis);
          const view = new DataView(close.buffer);
          for (const f of all) {
            for (const target of [close.buffer, view]) {
              for (const args of [[], [0], [target]]) try { called++; if (typeof f.apply(target, args) === "bigint") return f.name; } catch {}
            }
            if (close.buffer.byteLength !== 24 || close.length !== 3) return f.name;
          }
          return called > 2000;
        })()`.replaceAll("\n", " "),
      ]);
      expect(outcome).toBe("hold: true");
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
      "new Array(2 ** 32 - 1).map((n) => n)",
      "new Array(2 ** 32 - 1).reduce((a, b) => a + b, 0)",
      "Array.prototype.every.call({ length: 2 ** 53 - 1 }, () => true)",
      "Array.prototype.indexOf.call({ length: { valueOf: () => 1 } }, 1)",
      "[new Array(2 ** 32 - 1)].flat()",
      "Array(9999).fill(Array(9999)).flat()",
      "[].concat(...Array(9).fill(Array(9e4)))",
      "[].values().drop(1e9)",
      "new Float64Array(2e5).join()",
      "new Uint8Array(8).set({ length: 1e7 })",
      "Float64Array.from({ length: 1e7 })",
      "String.raw({ raw: { length: 2 ** 53 - 1 } })",
      "JSON.stringify({}, new Array(2 ** 32 - 1))",
      "'a'.repeat(9999).includes('a'.repeat(5000).concat('b'))",
    ])("%s", async (expression) => {
      expect((await evaluated([expression], worker))[0]).toMatch(
        /^threw! RangeError: Cannot (work on .* of|look for .*) length/,
      );
    });

    test.each([
      ["[...Array(2 ** 32 - 1)].length", /^memory!/],
      ["(() => { let s = 'x'; for (;;) s += s; })()", /^(memory!|threw! \w+: string too long)/],
      ["(() => { const f = () => f() + 1; return f(); })()", STACK_OVERFLOW[variant]],
      ["JSON.parse('['.repeat(9999))", STACK_OVERFLOW[variant]],
      ["'a'.repeat(30).replace(/(a+)+$/, 'b').length + /(a+)+b/.test('a'.repeat(40))", /^fuel!/],
      ["(() => { let n = []; for (let i = 0; i < 40; i++) n = [n, n]; return n.flat(Infinity); })()", /^fuel!/],
      ["(() => { let n = []; for (let i = 0; i < 40; i++) n = [n, n]; return JSON.stringify(n); })()", /^fuel!/],
    ])("%s", async (expression, outcome) => {
      expect((await evaluated([expression], worker))[0]).toMatch(outcome);
    });
  });
});
