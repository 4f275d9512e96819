// Loads again, from the version store, what decided before a restart: never from the strategies folder.
import { messageOf } from "../../engine/base/errors.ts";
import type { CodeVersion } from "../../engine/base/ids.ts";
import type { LoadedVersion } from "../../engine/decide/port.ts";
import type { Params } from "../../engine/frame/manifest.ts";
import type { ActivationRow } from "../../engine/store/tables.ts";
import type { Workshop } from "../../engine/versions/port.ts";

export interface Restored {
  readonly loaded: readonly LoadedVersion[];
  /** What could not be had again, and why, for people. */
  readonly lost: readonly { readonly code: CodeVersion; readonly message: string }[];
}

/** One version per distinct code and params in the rows. `admit` gives a code's ordinal. */
export async function restoreVersions(
  rows: readonly ActivationRow[],
  workshop: Workshop,
  admit: (strategy: string, code: CodeVersion) => number,
): Promise<Restored> {
  const loaded: LoadedVersion[] = [];
  const lost: { code: CodeVersion; message: string }[] = [];
  for (const code of new Set(rows.map((row) => row.code))) {
    const params = new Set(rows.filter((row) => row.code === code).map((row) => row.paramsJson));
    try {
      const prepared = await workshop.restore(
        code,
        [...params].map((json) => JSON.parse(json) as Params),
      );
      if (prepared.type === "Refused") throw new Error(prepared.errors[0]?.message ?? "it does not load");
      const ordinal = admit(prepared.artifact.strategy, prepared.artifact.code);
      for (const version of prepared.loaded) {
        loaded.push({ ...version, facts: { ...version.facts, ref: { ...version.facts.ref, ordinal } } });
      }
    } catch (error) {
      lost.push({ code, message: `Version ${code.slice(0, 8)} cannot be resumed: ${messageOf(error)}` });
    }
  }
  return { loaded, lost };
}
