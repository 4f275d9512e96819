// Loads again, from the version store, what decided before a restart: never from the strategies folder.
import { messageOf } from "../../engine/base/errors.ts";
import type { CodeVersion } from "../../engine/base/ids.ts";
import type { LoadedVersion } from "../../engine/decide/port.ts";
import { type VersionKey, versionKey } from "../../engine/decide/version.ts";
import type { Params } from "../../engine/frame/manifest.ts";
import type { ActivationRow } from "../../engine/store/tables.ts";
import type { Workshop } from "../../engine/versions/port.ts";

export interface Restored {
  readonly loaded: readonly LoadedVersion[];
  /** What each stored version is now: another code where the DSL or the engine has changed since. */
  readonly became: ReadonlyMap<VersionKey, VersionKey>;
  /** What could not be had again, and why, for people. */
  readonly lost: readonly { readonly code: CodeVersion; readonly message: string }[];
}

/** One version per distinct code and params in the rows. `admit` gives a code's ordinal; `refusal` says why one may not decide. */
export async function restoreVersions(
  rows: readonly ActivationRow[],
  workshop: Workshop,
  admit: (strategy: string, code: CodeVersion) => number,
  refusal: (row: ActivationRow) => string | null,
): Promise<Restored> {
  const loaded: LoadedVersion[] = [];
  const became = new Map<VersionKey, VersionKey>();
  const lost: { code: CodeVersion; message: string }[] = [];
  for (const code of new Set(rows.map((row) => row.code))) {
    const ran = [...new Map(rows.filter((row) => row.code === code).map((row) => [row.paramsJson, row])).values()];
    const wanted = ran.filter((row) => {
      const message = refusal(row);
      if (message !== null) lost.push({ code, message: `Not resumed: ${message}` });
      return message === null;
    });
    if (wanted.length === 0) continue;
    try {
      const prepared = await workshop.restore(
        code,
        wanted.map((row) => JSON.parse(row.paramsJson) as Params),
      );
      if (prepared.type === "Refused") throw new Error(prepared.errors[0]?.message ?? "it does not load");
      const ordinal = admit(prepared.artifact.strategy, prepared.artifact.code);
      for (const [index, version] of prepared.loaded.entries()) {
        const ref = { ...version.facts.ref, ordinal };
        loaded.push({ ...version, facts: { ...version.facts, ref } });
        became.set(versionKey(wanted[index]!), versionKey(ref));
      }
    } catch (error) {
      lost.push({ code, message: `Version ${code.slice(0, 8)} cannot be resumed: ${messageOf(error)}` });
    }
  }
  return { loaded, became, lost };
}
