// What the declarations of verbs share.
import { type Command, Option } from "commander";
import { DEFAULT_VARIANT, ENGINE_VARIANTS } from "../../engine/sandbox/engine-module.ts";

/** Takes the exit code. */
export type Finish = (exitCode: number) => void;
/** Declares a verb that has `--json`. */
export type AddVerb = (name: string, description: string) => Command;

export const engineOption = (): Option =>
  new Option("--engine <name>", "the QuickJS that strategies run in").choices(ENGINE_VARIANTS).default(DEFAULT_VARIANT);
