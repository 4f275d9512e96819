// A control file that an operator believes to be in force and is not: refused, never looked at, or accepted without effect.
import type { EngineEvent } from "../../engine/event.ts";
import type { Steering } from "./steering.ts";

/** Time enough to see the refusal and to write it again, real ms. */
const UNANSWERED_MS = 10_000;

type Answers = Pick<Steering, "observed" | "applied">;

export class AnswerWatch {
  #waiting: { readonly sinceMs: number; readonly applied: number | null } | null = null;

  /** For the core, which knows whether the alarm is open. `digest` is of the file on disk, null for none; `atMs` is market time. */
  look(digest: string | null, answers: Answers, nowMs: number, atMs: number): EngineEvent {
    const message = this.#unanswered(digest, answers, nowMs);
    const alarm = { kind: "control-unanswered", scope: "control.json", atMs } as const;
    if (message === null) return { type: "AlarmCleared", ...alarm };
    return { type: "AlarmRaised", severity: "warning", message, ...alarm };
  }

  #unanswered(digest: string | null, answers: Answers, nowMs: number): string | null {
    const { observed } = answers;
    const applied = answers.applied?.version ?? null;
    const isLookedAt = digest === observed.digest || observed.digest === null;
    if (digest === null || (isLookedAt && observed.result === "Ack" && observed.version === applied)) {
      this.#waiting = null;
      return null;
    }
    // Files that come one after the other are answered as long as what is in force moves on.
    if (this.#waiting?.applied !== applied) this.#waiting = { sinceMs: nowMs, applied };
    if (nowMs - this.#waiting.sinceMs < UNANSWERED_MS) return null;
    if (!isLookedAt || observed.result === null) return "control.json is not looked at";
    const { error } = observed;
    return error === null
      ? `control.json ${observed.version} is accepted and does not come into force`
      : `control.json is refused: ${error.path} ${error.message}`;
  }
}
