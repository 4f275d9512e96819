// The sandbox host: live it is a worker thread with a warm spare; in virtual time it runs in this thread.
import type { DecisionRequest, DecisionResult, Fault } from "./decision.ts";
import type { VersionFacts, VersionKey } from "./version.ts";

/** A version ready to run anywhere: snapshot bytes in shared memory, pointers into it, and what is needed to explain an error. */
export interface LoadedVersion {
  readonly facts: VersionFacts;
  /** Opaque to everything but the sandbox. */
  readonly image: unknown;
}

export interface SandboxCounters {
  /** Decisions made, by this host, since start. */
  readonly decisions: number;
  readonly faults: number;
  readonly fuelP99: number;
  /** Workers replaced after a hang or a death. */
  readonly replaced: number;
  readonly worker: "ready" | "starting" | "in-thread";
  readonly lastFault: {
    readonly strategy: string;
    readonly slot: string;
    readonly fault: Fault;
    readonly cycle: number;
  } | null;
}

export interface SandboxHost {
  /** Resolves once the version can decide at the next cycle, on the spare as well. */
  install(version: LoadedVersion): Promise<void>;
  retire(key: VersionKey): void;
  /**
   * Decides all requests of one cycle; every request gets exactly one result, in order, within `deadlineMs` of real time
   * from the call: what has not answered by then is Faulted "overdue". In-thread hosts answer before returning.
   */
  decide(
    cycle: number,
    requests: readonly DecisionRequest[],
    deadlineMs: number,
    done: (results: readonly DecisionResult[]) => void,
  ): void;
  counters(): SandboxCounters;
  close(): Promise<void>;
}
