// The sandbox host of virtual time and tests: it decides in the calling thread, before it returns. Same sandbox, same
// answers and same fuel as the worker; only a hang or a failure of V8 is not survived: it ends the run (SandboxOvertime,
// SandboxPoisoned), since a run that goes on would depend on the machine.
import type { DecisionRequest, DecisionResult } from "../decide/decision.ts";
import type { DecisionRole, LoadedVersion, SandboxCounters, SandboxHost } from "../decide/port.ts";
import type { VersionKey } from "../decide/version.ts";
import { DEFAULT_VARIANT, type EngineVariant } from "./engine-module.ts";
import { LocalSandbox } from "./local-sandbox.ts";

export class InThreadHost implements SandboxHost {
  readonly #sandbox: LocalSandbox;
  readonly #isKept: boolean;

  /** `reset: false` keeps a version's sandbox from one decision to the next: faster, and only for versions proven pure. */
  static async create(
    options: { readonly reset?: boolean; readonly variant?: EngineVariant } = {},
  ): Promise<InThreadHost> {
    return new InThreadHost(await LocalSandbox.create(options.variant ?? DEFAULT_VARIANT), options.reset === false);
  }

  private constructor(sandbox: LocalSandbox, isKept: boolean) {
    this.#sandbox = sandbox;
    this.#isKept = isKept;
  }

  async install(version: LoadedVersion): Promise<void> {
    this.#sandbox.install(version, this.#isKept);
  }

  retire(key: VersionKey): void {
    this.#sandbox.retire(key);
  }

  decide(
    cycle: number,
    requests: readonly DecisionRequest[],
    _deadlineMs: number,
    done: (results: readonly DecisionResult[]) => void,
    role: DecisionRole = "live",
  ): void {
    done(this.#sandbox.decide(cycle, requests, role));
  }

  counters(): SandboxCounters {
    return this.#sandbox.counters();
  }

  async close(): Promise<void> {
    this.#sandbox.close();
  }
}
