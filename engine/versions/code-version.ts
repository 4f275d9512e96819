// The name of everything that decides: sha256 over the strategy's sources, the DSL with its indicators, the compiler's options,
// the guest runtime and the WASM. Sources, not the bundle: indicators decide too, and they are never bundled.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { canonicalJson } from "../base/canonical-json.ts";
import type { CodeVersion } from "../base/ids.ts";
import { wasmBytes } from "../sandbox/engine-file.ts";
import { DEFAULT_VARIANT, type EngineVariant } from "../sandbox/engine-module.ts";
import { COMPILER_OPTIONS, COMPILER_VERSIONS } from "./compiler.ts";
import { dslSources, PACKAGE_ROOT, type Sources } from "./dsl-sources.ts";

export const sha256 = (data: string | Uint8Array): string => createHash("sha256").update(data).digest("hex");

/** Digest of files by relative path: where the folder lies does not matter, what is in it does. */
export function digestOfSources(sources: Sources): string {
  return sha256(canonicalJson(Object.fromEntries(Object.entries(sources).map(([path, text]) => [path, sha256(text)]))));
}

export type Digests = { readonly [name: string]: string };

/** A version's name, from its own sources and the digests of what it runs on. */
export function codeVersionOf(entry: string, sources: Sources, digests: Digests): CodeVersion {
  return sha256(canonicalJson({ entry, sources: digestOfSources(sources), digests })) as CodeVersion;
}

/** Digests of the DSL and of what runs in the guest around a strategy, from all files under dsl/. */
export function digestsOfDsl(dsl: Sources, frameReader: Sources): Digests {
  const [guest, rest] = [{ ...frameReader } as Record<string, string>, {} as Record<string, string>];
  for (const [path, text] of Object.entries(dsl)) (path.startsWith("guest/") ? guest : rest)[path] = text;
  return { dsl: digestOfSources(rest), guest: digestOfSources(guest) };
}

/** What generates the guest's reader of a frame, and compiles a strategy's reads of it. */
const FRAME_READER = ["engine/frame/layout.ts", "engine/sandbox/reader-source.ts", "engine/sandbox/instrumented.ts"];
const ANALYSIS = "engine/versions/analysis/";

const engines = new Map<EngineVariant, Digests>();

/** Digests of what this process runs on; nothing of it can change while it runs. */
export function digestsOfEngine(variant: EngineVariant = DEFAULT_VARIANT): Digests {
  let digests = engines.get(variant);
  if (digests !== undefined) return digests;
  const paths = [...FRAME_READER, ...readdirSync(PACKAGE_ROOT + ANALYSIS).map((name) => ANALYSIS + name)];
  const read = (path: string) => readFileSync(PACKAGE_ROOT + path, "utf8");
  digests = {
    ...digestsOfDsl(dslSources(), Object.fromEntries(paths.map((path) => [path, read(path)]))),
    compiler: sha256(canonicalJson({ ...COMPILER_VERSIONS, options: COMPILER_OPTIONS })),
    wasm: sha256(wasmBytes(variant)),
  };
  engines.set(variant, digests);
  return digests;
}
