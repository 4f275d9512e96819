// `run`: what the options mean; the bot itself is composed elsewhere.
import { resolve } from "node:path";
import { InvalidArgumentError } from "commander";
import { ASSETS, type Asset, isAsset } from "../../dsl/asset.ts";
import type { EngineVariant } from "../../engine/sandbox/engine-module.ts";
import type { RunOptions, Until } from "../run-options.ts";

export interface RunFlags {
  readonly feed?: "simulated" | "replay";
  readonly data: readonly string[];
  readonly asset?: Asset;
  readonly venue?: string;
  readonly engine: EngineVariant;
  readonly speed?: number | "max";
  readonly seed?: number;
  readonly until?: Until;
  readonly export?: string;
  readonly dir?: string;
  readonly strategies: string;
  readonly config: string;
  readonly json?: boolean;
}

const absolute = (path: string | undefined): string | null => (path === undefined ? null : resolve(path));

export const runOptions = (flags: RunFlags): RunOptions => ({
  feed: flags.feed ?? null,
  data: flags.data.map((path) => resolve(path)),
  asset: flags.asset ?? null,
  venue: flags.venue ?? null,
  engine: flags.engine,
  speed: flags.speed ?? null,
  seed: flags.seed ?? null,
  until: flags.until ?? null,
  exportFile: absolute(flags.export),
  dir: absolute(flags.dir),
  strategies: resolve(flags.strategies),
  config: resolve(flags.config),
  json: flags.json ?? false,
});

export function parseSpeed(text: string): number | "max" {
  if (text === "max") return "max";
  const speed = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && speed > 0) return speed;
  throw new InvalidArgumentError("Expected a number above 0, or max.");
}

export function parseAsset(text: string): Asset {
  const asset = text.toLowerCase();
  if (isAsset(asset)) return asset;
  throw new InvalidArgumentError(`Expected one of ${ASSETS.join(", ")}.`);
}

export function parseCount(text: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(count)) return count;
  throw new InvalidArgumentError("Expected a whole number.");
}

const UTC = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?Z)?$/;

export function parseUntil(text: string): Until {
  const cycles = /^cycles:([1-9]\d{0,14})$/.exec(text);
  if (cycles !== null) return { type: "Cycles", cycles: Number(cycles[1]) };
  const atMs = UTC.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(atMs))
    throw new InvalidArgumentError("Expected a UTC time such as 2026-06-08T12:00:00Z, or cycles:N.");
  return { type: "Utc", atMs };
}
