// What a sweep tries: for each declared param the values that it takes.
import { UserError } from "../../engine/base/errors.ts";
import type { ParamSpec, ParamValue } from "../../engine/frame/manifest.ts";
import { expected, fits, shown } from "../../engine/sandbox/params.ts";
import { didYouMeanOneOf } from "../nearest.ts";

export type Declared = { readonly [name: string]: ParamSpec };

export interface Axis {
  readonly name: string;
  /** In the order given, each once. */
  readonly values: readonly ParamValue[];
}

export interface Space {
  /** In the order of declaration. */
  readonly axes: readonly Axis[];
  /** Declared numbers without both limits, of which nothing was said: they stay at their default. */
  readonly unbounded: readonly string[];
}

const VALUES_MAX = 10_000;
const DEFAULT_VALUES = 5;
const DIGITS = 12;
const SYNTAX = "expected name=from:to:step or name=value,value,…";

/**
 * `texts` as typed: `trigger=1:6:0.5`, `window=60,120`. Params that are not named stay at their default; without any text every
 * param goes over its declared range. Throws a UserError.
 */
export function searchSpace(declared: Declared, texts: readonly string[]): Space {
  const names = Object.keys(declared);
  if (texts.length > 0) {
    const given = new Map<string, readonly ParamValue[]>();
    for (const text of texts) {
      const [name, values] = parse(text, declared);
      if (given.has(name)) throw refused(text, `${name} was given before`);
      given.set(name, values);
    }
    const axes = names.flatMap((name) => (given.has(name) ? [{ name, values: given.get(name)! }] : []));
    return { axes, unbounded: [] };
  }
  const all = names.map((name) => ({ name, values: defaultValues(declared[name]!) }));
  return {
    axes: all.filter(({ values }) => values.length > 0),
    unbounded: all.flatMap(({ name, values }) => (values.length === 0 ? [name] : [])),
  };
}

function parse(text: string, declared: Declared): [name: string, values: readonly ParamValue[]] {
  const at = text.indexOf("=");
  if (at < 1) throw refused(text, SYNTAX);
  const name = text.slice(0, at);
  const spec = Object.hasOwn(declared, name) ? declared[name]! : null;
  if (spec === null) {
    throw refused(text, `the strategy declares no param "${name}"${didYouMeanOneOf(name, Object.keys(declared))}`);
  }
  const right = text.slice(at + 1);
  const values = right.includes(":") && spec.type !== "choice" ? range(text, right, spec) : list(right, spec);
  const fitting = values.map((value) => {
    if (fits(spec, value)) return value;
    throw refused(text, `${name} would be ${shown(value)}, expected ${expected(spec)}`);
  });
  return [name, distinct(fitting)];
}

function range(text: string, right: string, spec: ParamSpec): readonly number[] {
  if (spec.type === "boolean") throw refused(text, `no range of ${expected(spec)}: list the values`);
  const [from = Number.NaN, to = Number.NaN, step = Number.NaN, ...more] = right.split(":").map(number);
  if (more.length > 0 || ![from, to, step].every(Number.isFinite)) throw refused(text, SYNTAX);
  if (step <= 0) throw refused(text, `the step is ${step}, expected more than 0`);
  if (to < from) throw refused(text, `the range ends at ${to}, below its start ${from}`);
  // 0:1:0.1 has eleven values, whatever 1 / 0.1 is in binary.
  const count = Math.floor((to - from) / step + 1e-9) + 1;
  if (count > VALUES_MAX) throw refused(text, `${count} values, at most ${VALUES_MAX} of one param`);
  return Array.from({ length: count }, (_, index) => tidy(from + index * step));
}

const list = (right: string, spec: ParamSpec): readonly unknown[] =>
  right.split(",").map((item) => {
    const word = item.trim();
    if (spec.type === "choice") return word;
    if (spec.type === "boolean") return word === "true" ? true : word === "false" ? false : word;
    const value = number(word);
    return Number.isNaN(value) ? word : value;
  });

const number = (text: string): number => (text.trim() === "" ? Number.NaN : Number(text));

/** Evenly from limit to limit; empty where there are none. */
function defaultValues(spec: ParamSpec): readonly ParamValue[] {
  if (spec.type === "boolean") return [false, true];
  if (spec.type === "choice") return spec.of;
  const { min, max, type } = spec;
  if (min === undefined || max === undefined) return [];
  const at = (index: number) => min + ((max - min) * index) / (DEFAULT_VALUES - 1);
  return distinct(
    Array.from({ length: DEFAULT_VALUES }, (_, index) =>
      type === "integer" ? Math.round(at(index)) : tidy(at(index)),
    ),
  );
}

/** Without the noise of binary fractions, so that 0.30000000000000004 is the 0.3 that somebody would type. */
const tidy = (value: number): number => Number(value.toPrecision(DIGITS));

const distinct = <Value>(values: readonly Value[]): Value[] => [...new Set(values)];

const refused = (text: string, why: string): UserError =>
  new UserError("usage", `Cannot sweep ${text}: ${why}`, { where: "--params" });
