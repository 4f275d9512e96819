// A latch holds the bot at a safer mode, or one version out of it, until someone clears it with a reason. It survives reload,
// rollback and restart.
import { stricter } from "./risk/mode.ts";
import type { Mode } from "./risk/settings.ts";
import type { LatchRow, Write } from "./store/tables.ts";

const BOT = "bot";

/** What `clear` takes: the kind alone for a latch on the whole bot. */
export const latchId = ({ kind, scope }: Pick<LatchRow, "kind" | "scope">): string =>
  scope === BOT ? kind : `${kind}:${scope}`;

export class Latches {
  /** By id. */
  readonly #standing = new Map<string, LatchRow>();

  constructor(rows: readonly LatchRow[]) {
    for (const row of rows) if (row.clearedMs === null) this.#standing.set(latchId(row), row);
  }

  get standing(): readonly LatchRow[] {
    return [...this.#standing.values()];
  }

  /** The mode in force: a latch beats what the operator's file says, never the other way round. */
  hold(mode: Mode): Mode {
    return this.standing.reduce<Mode>((strictest, latch) => stricter(strictest, latch.mode as Mode), mode);
  }

  get(kind: string, scope: string): LatchRow | null {
    return this.#standing.get(latchId({ kind, scope })) ?? null;
  }

  /** Null when it stands already. */
  set(kind: string, mode: Mode, atMs: number, setBy: string, reason: string, scope = BOT): Write | null {
    const id = latchId({ kind, scope });
    if (this.#standing.has(id)) return null;
    const row: LatchRow = {
      kind,
      scope,
      mode,
      sinceMs: atMs,
      setBy,
      reason,
      clearedMs: null,
      clearedBy: null,
      clearedReason: null,
    };
    this.#standing.set(id, row);
    return { table: "latches", row };
  }

  /** The row as it is now; null when none with this id stands. */
  clear(id: string, atMs: number, by: string, reason: string): LatchRow | null {
    const row = this.#standing.get(id);
    if (row === undefined) return null;
    this.#standing.delete(id);
    return { ...row, clearedMs: atMs, clearedBy: by, clearedReason: reason };
  }
}
