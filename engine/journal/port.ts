// What the journal holds: everything the core was told, in order, and what it wrote of it. Told the same again, the core says
// and writes the same; asked the same again, a sandbox decides the same.
import type { CodeVersion } from "../base/ids.ts";
import type { DecisionRequest, DecisionResult } from "../decide/decision.ts";
import type { EngineEvent } from "../event.ts";
import type { PullFeed } from "../feeds/port.ts";
import type { MarketEvent } from "../market/event.ts";
import type { Settings } from "../risk/settings.ts";
import type { TableName, Write } from "../store/tables.ts";

/** What was asked, with the very numbers that were seen, and what came back. */
export interface RecordedDecision {
  readonly request: DecisionRequest;
  readonly result: DecisionResult;
}

/** A core came to life: with this, and with what the ledger gave back at that point, it can be brought to life again. */
export interface Started {
  readonly type: "Started";
  /** sha256 over the sources of the core: another core may do otherwise with the same events. */
  readonly core: string;
  readonly settings: Settings;
  readonly cycleMs: number;
  readonly grain: PullFeed["grain"];
  /** Candles from before the start; null: those that the ledger gave back. */
  readonly history: readonly MarketEvent[] | null;
  /** Open of the oldest candle that the ledger gave back, for older ones are pruned by and by; null without any. */
  readonly candlesFromMs: number | null;
}

export type RecordedEvent =
  | Started
  /** A code version was given its ordinal. */
  | { readonly type: "Admitted"; readonly strategy: string; readonly code: CodeVersion }
  /** A reload was given its number. */
  | { readonly type: "ReceiptBegun"; readonly strategy: string }
  /** `DecisionsMade`, beside the questions. */
  | { readonly type: "Decided"; readonly cycle: number; readonly decisions: readonly RecordedDecision[] }
  | Exclude<EngineEvent, { readonly type: "DecisionsMade" }>;

/** What the core was told since the transaction before. */
export type JournalEntry = readonly RecordedEvent[];

/** Written with every transaction: what the ledger is, but for market history, which is no evidence, and what is derived. */
export const JOURNALED = [
  "versions",
  "activations",
  "orders",
  "fills",
  "positions",
  "transfers",
  "markets",
  "receipts",
  "latches",
  "controls",
  "commands",
  "alarms",
] as const satisfies readonly TableName[];
export type JournaledWrite = Extract<Write, { readonly table: (typeof JOURNALED)[number] }>;

/** One transaction. */
export interface JournalRow {
  readonly seq: number;
  /** The cycle it ended in or after, and the market's time then, ms UTC. */
  readonly cycle: number;
  readonly atMs: number;
  /** sha256 in hex over the hash of the row before and all of this one. */
  readonly hash: string;
  readonly events: readonly RecordedEvent[];
  readonly writes: readonly JournaledWrite[];
}

/** The last row: whoever knows it can tell that rows were cut off. */
export interface JournalHead {
  readonly seq: number;
  readonly cycle: number;
  readonly hash: string;
}

export interface BrokenRow {
  readonly seq: number;
  /** Null where even these cannot be read. */
  readonly cycle: number | null;
  readonly atMs: number | null;
  /** For people: what is wrong with it. */
  readonly what: string;
}

export interface ChainVerdict {
  readonly ok: boolean;
  readonly rows: number;
  readonly head: JournalHead | null;
  readonly firstBad: BrokenRow | null;
}
