// One sha256 over everything that a row of decisions came to: two that differ in one bit of one number have another.
import { createHash } from "node:crypto";
import type { DecisionRequest, DecisionResult } from "../../engine/decide/decision.ts";

export function digestOfResults(results: readonly DecisionResult[]): string {
  const hash = createHash("sha256");
  for (const result of results) {
    const { texts, numbers } = saidBy(result);
    hash.update(JSON.stringify(texts)).update(new Float64Array([...numbers, result.fuel]));
  }
  return hash.digest("hex");
}

export function digestOfRequests(requests: readonly DecisionRequest[]): string {
  const hash = createHash("sha256");
  for (const { frame, memory } of requests) hash.update(frame).update(memory);
  return hash.digest("hex");
}

function saidBy(result: DecisionResult): { readonly texts: readonly unknown[]; readonly numbers: readonly number[] } {
  if (result.type === "Faulted") {
    const { kind, message, where, frame } = result.fault;
    return { texts: [kind, message, where, frame], numbers: [] };
  }
  const { signal, memory } = result;
  const isEntry = signal.kind === "up" || signal.kind === "down";
  const numbers = isEntry ? [signal.probability, signal.limit ?? Number.NaN] : [];
  return { texts: [signal.kind, signal.reason, memory], numbers };
}
