// Finished trials, kept as they finish: a sweep that was killed goes on from there. NDJSON: the sweep's identity, then one line a
// trial, in the order in which they finished. Lines are not synced: what a power cut takes is run again.
import { appendFileSync, existsSync, readFileSync, truncateSync } from "node:fs";
import { z } from "zod";
import { canonicalJson, type Json } from "../../engine/base/canonical-json.ts";
import { UserError } from "../../engine/base/errors.ts";
import type { TrialAsked, TrialResult } from "./trial.ts";

/** All that results depend on. */
export type SweepIdentity = { readonly [name: string]: Json };

const identitySchema = z.object({ sweep: z.record(z.string(), z.json()) });
const params = z.record(z.string(), z.union([z.number(), z.boolean(), z.string()]));
const trial = z.int().nonnegative();
const resultSchema = z.union([
  z.strictObject({ trial, params, error: z.string() }),
  z.strictObject({
    trial,
    params,
    bars: z.int().nonnegative(),
    trades: z.int().nonnegative(),
    pnlMicros: z.number(),
    profits: z.array(z.number()),
  }),
]);

export class SweepFile {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /** The file and the trials that it holds, each once. Throws a UserError for a file of something else. */
  static open(
    path: string,
    identity: SweepIdentity,
    trials: readonly TrialAsked[],
  ): { readonly file: SweepFile; readonly results: readonly TrialResult[] } {
    const text = existsSync(path) ? readFileSync(path, "utf8") : "";
    // What was being written when the process died.
    const whole = text.slice(0, text.lastIndexOf("\n") + 1);
    const [first, ...lines] = whole.split("\n").slice(0, -1);
    if (first === undefined) {
      if (text !== "" && !text.startsWith('{"sweep":')) throw refused(path, 1, "is no line of a sweep");
      if (text !== "") truncateSync(path);
      appendFileSync(path, `${JSON.stringify({ sweep: identity })}\n`);
      return { file: new SweepFile(path), results: [] };
    }
    requireSame(path, identity, parse(path, 1, first, identitySchema).sweep);
    const results = new Map<number, TrialResult>();
    for (const [index, line] of lines.entries()) {
      const result = parse(path, index + 2, line, resultSchema);
      const asked = trials[result.trial];
      if (asked === undefined || canonicalJson(asked.params) !== canonicalJson(result.params)) {
        throw refused(path, index + 2, "is of a trial that this sweep does not make");
      }
      if (!results.has(result.trial)) results.set(result.trial, result);
    }
    if (whole.length < text.length) truncateSync(path, Buffer.byteLength(whole));
    return { file: new SweepFile(path), results: [...results.values()] };
  }

  append(result: TrialResult): void {
    appendFileSync(this.#path, `${JSON.stringify(result)}\n`);
  }
}

function requireSame(path: string, now: SweepIdentity, before: SweepIdentity): void {
  const names = new Set([...Object.keys(now), ...Object.keys(before)]);
  const differing = [...names].filter(
    (name) => canonicalJson(now[name] ?? null) !== canonicalJson(before[name] ?? null),
  );
  if (differing.length === 0) return;
  throw new UserError("usage", `Cannot resume: the file is of another sweep, it differs in ${differing.join(", ")}`, {
    where: path,
    hint: "sweep as before, or name another file",
  });
}

function parse<Value>(path: string, row: number, line: string, schema: z.ZodType<Value>): Value {
  try {
    const parsed = schema.safeParse(JSON.parse(line));
    if (parsed.success) return parsed.data;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw refused(path, row, "is no line of a sweep");
}

const refused = (path: string, row: number, why: string): UserError =>
  new UserError("data", `Cannot resume: row ${row} ${why}`, { where: `${path}:${row}`, hint: "name another file" });
