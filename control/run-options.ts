// What `run` was asked for. Null means: as the configuration says.

import type { Asset } from "../dsl/asset.ts";
import type { EngineVariant } from "../engine/sandbox/engine-module.ts";

export type Until =
  | { readonly type: "Utc"; readonly atMs: number }
  | { readonly type: "Cycles"; readonly cycles: number };

export interface RunOptions {
  readonly feed: "simulated" | "replay" | null;
  /** Absolute paths, in the order given. */
  readonly data: readonly string[];
  /** Whose prices the files hold; null: as their names say. */
  readonly asset: Asset | null;
  readonly venue: string | null;
  readonly engine: EngineVariant;
  /** Market seconds per real second; "max" waits for nothing; null: 10 for the simulated market, 1 for others. */
  readonly speed: number | "max" | null;
  readonly seed: number | null;
  readonly until: Until | null;
  /** Where the ledger is written at the end, as NDJSON. */
  readonly exportFile: string | null;
  /** The data directory, absolute. */
  readonly dir: string | null;
  /** The strategies folder and the configuration file, absolute. */
  readonly strategies: string;
  readonly config: string;
  /** The last line of stdout is to be a JSON object. */
  readonly json: boolean;
}
