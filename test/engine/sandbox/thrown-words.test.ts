// What a fault says: in words that an operator can read, of a length that is bounded, without a character that would
// break or rewrite the line that it is shown in, whatever was thrown.
import { beforeAll, describe, expect, test } from "vitest";
import type { Fault } from "../../../engine/decide/decision.ts";
import { ENGINE_VARIANTS } from "../../../engine/sandbox/engine-module.ts";
import { InThreadHost } from "../../../engine/sandbox/in-thread-host.ts";
import { LoadError } from "../../../engine/sandbox/load-error.ts";
import { Loader } from "../../../engine/sandbox/loader.ts";
import { thrownWords } from "../../../engine/sandbox/thrown-words.ts";
import { decideAll, deciding, loadStrategy, requestOf } from "../../support/strategy-bundle.ts";

const MESSAGE_BYTES_MAX = 2000;
const FAULT_BYTES_MAX = 5000;
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

describe("the words of what was thrown", () => {
  test.each([
    ["E\x01m\x01stack", "E: m", "stack"],
    ["\x01m\x01", "Error: m", ""],
    ["E\x01a\r\n\tb\u001b[31mc\u0085d\u2028e\u202ef\x01s", "E: a b [31mc d e f", "s"],
    ["E", "E: ", ""],
    ["", "InternalError: no memory or fuel was left to say what was thrown", ""],
    [`E\x01${"x".repeat(9000)}\x01s`, `E: ${"x".repeat(637)}`, "s"],
    [`E\x01${"x".repeat(636)}\u{1F600}\x01s`, `E: ${"x".repeat(636)}`, "s"],
  ])("%j", (text, words, stack) => {
    expect(thrownWords(text)).toEqual({ words, stack });
  });
});

const HUGE = "let huge = 'x'; while (huge.length < 1e6) huge += huge;";

const THROWN: Readonly<Record<string, readonly [body: string, message: string | RegExp]>> = {
  "a subclass": [`class E extends RangeError { name = "E"; } throw new E("m");`, "E: m"],
  "a subclass that says no name": [`class E extends RangeError {} throw new E("m");`, "RangeError: m"],
  "an error with its own toString": [
    `class E extends Error { toString() { return "mine"; } } throw new E("m");`,
    "Error: m",
  ],
  "an error without a message": ["throw new TypeError();", "TypeError: "],
  "an error with a cause": [`throw new Error("m", { cause: new Error("c") });`, "Error: m"],
  "several errors": [`throw new AggregateError([new Error("a"), 5], "m");`, "AggregateError: m"],
  "a string": [`throw "text";`, "Error: threw text, which is not an Error"],
  "an empty string": [`throw "";`, "Error: threw , which is not an Error"],
  NaN: ["throw NaN;", "Error: threw NaN, which is not an Error"],
  "a symbol": [`throw Symbol("s");`, "Error: threw a symbol, which is not an Error"],
  "an array": ["throw [1, 2];", "Error: threw an object, which is not an Error"],
  "a function with a name": ["throw function named() {};", "Error: threw a function, which is not an Error"],
  "a revoked proxy": [
    "const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); throw proxy;",
    "Error: threw an object, which is not an Error",
  ],
  "a proxy that never ends": [
    "throw new Proxy({}, { getPrototypeOf: (target) => new Proxy(target, { getPrototypeOf: () => null }) });",
    "Error: threw an object, which is not an Error",
  ],
  "a name that throws": [`throw { get name() { throw 1; }, message: "m" };`, "Error: m"],
  "a message that throws": [`throw { name: "N", get message() { throw 1; } };`, "N: "],
  "a message that is no string": [`throw { name: "N", message: { toString: () => "m" } };`, "N: "],
  "a message that never ends": ["throw { get message() { for (;;); } };", /^ran out of fuel/],
  "a stack that never ends": [`throw { message: "m", get stack() { for (;;); } };`, /^ran out of fuel/],
  "a huge message": [`${HUGE} throw new Error(huge);`, `Error: ${"x".repeat(500)}`],
  "a huge name": [`${HUGE} throw Object.assign(new Error("m"), { name: huge });`, `${"x".repeat(100)}: m`],
  "a huge stack": [`${HUGE} throw Object.assign(new Error("m"), { stack: huge });`, "Error: m"],
  "a huge string": [`${HUGE} throw huge;`, `Error: threw ${"x".repeat(500)}, which is not an Error`],
  "a huge name of a class": [
    `${HUGE} class E extends Error {} Object.defineProperty(E, "name", { value: huge }); throw new E("m");`,
    "Error: m",
  ],
  "a message in many bytes": [`throw new Error("\\u{1F600}".repeat(4000));`, `Error: ${"\u{1F600}".repeat(250)}`],
  "half a surrogate pair": [`throw new Error("a\\ud800b");`, "Error: a\ufffd\ufffd\ufffdb"],
  "what separates": [`throw new Error("a\\0b\\x01c");`, "Error: abc"],
  "what separates, thrown as it is": [`throw "a\\0b\\x01c";`, "Error: threw abc, which is not an Error"],
  "a name that separates": [`throw Object.assign(new Error("m"), { name: "a\\x01b\\0" });`, "ab: m"],
  "what breaks a line": [`throw new Error("a\\nb\\r\\n\\tc\\u2028d\\u0085e");`, "Error: a b c d e"],
  "what rewrites a terminal": [`throw new Error("\\u001b[2J\\u001b[31mred\\u202e");`, "Error:  [2J [31mred "],
};

