// What versions answered at recorded moments, as numbers: a candidate that takes over is what the next one is compared with, and
// need not be asked again. Words are not kept: who wants to read them asks again, and gets the same.
import type { SlotId } from "../base/ids.ts";
import { seedOf } from "../base/prng.ts";
import type { DecisionResult, Signal } from "../decide/decision.ts";
import type { VersionFacts, VersionKey } from "../decide/version.ts";
import type { History } from "./history.ts";
import type { RecordedWindow } from "./recorded-window.ts";

const KINDS = ["hold", "up", "down", "exit"] as const satisfies readonly Signal["kind"][];
const FAULT = -1;
/** Kind, probability, limit, and a number of the reason. */
const WIDTH = 4;

/** Versions are remembered for so many rehearsals of their strategy. */
const KEPT_REHEARSALS = 2;

/** Of one version, in one slot and window; each row is answered once. */
export class WindowAnswers {
  readonly #rows: number[] = [];
  readonly #numbers: number[] = [];

  /** Oldest first. */
  get rows(): number[] {
    return this.#rows.toSorted((a, b) => a - b);
  }

  put(row: number, result: DecisionResult): void {
    this.#rows.push(row);
    const nothing = Number.NaN;
    if (result.type === "Faulted") {
      this.#numbers.push(FAULT, nothing, nothing, nothing);
      return;
    }
    const { signal } = result;
    const isEntry = signal.kind === "up" || signal.kind === "down";
    const probability = isEntry ? signal.probability : nothing;
    const limit = isEntry && signal.limit !== null ? signal.limit : nothing;
    this.#numbers.push(KINDS.indexOf(signal.kind), probability, limit, seedOf(signal.reason));
  }

  isKnown(row: number): boolean {
    return this.#rows.includes(row);
  }

  isFault(row: number): boolean {
    return this.#numbers[this.#rows.indexOf(row) * WIDTH] === FAULT;
  }

  /** Null for a fault, and where nothing was answered. Its reason is not kept. */
  signal(row: number): Signal | null {
    const at = this.#rows.indexOf(row) * WIDTH;
    const kind = KINDS[this.#numbers[at] ?? FAULT];
    if (kind === undefined) return null;
    if (kind === "hold" || kind === "exit") return { kind, reason: "" };
    const [probability, limit] = [this.#numbers[at + 1]!, this.#numbers[at + 2]!];
    return { kind, probability, limit: Number.isNaN(limit) ? null : limit, reason: "" };
  }

  /** How an answer differs from another version's of the same moment; null when it does not. */
  difference(row: number, other: WindowAnswers): "changed" | "reworded" | null {
    const here = this.#rows.indexOf(row) * WIDTH;
    const there = other.#rows.indexOf(row) * WIDTH;
    const isSame = (field: number) => Object.is(this.#numbers[here + field], other.#numbers[there + field]);
    if (!isSame(0) || !isSame(1) || !isSame(2)) return "changed";
    return isSame(3) ? null : "reworded";
  }
}

/** Of one version. */
export class Answers {
  readonly facts: VersionFacts;
  /** Rehearsed, and found to decide the same whatever it decided before. */
  isPure = false;
  lastSeen = 0;
  readonly #bySlot = new Map<SlotId, Map<RecordedWindow, WindowAnswers>>();

  constructor(facts: VersionFacts) {
    this.facts = facts;
  }

  of(slot: SlotId, window: RecordedWindow): WindowAnswers {
    const windows = this.#bySlot.get(slot) ?? new Map<RecordedWindow, WindowAnswers>();
    this.#bySlot.set(slot, windows);
    const answers = windows.get(window) ?? new WindowAnswers();
    windows.set(window, answers);
    return answers;
  }

  forget(history: History): void {
    for (const windows of this.#bySlot.values()) {
      for (const window of windows.keys()) if (history.window(window.id) === null) windows.delete(window);
    }
  }
}

export class AnswerCache {
  readonly #versions = new Map<VersionKey, Answers>();
  readonly #rehearsals = new Map<string, number>();

  get facts(): VersionFacts[] {
    return [...this.#versions.values()].map(({ facts }) => facts);
  }

  /** Begins a rehearsal of a strategy: forgets versions of it that have long had no part in one. */
  begin(strategy: string): void {
    const rehearsal = (this.#rehearsals.get(strategy) ?? 0) + 1;
    this.#rehearsals.set(strategy, rehearsal);
    for (const [key, { facts, lastSeen }] of this.#versions) {
      if (facts.ref.strategy === strategy && lastSeen < rehearsal - KEPT_REHEARSALS) this.#versions.delete(key);
    }
  }

  /** Forgets windows that the history has forgotten. */
  forget(history: History): void {
    for (const answers of this.#versions.values()) answers.forget(history);
  }

  /** `isFresh`: nothing that it answered before counts. */
  of(key: VersionKey, facts: VersionFacts, isFresh: boolean): Answers {
    const answers = (isFresh ? undefined : this.#versions.get(key)) ?? new Answers(facts);
    answers.lastSeen = this.#rehearsals.get(facts.ref.strategy) ?? 0;
    this.#versions.set(key, answers);
    return answers;
  }
}
