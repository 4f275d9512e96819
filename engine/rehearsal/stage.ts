// Where rehearsed versions decide: one sandbox in this thread. What takes it down costs its own decision: that is a fault, and
// the next ones get another sandbox.
import { assert } from "../base/assert.ts";
import { messageOf } from "../base/errors.ts";
import type { DecisionRequest, DecisionResult } from "../decide/decision.ts";
import type { LoadedVersion } from "../decide/port.ts";
import { versionKey } from "../decide/version.ts";
import { faulted, noPlace } from "../sandbox/decision-result.ts";
import type { EngineVariant } from "../sandbox/engine-module.ts";
import { SandboxOvertime, SandboxPoisoned } from "../sandbox/instance.ts";
import { LocalSandbox } from "../sandbox/local-sandbox.ts";

export interface Cast {
  readonly version: LoadedVersion;
  /** Its sandbox goes on from one decision to the next. */
  readonly isKept: boolean;
}

export class Stage {
  readonly #variant: EngineVariant;
  #sandbox: LocalSandbox | null = null;
  /** Who may decide, by whom they were brought. */
  readonly #casts = new Map<object, readonly Cast[]>();

  constructor(variant: EngineVariant) {
    this.#variant = variant;
  }

  /** Lets these decide until `leave`. The last word on a version counts. */
  enter(owner: object, casts: readonly Cast[]): void {
    this.#casts.set(owner, casts);
    if (this.#sandbox !== null) install(this.#sandbox, casts);
  }

  leave(owner: object): void {
    const casts = this.#casts.get(owner) ?? [];
    this.#casts.delete(owner);
    for (const { version } of casts) this.#sandbox?.retire(versionKey(version.facts.ref));
    for (const others of this.#casts.values()) if (this.#sandbox !== null) install(this.#sandbox, others);
  }

  /** To be awaited before decisions, and after one that took the sandbox down. */
  async ready(): Promise<void> {
    if (this.#sandbox !== null) return;
    const sandbox = await LocalSandbox.create(this.#variant);
    for (const casts of this.#casts.values()) install(sandbox, casts);
    this.#sandbox = sandbox;
  }

  get isReady(): boolean {
    return this.#sandbox !== null;
  }

  decide(request: DecisionRequest): DecisionResult {
    assert(this.#sandbox !== null, "Nothing decides on a stage that is not ready");
    try {
      return this.#sandbox.decide(0, [request], "shadow")[0]!;
    } catch (error) {
      if (!(error instanceof SandboxOvertime || error instanceof SandboxPoisoned)) throw error;
      this.#sandbox = null;
      return faulted(request, noPlace(error instanceof SandboxOvertime ? "hung" : "host", messageOf(error)));
    }
  }
}

function install(sandbox: LocalSandbox, casts: readonly Cast[]): void {
  for (const { version, isKept } of casts) sandbox.install(version, isKept);
}
