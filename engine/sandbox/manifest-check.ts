// What a strategy says of itself, checked: it comes out of a sandbox as JSON and may hold anything JSON can.
import { checkInput } from "../../dsl/indicators/registry.ts";
import type { InputSpec, Manifest, ParamSpec } from "../frame/manifest.ts";
import { DeclarationError, expected, fits, shown } from "./params.ts";

const ABOUT_LENGTH_MAX = 500;
const PARAMS_MAX = 64;
const INPUTS_MAX = 64;
const CHOICES_MAX = 64;
/** Also a property name in generated code, so nothing but an identifier; `__proto__` would not be a property at all. */
const NAME = /^(?!__proto__$)[A-Za-z_$][\w$]{0,63}$/;

type Unknown = { readonly [name: string]: unknown };

export type Declaration = Omit<Manifest, "inputs">;

/** Throws DeclarationError for the first thing that is wrong. */
export function parseDeclaration(json: string): Declaration {
  const { about, params, memory } = JSON.parse(json) as { about: unknown; params: unknown; memory: Manifest["memory"] };
  return {
    about: textOf(about, "about"),
    params: entriesOf(params, "params", PARAMS_MAX, parseParam),
    // The reader's own object: null, or any JSON as `initial`.
    memory,
  };
}

/** Throws DeclarationError for the first thing that is wrong. */
export function parseInputs(json: string): Manifest["inputs"] {
  return entriesOf(JSON.parse(json), "inputs", INPUTS_MAX, parseInput);
}

function entriesOf<T>(value: unknown, path: string, max: number, parse: (value: unknown, name: string) => T) {
  const entries = Object.entries(recordOf(value, path));
  if (entries.length > max)
    throw new DeclarationError(`${path} has ${entries.length} entries, expected at most ${max}`);
  return Object.fromEntries(
    entries.map(([name, member]) => {
      if (!NAME.test(name)) throw new DeclarationError(`${path} has the name ${shown(name)}, expected an identifier`);
      return [name, parse(member, name)];
    }),
  );
}

function parseParam(value: unknown, name: string): ParamSpec {
  const path = `params.${name}`;
  const { type, about, of, min, max, ...rest } = recordOf(value, path);
  const known = about === undefined ? {} : { about: textOf(about, `${path}.about`) };
  const spec = { type, ...known, ...limitsOf(type, { of, min, max }, path), default: rest.default } as ParamSpec;
  for (const extra of Object.keys(rest)) {
    if (extra !== "default") throw new DeclarationError(`${path}.${extra} is unknown`);
  }
  if (!fits(spec, rest.default)) {
    throw new DeclarationError(`${path}.default is ${shown(rest.default)}, expected ${expected(spec)}`);
  }
  return spec;
}

function limitsOf(type: unknown, { of, min, max }: Unknown, path: string): Unknown {
  switch (type) {
    case "number":
    case "integer": {
      for (const [name, limit] of Object.entries({ min, max })) {
        if (limit !== undefined && typeof limit !== "number") {
          throw new DeclarationError(`${path}.${name} is ${shown(limit)}, expected a finite number`);
        }
      }
      return { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
    }
    case "boolean":
      return {};
    case "choice":
      if (
        !Array.isArray(of) ||
        of.length === 0 ||
        of.length > CHOICES_MAX ||
        of.some((one) => typeof one !== "string")
      ) {
        throw new DeclarationError(`${path}.of is ${shown(of)}, expected 1 to ${CHOICES_MAX} strings`);
      }
      return { of };
    default:
      throw new DeclarationError(`${path} is not made by param.number(), integer(), boolean() or choice()`);
  }
}

function parseInput(value: unknown, name: string): InputSpec {
  const path = `inputs.${name}`;
  const { kind, options } = recordOf(value, path);
  if (typeof kind !== "string" || !isRecord(options)) {
    throw new DeclarationError(`${path} is not made by an input of the DSL, such as ta.rsi()`);
  }
  for (const [option, given] of Object.entries(options)) {
    if (typeof given === "object")
      throw new DeclarationError(`${path}.${option} is ${shown(given)}, expected a plain value`);
  }
  const spec = { kind, options } as InputSpec;
  const problem = checkInput(name, spec);
  if (problem !== null) throw new DeclarationError(problem);
  return spec;
}

function textOf(value: unknown, path: string): string {
  if (typeof value === "string" && value.length <= ABOUT_LENGTH_MAX) return value;
  throw new DeclarationError(
    `${path} is ${shown(value).slice(0, 40)}, expected a string of at most ${ABOUT_LENGTH_MAX} characters`,
  );
}

function recordOf(value: unknown, path: string): Unknown {
  if (isRecord(value)) return value;
  throw new DeclarationError(`${path} is ${shown(value)}, expected an object`);
}

const isRecord = (value: unknown): value is Unknown =>
  typeof value === "object" && value !== null && !Array.isArray(value);
