// What goes into the core and what comes out. Events queue; the core answers each at once with outputs and never waits.
import type { SlotId } from "./base/ids.ts";
import type { DecisionRequest, DecisionResult, Fault } from "./decide/decision.ts";
import type { VersionFacts, VersionKey, VersionRef } from "./decide/version.ts";
import type { MarketEvent } from "./market/event.ts";
import type { Mode, Settings } from "./risk/settings.ts";
import type { Batch } from "./store/port.ts";
import type { ControlRow, MetaRow } from "./store/tables.ts";
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
    }
  /** These can decide from now on: installed in the sandbox, on the spare too. */
  | { readonly type: "VersionsLoaded"; readonly versions: readonly VersionFacts[] }
  /** From the next boundary on these decide the slots' new windows. */
  | { readonly type: "VersionsArmed"; readonly slots: readonly { readonly slot: SlotId; readonly key: VersionKey }[] }
  /** A fact about this data directory, to be kept. */
  | { readonly type: "Noted"; readonly notes: readonly MetaRow[] }
  | { readonly type: "Heartbeat"; readonly atMs: number; readonly state: string }
  | {
      readonly type: "Latched";
      readonly kind: "clock-step" | "disk-full" | "ledger-mismatch";
      readonly mode: Mode;
      readonly reason: string;
      readonly atMs: number;
    }
  | {
      readonly type: "AlarmRaised";
      readonly kind: "worker-hung";
      readonly scope: string;
      readonly message: string;
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
  | { readonly type: "DecisionsWanted"; readonly cycle: number; readonly requests: readonly DecisionRequest[] }
  | { readonly type: "Commit"; readonly batch: Batch }
  | { readonly type: "Send"; readonly command: VenueCommand }
  | { readonly type: "Logged"; readonly entry: LogEntry }
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
