// The declarations that run in the guest and the registry of the host know the same kinds, options, defaults and outputs.
import { describe, expect, expectTypeOf, test } from "vitest";
import type { Options } from "../../dsl/indicators/input-kind.ts";
import { checkInput, type DeclaredInput, INPUT_KINDS } from "../../dsl/indicators/registry.ts";
import type { Candles, Input, Reading, Readings, Records } from "../../dsl/input.ts";
import { candles } from "../../dsl/inputs/candles.ts";
import { funding } from "../../dsl/inputs/funding.ts";
import { market } from "../../dsl/inputs/market.ts";
import { momentum } from "../../dsl/inputs/momentum.ts";
import { openInterest } from "../../dsl/inputs/open-interest.ts";
import { overreaction } from "../../dsl/inputs/overreaction.ts";
import { ta } from "../../dsl/inputs/ta.ts";

type Declare = (options?: Options) => Input<unknown>;
const FAMILIES: Record<string, Record<string, unknown>> = { ta, momentum, overreaction, market, funding, openInterest };
const DECLARATIONS = new Map<string, Declare>([
  ["candles", candles as Declare],
  ...Object.entries(FAMILIES).flatMap(([family, members]) =>
    Object.entries(members).map(([name, declare]): [string, Declare] => [`${family}.${name}`, declare as Declare]),
  ),
]);
const declared = (input: Input<unknown>): DeclaredInput => input as unknown as DeclaredInput;

test("both name the same kinds", () => {
  expect([...DECLARATIONS.keys()].sort()).toEqual(Object.keys(INPUT_KINDS).sort());
});

describe.each([...DECLARATIONS])("%s", (kind, declare) => {
  const specs = INPUT_KINDS[kind]?.options ?? {};
  const required = Object.entries(specs).filter(([, spec]) => spec.default === undefined);
  const given = Object.fromEntries(required.map(([name]) => [name, 20]));

  test("declares its own kind with complete options, which the host accepts", () => {
    const input = declared(declare(required.length === 0 ? undefined : given));
    expect(input.kind).toBe(kind);
    expect(Object.keys(input.options).sort()).toEqual(Object.keys(specs).sort());
    expect(checkInput("it", input)).toBeNull();
  });

  test("fills in the host's defaults", () => {
    const defaults = Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, spec.default ?? 20]));
    expect(declared(declare(given)).options).toEqual(defaults);
  });

  test("hands on every option that is given", () => {
    const others = Object.entries(specs).map(([name, spec]): [string, Options[string]] => {
      if (spec.type === "boolean") return [name, !spec.default];
      if (spec.type === "choice") return [name, spec.of.at(-1)!];
      return [name, spec.max];
    });
    if (others.length > 0)
      expect(declared(declare(Object.fromEntries(others))).options).toEqual(Object.fromEntries(others));
  });
});

test("a declaration is frozen", () => {
  const input = declared(ta.rsi());
  expect(Object.isFrozen(input) && Object.isFrozen(input.options)).toBe(true);
});

/** Output names by the type of the declaration; a test below holds them to the registry. */
const RECORDS = {
  "ta.macd": names<typeof ta.macd>()("macd", "signal", "histogram"),
  "ta.bollinger": names<typeof ta.bollinger>()("upper", "middle", "lower", "percentB", "bandwidth"),
  "ta.adx": names<typeof ta.adx>()("adx", "plusDi", "minusDi"),
  "ta.stochastic": names<typeof ta.stochastic>()("k", "d"),
  "momentum.score": names<typeof momentum.score>()("score", "coverage"),
  "overreaction.wick": names<typeof overreaction.wick>()("upper", "lower"),
  "overreaction.score": names<typeof overreaction.score>()(
    "score",
    "side",
    "strength",
    "moveZ",
    "relativeVolume",
    "percentB",
    "halfLife",
  ),
};

/** Compiles only if the names are outputs by type, and there are no others. */
function names<D extends (options?: never) => Input<unknown>>() {
  type Output = keyof (ReturnType<D> extends Input<infer R> ? R : never);
  return <const N extends readonly Output[]>(...list: [Output] extends [N[number]] ? N : never): readonly string[] =>
    list as readonly string[];
}

test("the outputs of the registry are the records that strategies are typed to read", () => {
  const several = Object.entries(INPUT_KINDS).filter(([name, kind]) => name !== "candles" && kind.outputs.length > 1);
  expect(Object.fromEntries(several.map(([name, kind]) => [name, kind.outputs]))).toEqual(RECORDS);
  for (const [, kind] of Object.entries(INPUT_KINDS)) {
    if (kind.outputs.length === 1) expect(kind.outputs).toEqual(["value"]);
  }
});

test("readings are typed by the declaration", () => {
  const inputs = { rsi: ta.rsi(), macd: ta.macd({ fast: 5, slow: 9 }), bars: candles({ depth: 5 }) };
  expectTypeOf<Readings<typeof inputs>>().toEqualTypeOf<{
    readonly rsi: Reading;
    readonly macd: Records<"macd" | "signal" | "histogram">;
    readonly bars: Candles;
  }>();
  // @ts-expect-error: no such option
  ta.rsi({ perod: 14 });
  // @ts-expect-error: an average has no usual period
  ta.sma({ interval: "1m" });
  // @ts-expect-error: no such interval
  momentum.zReturn({ interval: "2m" });
});
