// `set a.b=value`: which places of control.json can be set from the command line, and how a value is written there.
import { UserError } from "../engine/base/errors.ts";
import type { Control } from "./control-schema.ts";
import { didYouMean } from "./nearest.ts";

const PATHS = [
  ["sizing", "scale"],
  ["strategies", "*", "params", "*"],
  ["strategies", "*", "enabled"],
  ["strategies", "*", "promotion"],
  ["strategies", "*", "pin"],
  ["slots", "*", "enabled"],
] as const;
const EXAMPLES =
  'sizing.scale=0.5, strategies.momentum.params.trigger=3, strategies.momentum.enabled=false, strategies.momentum.promotion="shadow:36 -> approve", strategies.momentum.pin=momentum@3f9a2c1e, slots.BTC-5m-momentum.enabled=false';

export interface Setting {
  readonly path: readonly string[];
  /** Null takes the override away: the configuration's value holds again. */
  readonly value: number | boolean | string | null;
}

/** Throws UserError "usage". What the value must be is for control.json's own check. */
export function parseSetting(text: string): Setting {
  const equals = text.indexOf("=");
  if (equals < 1) throw usage(`Cannot set ${JSON.stringify(text)}: expected path=value`);
  const path = text.slice(0, equals).split(".");
  const fits = (pattern: readonly string[]) =>
    pattern.every((part, i) => (part === "*" ? path[i] !== "" : part === path[i]));
  if (!PATHS.some((pattern) => pattern.length === path.length && fits(pattern))) {
    const typed = path.join(".");
    const closest = PATHS.filter((pattern) => pattern.length === path.length).map((pattern) =>
      pattern.map((part, i) => (part === "*" ? path[i] : part)).join("."),
    );
    throw usage(`Cannot set ${JSON.stringify(typed)}: it is not a setting${didYouMean(typed, closest)}`);
  }
  return { path, value: parseValue(text.slice(equals + 1)) };
}

const usage = (message: string) =>
  new UserError("usage", message, { hint: `settings are ${EXAMPLES}; the value null takes one away` });

function parseValue(text: string): Setting["value"] {
  if (!/^(-?\d.*|true|false|null|".*")$/.test(text)) return text;
  try {
    return JSON.parse(text) as Setting["value"];
  } catch {
    return text;
  }
}

export const applySetting = (control: Control, { path, value }: Setting): Control =>
  assign(control, path, value) as Control;

function assign(target: object, [key, ...rest]: readonly string[], value: Setting["value"]): object {
  const { [key!]: old, ...others } = target as Record<string, unknown>;
  if (rest.length === 0) return value === null ? others : { ...others, [key!]: value };
  return { ...others, [key!]: assign((old ?? {}) as object, rest, value) };
}
