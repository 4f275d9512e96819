// All that a sweep's results depend on: two sweeps with the same identity are the same sweep.
import { createHash } from "node:crypto";
import { createReadStream, existsSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Json } from "../../engine/base/canonical-json.ts";
import type { CodeVersion } from "../../engine/base/ids.ts";
import { DATABASE_FILE } from "../../engine/store/database.ts";
import type { Space } from "./space.ts";
import type { SweepIdentity } from "./sweep-file.ts";
import type { SweepOrder } from "./trial.ts";

/** Of results in a file; another number, and they are not read. */
const FORMAT = 1;

/** Whether the sandbox is put back between decisions changes nothing, and where files lie neither. */
export async function sweepIdentity(order: SweepOrder, code: CodeVersion, space: Space): Promise<SweepIdentity> {
  const { data, config, strategiesDir: _, seed: exchangeSeed, ...backtest } = order.backtest;
  const { fromMs, toMs, splits, trialsMax, seed } = order;
  return {
    format: FORMAT,
    code,
    data: await Promise.all(data.flatMap(filesOf).map(digested)),
    config: existsSync(config) ? await digested(config) : null,
    space: space.axes.map(({ name, values }): Json => [name, values]),
    ...backtest,
    exchangeSeed,
    fromMs,
    toMs,
    splits,
    trials: trialsMax,
    seed,
  };
}

/** A bot's data directory is its ledger, the part included that is not merged into it yet. */
function filesOf(path: string): readonly string[] {
  if (!statSync(path).isDirectory()) return [path];
  return [DATABASE_FILE, `${DATABASE_FILE}-wal`].map((name) => join(path, name)).filter(existsSync);
}

async function digested(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return `${basename(path)} ${hash.digest("hex")}`;
}
