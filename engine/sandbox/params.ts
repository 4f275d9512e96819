// Resolved params: declared defaults with an operator's overrides, each within its declared limits.
import { createHash } from "node:crypto";
import { canonicalJson } from "../base/canonical-json.ts";
import type { ParamsHash } from "../base/ids.ts";
import type { Manifest, ParamSpec, Params, ParamValue } from "../frame/manifest.ts";

/** What a strategy declares, or is given as params, is wrong; the message begins with the path of what is. */
export class DeclarationError extends Error {
  override readonly name = "DeclarationError";
}

type Specs = Manifest["params"];

/** Throws DeclarationError for a param that is unknown, of the wrong type, or out of range. */
export function resolveParams(specs: Specs, overrides: Params): Params {
  for (const name of Object.keys(overrides)) {
    if (Object.hasOwn(specs, name)) continue;
    const known = Object.keys(specs).join(", ");
    throw new DeclarationError(`params.${name} is unknown, expected ${known === "" ? "no params" : `one of ${known}`}`);
  }
  return Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => {
      const value = overrides[name] ?? spec.default;
      if (!fits(spec, value))
        throw new DeclarationError(`params.${name} is ${shown(value)}, expected ${expected(spec)}`);
      return [name, value];
    }),
  );
}

export const paramsHash = (params: Params): ParamsHash =>
  createHash("sha256").update(canonicalJson(params)).digest("hex") as ParamsHash;

export function fits(spec: ParamSpec, value: unknown): value is ParamValue {
  if (spec.type === "boolean") return typeof value === "boolean";
  if (spec.type === "choice") return typeof value === "string" && spec.of.includes(value);
  if (typeof value !== "number" || !Number.isFinite(value)) return false;
  if (spec.type === "integer" && !Number.isInteger(value)) return false;
  return value >= (spec.min ?? -Infinity) && value <= (spec.max ?? Infinity);
}

export function expected(spec: ParamSpec): string {
  if (spec.type === "boolean") return "true or false";
  if (spec.type === "choice") return `one of ${spec.of.join(", ")}`;
  const noun = spec.type === "integer" ? "an integer" : "a finite number";
  if (spec.min !== undefined && spec.max !== undefined) return `${noun} from ${spec.min} to ${spec.max}`;
  if (spec.min !== undefined) return `${noun} of at least ${spec.min}`;
  return spec.max === undefined ? noun : `${noun} of at most ${spec.max}`;
}

export const shown = (value: unknown): string => JSON.stringify(value) ?? String(value);
