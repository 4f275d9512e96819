// Reads control.json and decides whether it may be applied. A file is taken whole or refused whole; a refusal (Nack) names
// the place and the reason, and changes nothing that runs.
import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { messageOf } from "../engine/base/errors.ts";
import type { ColdConfig } from "./config.ts";
import { CONTROL_BYTES_MAX, type Control, type ControlError, jsonPath, parseControl } from "./control-schema.ts";
import { didYouMeanOneOf } from "./nearest.ts";

interface ControlNack {
  readonly type: "Nack";
  readonly error: ControlError;
  /** As far as the file tells; null when it could not be understood. */
  readonly version: number | null;
  /** sha256 of the bytes; null when they could not be read. */
  readonly digest: string | null;
}

export type ControlRead =
  | { readonly type: "Absent" }
  /** `digest` is the sha256 of the file's bytes, 64 hex digits, as `sha256sum control.json` prints it. */
  | { readonly type: "Read"; readonly control: Control; readonly digest: string }
  | ControlNack;

export const digestOf = (bytes: string | Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** Never throws: whatever is wrong with the file comes back as a Nack. */
export async function readControl(path: string): Promise<ControlRead> {
  let bytes: Buffer;
  try {
    bytes = await readBounded(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { type: "Absent" };
    return nack("Unreadable", "$", `cannot be read: ${messageOf(error)}`);
  }
  if (bytes.length > CONTROL_BYTES_MAX) return nack("Oversized", "$", `is larger than ${CONTROL_BYTES_MAX} bytes`);
  return interpret(bytes);
}

/** One byte more than allowed is enough to know. */
async function readBounded(path: string): Promise<Buffer> {
  // Without waiting: a pipe has no writer perhaps.
  await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  if (!(await file.stat()).isFile()) throw new Error("it is not a file");
  const buffer = Buffer.alloc(CONTROL_BYTES_MAX + 1);
  let length = 0;
  for (;;) {
    const { bytesRead } = await file.read(buffer, length, buffer.length - length, length);
    length += bytesRead;
    if (bytesRead === 0 || length === buffer.length) return buffer.subarray(0, length);
  }
}

function interpret(bytes: Buffer): ControlRead {
  const digest = digestOf(bytes);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes), refuseProto);
  } catch (error) {
    return nack("Torn", "$", `is not JSON: ${messageOf(error)}`, null, digest);
  }
  const parsed = parseControl(value);
  if (parsed.type === "Parsed") return { type: "Read", control: parsed.control, digest };
  const version = (value as { readonly version?: unknown } | null)?.version;
  return { type: "Nack", error: parsed.error, version: Number.isSafeInteger(version) ? Number(version) : null, digest };
}

/** The schema library drops this key unseen, and an ignored field must not exist. */
function refuseProto(key: string, value: unknown): unknown {
  if (key === "__proto__") throw new Error('the name "__proto__" is not allowed');
  return value;
}

const nack = (
  code: ControlError["code"],
  path: string,
  message: string,
  version: number | null = null,
  digest: string | null = null,
): ControlNack => ({ type: "Nack", error: { code, path, message }, version, digest });

/** Compares with the last accepted file: versions only go up, and one version has one content. */
export function judge(
  read: ControlRead,
  last: { readonly version: number; readonly digest: string } | null,
): ControlRead | { readonly type: "Unchanged" } {
  if (read.type !== "Read" || last === null) return read;
  const { version } = read.control;
  if (version > last.version) return read;
  if (version === last.version && read.digest === last.digest) return { type: "Unchanged" };
  const bump = `use ${last.version + 1} or higher`;
  return version < last.version
    ? nack(
        "LowerVersion",
        "$.version",
        `${version} is lower than ${last.version}, which is in force: ${bump}`,
        version,
        read.digest,
      )
    : nack(
        "SameVersionDifferentContent",
        "$.version",
        `${version} is in force with other content: ${bump}`,
        version,
        read.digest,
      );
}

/** What exists: params are null for a strategy whose declaration is not known yet. */
export interface Known {
  readonly strategies: ReadonlyMap<string, { readonly params: readonly string[] | null }>;
  readonly slots: ReadonlySet<string>;
  readonly venue: ColdConfig["venue"];
}

/** The first thing in the file that this bot does not have or must not do; null when there is none. */
export function checkAgainst(control: Control, known: Known): ControlError | null {
  for (const [name, { params = {}, pin = null, promotion }] of Object.entries(control.strategies ?? {})) {
    const strategy = known.strategies.get(name);
    if (strategy === undefined)
      return unknown("UnknownStrategy", "strategy", ["strategies", name], name, known.strategies.keys());
    const declared = strategy.params;
    const param = declared === null ? undefined : Object.keys(params).find((key) => !declared.includes(key));
    if (param !== undefined)
      return unknown("UnknownParam", `param of ${name}`, ["strategies", name, "params", param], param, declared!);
    if (pin !== null && !pin.startsWith(`${name}@`)) {
      return invalid(["strategies", name, "pin"], `${JSON.stringify(pin)} is not a version of ${name}`);
    }
    if (promotion === "ungated" && known.venue !== "simulated") {
      const why = 'is "ungated", expected a gate: only the simulated venue trades without one';
      return invalid(["strategies", name, "promotion"], why);
    }
  }
  for (const id of Object.keys(control.slots ?? {})) {
    if (!known.slots.has(id)) return unknown("UnknownSlot", "slot", ["slots", id], id, known.slots);
  }
  for (const [index, command] of (control.commands ?? []).entries()) {
    if (command.kind === "close-position" && !known.slots.has(command.slot)) {
      return unknown("UnknownSlot", "slot", ["commands", index, "slot"], command.slot, known.slots);
    }
    if ("strategy" in command && !known.strategies.has(command.strategy)) {
      const path = ["commands", index, "strategy"];
      return unknown("UnknownStrategy", "strategy", path, command.strategy, known.strategies.keys());
    }
  }
  return null;
}

const invalid = (path: readonly PropertyKey[], message: string): ControlError => ({
  code: "Invalid",
  path: jsonPath(path),
  message,
});

const unknown = (
  code: ControlError["code"],
  what: string,
  path: readonly PropertyKey[],
  name: string,
  names: Iterable<string>,
): ControlError => ({
  code,
  path: jsonPath(path),
  message: `${JSON.stringify(name)} is not a ${what}${didYouMeanOneOf(name, names)}`,
});
