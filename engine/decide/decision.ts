// What comes back from a sandbox: numbers and a reason, checked by the host. A fault is never an opinion.
import type { CodeVersion, SlotId } from "../base/ids.ts";
import type { VersionRef } from "./version.ts";

export type Signal =
  | {
      readonly kind: "up" | "down";
      readonly probability: number /** USDC, null = take what is there. */;
      readonly limit: number | null;
      readonly reason: string;
    }
  | { readonly kind: "hold" | "exit"; readonly reason: string };

export type FaultKind =
  | "threw" // the strategy threw
  | "fuel" // ran out of its instruction budget
  | "memory" // ran out of memory, or declared memory is over its size
  | "output" // returned something that is not a signal
  | "overdue" // no answer by the deadline
  | "hung" // the worker stopped answering in this very decision
  | "host"; // the sandbox itself failed and was discarded

export interface Fault {
  readonly kind: FaultKind;
  readonly message: string;
  /** Position in the strategy's TypeScript, `strategies/momentum.ts:12:5`; null when there is none. */
  readonly where: string | null;
  /** Source lines around `where` with a caret; null when there is none. */
  readonly frame: string | null;
}

export interface DecisionRequest {
  readonly slot: SlotId;
  readonly version: VersionRef;
  /** Laid out as the version's FrameLayout says. */
  readonly frame: Float64Array;
  /** The slot's memory for this version, JSON text; "null" when it declares none. */
  readonly memory: string;
  /** Set when this version has no memory here yet and `memory` is another's: its migrate() makes its own of it, then it decides. */
  readonly migrateFrom?: CodeVersion;
}

export type DecisionResult =
  | {
      readonly type: "Decided";
      readonly slot: SlotId;
      readonly version: VersionRef;
      readonly signal: Signal;
      readonly memory: string;
      readonly fuel: number;
    }
  | {
      readonly type: "Faulted";
      readonly slot: SlotId;
      readonly version: VersionRef;
      readonly fault: Fault;
      readonly fuel: number;
    };

export const REASON_MAX = 200;
export const MEMORY_BYTES_MAX = 1024;
