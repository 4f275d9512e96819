// What control.json may say: what the operator wants, as a whole. Every field is optional but the version; an absent one
// means the configuration's own value. Anything that is not known here is refused, because a typing mistake that is
// silently ignored leaves the operator believing in a limit that is not there.
import { z } from "zod";
import { PROMOTION_SYNTAX, parsePromotion } from "../engine/reload/promotion.ts";
import { MODES } from "../engine/risk/settings.ts";
import { didYouMean } from "./nearest.ts";

export const CONTROL_BYTES_MAX = 64 * 1024;
const COMMANDS_MAX = 200;
const NAME_CHARS_MAX = 100;
const TEXT_CHARS_MAX = 500;

type ControlErrorCode =
  | "Torn"
  | "Oversized"
  | "Unreadable"
  | "UnknownField"
  | "Invalid"
  | "LowerVersion"
  | "SameVersionDifferentContent"
  | "UnknownStrategy"
  | "UnknownSlot"
  | "UnknownParam";

/** Why a control file is refused; `path` is a JSON path such as `$.sizing.scale`. */
export interface ControlError {
  readonly code: ControlErrorCode;
  readonly path: string;
  readonly message: string;
}

const strict = <Shape extends z.core.$ZodShape>(shape: Shape) =>
  z.strictObject(shape, {
    error: (issue) => (issue.code === "unrecognized_keys" ? unknownField(issue.keys[0] ?? "", shape) : undefined),
  });
const unknownField = (key: string, shape: object): string =>
  `${JSON.stringify(key)} is not a field${didYouMean(key, Object.keys(shape))}`;

const name = z.string().min(1).max(NAME_CHARS_MAX);
const text = z.string().min(1).max(TEXT_CHARS_MAX);
const paramValue = z.union([z.number(), z.boolean(), z.string().max(NAME_CHARS_MAX)]);

/** Text of one form; `expected` says which. */
const formed = (is: (text: string) => boolean, expected: string) =>
  z.string().refine(is, { error: ({ input }) => `${show(input)} is not ${expected}` });
const matches = (form: RegExp) => (text: string) => form.test(text);

const promotion = formed((text) => parsePromotion(text) !== null, `a way to promote, expected ${PROMOTION_SYNTAX}`);
const pin = formed(matches(/^[a-z][a-z0-9-]{0,39}@[0-9a-f]{8}$/), 'a version, expected one like "momentum@3f9a2c1e"');
// In full: what is approved is this very code, not whatever begins like it.
const code = formed(
  matches(/^[0-9a-f]{64}$/),
  "a full hash, expected all 64 hex digits: strategies[].candidate.code in status.json",
);
const paramsHashes = formed(
  matches(/^[0-9a-f]{64}(\+[0-9a-f]{64})*$/),
  'full hashes joined by "+", expected all 64 hex digits of each: strategies[].candidate.params in status.json',
);

const command = z.discriminatedUnion("kind", [
  strict({ id: name, kind: z.literal("close-position"), slot: name }),
  strict({ id: name, kind: z.literal("clear-latch"), latch: name, reason: text }),
  strict({ id: name, kind: z.literal("ack-alarm"), alarm: z.int().positive() }),
  strict({ id: name, kind: z.literal(["approve", "reject"]), strategy: name, code, params: paramsHashes }),
  strict({ id: name, kind: z.literal(["promote", "rollback"]), strategy: name }),
]);

const controlSchema = strict({
  version: z.int().positive(),
  author: name.optional(),
  reason: text.optional(),
  mode: z.enum(MODES).optional(),
  sizing: strict({ scale: z.number().min(0).max(1).optional() }).optional(),
  strategies: z
    .record(
      name,
      strict({
        enabled: z.boolean().optional(),
        params: z.record(name, paramValue).optional(),
        /** The only version that may decide; candidates wait. */
        pin: pin.nullable().optional(),
        promotion: promotion.nullable().optional(),
      }),
    )
    .optional(),
  slots: z.record(name, strict({ enabled: z.boolean().optional() })).optional(),
  commands: z
    .array(command)
    .max(COMMANDS_MAX)
    .refine((list) => new Set(list.map(({ id }) => id)).size === list.length, "a command id is used twice")
    .optional(),
});

export type Control = z.infer<typeof controlSchema>;
export type ControlCommand = z.infer<typeof command>;

/** Checks parsed JSON; the first problem is reported, with its path. */
export function parseControl(
  value: unknown,
): { type: "Parsed"; control: Control } | { type: "Refused"; error: ControlError } {
  const result = controlSchema.safeParse(value, { reportInput: true });
  if (result.success) return { type: "Parsed", control: result.data };
  const issue = result.error.issues[0]!;
  if (issue.code === "unrecognized_keys") {
    return refused("UnknownField", [...issue.path, issue.keys[0] ?? ""], issue.message);
  }
  return refused("Invalid", issue.path, explain(issue));
}

const refused = (code: ControlErrorCode, path: readonly PropertyKey[], message: string) =>
  ({ type: "Refused", error: { code, path: jsonPath(path), message } }) as const;

/** `$.slots["BTC-5m-momentum"].enabled` */
export function jsonPath(path: readonly PropertyKey[]): string {
  const step = (key: PropertyKey): string =>
    typeof key === "number"
      ? `[${key}]`
      : /^[A-Za-z_$][\w$]*$/.test(String(key))
        ? `.${String(key)}`
        : `[${JSON.stringify(key)}]`;
  return `$${path.map(step).join("")}`;
}

const VALUE_CHARS_MAX = 60;
const show = (value: unknown): string => {
  const json = JSON.stringify(value) ?? String(value);
  return json.length > VALUE_CHARS_MAX ? `${json.slice(0, VALUE_CHARS_MAX - 1)}…` : json;
};

/** Says what is there and what is wanted, instead of the schema library's own words. */
function explain(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return issue.input === undefined
        ? `is missing, expected ${a(issue.expected)}`
        : `${show(issue.input)} is not ${a(issue.expected)}`;
    case "too_big":
      if (issue.origin === "string") return `is longer than ${issue.maximum} characters`;
      if (issue.origin === "array") return `has more than ${issue.maximum} entries`;
      return `${show(issue.input)} is above ${issue.maximum}`;
    case "too_small":
      return issue.origin === "string"
        ? "is empty"
        : `${show(issue.input)} is ${issue.inclusive ? `below ${issue.minimum}` : `not above ${issue.minimum}`}`;
    case "invalid_value":
      return `${show(issue.input)} is not one of ${issue.values.join(", ")}${didYouMean(String(issue.input), issue.values.map(String))}`;
    case "invalid_union":
      return issue.discriminator === undefined
        ? `${show(issue.input)} is not a number, true, false or text`
        : unknownKind(issue);
    case "invalid_key":
      return `the name ${show(issue.path.at(-1))} is empty or longer than ${NAME_CHARS_MAX} characters`;
    default:
      return issue.message;
  }
}

const a = (expected: string): string =>
  ({
    int: "an integer",
    object: "an object",
    record: "an object",
    array: "a list",
    string: "text",
    boolean: "true or false",
  })[expected] ?? `a ${expected}`;

function unknownKind(issue: z.core.$ZodIssueInvalidUnion): string {
  const kind = (issue.input as { readonly kind?: unknown }).kind;
  const kinds = command.options.flatMap((option) => [...option.shape.kind.values]);
  return `${show(kind)} is not a kind of command: expected ${kinds.join(", ")}${didYouMean(String(kind), kinds)}`;
}
