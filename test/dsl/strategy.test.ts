// The DSL's types by what the compiler accepts: inference runs from params to inputs to decide.
import { expect, expectTypeOf, test } from "vitest";
import { candles, down, hold, market, param, strategy, ta, up } from "../../dsl/index.ts";
import type { Reading } from "../../dsl/input.ts";

const declared = strategy({
  about: "types",
  params: {
    period: param.integer({ default: 14 }),
    fade: param.boolean({ default: true }),
    style: param.choice({ of: ["slow", "fast"], default: "slow" }),
  },
  inputs: ({ period, style }) => {
    expectTypeOf(style).toEqualTypeOf<"slow" | "fast">();
    return { rsi: ta.rsi({ period }), macd: ta.macd(), bars: candles({ depth: 3 }), fair: market.probabilityUp() };
  },
  memory: { initial: { streak: 0, last: [] as number[] }, migrate: (old) => ({ streak: Number(old), last: [] }) },
  decide({ rsi, macd, bars }, { params, window, position, memory }) {
    expectTypeOf(rsi).toEqualTypeOf<Reading>();
    expectTypeOf(macd.histogram).toEqualTypeOf<Reading>();
    expectTypeOf(bars.close).toEqualTypeOf<Float64Array>();
    expectTypeOf(params).toEqualTypeOf<{
      readonly period: number;
      readonly fade: boolean;
      readonly style: "slow" | "fast";
    }>();
    expectTypeOf(window.asset).toExtend<string>();
    expectTypeOf(memory.last).toEqualTypeOf<readonly number[]>();
    if (position?.side === "up") return hold("holding");
    if (params.fade)
      return down({ probability: 0.4, reason: "fades", memory: { streak: 0, last: [...memory.last, 1] } });
    // @ts-expect-error: memory is what was declared
    if (rsi.ready) return hold("other", { memory: { steak: 1 } });
    // @ts-expect-error: memory is changed by returning it
    memory.streak++;
    // @ts-expect-error: only what is declared exists
    rsi.signal;
    return up({ probability: 0.6, reason: "follows" });
  },
});

test("strategy() marks what it made and freezes it", () => {
  expect(declared).toMatchObject({ type: "strategy", about: "types" });
  expect(Object.isFrozen(declared)).toBe(true);
});

test("a choice's default must be one of its choices", () => {
  // @ts-expect-error: "medium" is none of them
  expect(param.choice({ of: ["slow", "fast"], default: "medium" }).type).toBe("choice");
});

test("without a declared memory, a signal has none", () => {
  // @ts-expect-error: no memory is declared
  strategy({ about: "", inputs: () => ({}), decide: () => hold("", { memory: { n: 1 } }) });
  expect(strategy({ about: "", inputs: () => ({}), decide: () => hold("") }).type).toBe("strategy");
});
