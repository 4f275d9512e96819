// What a candidate would have decided: on recorded market history, before it trades. The market is as recorded; so are
// positions and memory, which other code made: what a candidate would have done with its own is for a shadow to tell.
import type { MarketId, SlotId } from "../base/ids.ts";
import type { Fault } from "../decide/decision.ts";
import type { LoadedVersion } from "../decide/port.ts";
import type { BookTerms } from "../reload/paper-trade.ts";
import type { SlotSettings } from "../risk/settings.ts";

/** A day of 5-minute windows, three of 15-minute ones. */
export const REHEARSED_WINDOWS = 288;

/** One version and where it decides. */
export interface Arm {
  readonly version: LoadedVersion;
  readonly slots: readonly SlotSettings[];
}

export interface RehearsalOrder {
  readonly strategy: string;
  readonly candidate: readonly Arm[];
  /** What decides there now; slots of which none decides are left out. */
  readonly against: readonly Arm[];
  /** How a signal becomes an imagined trade, for the estimate of the effect. */
  readonly terms: BookTerms;
  /** Newest windows of each slot. */
  readonly windows: number;
  /** Real time until the first answer, ms; Infinity for all that is recorded. */
  readonly budgetMs: number;
}

/** A signal as reports show it. */
export interface Said {
  readonly kind: "up" | "down" | "hold" | "exit" | "fault";
  readonly probability: number | null;
  readonly limit: number | null;
  readonly reason: string;
}

export interface ChangedDecision {
  readonly window: MarketId;
  readonly cycle: number;
  readonly slot: SlotId;
  /** Market time, ISO 8601. */
  readonly at: string;
  /** Null where nothing decided. */
  readonly before: Said | null;
  readonly after: Said;
}

export interface RehearsedFault extends Fault {
  readonly slot: SlotId;
  readonly window: MarketId;
  readonly cycle: number;
}

export interface RehearsalReport {
  /** `momentum@3f9a2c1e`; null without a version to compare with. */
  readonly against: string | null;
  /** Decisions made, of how many that history allows. */
  readonly frames: number;
  readonly sampledOf: number;
  /** Windows that history has, of how many were wanted, over all slots. */
  readonly windows: { readonly seen: number; readonly wanted: number };
  /** Every recorded cycle was decided, not a sample. */
  readonly complete: boolean;
  /** Decided the same in another order, and after other decisions. `impure` says what differed. */
  readonly pure: boolean;
  readonly impure: string | null;
  /** Decisions of the candidate that faulted, where the running version did not. */
  readonly faults: number;
  readonly firstFault: RehearsedFault | null;
  /** Ticks a decision. */
  readonly fuel: { readonly p50: number; readonly p99: number; readonly max: number };
  /** Decisions with another kind, probability or limit; the newest of them are listed. */
  readonly changed: readonly ChangedDecision[];
  readonly changedDecisions: number;
  readonly changedWindows: number;
  /** Decisions with another reason only. */
  readonly reworded: number;
  /** Estimated profit over the settled windows among them; null without any. */
  readonly pnl: {
    readonly windows: number;
    readonly beforeMicros: number;
    readonly afterMicros: number;
  } | null;
  /** What a reader must know to believe the figures, as sentences. */
  readonly notes: readonly string[];
  readonly elapsedMs: number;
}

/** Changed decisions listed in a report. */
export const CHANGED_LISTED_MAX = 50;

export interface Rehearsing {
  /** Within about the budget: a sample where not everything could be decided. */
  readonly first: Promise<RehearsalReport>;
  /** Over everything recorded; null when it was cancelled. Ends with the first fault or impurity that refuses it. */
  readonly rest: Promise<RehearsalReport | null>;
  cancel(): void;
}

export interface Rehearsal {
  /** A rehearsal of the same strategy that is still under way is cancelled. `first` rejects when nothing can be rehearsed. */
  rehearse(order: RehearsalOrder): Rehearsing;
  close(): Promise<void>;
}

/** Why a gate would refuse what was rehearsed, as lines for people; none: it may pass. */
export function refusals(report: RehearsalReport, windowsMin: number): string[] {
  const reasons: string[] = [];
  if (!report.pure) reasons.push(`it is impure: ${report.impure ?? "it decides differently in another order"}`);
  const fault = report.firstFault;
  if (fault !== null) {
    const where = fault.where === null ? "" : `${fault.where} `;
    reasons.push(
      `${where}it faults in ${report.faults} of ${report.frames} rehearsed decisions (${fault.kind}): ${fault.message}`,
    );
  }
  if (report.windows.seen < Math.min(windowsMin, report.windows.wanted)) {
    reasons.push(`history has ${report.windows.seen} windows to rehearse on, expected at least ${windowsMin}`);
  }
  return reasons;
}
