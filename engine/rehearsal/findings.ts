// What a rehearsal has found so far: how much was decided, what it cost, where it faulted, and what the candidate decides
// otherwise than the version that runs.
import type { DecisionResult } from "../decide/decision.ts";
import type { WindowAnswers } from "./answers.ts";
import type { Occasion, Scene } from "./plan.ts";
import { CHANGED_LISTED_MAX, type RehearsalReport, type RehearsedFault, type Said } from "./port.ts";

export class Findings {
  frames = 0;
  faults = 0;
  firstFault: RehearsedFault | null = null;
  impure: string | null = null;
  changedDecisions = 0;
  reworded = 0;
  readonly #changedWindows = new Set<Scene>();
  readonly #fuel = new Map<number, number>();
  #changed: Occasion[] = [];

  get changedWindows(): number {
    return this.#changedWindows.size;
  }

  /** `before`: what the running version answered there; null where none did. */
  add(occasion: Occasion, result: DecisionResult, before: WindowAnswers | null): void {
    const { row, scene } = occasion;
    this.frames += 1;
    if (result.fuel > 0) this.#fuel.set(result.fuel, (this.#fuel.get(result.fuel) ?? 0) + 1);
    if (result.type === "Faulted" && !before?.isFault(row)) {
      const { slot, window } = scene;
      this.faults += 1;
      this.firstFault ??= { ...result.fault, slot: slot.id, window: window.id, cycle: window.cycle(row) };
    }
    const difference = before === null ? null : scene.after.difference(row, before);
    if (difference === "reworded") this.reworded += 1;
    if (difference === "changed") this.#change(occasion);
  }

  #change(occasion: Occasion): void {
    this.changedDecisions += 1;
    this.#changedWindows.add(occasion.scene);
    this.#changed.push(occasion);
    if (this.#changed.length > 4 * CHANGED_LISTED_MAX) this.#changed = this.newestChanged();
  }

  /** Newest first. */
  newestChanged(): Occasion[] {
    return this.#changed.toSorted((a, b) => b.atMs - a.atMs).slice(0, CHANGED_LISTED_MAX);
  }

  fuel(): RehearsalReport["fuel"] {
    const counts = [...this.#fuel].sort(([a], [b]) => a - b);
    const total = counts.reduce((sum, [, count]) => sum + count, 0);
    const quantile = (share: number): number => {
      let left = share * total;
      for (const [ticks, count] of counts) {
        left -= count;
        if (left <= 0) return ticks;
      }
      return 0;
    };
    return { p50: quantile(0.5), p99: quantile(0.99), max: counts.at(-1)?.[0] ?? 0 };
  }
}

/** A result as reports show it. */
export function said(result: DecisionResult): Said {
  if (result.type === "Faulted") {
    return { kind: "fault", probability: null, limit: null, reason: `${result.fault.kind}: ${result.fault.message}` };
  }
  const { signal } = result;
  const numbers = "probability" in signal ? signal : { probability: null, limit: null };
  return { kind: signal.kind, probability: numbers.probability, limit: numbers.limit, reason: signal.reason };
}

/** Whether two answers to the same question say the same, and took the same. */
export function isSame(one: DecisionResult, other: DecisionResult): boolean {
  if (one.fuel !== other.fuel) return false;
  if (one.type === "Decided" && other.type === "Decided" && one.memory !== other.memory) return false;
  const [a, b] = [said(one), said(other)];
  return a.kind === b.kind && a.reason === b.reason && a.probability === b.probability && a.limit === b.limit;
}

/** How two answers that are not the same differ. */
export function difference(now: DecisionResult, then: DecisionResult): string {
  const [is, was] = [words(now), words(then)];
  return is === was ? `${now.fuel} ticks, and ${then.fuel} before` : `${is}, and ${was} before`;
}

function words(result: DecisionResult): string {
  const { kind, probability, limit, reason } = said(result);
  const numbers = probability === null ? "" : ` at ${probability} up to ${limit ?? "any price"}`;
  const memory = result.type === "Faulted" || result.memory === "null" ? "" : ` remembering ${result.memory}`;
  return `${kind} "${reason}"${numbers}${memory}`;
}