describe.each(ENGINE_VARIANTS)("on %s", (variant) => {
  let loader: Loader;
  let host: InThreadHost;
  beforeAll(async () => {
    [loader, host] = await Promise.all([Loader.create(variant), InThreadHost.create({ variant })]);
  });

  async function faultOf(body: string): Promise<Fault> {
    const version = await loadStrategy(loader, `// @ts-nocheck \u001b[31m\n${deciding(body)}`);
    await host.install(version);
    const [result] = await decideAll(host, [requestOf(version)]);
    if (result?.type !== "Faulted") throw new Error(`no fault: ${JSON.stringify(result)}`);
    return result.fault;
  }

  async function refusalOf(source: string): Promise<LoadError> {
    try {
      await loadStrategy(loader, `// @ts-nocheck\n${source}`);
    } catch (error) {
      if (error instanceof LoadError) return error;
      throw error;
    }
    throw new Error("It was loaded");
  }

  describe("a fault names", () => {
    test.each(Object.entries(THROWN))("%s", async (_, [body, expected]) => {
      const fault = await faultOf(body);
      if (typeof expected === "string") expect(fault.message).toBe(expected);
      else expect(fault.message).toMatch(expected);
      expect(fault.message).not.toMatch(UNPRINTABLE);
      expect(fault.frame?.replaceAll("\n", "") ?? "").not.toMatch(UNPRINTABLE);
      expect(Buffer.byteLength(fault.message)).toBeLessThan(MESSAGE_BYTES_MAX);
      expect(Buffer.byteLength(JSON.stringify(fault))).toBeLessThan(FAULT_BYTES_MAX);
    });
  });

  describe("a refusal names", () => {
    test.each(Object.entries(THROWN))("%s", async (_, [body, expected]) => {
      const { message } = await refusalOf(deciding("", undefined, `(() => { ${body} })();`));
      if (typeof expected === "string") expect(message).toBe(expected);
      expect(message).not.toMatch(UNPRINTABLE);
      expect(Buffer.byteLength(message)).toBeLessThan(MESSAGE_BYTES_MAX);
    });

    test.each([
      ["a param's name", `params: { "a\\u001b[31m\\nb": 5 }, inputs: () => ({})`],
      ["an input's name", `inputs: () => ({ "a\\u001b[31m\\nb": ta.rsi() })`],
      ["an input's kind", `inputs: () => ({ a: { kind: "x\\u001b[31m\\n", options: {} } })`],
      ["a huge kind", `inputs: () => ({ a: { kind: "x".repeat(9000), options: {} } })`],
    ])("%s", async (_, members) => {
      const { message } = await refusalOf(deciding(`return hold("");`, members));
      expect(message).not.toMatch(UNPRINTABLE);
      expect(message.length).toBeLessThanOrEqual(MESSAGE_BYTES_MAX);
      expect(message.length).toBeGreaterThan(10);
    });
  });
});
