// What the bench says: rows of figures, one for each engine, each with ratios that were taken in the same process.
import type { EngineVariant } from "../../engine/sandbox/engine-module.ts";

export interface Figure {
  /** "V8" is a yardstick without a sandbox. */
  readonly engine: EngineVariant | "V8";
  readonly value: number;
  /** Other quantiles and sizes, by what they are. */
  readonly beside: { readonly [label: string]: number };
  /** The value as a multiple of something else. */
  readonly ratios: { readonly [yardstick: string]: number };
}

export interface Row {
  readonly name: string;
  readonly unit: "µs" | "ms" | "MB" | "";
  /** Most that `value` should be on an idle machine of today; null = for orientation. */
  readonly budget: number | null;
  readonly figures: readonly Figure[];
}

export interface Bench {
  readonly name: string;
  run(progress: (what: string) => void): Promise<readonly Row[]>;
}
