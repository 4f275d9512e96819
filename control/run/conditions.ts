// What is true of the bot beyond its figures, in the manner of Kubernetes conditions: a type, whether it holds, and why.
import type { Status } from "../status.ts";

export type Condition = Status["conditions"][number];

export class Conditions {
  readonly #conditions = new Map<string, Condition>();
  readonly #wallMs: () => number;

  constructor(wallMs: () => number) {
    this.#wallMs = wallMs;
  }

  /** `lastTransition` moves only when the status does. */
  set(
    type: string,
    status: Condition["status"],
    reason: string,
    message: string,
    observedVersion: number | null = null,
  ): void {
    const before = this.#conditions.get(type);
    const lastTransition = before?.status === status ? before.lastTransition : new Date(this.#wallMs()).toISOString();
    this.#conditions.set(type, { type, status, reason, message, observedVersion, lastTransition });
  }

  remove(type: string): void {
    this.#conditions.delete(type);
  }

  get all(): Condition[] {
    return [...this.#conditions.values()];
  }
}
