// Versions that may not decide: they took a sandbox down, were rolled back or were rejected. Each is a latch of its own, so it
// outlives reloads and restarts, and stands until an operator clears it with a reason.
import { shortVersion } from "../base/ids.ts";
import type { VersionRef } from "../decide/version.ts";
import { type Latches, latchId } from "../latches.ts";
import type { LatchRow } from "../store/tables.ts";
import type { Turn } from "../turn.ts";

const WORDS = { quarantine: "quarantined", "rolled-back": "rolled back", rejected: "rejected" } as const;
export type BarKind = keyof typeof WORDS;
const KINDS = Object.keys(WORDS) as readonly BarKind[];

type Named = Pick<VersionRef, "strategy" | "code" | "params">;

/** Code and params: `momentum@3f9a2c1e/0b4d77aa`. Short enough to be typed. */
export const scopeOf = ({ strategy, code, params }: Named): string =>
  `${shortVersion(strategy, code)}/${params.slice(0, 8)}`;

export const howToClear = (kind: BarKind, scope: string): string =>
  `Clear it with: clear ${latchId({ kind, scope })} --reason "…"`;

export class Bars {
  readonly #latches: Latches;

  constructor(latches: Latches) {
    this.#latches = latches;
  }

  has(version: Named): boolean {
    return this.#of(version) !== null;
  }

  isQuarantined(version: Named): boolean {
    return this.#latches.get("quarantine", scopeOf(version)) !== null;
  }

  /** Why this version may not decide, and what to do, for people; null when it may. */
  refusal(version: Named | null): string | null {
    const latch = version === null ? null : this.#of(version);
    if (latch === null) return null;
    const kind = latch.kind as BarKind;
    return `${latch.scope} is ${WORDS[kind]}: ${latch.reason}. ${howToClear(kind, latch.scope)}, or save another version`;
  }

  set(kind: BarKind, version: Named, by: string, reason: string, turn: Turn): void {
    turn.write(this.#latches.set(kind, "active", turn.nowMs, by, reason, scopeOf(version)));
  }

  /** Called for every latch that an operator has cleared. */
  cleared({ kind, scope }: LatchRow, turn: Turn): void {
    if (!(KINDS as readonly string[]).includes(kind)) return;
    if (kind === "quarantine") turn.clearAlarm("quarantined", scope);
    const strategy = scope.slice(0, scope.lastIndexOf("@"));
    turn.log("info", "version.released", `${scope} may decide again`, { strategy });
  }

  #of(version: Named): LatchRow | null {
    const scope = scopeOf(version);
    for (const kind of KINDS) {
      const latch = this.#latches.get(kind, scope);
      if (latch !== null) return latch;
    }
    return null;
  }
}
