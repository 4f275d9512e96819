// Which code decides: a code version with resolved params. This is what is loaded, armed, run and named on every row.
import type { CodeVersion, ParamsHash } from "../base/ids.ts";
import type { FrameLayout } from "../frame/layout.ts";
import type { Manifest, Params } from "../frame/manifest.ts";

export interface VersionRef {
  readonly strategy: string;
  readonly code: CodeVersion;
  readonly params: ParamsHash;
  /** Given once per strategy and code by the store: v14. */
  readonly ordinal: number;
}

/** Key of a loaded version: code and params together. */
export type VersionKey = `${string}:${string}`;
export const versionKey = (ref: { readonly code: CodeVersion; readonly params: ParamsHash }): VersionKey =>
  `${ref.code}:${ref.params}`;

/** What the core needs to know of a loaded version: what it wants to see, and how its memory begins. */
export interface VersionFacts {
  readonly ref: VersionRef;
  readonly manifest: Manifest;
  readonly params: Params;
  readonly layout: FrameLayout;
}
