// underway.config.ts as the bot uses it: evaluated in a sandbox like any strategy, then checked.
import { assert } from "../../engine/base/assert.ts";
import { UserError } from "../../engine/base/errors.ts";
import type { Workshop } from "../../engine/versions/port.ts";
import { type Config, parseConfig } from "../config.ts";

/** Throws a UserError that says where. */
export async function readConfig(workshop: Workshop, file: string): Promise<Config> {
  const evaluated = await workshop.evaluateConfig(file);
  if (evaluated.type === "Evaluated") return parseConfig(evaluated.value, file);
  const first = evaluated.errors[0];
  assert(first !== undefined, "A refused configuration has no error");
  const where = first.line > 0 ? `${first.file}:${first.line}:${first.column}` : first.file;
  throw new UserError("config", first.message, { where });
}
