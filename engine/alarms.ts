// Silent failure is an incident: an alarm opens once per kind and scope, and stays until its cause is gone or it is acknowledged.
import type { AlarmRow, Write } from "./store/tables.ts";

export type AlarmKind =
  | "missed-cycles"
  | "stale-feed"
  | "clock-step"
  | "ledger-mismatch"
  | "settlement-mismatch"
  | "overfill"
  | "missing-decisions"
  | "worker-hung"
  | "quarantined"
  | "disk-full"
  | "claim-stuck";

/** Alarms that have cleared are kept for status up to this many. */
const RECENT_MAX = 20;

export class Alarms {
  readonly #open = new Map<string, AlarmRow>();
  readonly #recent: AlarmRow[] = [];
  #lastId: number;

  constructor(open: readonly AlarmRow[], lastId: number) {
    for (const alarm of open) this.#open.set(`${alarm.kind} ${alarm.scope}`, alarm);
    this.#lastId = lastId;
  }

  /** Null when it is open already: nothing new to say. */
  raise(alarm: {
    readonly kind: AlarmKind;
    readonly severity: AlarmRow["severity"];
    readonly scope: string;
    readonly message: string;
    readonly cycle: number;
    readonly atMs: number;
  }): Write | null {
    const key = `${alarm.kind} ${alarm.scope}`;
    if (this.#open.has(key)) return null;
    this.#lastId += 1;
    const row: AlarmRow = { id: this.#lastId, ...alarm, clearedMs: null };
    this.#open.set(key, row);
    return { table: "alarms", row };
  }

  /** Null when there was none to clear. */
  clear(kind: AlarmKind, scope: string, atMs: number): Write | null {
    return this.#clear(`${kind} ${scope}`, atMs);
  }

  acknowledge(id: number, atMs: number): Write | null {
    for (const [key, alarm] of this.#open) if (alarm.id === id) return this.#clear(key, atMs);
    return null;
  }

  #clear(key: string, atMs: number): Write | null {
    const alarm = this.#open.get(key);
    if (alarm === undefined) return null;
    const row = { ...alarm, clearedMs: atMs };
    this.#open.delete(key);
    this.#recent.unshift(row);
    this.#recent.length = Math.min(this.#recent.length, RECENT_MAX);
    return { table: "alarms", row };
  }

  get open(): readonly AlarmRow[] {
    return [...this.#open.values()];
  }

  get recent(): readonly AlarmRow[] {
    return this.#recent;
  }
}
