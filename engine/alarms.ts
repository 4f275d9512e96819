// Silent failure is an incident: an alarm opens once per kind and scope, and stays until its cause is gone. One that comes and
// goes is told a few times an hour and counted otherwise.
import type { AlarmRow, Write } from "./store/tables.ts";

/** Whether it is raised again while its cause lasts, and its end is seen. What merely happened ends when it is acknowledged. */
const LASTS = {
  "missed-cycles": false,
  "stale-feed": true,
  "clock-step": false,
  "ledger-mismatch": true,
  "settlement-mismatch": false,
  overfill: false,
  "missing-decisions": true,
  "worker-hung": false,
  quarantined: true,
  "disk-full": true,
  "claim-stuck": true,
  rebuilt: false,
  "reload-rejected": false,
  "rolled-back": false,
  "shadow-divergence": false,
  performance: false,
  "control-unanswered": true,
} as const;

export type AlarmKind = keyof typeof LASTS;

/** Alarms that have cleared are kept for status up to this many. */
const RECENT_MAX = 20;
/** More of one kind and scope in an hour of the market's time open without being announced. */
export const RAISES_MAX = 5;
const RAISES_MS = 3_600_000;
/** Kinds and scopes whose raises are counted; the one longest quiet is forgotten first. */
const COUNTED_MAX = 500;

interface Raises {
  /** When it was announced within the hour, oldest first. */
  readonly announcedMs: readonly number[];
  /** Times that it opened unannounced since. */
  readonly quiet: number;
}

export interface AlarmChange {
  readonly row: AlarmRow;
  /** False: it is in the store and in status, and nobody is told. */
  readonly isAnnounced: boolean;
}

export class Alarms {
  readonly #open = new Map<string, AlarmChange>();
  readonly #recent: AlarmRow[] = [];
  readonly #raises = new Map<string, Raises>();
  #lastId: number;

  constructor(open: readonly AlarmRow[], lastId: number) {
    for (const row of open) this.#open.set(keyOf(row), { row, isAnnounced: true });
    this.#lastId = lastId;
  }

  /** Null when there is nothing new to say: it is open already. */
  raise(alarm: {
    readonly kind: AlarmKind;
    readonly severity: AlarmRow["severity"];
    readonly scope: string;
    readonly message: string;
    readonly cycle: number;
    readonly atMs: number;
  }): AlarmChange | null {
    const key = keyOf(alarm);
    const open = this.#open.get(key);
    if (open?.isAnnounced === true) return null;
    const before = this.#raises.get(key);
    const lately = before?.announcedMs.filter((atMs) => alarm.atMs - atMs < RAISES_MS) ?? [];
    const isAnnounced = lately.length < RAISES_MAX;
    if (open !== undefined && !isAnnounced) return null;
    const quiet = (before?.quiet ?? 0) + (isAnnounced ? 0 : 1);
    this.#count(key, isAnnounced ? { announcedMs: [...lately, alarm.atMs], quiet: 0 } : { announcedMs: lately, quiet });
    const change = { row: open?.row ?? this.#row(alarm, quiet), isAnnounced };
    this.#open.set(key, change);
    return change;
  }

  /** Null when there was none to clear. */
  clear(kind: AlarmKind, scope: string, atMs: number): AlarmChange | null {
    const alarm = this.#open.get(keyOf({ kind, scope }));
    return alarm === undefined ? null : this.#close(alarm, atMs);
  }

  /** What lasts stays open until it ends, and so is not raised anew meanwhile. Null when no such alarm is open. */
  acknowledge(id: number, atMs: number): Write | null {
    for (const [key, alarm] of this.#open) {
      if (alarm.row.id !== id) continue;
      const known = { ...alarm, row: { ...alarm.row, acknowledgedMs: alarm.row.acknowledgedMs ?? atMs } };
      this.#open.set(key, known);
      return { table: "alarms", row: lasts(known.row) ? known.row : this.#close(known, atMs).row };
    }
    return null;
  }

  #close({ row, isAnnounced }: AlarmChange, atMs: number): AlarmChange {
    const cleared = { ...row, clearedMs: atMs };
    this.#open.delete(keyOf(row));
    this.#recent.unshift(cleared);
    this.#recent.length = Math.min(this.#recent.length, RECENT_MAX);
    return { row: cleared, isAnnounced };
  }

  #row(alarm: Omit<AlarmRow, "id" | "clearedMs" | "acknowledgedMs">, quiet: number): AlarmRow {
    this.#lastId += 1;
    const message = quiet === 0 ? alarm.message : `${alarm.message} (${quiet} more since)`;
    return { id: this.#lastId, ...alarm, message, clearedMs: null, acknowledgedMs: null };
  }

  #count(key: string, raises: Raises): void {
    this.#raises.delete(key); // Put in again, so that the map stays in the order of the last raise.
    this.#raises.set(key, raises);
    if (this.#raises.size > COUNTED_MAX) this.#raises.delete(this.#raises.keys().next().value!);
  }

  get open(): readonly AlarmRow[] {
    return [...this.#open.values()].map(({ row }) => row);
  }

  get recent(): readonly AlarmRow[] {
    return this.#recent;
  }
}

const keyOf = ({ kind, scope }: Pick<AlarmRow, "kind" | "scope">): string => `${kind} ${scope}`;

/** One order or market that did not add up stays so, whatever ledger and venue agree on later. */
const lasts = ({ kind, scope }: AlarmRow): boolean =>
  (LASTS[kind as AlarmKind] ?? false) && !(kind === "ledger-mismatch" && scope !== "bot");
