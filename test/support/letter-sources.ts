// A world in which a source is one letter, and the code that it becomes is that letter 64 times: what takes a workshop, a
// compiler and a rehearsal milliseconds elsewhere costs nothing here.
import { canonicalJson } from "../../engine/base/canonical-json.ts";
import type { LoadedVersion } from "../../engine/decide/port.ts";
import type { VersionRef } from "../../engine/decide/version.ts";
import type { Params } from "../../engine/frame/manifest.ts";
import type { RehearsalReport } from "../../engine/rehearsal/port.ts";
import type { Prepared, SourceError } from "../../engine/versions/port.ts";
import { aReport } from "./a-receipt.ts";
import { versionFacts } from "./version-facts.ts";

export const STRATEGY = "momentum";
/** Does not compile. */
export const BROKEN = "x";
/** Is not there. */
export const MISSING = "-";
/** Compiles, and has a type error. */
export const MISTYPED = "d";
/** Decides differently in another order. */
export const IMPURE = "e";

const BROKEN_AT: SourceError = {
  file: "momentum.ts",
  line: 12,
  column: 5,
  message: 'Unexpected ";"',
  frame: "12 | = ;",
};
const MISSING_AT: SourceError = { ...BROKEN_AT, line: 0, column: 0, message: "is not there", frame: null };
const MISTYPED_AT: SourceError = { ...BROKEN_AT, line: 3, message: "rsi.valeu does not exist" };

/** Overrides are of one param, `size`, 0 unless given; its hash is its digit 64 times. */
const sizeOf = ({ size = 0 }: Params): string => String(size);

/** Code and params, one character each: "a0". */
export const nameOf = (ref: Pick<VersionRef, "code" | "params"> | null | undefined): string | null =>
  ref == null ? null : `${ref.code[0]}${ref.params[0]}`;

export function preparedOf(strategy: string, source: string, overrides: readonly Params[]): Prepared {
  if (source === BROKEN) return { type: "Refused", strategy, stage: "bundled", errors: [BROKEN_AT] };
  if (source === MISSING) return { type: "Refused", strategy, stage: "bundled", errors: [MISSING_AT] };
  const distinct = new Map(overrides.map((params) => [canonicalJson(params), params]));
  const loaded: LoadedVersion[] = [...distinct.values()].map((params) => {
    const facts = versionFacts({ strategy, code: source, params: sizeOf(params), ordinal: 0 });
    const manifest = { ...facts.manifest, params: { size: { type: "integer", default: 0 } } } as const;
    return { facts: { ...facts, manifest, params: { size: Number(sizeOf(params)) } }, image: null };
  });
  const artifact = {
    strategy,
    code: loaded[0]!.facts.ref.code,
    entry: `${strategy}.ts`,
    sources: { [`${strategy}.ts`]: source, "shared/edge.ts": "" },
    bundle: source,
    sourceMap: "",
    analysis: { places: { reads: [], thrown: [] }, stateWrites: [] },
    digests: {},
  };
  return { type: "Prepared", artifact, loaded, timingsMs: { bundled: 12.34, loaded: 5 } };
}

export const typeErrorsOf = (source: string | undefined): readonly SourceError[] =>
  source === MISTYPED ? [MISTYPED_AT] : [];

export const reportOf = (source: string | undefined): RehearsalReport =>
  source === IMPURE ? aReport({ pure: false, impure: "it holds at cycle 7, and buys in another order" }) : aReport();
