// What every indicator in the registry does, whatever it measures.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { OptionSpec, Options } from "../../../dsl/indicators/input-kind.ts";
import { INPUT_KINDS } from "../../../dsl/indicators/registry.ts";
import { run, sampleCandles } from "./sample-candles.ts";

/** Options without a default need a value here. */
const REQUIRED: Options = { period: 20 };

function optionsOf(specs: { readonly [name: string]: OptionSpec }): Options {
  const given = Object.entries(specs).filter(([, spec]) => spec.default === undefined);
  return Object.fromEntries(given.map(([name]) => [name, REQUIRED[name]!]));
}

function arbitraryOptions(specs: { readonly [name: string]: OptionSpec }): fc.Arbitrary<Options> {
  return fc.record(Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, arbitraryOf(spec)])));
}

function arbitraryOf(spec: OptionSpec): fc.Arbitrary<number | string | boolean> {
  if (spec.type === "boolean") return fc.boolean();
  if (spec.type === "choice") return fc.constantFrom(...spec.of);
  const max = Math.min(spec.max, spec.min + 20);
  return spec.type === "integer" ? fc.integer({ min: spec.min, max }) : fc.double({ min: spec.min, max, noNaN: true });
}

const KINDS = Object.entries(INPUT_KINDS).flatMap(([name, kind]) => {
  const options = optionsOf(kind.options);
  const first = kind.create(options);
  return first === null ? [] : [{ name, kind, outputs: kind.outputs, create: () => kind.create(options)! }];
});

const bits = (rows: readonly (readonly number[])[]): string => JSON.stringify(rows.map((row) => row.map(String)));

test("the suite looks at every kind that the host does not compute itself", () => {
  const hostComputed = Object.keys(INPUT_KINDS).filter((name) => !KINDS.some((kind) => kind.name === name));
  expect(hostComputed).toEqual(["candles", "market.probabilityUp", "market.imbalance", "market.spread"]);
});

