// What a version's first decision in a slot starts from, when another version has remembered something there.
import { canonicalJson } from "../base/canonical-json.ts";
import { shortVersion } from "../base/ids.ts";
import type { DecisionRequest } from "../decide/decision.ts";
import type { Manifest } from "../frame/manifest.ts";

type DeclaredMemory = Manifest["memory"];

/** JSON; "null" when none is declared. */
export const initialMemory = (declared: DeclaredMemory): string => canonicalJson(declared?.initial ?? null);

/** The request as it is decided: a version without migrate() starts from what it declares, whatever another remembered. */
export function asDecided(request: DecisionRequest, declared: DeclaredMemory): DecisionRequest {
  if (request.migrateFrom === undefined || declared?.migrates) return request;
  const { migrateFrom: _, ...rest } = request;
  return { ...rest, memory: initialMemory(declared) };
}

/** Whose memory it is, as migrate() is told; null when there is nothing to migrate. */
export const migratedFrom = ({ version, migrateFrom }: DecisionRequest): string | null =>
  migrateFrom === undefined ? null : shortVersion(version.strategy, migrateFrom);
