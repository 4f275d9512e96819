import { beforeAll, describe, expect, test } from "vitest";
import { ENGINE_VARIANTS } from "../../../engine/sandbox/engine-module.ts";
import type { SandboxImage } from "../../../engine/sandbox/image.ts";
import { LOAD_FUEL_MAX } from "../../../engine/sandbox/instance.ts";
import { LoadError } from "../../../engine/sandbox/load-error.ts";
import { Loader } from "../../../engine/sandbox/loader.ts";
import { bundleStrategy, deciding, loadStrategy, STRATEGY_FILE } from "../../support/strategy-bundle.ts";

describe.each(ENGINE_VARIANTS)("on %s", (variant) => {
  let loader: Loader;
  beforeAll(async () => {
    loader = await Loader.create(variant);
  });

  const HOLD = `return hold("");`;
  const PARAMS = `inputs: () => ({}), params: {
  trigger: param.number({ default: 2.5, min: 1, max: 6, about: "how far" }), bars: param.integer({ default: 14, min: 2 }),
  fade: param.boolean({ default: true }), style: param.choice({ of: ["slow", "fast"], default: "slow" }) }`;

  async function refusal(source: string, params = {}): Promise<LoadError> {
    try {
      await loadStrategy(loader, source, params);
    } catch (error) {
      if (error instanceof LoadError) return error;
      throw error;
    }
    throw new Error("It was loaded");
  }

  test("a version carries what it declares, its resolved params and the layout of its frame", async () => {
    const source = deciding(
      HOLD,
      `params: { period: param.integer({ default: 14, min: 2, max: 50 }) },
     inputs: ({ period }) => ({ rsi: ta.rsi({ period }), bars: candles({ depth: 5 }), macd: ta.macd({ history: 2 }) }),
     memory: { initial: { streak: 0 }, migrate: () => ({ streak: 1 }) }`,
    );
    const { facts } = await loadStrategy(loader, source, { period: 21 });
    expect(facts.ref).toMatchObject({
      strategy: "example",
      ordinal: 0,
      params: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(facts.params).toEqual({ period: 21 });
    expect(facts.manifest).toEqual({
      about: "test",
      params: { period: { type: "integer", default: 14, min: 2, max: 50 } },
      inputs: {
        rsi: { kind: "ta.rsi", options: { interval: "1m", history: 16, forming: false, period: 21 } },
        bars: { kind: "candles", options: { interval: "1m", depth: 5 } },
        macd: {
          kind: "ta.macd",
          options: { interval: "1m", history: 2, forming: false, fast: 12, slow: 26, signal: 9 },
        },
      },
      memory: { initial: { streak: 0 }, migrates: true },
    });
    expect(facts.layout.fields.map(({ name, offset }) => [name, offset])).toEqual([
      ["rsi", 18],
      ["bars", 36],
      ["macd", 61],
    ]);
    expect(facts.layout.size).toBe(61 + 3 * 4);
  });

  test("params are hashed as they resolve, so an override that says the default is no other version", async () => {
    const hashOf = async (params: object) =>
      (await loadStrategy(loader, deciding(HOLD, PARAMS), params as never)).facts.ref.params;
    expect(await hashOf({})).toBe(await hashOf({ trigger: 2.5, style: "slow" }));
    expect(await hashOf({})).not.toBe(await hashOf({ trigger: 2.6 }));
  });

  describe("a params override is refused", () => {
    test.each([
      [{ trigge: 1 }, "params.trigge is unknown, expected one of trigger, bars, fade, style"],
      [{ trigger: 7 }, "params.trigger is 7, expected a finite number from 1 to 6"],
      [{ trigger: "3" }, 'params.trigger is "3", expected a finite number from 1 to 6'],
      [{ bars: 2.5 }, "params.bars is 2.5, expected an integer of at least 2"],
      [{ fade: 1 }, "params.fade is 1, expected true or false"],
      [{ style: "medium" }, 'params.style is "medium", expected one of slow, fast'],
      [
        { __proto__: null, constructor: 1 },
        "params.constructor is unknown, expected one of trigger, bars, fade, style",
      ],
    ])("%j", async (params, message) => {
      const error = await refusal(deciding(HOLD, PARAMS), params);
      expect(error).toMatchObject({ stage: "loaded", message, file: STRATEGY_FILE, where: null, line: 1, column: 1 });
    });
  });

  describe("a strategy is refused that", () => {
    test.each([
      [
        "exports nothing",
        "const x = 1;",
        "TypeError: Cannot load the file: it has no default export made by strategy()",
      ],
      [
        "exports something else",
        "export default { decide() {} };",
        "TypeError: Cannot load the file: it has no default export made by strategy()",
      ],
      [
        "has no decide",
        `import { strategy } from "underway"; export default strategy({ about: "x", inputs: () => ({}) });`,
        "TypeError: Cannot load the strategy: decide is not a function",
      ],
      ["has no inputs", deciding(HOLD, "x: 1"), "TypeError: Cannot load the strategy: inputs is not a function"],
      [
        "says nothing about itself",
        deciding(HOLD, "about: undefined, inputs: () => ({})"),
        "about is undefined, expected a string of at most 500 characters",
      ],
      [
        "has a default beyond its limit",
        deciding(HOLD, "params: { x: param.number({ default: 9, max: 6 }) }, inputs: () => ({})"),
        "params.x.default is 9, expected a finite number of at most 6",
      ],
      [
        "has a default that is no number",
        deciding(HOLD, "params: { x: param.number({ default: NaN }) }, inputs: () => ({})"),
        "RangeError: strategy.params.x.default is NaN, expected a finite number",
      ],
      [
        "has a param of its own making",
        deciding(HOLD, "params: { x: 5 }, inputs: () => ({})"),
        "params.x is 5, expected an object",
      ],
      [
        "names an input badly",
        deciding(HOLD, `inputs: () => ({ "a b": ta.rsi() })`),
        'inputs has the name "a b", expected an identifier',
      ],
      [
        "names an input __proto__",
        deciding(HOLD, `inputs: () => ({ ["__proto__"]: ta.rsi() })`),
        'inputs has the name "__proto__", expected an identifier',
      ],
      [
        "declares no record of inputs",
        deciding(HOLD, "inputs: () => [ta.rsi()]"),
        /^inputs is \[.*\], expected an object$/,
      ],
      [
        "declares an input of its own making",
        deciding(HOLD, "inputs: () => ({ x: 5 })"),
        "inputs.x is 5, expected an object",
      ],
      [
        "declares an unknown kind",
        deciding(HOLD, "inputs: () => ({ x: { kind: 'ta.magic', options: {} } })"),
        /^inputs.x: kind "ta.magic" is unknown, expected one of candles, /,
      ],
      [
        "declares an option out of range",
        deciding(HOLD, "inputs: () => ({ x: ta.rsi({ period: 1e9 }) })"),
        "inputs.x: ta.rsi period is 1000000000, expected an integer from 2 to 500",
      ],
      [
        "wants too large a frame",
        deciding(HOLD, "inputs: () => Object.fromEntries([1, 2, 3, 4].map((n) => ['x' + n, candles({ depth: 500 })]))"),
        /^inputs need a frame of 10018 numbers, expected at most 8192/,
      ],
      [
        "has a memory too large",
        deciding(HOLD, "inputs: () => ({}), memory: { initial: 'x'.repeat(1100) }"),
        "RangeError: memory is longer than 1024 bytes of JSON",
      ],
      [
        "has a memory that is not JSON",
        deciding(HOLD, "inputs: () => ({}), memory: { initial: { seen: new Map() } }"),
        "TypeError: memory.seen is not a plain object: only plain JSON data can be kept",
      ],
    ])("%s", async (_, source, message) => {
      const error = await refusal(`// @ts-nocheck\n${source}`);
      if (typeof message === "string") expect(error.message).toBe(message);
      else expect(error.message).toMatch(message);
    });

    test("throws while it is evaluated, with its place", async () => {
      const error = await refusal(deciding(HOLD, undefined, "const table = null;\nconst first = table();"));
      expect(error).toMatchObject({
        message: "TypeError: not a function",
        where: `${STRATEGY_FILE}:3:15`,
        line: 3,
        column: 15,
      });
      expect(error.frame).toContain("> 3 | const first = table();");
    });

    test("throws in inputs(), with its place", async () => {
      const error = await refusal(deciding(HOLD, "inputs: () => {\n  throw new Error('no such thing');\n}"));
      expect(error).toMatchObject({ message: "Error: no such thing", where: `${STRATEGY_FILE}:4:13` });
    });

    test("never ends", async () => {
      const error = await refusal(deciding(HOLD, undefined, "const idle = () => {}; idle(); for (;;) idle();"));
      expect(error.message).toBe(
        `Cannot load the strategy: it ran out of fuel, more than ${LOAD_FUEL_MAX} ticks before its first decision`,
      );
      expect(error.where).toBe(`${STRATEGY_FILE}:2:41`);
    });
  });

  test("a refusal leaves nothing behind", async () => {
    const good = await bundleStrategy(deciding(HOLD, PARAMS));
    const loaded = () => {
      const { facts, image } = loader.load(good);
      const { snapshot, ...places } = image as SandboxImage;
      return {
        facts,
        places,
        pages: snapshot.pages.map(({ at, bytes }) => [at, Buffer.from(bytes).toString("base64")]),
      };
    };
    const before = loaded();
    await refusal(deciding(HOLD, undefined, "globalThis.leak = []; for (;;) leak.push(new Float64Array(1000));"));
    expect(loaded()).toEqual(before);
  });

  describe("memory handed to a new version", () => {
    const memoryOf = async (memory: string, old: string) =>
      loader.migrate(
        await loadStrategy(loader, deciding(HOLD, `inputs: () => ({})${memory}`)),
        old,
        "example@3f9a2c1e",
      );

    test("is what migrate() makes of the old one", async () => {
      const migrate = "migrate: (old, from) => ({ n: old.streak + 1, from })";
      expect(await memoryOf(`, memory: { initial: { n: 0, from: "" }, ${migrate} }`, '{"streak":4}')).toEqual({
        memory: '{"n":5,"from":"example@3f9a2c1e"}',
      });
    });

    test("is `initial` without migrate(), and null where none is declared", async () => {
      expect(await memoryOf(", memory: { initial: { b: 1, a: 2 } }", '{"streak":4}')).toEqual({
        memory: '{"a":2,"b":1}',
      });
      expect(await memoryOf("", '{"streak":4}')).toEqual({ memory: "null" });
    });

    test("is a fault when migrate() throws or makes no JSON", async () => {
      expect(await memoryOf(", memory: { initial: 0, migrate: (old) => old.a() }", "{}")).toMatchObject({
        fault: { kind: "threw", where: `${STRATEGY_FILE}:3:106` },
      });
      expect(await memoryOf(", memory: { initial: 0, migrate: () => NaN }", "{}")).toMatchObject({
        fault: { kind: "memory", message: "migrate: MemoryError: memory is NaN, expected a finite number" },
      });
    });
  });

  test("a configuration is evaluated to the plain data it exports", async () => {
    const source =
      "const all = ['btc', 'eth']; export default { slots: all.map((asset) => ({ asset })), cycle: '1s' };";
    expect(loader.evaluate(await bundleStrategy(source))).toEqual({
      slots: [{ asset: "btc" }, { asset: "eth" }],
      cycle: "1s",
    });
    const clock = await bundleStrategy("export default { started: Date.now() };");
    expect(() => loader.evaluate(clock)).toThrow("Cannot use Date");
    const live = await bundleStrategy("export default { on: () => 1 };");
    expect(() => loader.evaluate(live)).toThrow("default.on is a function, expected plain JSON data");
  });
});
