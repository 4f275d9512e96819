// One compact row a cycle: what every slot decided, and by which code and params. Versions are named once per row.
import type { Write } from "../store/tables.ts";
import type { DecisionResult } from "./decision.ts";
import { versionKey } from "./version.ts";

export function decisionRows(cycle: number, atMs: number, results: readonly DecisionResult[]): Write[] {
  const versions = new Map<
    string,
    { readonly index: number; readonly ref: DecisionResult["version"]; decided: number }
  >();
  const slots: unknown[] = [];
  let faulted = 0;
  for (const result of results) {
    const key = versionKey(result.version);
    let version = versions.get(key);
    if (version === undefined) {
      version = { index: versions.size, ref: result.version, decided: 0 };
      versions.set(key, version);
    }
    if (result.type === "Faulted") {
      faulted += 1;
      slots.push([result.slot, version.index, "fault", result.fault.kind, result.fuel]);
      continue;
    }
    version.decided += 1;
    const { signal } = result;
    const numbers = signal.kind === "up" || signal.kind === "down" ? [signal.probability, signal.limit] : [];
    slots.push([result.slot, version.index, signal.kind, signal.reason, result.fuel, ...numbers]);
  }
  const named = [...versions.values()];
  const decisions = JSON.stringify({ versions: named.map(({ ref }) => [ref.strategy, ref.code, ref.params]), slots });
  const counts: Write[] = named.map(({ ref, decided }) => ({
    table: "decision_counts",
    row: { strategy: ref.strategy, code: ref.code, params: ref.params, decided },
  }));
  return [{ table: "cycles", row: { cycle, atMs, decided: results.length - faulted, faulted, decisions } }, ...counts];
}
