// What a version is made of, once everything about it is settled: enough to make the very same sandbox again under the same
// engine, whatever has become of the compiler, the DSL and the layout since. Plain data, to be kept.
import type { CodeVersion, ParamsHash } from "../base/ids.ts";
import type { FrameLayout } from "../frame/layout.ts";
import type { Manifest, Params } from "../frame/manifest.ts";
import type { FrameReader } from "./guest.ts";
import type { ColumnShift } from "./instrumented.ts";

export interface Recipe {
  readonly strategy: string;
  readonly code: CodeVersion;
  readonly params: ParamsHash;
  /** The entry as people know it, `strategies/momentum.ts`. */
  readonly file: string;
  readonly manifest: Manifest;
  /** The resolved params. */
  readonly values: Params;
  readonly layout: FrameLayout;
  /** The bundle as it runs, and the way back from its columns; the source map is the artifact's. */
  readonly script: string;
  readonly shifts: readonly ColumnShift[];
  /** How many numbers of the frame its indices may reach, 0 when it has none. */
  readonly frameSize: number;
  readonly frameReader: FrameReader;
}
