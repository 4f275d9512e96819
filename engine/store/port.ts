// The durable memory of the bot: one transaction a cycle. What `commit` acknowledged survives a kill and a power cut.
import type { JournalEntry, JournalHead } from "../journal/port.ts";
import type {
  ActivationRow,
  AlarmRow,
  BotStateRow,
  CandleRow,
  CommandRow,
  ControlRow,
  CycleRow,
  FillRow,
  LatchRow,
  MarketRow,
  MemoryRow,
  MetaRow,
  OrderRow,
  PositionRow,
  ReceiptRow,
  VersionRow,
  Write,
} from "./tables.ts";

/** Everything a restart needs to go on. */
export interface Recovered {
  readonly meta: readonly MetaRow[];
  readonly lastCycle: CycleRow | null;
  readonly lastBotState: BotStateRow | null;
  readonly versions: readonly VersionRow[];
  /** In order: what open positions and live orders are pinned to, and the last one per slot, which is what runs. */
  readonly activations: readonly ActivationRow[];
  readonly memories: readonly MemoryRow[];
  /** Not terminal ones, and all orders of open positions. */
  readonly orders: readonly OrderRow[];
  /** Fills of the orders above. */
  readonly fills: readonly FillRow[];
  /** Open ones, and those whose market has not closed yet. */
  readonly positions: readonly PositionRow[];
  /** Not yet resolved and claimed, or still open at the last cycle; at most the newest 2,000. */
  readonly markets: readonly MarketRow[];
  /** Balance per ledger account, debits minus credits; accounts at zero are left out. */
  readonly balances: readonly { readonly account: string; readonly balanceMicros: number }[];
  readonly lastTransferId: number;
  /** The newest kept candles of every asset and interval, oldest first. */
  readonly candles: readonly CandleRow[];
  /** Those that stand. */
  readonly latches: readonly LatchRow[];
  readonly control: ControlRow | null;
  readonly commands: readonly CommandRow[];
  /** The newest of each strategy, and all that have not ended, oldest first. */
  readonly receipts: readonly ReceiptRow[];
  readonly lastReceiptNumber: number;
  readonly openAlarms: readonly AlarmRow[];
  readonly lastAlarmId: number;
}

export interface Batch {
  /** Counts up from 1 in each life of the process; echoed when durable. */
  readonly seq: number;
  /** It carries order intents, so it must be durable before they leave: a store that gathers batches commits at once. */
  readonly urgent?: boolean;
  /** What the core was told that led to these rows; without it the journal gets no row. */
  readonly journal?: JournalEntry;
  readonly writes: readonly Write[];
}

/** Totals over the whole ledger, for `run --json` and `status`: whoever asks twice gets the same. */
export interface LedgerTotals {
  readonly cycles: number;
  readonly decisions: number;
  readonly faults: number;
  readonly orders: number;
  readonly fills: number;
  /** Positions whose market had no price at its close: each share paid half. */
  readonly voided: number;
  readonly feesMicros: number;
  /** Realised profit after fees. */
  readonly pnlMicros: number;
  readonly byVersion: readonly VersionTotals[];
  /** Markets with a strike and an end price, in the order of their close. */
  readonly settled: readonly { readonly market: string; readonly outcome: "up" | "down" }[];
}

export interface VersionTotals {
  readonly strategy: string;
  readonly code: string;
  readonly params: string;
  readonly decisions: number;
  /** Positions closed or settled. */
  readonly trades: number;
  readonly wins: number;
  readonly pnlMicros: number;
}

export interface Store {
  recover(): Promise<Recovered>;
  /**
   * Queues a transaction; `durable(seq)` is called once it and all before it are on disk, so one call may stand for several
   * batches. In-thread stores that gather nothing call back before returning.
   */
  commit(batch: Batch): void;
  /** Rows of the journal that are older than this, market time, are pruned from now on. */
  keepJournal(ms: number): void;
  totals(): Promise<LedgerTotals>;
  /** Writes the ledger as NDJSON (orders, fills, positions, transfers, markets; one object a line, sorted by key). */
  exportTo(path: string): Promise<{ readonly rows: number }>;
  close(): Promise<void>;
}

export interface StoreListener {
  /** `head`: the last row of the journal then; null without any. */
  durable(seq: number, head: JournalHead | null): void;
  failed(failure: StoreFailure): void;
}

/**
 * full: the disk is, or it may not be written to; what was queued is kept and tried again with the next batch. io: the disk
 * cannot be trusted any more (fsync error).
 * bug: a batch broke a rule of the schema. After io and bug nothing is ever acknowledged again.
 */
export interface StoreFailure {
  readonly kind: "full" | "io" | "bug";
  readonly message: string;
}
