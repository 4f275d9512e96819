// The sandbox host of backtests and rehearsals: it decides in the calling thread, keeps the sandbox of a version proven
// pure from one decision to the next, and runs ahead over frames that do not depend on each other's answers. Results are
// the same to the bit and to the tick without any of it: `batch: false` restores before every decision and never runs ahead.
import { assert } from "../base/assert.ts";
import type { SlotId } from "../base/ids.ts";
import type { DecisionRequest, DecisionResult } from "../decide/decision.ts";
import type { DecisionRole, LoadedVersion, SandboxCounters, SandboxHost } from "../decide/port.ts";
import type { VersionKey, VersionRef } from "../decide/version.ts";
import type { DecisionRun } from "./decision-run.ts";
import { DEFAULT_VARIANT, type EngineVariant } from "./engine-module.ts";
import { LocalSandbox } from "./local-sandbox.ts";

export interface BatchOptions {
  readonly variant?: EngineVariant;
  readonly batch?: boolean;
}

export class BatchHost implements SandboxHost {
  readonly #sandbox: LocalSandbox;
  readonly #isBatch: boolean;

  static async create({ variant = DEFAULT_VARIANT, batch = true }: BatchOptions = {}): Promise<BatchHost> {
    return new BatchHost(await LocalSandbox.create(variant), batch);
  }

  private constructor(sandbox: LocalSandbox, isBatch: boolean) {
    this.#sandbox = sandbox;
    this.#isBatch = isBatch;
  }

  /** `pure`: proven so, by a probe and by analysis. Others are restored before every decision, as everywhere else. */
  async install(version: LoadedVersion, { pure }: { readonly pure: boolean } = { pure: false }): Promise<void> {
    this.#sandbox.install(version, pure && this.#isBatch);
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

  /**
   * Decides what lies ahead of one slot: its frames in order, all with the position and the memory it has now, the first
   * of `firstCycle`. Ends with the first result that may change either, for what follows it was laid out without it: at
   * least one result, at most one for each request. Throws SandboxOvertime and SandboxPoisoned.
   */
  decideAhead(firstCycle: number, requests: readonly DecisionRequest[]): readonly DecisionResult[] {
    const [first] = requests;
    assert(first !== undefined, "Cannot run ahead without a request");
    const { slot, memory } = first;
    const isLast = (result: DecisionResult, request: DecisionRequest): boolean => {
      assert(request.slot === slot && request.memory === memory, "What runs ahead is of one slot, with one memory");
      return !this.#isBatch || request.migrateFrom !== undefined || mayChangeTheSlot(result, memory);
    };
    return this.#sandbox.decideAhead(firstCycle, requests, isLast);
  }

  /** All decisions of one slot, which remembers nothing yet, with nothing made for each: the fastest way through candles. */
  run(slot: SlotId, version: VersionRef): DecisionRun {
    return this.#sandbox.run(slot, version);
  }

  counters(): SandboxCounters {
    return this.#sandbox.counters();
  }

  async close(): Promise<void> {
    this.#sandbox.close();
  }
}

const mayChangeTheSlot = (result: DecisionResult, memory: string): boolean =>
  result.type === "Faulted" || result.signal.kind !== "hold" || result.memory !== memory;