describe.each(KINDS)("$name", ({ kind, outputs, create }) => {
  const scenario = fc.record({
    options: arbitraryOptions(kind.options).filter((options) => kind.check(options) === null),
    seed: fc.integer(),
    cut: fc.integer({ min: 0, max: 199 }),
  });
  const settings = { numRuns: 25 };

  test("has the outputs that the registry names", () => expect(create().outputs).toEqual(outputs));

  test("peek writes what next then writes, and changes nothing", () => {
    fc.assert(
      fc.property(scenario, ({ options, seed }) => {
        const candles = sampleCandles({ seed, count: 200, holes: true });
        const others = sampleCandles({ seed: seed ^ 1, count: 200, holes: true });
        const peeking = kind.create(options)!;
        const peeked = new Float64Array(outputs.length);
        const values = new Float64Array(outputs.length);
        const rows = candles.map((candle, index) => {
          peeking.peek(others[index]!, peeked);
          peeking.peek(candle, peeked);
          peeking.next(candle, values);
          expect([...peeked]).toEqual([...values]);
          return [...values];
        });
        expect(bits(rows)).toBe(bits(run(kind.create(options)!, candles)));
      }),
      settings,
    );
  });

  test("goes on from a snapshot, through JSON, as if it had never stopped", () => {
    fc.assert(
      fc.property(scenario, ({ options, seed, cut }) => {
        const candles = sampleCandles({ seed, count: 200, holes: true });
        const uninterrupted = run(kind.create(options)!, candles);
        const before = kind.create(options)!;
        run(before, candles.slice(0, cut));
        const saved = JSON.parse(JSON.stringify(before.snapshot()));
        const after = kind.create(options)!;
        run(after, others(seed));
        after.restore(saved);
        expect(bits(run(after, candles.slice(cut)))).toBe(bits(uninterrupted.slice(cut)));
        expect(JSON.parse(JSON.stringify(before.snapshot()))).toEqual(saved);
      }),
      settings,
    );
  });

  test("has its last first value on exactly the candle `warmup` names", () => {
    const indicator = create();
    const rows = run(indicator, sampleCandles({ seed: 7, count: indicator.warmup + 5 }));
    const firsts = outputs.map((_, output) => rows.findIndex((row) => !Number.isNaN(row[output]!)));
    expect(firsts).not.toContain(-1);
    expect(Math.max(...firsts) + 1).toBe(indicator.warmup);
  });

  test("forgets where it began after `stable` candles", () => {
    const { stable, warmup } = create();
    expect(stable).toBeGreaterThanOrEqual(warmup);
    const candles = sampleCandles({ seed: 11, count: 60 + stable + 300 });
    const early = run(create(), candles).slice(60 + stable - 1);
    const late = run(create(), candles.slice(60)).slice(stable - 1);
    expectClose(late, early);
  });

  test("recovers from thirty flat candles at the start", () => {
    const { stable } = create();
    const candles = sampleCandles({ seed: 13, count: 30 + stable + 100, flat: 30 });
    const afterFlat = run(create(), candles).slice(30 + stable - 1);
    expectClose(run(create(), candles.slice(30)).slice(stable - 1), afterFlat);
    expect(afterFlat.some((row) => row.every((value) => !Number.isNaN(value)))).toBe(true);
  });

  test.each([
    "open",
    "high",
    "low",
    "close",
    "volume",
  ] as const)("refuses a %s that is no number, and is none the worse", (field) => {
    const candles = sampleCandles({ seed: 17, count: 150 });
    const indicator = create();
    const out = new Float64Array(outputs.length);
    const rows = candles.map((candle) => {
      for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, -1]) {
        expect(() => indicator.next({ ...candle, [field]: bad }, out)).toThrow(RangeError);
        expect(() => indicator.peek({ ...candle, [field]: bad }, out)).toThrow(RangeError);
      }
      indicator.next(candle, out);
      return [...out];
    });
    expect(bits(rows)).toBe(bits(run(create(), candles)));
  });

  test("takes unknown funding and open interest as unknown, and never is infinite", () => {
    const candles = sampleCandles({ seed: 19, count: 400, holes: true });
    const odd = candles.map((candle) => ({ ...candle, fundingRate8h: Number.POSITIVE_INFINITY, openInterest: -1 }));
    for (const row of [...run(create(), candles), ...run(create(), odd)]) {
      for (const value of row) expect(Math.abs(value)).not.toBe(Number.POSITIVE_INFINITY);
    }
  });

  test.each([1e-8, 1e6])("is proportional to the price or independent of it at a price of %d", (scale) => {
    const { warmup } = create();
    const count = warmup + 200;
    const rows = run(create(), sampleCandles({ seed: 23, count }));
    const scaled = run(create(), sampleCandles({ seed: 23, count, scale }));
    for (let output = 0; output < outputs.length; output++) {
      const column = rows.map((row) => row[output]!);
      const scaledColumn = scaled.map((row) => row[output]!);
      const isIndependent = isClose(scaledColumn, column);
      const isProportional = isClose(
        scaledColumn,
        column.map((value) => value * scale),
      );
      expect({ output: outputs[output], fits: isIndependent || isProportional }).toEqual({
        output: outputs[output],
        fits: true,
      });
    }
  });

  test("refuses a snapshot of another shape", () => {
    const indicator = create();
    const state = indicator.snapshot();
    for (const part of Object.keys(state)) {
      const { [part]: _, ...rest } = state;
      expect(() => create().restore(rest)).toThrow(RangeError);
      for (const wrong of [["x"], []]) {
        expect(() => create().restore({ ...rest, [part]: wrong as never })).toThrow(RangeError);
      }
    }
  });
});

const others = (seed: number) => sampleCandles({ seed: seed ^ 2, count: 77, holes: true });

function expectClose(actual: number[][], wanted: number[][]): void {
  expect(actual.length).toBe(wanted.length);
  for (let output = 0; output < wanted[0]!.length; output++) {
    const column = (rows: number[][]) => rows.map((row) => row[output]!);
    expect(isClose(column(actual), column(wanted))).toBe(true);
  }
}

/** NaN at the same places, and elsewhere within 1e-9 of the value or, near its zeros, of its usual size. */
function isClose(actual: readonly number[], wanted: readonly number[]): boolean {
  const known = wanted.filter((value) => !Number.isNaN(value));
  const size = Math.sqrt(known.reduce((total, value) => total + value * value, 0) / Math.max(1, known.length));
  return wanted.every((value, index) =>
    Number.isNaN(value)
      ? Number.isNaN(actual[index]!)
      : Math.abs(actual[index]! - value) <= 1e-9 * Math.max(Math.abs(value), size),
  );
}
