// From a saved file to a version that can decide, beside the trading loop: bundle, admit, hash, load.
import type { Json } from "../base/canonical-json.ts";
import type { CodeVersion } from "../base/ids.ts";
import type { LoadedVersion } from "../decide/port.ts";
import type { Params } from "../frame/manifest.ts";
import type { BundleAnalysis } from "./analysis/analyse-bundle.ts";
import type { Sources } from "./dsl-sources.ts";

export type ReloadStage = "bundled" | "admitted" | "type-checked" | "loaded";

/** One problem in a user's file, as a person wants to read it. Lines and columns are 1-based. */
export interface SourceError {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  /** Source lines with a caret; null when there is no position. */
  readonly frame: string | null;
}

/** Everything a code version is made of: what the version store keeps, content-addressed and write-once. */
export interface Artifact {
  readonly strategy: string;
  readonly code: CodeVersion;
  /** Entry file and its whole import graph, by path relative to the strategies folder. */
  readonly entry: string;
  readonly sources: Sources;
  readonly bundle: string;
  readonly sourceMap: string;
  readonly analysis: BundleAnalysis;
  /** Digests of what else is hashed: dsl, compiler options, guest runtime, wasm. */
  readonly digests: { readonly [name: string]: string };
  /** HEAD of the git work tree that the sources lay in when it was first stored: where to look, for they may have differed from it. */
  readonly commit?: string;
}

export type Prepared =
  | {
      readonly type: "Prepared";
      readonly artifact: Artifact;
      /** One per distinct override set asked for, in that order. Their ref.ordinal is 0: the core's store gives ordinals. */
      readonly loaded: readonly LoadedVersion[];
      readonly timingsMs: { readonly [stage: string]: number };
    }
  | {
      readonly type: "Refused";
      readonly strategy: string;
      readonly stage: ReloadStage;
      readonly errors: readonly SourceError[];
    };

export interface Workshop {
  /**
   * Bundles `<strategies>/<strategy>.ts` as it is on disk now and loads it once per set of param overrides. A request that
   * still waits when a newer one of the same strategy arrives is answered with the newer one's result.
   */
  prepare(strategy: string, overrides: readonly Params[]): Promise<Prepared>;
  /**
   * Loads a version again from the version store; never looks at the strategies folder. One that was made under another
   * DSL or engine is built again from its stored sources: `artifact.code` is then another than was asked for, a candidate.
   * Rejects with a UserError naming the file when the store does not hold it, or not intact.
   */
  restore(code: CodeVersion, overrides: readonly Params[]): Promise<Prepared>;
  /** Evaluates underway.config.ts in a sandbox and returns the plain JSON it exports. */
  evaluateConfig(file: string): Promise<EvaluatedConfig>;
  close(): Promise<void>;
}

export type EvaluatedConfig =
  | {
      readonly type: "Evaluated";
      readonly value: Json;
      /** The file and its whole import graph, by path relative to the file's folder, and their sha256. */
      readonly sources: Sources;
      readonly digest: string;
    }
  | { readonly type: "Refused"; readonly errors: readonly SourceError[] };

/** Types of a strategy, or of the configuration, against the DSL. */
export interface TypeCheck {
  /**
   * Empty when all is well, or sorted by file and place. `folder` is how people know the folder of the sources, "" for none.
   * A check that still waits when a newer one of the same entry arrives is answered with the newer one's result. Rejects with
   * a UserError when there is no verdict: it took too long, or the compiler failed.
   */
  check(folder: string, entry: string, sources: Sources): Promise<readonly SourceError[]>;
  close(): Promise<void>;
}
