// A loaded version as the core sees it: the hashes are one repeated digit, so that a failing test can be read.
import { INPUT_KINDS } from "../../dsl/indicators/registry.ts";
import type { CodeVersion, ParamsHash } from "../../engine/base/ids.ts";
import type { VersionFacts, VersionRef } from "../../engine/decide/version.ts";
import { layoutOf } from "../../engine/frame/layout.ts";
import type { Manifest } from "../../engine/frame/manifest.ts";

export interface VersionChanges {
  readonly strategy?: string;
  /** One hex digit each. */
  readonly code?: string;
  readonly params?: string;
  readonly ordinal?: number;
  readonly inputs?: Manifest["inputs"];
  readonly memory?: Manifest["memory"];
}

export function versionRef({
  strategy = "momentum",
  code = "a",
  params = "0",
  ordinal = 1,
}: VersionChanges = {}): VersionRef {
  return { strategy, code: code.repeat(64) as CodeVersion, params: params.repeat(64) as ParamsHash, ordinal };
}

export function versionFacts(changes: VersionChanges = {}): VersionFacts {
  const { inputs = {}, memory = null } = changes;
  return {
    ref: versionRef(changes),
    manifest: { about: "test", params: {}, inputs, memory },
    params: {},
    layout: layoutOf(inputs, (kind) => INPUT_KINDS[kind]!.outputs),
  };
}
