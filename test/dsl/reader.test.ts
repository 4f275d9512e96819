// What a strategy may return, throw and remember, and what becomes of it.
import { beforeAll, describe, expect, test } from "vitest";
import type { DecisionResult } from "../../engine/decide/decision.ts";
import { ENGINE_VARIANTS } from "../../engine/sandbox/engine-module.ts";
import { InThreadHost } from "../../engine/sandbox/in-thread-host.ts";
import { Loader } from "../../engine/sandbox/loader.ts";
import { decideAll, deciding, loadStrategy, outcomeOf, requestOf } from "../support/strategy-bundle.ts";

describe.each(ENGINE_VARIANTS)("on %s", (variant) => {
  let loader: Loader;
  let host: InThreadHost;
  beforeAll(async () => {
    loader = await Loader.create(variant);
    host = await InThreadHost.create({ variant });
  });

  const MEMORY = "inputs: () => ({}), memory: { initial: { n: 1, list: [1] } }";

  async function decided(body: string, members?: string, memory = "null"): Promise<DecisionResult> {
    const version = await loadStrategy(loader, `// @ts-nocheck\n${deciding(body, members)}`);
    await host.install(version);
    const [result] = await decideAll(host, [requestOf(version, {}, { memory })]);
    return result!;
  }
  const outcome = async (body: string): Promise<string> => outcomeOf(await decided(body));

  describe("a return value that is no signal is a fault", () => {
    test.each([
      ["return;", "decide() returned undefined, expected up(), down(), hold() or exit()"],
      ["return null;", "decide() returned null, expected up(), down(), hold() or exit()"],
      [
        "return { kind: 'buy', reason: '' };",
        'decide() returned an object of kind "buy", expected up(), down(), hold() or exit()',
      ],
      [
        "return { kind: 'toString', reason: '' };",
        'decide() returned an object of kind "toString", expected up(), down(), hold() or exit()',
      ],
      [
        "return { probability: 0.5, reason: '' };",
        "decide() returned an object that is no signal, expected up(), down(), hold() or exit()",
      ],
      ["return (async () => hold('later'))();", "decide() returned a promise, expected a signal at once"],
      ["return hold();", "reason is undefined, expected a string"],
      [
        "return { kind: 'up', probability: '0.5', reason: '' };",
        "probability is a string, expected above 0 and below 1",
      ],
      ["return { kind: 'up', probability: 1, reason: '' };", "probability is 1, expected above 0 and below 1"],
      ["return { kind: 'down', probability: 0.5, limit: 0, reason: '' };", "limit is 0, expected above 0 and below 1"],
      [
        "return down({ probability: 0.5, limit: Infinity, reason: '' });",
        "Cannot signal: limit is Infinity, expected above 0 and below 1",
      ],
      ["return hold('', { memory: 1 });", "the signal has a memory, but the strategy declares none"],
    ])("%s", async (body, message) => {
      expect(await outcome(body)).toBe(`output! SignalError: ${message}`);
    });
  });

  test("a getter in a signal is read once", async () => {
    expect(await outcome("let n = 0; return { get kind() { return n++ ? 'up' : 'hold'; }, reason: 'once' };")).toBe(
      "hold: once",
    );
  });

  test("a limit that is not given is null", async () => {
    expect(await decided("return up({ probability: 0.5, reason: '' });")).toMatchObject({ signal: { limit: null } });
  });

  describe("a reason", () => {
    test.each([
      ["keeps no control characters", "'ab\\nc\\u0001d\\u2028e\\x7f'", "abcde"],
      ["ends at a NUL", "'a\\0b'", "a"],
      ["has at most 200 characters", "'x'.repeat(300)", "x".repeat(200)],
      ["ends before half a surrogate pair", "'x'.repeat(199) + '\\u{1F600}'", "x".repeat(199)],
      ["may be in any script", "'größer als 0,5 € ☀ \\u{1F600}'", "größer als 0,5 € ☀ \u{1F600}"],
    ])("%s", async (_, expression, reason) => {
      expect(await outcome(`return hold(${expression});`)).toBe(`hold: ${reason}`);
    });
  });

  describe("whatever is thrown becomes words", () => {
    test.each([
      ["throw null", "Error: threw null, which is not an Error"],
      ["throw undefined", "Error: threw undefined, which is not an Error"],
      ["throw 'text'", "Error: threw text, which is not an Error"],
      ["throw Symbol('s')", "Error: threw a symbol, which is not an Error"],
      ["throw 1n", "Error: threw 1, which is not an Error"],
      ["throw {}", "Error: threw an object, which is not an Error"],
      ["throw () => {}", "Error: threw a function, which is not an Error"],
      ["throw { name: 'N', message: 'm', toString() { throw 1; } }", "N: m"],
      [
        "throw { get name() { throw 1; }, get message() { throw 2; } }",
        "Error: threw an object, which is not an Error",
      ],
      ["throw new Proxy({}, { get() { throw 1; } })", "Error: threw an object, which is not an Error"],
      ["throw new Error('a\\0b\\nc')", "Error: ab c"],
      ["throw Object.assign(new Error('x'.repeat(9999)), { stack: 5 })", `Error: ${"x".repeat(500)}`],
    ])("%s", async (body, message) => {
      expect(await outcome(`const throwing = () => { ${body}; }; throwing();`)).toBe(`threw! ${message}`);
    });

    test("an error whose getter never ends spends the fuel", async () => {
      expect(await outcome("throw { get message() { for (;;); } };")).toMatch(/^fuel! ran out of fuel/);
    });
  });

  describe("memory", () => {
    test("is what the signal returns, and only that", async () => {
      expect(
        await decided(
          "return hold('', { memory: { n: memory.n + 1, list: [...memory.list, 2] } });",
          MEMORY,
          '{"n":1,"list":[1]}',
        ),
      ).toMatchObject({
        memory: '{"n":2,"list":[1,2]}',
      });
    });

    test.each([
      "memory.n = 2",
      "memory.list.push(2)",
      "delete memory.n",
      "params.x = 1",
    ])("%s fails: it is frozen", async (change) => {
      expect(outcomeOf(await decided(`${change}; return hold('');`, MEMORY, '{"n":1,"list":[1]}'))).toMatch(
        /^threw! TypeError/,
      );
    });

    test.each([
      ["NaN", "memory is NaN, expected a finite number"],
      ["{ a: [1, Infinity] }", "memory.a[1] is Infinity, expected a finite number"],
      ["{ seen: new Set() }", "memory.seen is not a plain object: only plain JSON data can be kept"],
      ["{ f() {} }", "memory.f is a function, expected plain JSON data"],
      ["'x'.repeat(1023)", "memory is longer than 1024 bytes of JSON"],
      [
        "(() => { const a = []; a.push(a); return a; })()",
        "memory[0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0] is nested more than 16 deep",
      ],
    ])("%s is a fault", async (value, message) => {
      expect(outcomeOf(await decided(`return hold('', { memory: ${value} });`, MEMORY))).toBe(
        `memory! MemoryError: ${message}`,
      );
    });

    test("is measured in bytes", async () => {
      const result = await decided("return hold('', { memory: '€'.repeat(400) });", MEMORY);
      expect(outcomeOf(result)).toBe("memory! memory is 1202 bytes of JSON, expected at most 1024");
    });

    test.each([
      ["{ a: undefined, b: -0, c: 1e21 }", '{"b":0,"c":1e+21}'],
      ["Object.assign(Object.create(null), { ['__proto__x']: [] })", '{"__proto__x":[]}'],
      ["{ s: 'é\\u0001\\ud800' }", '{"s":"é\\u0001\\ud800"}'],
      ["{ toJSON: null, n: 1 }", '{"toJSON":null,"n":1}'],
      ["'x'.repeat(1022)", JSON.stringify("x".repeat(1022))],
    ])("%s is kept", async (value, json) => {
      expect(await decided(`return hold('', { memory: ${value} });`, MEMORY)).toMatchObject({
        type: "Decided",
        memory: json,
      });
    });
  });

  test("what a strategy does to the prototypes reaches nothing but itself", async () => {
    const hostile = `JSON.stringify = () => "forged"; Object.prototype.toJSON = () => "forged"; Object.prototype.limit = 0.9;
    Array.prototype[Symbol.iterator] = () => { throw 1; }; String.prototype.slice = () => "forged";
    Number.isFinite = () => true; Float64Array.prototype[2] = 5; Reflect.apply = () => "forged";`;
    const result = await decided(
      `${hostile} return up({ probability: 0.5, limit: 0.25, reason: "own", memory: { n: [0.5] } });`,
      MEMORY,
    );
    expect(result).toMatchObject({
      signal: { kind: "up", probability: 0.5, limit: 0.25, reason: "own" },
      memory: '{"n":[0.5]}',
    });
  });
});
