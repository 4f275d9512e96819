// A latch holds the bot at a safer mode until someone clears it with a reason. It survives reload, rollback and restart.
import { stricter } from "./risk/mode.ts";
import type { Mode } from "./risk/settings.ts";
import type { LatchRow, Write } from "./store/tables.ts";

export class Latches {
  readonly #standing = new Map<string, LatchRow>();

  constructor(rows: readonly LatchRow[]) {
    for (const row of rows) if (row.clearedMs === null) this.#standing.set(row.kind, row);
  }

  get standing(): readonly LatchRow[] {
    return [...this.#standing.values()];
  }

  /** The mode in force: a latch beats what the operator's file says, never the other way round. */
  hold(mode: Mode): Mode {
    return this.standing.reduce<Mode>((strictest, latch) => stricter(strictest, latch.mode as Mode), mode);
  }

  /** Null when it stands already. */
  set(kind: string, mode: Mode, atMs: number, setBy: string, reason: string): Write | null {
    if (this.#standing.has(kind)) return null;
    const row: LatchRow = {
      kind,
      scope: "bot",
      mode,
      sinceMs: atMs,
      setBy,
      reason,
      clearedMs: null,
      clearedBy: null,
      clearedReason: null,
    };
    this.#standing.set(kind, row);
    return { table: "latches", row };
  }

  /** Null when there is none of this kind. */
  clear(kind: string, atMs: number, by: string, reason: string): Write | null {
    const row = this.#standing.get(kind);
    if (row === undefined) return null;
    this.#standing.delete(kind);
    return { table: "latches", row: { ...row, clearedMs: atMs, clearedBy: by, clearedReason: reason } };
  }
}
