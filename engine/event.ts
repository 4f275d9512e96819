// What goes into the core and what comes out. Events queue; the core answers each at once with outputs and never waits.
import type { SlotId } from "./base/ids.ts";
import type { DecisionRequest, DecisionResult, Fault } from "./decide/decision.ts";
import type { VersionFacts, VersionRef } from "./decide/version.ts";
import type { MarketEvent } from "./market/event.ts";
import type { RehearsalReport } from "./rehearsal/port.ts";
import type { SlotVersion } from "./reload/gate.ts";
import type { Receipt } from "./reload/receipt.ts";
import type { Mode, Settings } from "./risk/settings.ts";
import type { Batch } from "./store/port.ts";
import type { AlarmRow, ControlRow, MetaRow } from "./store/tables.ts";
import type { ExecutionReport, VenueCommand } from "./venues/port.ts";

/** What an operator asks for once. */
export type OperatorCommand =
  | { readonly id: string; readonly kind: "close-position"; readonly slot: SlotId }
  | { readonly id: string; readonly kind: "clear-latch"; readonly latch: string; readonly reason: string }
  | { readonly id: string; readonly kind: "ack-alarm"; readonly alarm: number }
  /** Name the very code and params: the full hashes of a receipt, its params joined by "+". */
  | {
      readonly id: string;
      readonly kind: "approve" | "reject";
      readonly strategy: string;
      readonly code: string;
      readonly params: string;
    }
  /** promote: past the shadow and canary steps that are left, not past an approval. rollback: to what decided before. */
  | { readonly id: string; readonly kind: "promote" | "rollback"; readonly strategy: string };

export type EngineEvent =
  | { readonly type: "Market"; readonly events: readonly MarketEvent[] }
  | { readonly type: "CycleDue"; readonly cycle: number; readonly atMs: number }
  | { readonly type: "CyclesMissed"; readonly count: number; readonly atMs: number }
  | { readonly type: "DecisionsMade"; readonly cycle: number; readonly results: readonly DecisionResult[] }
  | { readonly type: "CommitDurable"; readonly seq: number }
  | { readonly type: "Reported"; readonly report: ExecutionReport }
  /** Taken whole at the next boundary, except that a stricter mode holds at once. */
  | {
      readonly type: "SettingsAccepted";
      readonly settings: Settings;
      readonly control: ControlRow | null;
      readonly commands: readonly OperatorCommand[];
      readonly author: string;
      /** Of the configuration that they come from, when that has changed. */
      readonly receipt?: Receipt;
    }
  /** These can decide from now on: installed in the sandbox, on the spare too. */
  | { readonly type: "VersionsLoaded"; readonly versions: readonly VersionFacts[] }
  /** What ran before a restart is loaded and armed again: trials that were under way go on. */
  | { readonly type: "Resumed" }
  /** Rehearsed, and at the gate from now on. */
  | { readonly type: "CandidateOffered"; readonly receipt: Receipt; readonly slots: readonly SlotVersion[] }
  /** Refused before it came to the gate. */
  | { readonly type: "CandidateRefused"; readonly receipt: Receipt }
  /** What runs was saved again: whatever waits at the gate is not wanted any more. */
  | { readonly type: "CandidateSuperseded"; readonly strategy: string; readonly by: string }
  /** Over everything that is recorded, or as far as it came until it refused. */
  | { readonly type: "RehearsalCompleted"; readonly receipt: string; readonly report: RehearsalReport }
  /** The next cycle begins: accepted control is taken, and gates are looked at. The boundary follows, and CycleDue. */
  | { readonly type: "CycleOpened"; readonly cycle: number; readonly atMs: number }
  /** Armed versions take over: pointers change, and nothing else. */
  | { readonly type: "BoundaryDue"; readonly cycle: number; readonly atMs: number }
  /** What that took, where pointers changed, µs of real time. */
  | { readonly type: "BoundaryMeasured"; readonly cycle: number; readonly micros: number }
  | { readonly type: "ShadowsDecided"; readonly cycle: number; readonly results: readonly DecisionResult[] }
  /** From the next boundary on these decide the slots' new windows. */
  | { readonly type: "VersionsArmed"; readonly slots: readonly SlotVersion[] }
  /** A fact about this data directory, to be kept. */
  | { readonly type: "Noted"; readonly notes: readonly MetaRow[] }
  | { readonly type: "Heartbeat"; readonly atMs: number; readonly state: string }
  | {
      readonly type: "Latched";
      readonly kind: "clock-step" | "disk-full" | "ledger-mismatch" | "rebuilt";
      readonly mode: Mode;
      readonly reason: string;
      readonly atMs: number;
    }
  /** What only the process around the core can see. */
  | {
      readonly type: "AlarmRaised";
      readonly kind: "worker-hung" | "control-unanswered" | "reload-rejected";
      readonly severity: AlarmRow["severity"];
      readonly scope: string;
      readonly message: string;
      readonly atMs: number;
    }
  | {
      readonly type: "AlarmCleared";
      readonly kind: "control-unanswered" | "reload-rejected";
      readonly scope: string;
      readonly atMs: number;
    };

export interface LogEntry {
  readonly level: "info" | "warn" | "error";
  /** Stable name for machines: `order.filled`, `position.settled`. */
  readonly event: string;
  /** One sentence for people. */
  readonly message: string;
  readonly fields: { readonly [name: string]: string | number | boolean | null };
}

export type EngineOutput =
  | {
      readonly type: "DecisionsWanted";
      readonly cycle: number;
      readonly requests: readonly DecisionRequest[];
      /** Asked once those above are answered: nothing is traded on them. */
      readonly shadows: readonly DecisionRequest[];
    }
  | { readonly type: "Commit"; readonly batch: Batch }
  | { readonly type: "Send"; readonly command: VenueCommand }
  | { readonly type: "Logged"; readonly entry: LogEntry }
  /** It opened or cleared, and is not one that comes and goes too often to be announced. */
  | { readonly type: "AlarmChanged"; readonly alarm: AlarmRow }
  | {
      readonly type: "FaultSeen";
      readonly cycle: number;
      readonly slot: SlotId;
      readonly version: VersionRef;
      readonly fault: Fault;
    }
  /** A boundary was crossed: these slots decide with this version now. */
  | {
      readonly type: "Activated";
      readonly cycle: number;
      readonly version: VersionRef;
      readonly slots: readonly SlotId[];
    };
