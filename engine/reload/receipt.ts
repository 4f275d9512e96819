// The record of one attempt to replace code or params: how far it came, what was found on the way, who let it through and at
// which boundary it took over. It is written when it changes, so a restart knows what was under way.
import type { CodeVersion, ParamsHash, SlotId } from "../base/ids.ts";
import type { RehearsalReport } from "../rehearsal/port.ts";

/** In this order, none left out but by an end. */
export const STAGES = [
  "detected",
  "bundled",
  "admitted",
  "type-checked",
  "loaded",
  "rehearsed",
  "gated",
  "armed",
  "active",
  "permanent",
] as const;
export type Stage = (typeof STAGES)[number];

/** How an attempt ends that does not become permanent. */
export const ENDINGS = ["rejected", "superseded", "rolled-back"] as const;
export type Ending = (typeof ENDINGS)[number];
export type ReceiptState = Stage | Ending;

export const RELOAD_CAUSES = ["file", "params", "start", "config", "rollback"] as const;
export type ReloadCause = (typeof RELOAD_CAUSES)[number];

/** How far the gate has been passed; null fields before the gate. */
export interface GateProgress {
  /** As written: `shadow:36 -> canary:2/48 -> approve`. */
  readonly policy: string;
  /** What it waits for; null once all steps are passed. */
  readonly waitsFor: "shadow" | "canary" | "approve" | "rehearsal" | "unpin" | null;
  /** Steps passed. */
  readonly passed: number;
  /** Settled windows of the slot that has fewest, and how many are wanted; null where no windows are counted. */
  readonly windows: { readonly done: number; readonly of: number } | null;
  /** Slots that trade with it already: those of a canary. */
  readonly canary: readonly SlotId[];
  /** Settled windows that both decided, and those in which they traded differently. */
  readonly compared: number;
  readonly differing: number;
  /** Estimated profit of both over these windows, on the same model of the book. */
  readonly candidateMicros: number;
  readonly runningMicros: number;
  /** Evidence that the candidate earns less: an e-value, 1 = none, 100 = refused. */
  readonly harm: number;
}

export interface Receipt {
  /** `momentum-12`: never given twice in one data directory. */
  readonly id: string;
  readonly strategy: string;
  readonly cause: ReloadCause;
  readonly state: ReceiptState;
  /** Of one that ended: the stage that it ended at. */
  readonly stage: Stage | null;
  /** Why it ended, as lines for people: `momentum.ts:12:5 …`. */
  readonly reasons: readonly string[];
  /** What decided when it came, and what is to decide: `momentum@3f9a2c1e`; null for none, or not known yet. */
  readonly from: string | null;
  readonly to: string | null;
  /** What an approval must name, in full; null before it is loaded. */
  readonly code: CodeVersion | null;
  /** One for each set of params that the slots have, sorted. */
  readonly params: readonly ParamsHash[];
  readonly ordinal: number | null;
  readonly slots: readonly SlotId[];
  readonly timingsMs: { readonly [stage: string]: number };
  readonly rehearsal: RehearsalReport | null;
  readonly gate: GateProgress | null;
  readonly approvedBy: string | null;
  readonly boundaryCycle: number | null;
  /** What the change of pointers took, µs of real time. */
  readonly boundaryUs: number | null;
  /** Digests of orders, positions, money and latches before and after the boundary: equal. */
  readonly coreBefore: string | null;
  readonly coreAfter: string | null;
  /** When it was detected: real time, ISO 8601. */
  readonly at: string;
}

/** What a receipt says before anything is known. */
export const BLANK_RECEIPT: Omit<Receipt, "id" | "strategy" | "cause" | "at"> = {
  state: "detected",
  stage: null,
  reasons: [],
  from: null,
  to: null,
  code: null,
  params: [],
  ordinal: null,
  slots: [],
  timingsMs: {},
  rehearsal: null,
  gate: null,
  approvedBy: null,
  boundaryCycle: null,
  boundaryUs: null,
  coreBefore: null,
  coreAfter: null,
};

/** Whether a receipt may go from one state to another: forward, or to an end; what has ended stays ended. */
export function mayFollow(from: ReceiptState, to: ReceiptState): boolean {
  if (isEnding(from) || from === "permanent") return false;
  if (to === "rolled-back") return from === "active" || from === "armed" || from === "gated";
  return isEnding(to) || STAGES.indexOf(to) >= STAGES.indexOf(from);
}

export const isEnding = (state: ReceiptState): state is Ending => (ENDINGS as readonly string[]).includes(state);
