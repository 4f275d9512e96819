// The sandbox host: live it is a worker thread with a warm spare; in virtual time it runs in this thread.
import type { SlotId } from "../base/ids.ts";
import type { DecisionRequest, DecisionResult, Fault } from "./decision.ts";
import type { VersionFacts, VersionKey } from "./version.ts";

/** A version ready to run anywhere: snapshot bytes in shared memory, pointers into it, and what is needed to explain an error. */
export interface LoadedVersion {
  readonly facts: VersionFacts;
  /** Opaque to everything but the sandbox. */
  readonly image: unknown;
}

export interface LastFault extends Omit<Fault, "frame"> {
  readonly slot: SlotId;
  /** `momentum@3f9a2c1e`, and its number, v14. */
  readonly version: string;
  readonly ordinal: number;
  readonly cycle: number;
}

/** What decisions came to. */
export interface DecisionFigures {
  readonly decisions: number;
  readonly faults: number;
  /** Ticks of one decision, over the latest of them; 0 before any was measured. */
  readonly fuelP50: number;
  readonly fuelP99: number;
  /** Most that the heap reached in one of the latest decisions, the version's own included; 0 before any was measured. */
  readonly heapBytes: number;
  readonly lastFault: LastFault | null;
}

/** Figures over all are since the host's start. */
export interface SandboxCounters extends DecisionFigures {
  readonly engine: "bellard" | "ng";
  readonly worker: "ready" | "starting" | "in-thread";
  /** Most ticks that one decision may spend. */
  readonly fuelMax: number;
  /** Workers replaced after a hang or a death. */
  readonly replaced: number;
  /**
   * Over the code versions that decide for it now, each since it began to: what an edit has replaced counts no more after
   * a minute's cycles, but while a position is pinned to it.
   */
  readonly strategies: readonly (DecisionFigures & { readonly name: string })[];
  /** Of what decided the slot last: they start anew with every other code or params. Slots long undecided have none. */
  readonly slots: ReadonlyMap<string, DecisionFigures>;
}

/**
 * Whom decisions are for. "live" ones trade. "shadow" ones are compared: they give way to live ones, and count in no figure, since
 * figures are about what decides for a slot, and whoever asked has every fault and all fuel of a shadow in its results.
 */
export type DecisionRole = "live" | "shadow";

export interface SandboxHost {
  /** Resolves once the version can decide at the next cycle, on the spare as well. */
  install(version: LoadedVersion): Promise<void>;
  retire(key: VersionKey): void;
  /**
   * Decides all requests of one cycle; every request gets exactly one result, in order, within `deadlineMs` of real time
   * from the call: what has not answered by then is Faulted "overdue". In-thread hosts answer before returning.
   * A call for live decisions, the default, ends the shadows that are out: they get what has answered, the rest is overdue,
   * before that call returns. `done` may itself call this.
   */
  decide(
    cycle: number,
    requests: readonly DecisionRequest[],
    deadlineMs: number,
    done: (results: readonly DecisionResult[]) => void,
    role?: DecisionRole,
  ): void;
  counters(): SandboxCounters;
  close(): Promise<void>;
}
