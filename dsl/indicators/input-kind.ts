// What the host knows of one kind of input: its options with their limits, its outputs, and how it is computed.
import { CANDLE_INTERVALS } from "../candle.ts";
import type { Indicator } from "./indicator.ts";

type OptionValue = number | string | boolean;
export type Options = { readonly [name: string]: OptionValue };

/** An option without a default must be given. Limits are inclusive. */
export type OptionSpec =
  | { readonly type: "integer" | "number"; readonly default?: number; readonly min: number; readonly max: number }
  | { readonly type: "boolean"; readonly default: boolean }
  | { readonly type: "choice"; readonly default: string; readonly of: readonly string[] };

export interface InputKind {
  readonly options: { readonly [name: string]: OptionSpec };
  readonly outputs: readonly string[];
  /** A new indicator; options must have passed `check`. Null where the host computes the input from the market at decision time. */
  create(options: Options): Indicator | null;
  /** What is wrong with the options, each and together; null if nothing. */
  check(options: Options): string | null;
}

const HISTORY_MAX = 500;
export const DEPTH_MAX = 500;
/** Longest period, window or depth in candles. */
export const PERIOD_MAX = 500;

export const integer = (min: number, max: number) => ({ type: "integer", min, max }) as const;
export const number = (min: number, max: number) => ({ type: "number", min, max }) as const;
export const choice = <const T extends string>(of: readonly T[], initial: T) =>
  ({ type: "choice", of, default: initial }) as const;
export const interval = choice(CANDLE_INTERVALS, "1m");

type Specs = InputKind["options"];
type ValueOf<S> = S extends { readonly of: readonly (infer T)[] }
  ? T
  : S extends { readonly type: "boolean" }
    ? boolean
    : number;
type ValuesOf<S> = { readonly [K in keyof S]: ValueOf<S[K]> };

interface Definition<S extends Specs> {
  readonly options: S;
  readonly outputs: readonly string[];
  readonly create: (options: ValuesOf<S>) => Indicator | null;
  /** Rules between options that are each within their limits. */
  readonly check?: (options: ValuesOf<S>) => string | null;
}

export function inputKind<const S extends Specs>(definition: Definition<S>): InputKind {
  const complete = (given: Options): ValuesOf<S> =>
    ({ ...defaultsOf(definition.options), ...given }) as unknown as ValuesOf<S>;
  return {
    options: definition.options,
    outputs: definition.outputs,
    create: (given) => definition.create(complete(given)),
    check: (given) => checkOptions(definition.options, given) ?? definition.check?.(complete(given)) ?? null,
  };
}

/** A kind that is fed with closed candles: with `history` and `forming`. */
export const seriesKind = <const S extends Specs>(definition: Definition<S>): InputKind =>
  inputKind({
    ...definition,
    options: {
      ...definition.options,
      history: { ...integer(1, HISTORY_MAX), default: 16 },
      forming: { type: "boolean", default: false },
    } as S,
  });

function defaultsOf(specs: Specs): Options {
  const defaults: Record<string, OptionValue> = {};
  for (const [name, spec] of Object.entries(specs)) if (spec.default !== undefined) defaults[name] = spec.default;
  return defaults;
}

function checkOptions(specs: Specs, given: Options): string | null {
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(specs, name)) return unknownOption(name, Object.keys(specs));
  }
  for (const [name, spec] of Object.entries(specs)) {
    const value = given[name] ?? spec.default;
    if (value === undefined) return `${name} is missing, expected ${expected(spec)}`;
    if (!fits(spec, value))
      return `${name} is ${typeof value === "string" ? `"${value}"` : value}, expected ${expected(spec)}`;
  }
  return null;
}

const unknownOption = (name: string, known: readonly string[]): string =>
  `option "${name}" is unknown, expected ${known.length === 0 ? "no options" : `one of ${known.join(", ")}`}`;

function fits(spec: OptionSpec, value: OptionValue): boolean {
  if (spec.type === "boolean") return typeof value === "boolean";
  if (spec.type === "choice") return typeof value === "string" && spec.of.includes(value);
  if (typeof value !== "number" || !(value >= spec.min && value <= spec.max)) return false;
  return spec.type === "number" || Number.isInteger(value);
}

function expected(spec: OptionSpec): string {
  if (spec.type === "boolean") return "true or false";
  if (spec.type === "choice") return `one of ${spec.of.join(", ")}`;
  return `${spec.type === "integer" ? "an integer" : "a number"} from ${spec.min} to ${spec.max}`;
}
