// The durable rows: one type per table. SQL names are the snake_case of these fields. Times are ms UTC, money micro-USDC.
import type { ClientOrderId, CodeVersion, MarketId, ParamsHash, SlotId, TradeId } from "../base/ids.ts";
import type { OrderStatus } from "../execution/order.ts";

/** Every row that a decision caused names the exact code and params. */
interface MadeBy {
  readonly strategy: string;
  readonly code: CodeVersion;
  readonly params: ParamsHash;
}

/** key: name */
export interface MetaRow {
  readonly name: string;
  readonly value: string;
}

/** key: cycle. `decisions` is the cycle's compact JSON: what each slot decided, by which version. */
export interface CycleRow {
  readonly cycle: number;
  readonly atMs: number;
  readonly decided: number;
  readonly faulted: number;
  readonly decisions: string;
}

/** key: strategy + code + params. `decided` is added to what is there: how many decisions this version made, ever. */
interface DecisionCountRow extends MadeBy {
  readonly decided: number;
}

/** key: strategy + code. Ordinals count up per strategy. `params` is not part of it. */
export interface VersionRow {
  readonly strategy: string;
  readonly code: CodeVersion;
  readonly ordinal: number;
  readonly firstSeenMs: number;
}

/** Append only: from this cycle on, the slot's new windows are decided by this version. The last one per slot is what runs. */
export interface ActivationRow extends MadeBy {
  readonly cycle: number;
  readonly slot: SlotId;
  readonly ordinal: number;
  readonly paramsJson: string;
  readonly atMs: number;
}

/** key: slot + code + params */
export interface MemoryRow extends MadeBy {
  readonly slot: SlotId;
  readonly memory: string;
}

/** key: clientOrderId. Upserted as the order lives; `filled…` are the sums of its fills. */
export interface OrderRow extends MadeBy {
  readonly clientOrderId: ClientOrderId;
  readonly venueOrderId: string | null;
  readonly slot: SlotId;
  readonly market: MarketId;
  readonly leg: "entry" | "exit" | "flatten";
  readonly action: "buy" | "sell";
  readonly side: "up" | "down";
  readonly limitMicros: number;
  readonly sharesMicros: number;
  readonly timeInForce: "FAK" | "GTC";
  readonly status: OrderStatus;
  /** Why it was Denied, Rejected, Canceled or Expired; null otherwise. */
  readonly statusReason: string | null;
  readonly filledSharesMicros: number;
  readonly cycle: number;
  readonly ordinal: number;
  /** The signal's reason and probability, for people who read the ledger. */
  readonly reason: string;
  readonly probability: number | null;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** key: tradeId. Written once. */
export interface FillRow extends MadeBy {
  readonly tradeId: TradeId;
  readonly clientOrderId: ClientOrderId;
  readonly slot: SlotId;
  readonly market: MarketId;
  readonly action: "buy" | "sell";
  readonly side: "up" | "down";
  readonly priceMicros: number;
  readonly sharesMicros: number;
  readonly feeMicros: number;
  readonly liquidity: "maker" | "taker";
  readonly cycle: number;
  readonly atMs: number;
}

/** key: slot + market. The version is the one that opened it; it stays pinned to it until settled. */
export interface PositionRow extends MadeBy {
  readonly slot: SlotId;
  readonly market: MarketId;
  readonly side: "up" | "down";
  readonly status: "open" | "closed" | "settled";
  readonly sharesMicros: number;
  /** Cost of the shares still held, fees apart. */
  readonly costMicros: number;
  readonly boughtSharesMicros: number;
  readonly feesMicros: number;
  /** Realised so far, fees apart. */
  readonly realisedMicros: number;
  readonly outcome: "up" | "down" | "void" | null;
  readonly openedCycle: number;
  readonly openedAtMs: number;
  readonly closedAtMs: number | null;
  readonly ordinal: number;
}

/** key: id. Double entry: debits equal credits by construction; append only. */
export interface TransferRow {
  readonly id: number;
  readonly kind: "deposit" | "buy" | "sell" | "fee" | "payout" | "loss" | "profit" | "claim";
  readonly debit: string;
  readonly credit: string;
  readonly amountMicros: number;
  readonly market: MarketId | null;
  readonly slot: SlotId | null;
  readonly strategy: string | null;
  readonly code: CodeVersion | null;
  readonly params: ParamsHash | null;
  /** tradeId of a fill, null for others. */
  readonly reference: string | null;
  readonly cycle: number;
  readonly atMs: number;
}

/** key: market. Upserted: facts, then strike, then how it ended by our own ticks and by the venue. */
export interface MarketRow {
  readonly market: MarketId;
  readonly asset: string;
  readonly interval: string;
  readonly openMs: number;
  readonly closeMs: number;
  /** The whole Market as JSON. */
  readonly facts: string;
  /** 1e18-scaled integers as text; null when unknown. */
  readonly strikeE18: string | null;
  readonly endE18: string | null;
  /** Computed by us from strike and end; null without both. */
  readonly computedOutcome: "up" | "down" | null;
  /** As the venue resolved it. */
  readonly venueOutcome: "up" | "down" | "void" | null;
  readonly claimStatus: "none" | "requested" | "claimed";
  readonly claimedMicros: number;
}

/** key: asset + interval + openMs */
export interface CandleRow {
  readonly asset: string;
  readonly interval: string;
  readonly openMs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  readonly synthetic: 0 | 1;
  readonly fundingRate8h: number | null;
  readonly openInterest: number | null;
}

/** key: market + atMs. A sample of the quotes; sizes in micro-shares. */
export interface QuoteRow {
  readonly market: MarketId;
  readonly atMs: number;
  readonly upBid: number;
  readonly upAsk: number;
  readonly upBidSize: number;
  readonly upAskSize: number;
  readonly downBid: number;
  readonly downAsk: number;
  readonly downBidSize: number;
  readonly downAskSize: number;
}

/** key: asset + atMs. The market of one asset as decisions saw it, at each quote sample and whenever a slot acted. */
export interface SampleRow {
  readonly asset: string;
  readonly atMs: number;
  readonly cycle: number;
  /** Last price; null before the first. */
  readonly spot: number | null;
  /** End of the newest closed 10-second candle: longer ones that ended by then are closed too; null before the first. */
  readonly closedToMs: number | null;
  /** The 10-second candle that is forming; null without one. */
  readonly open: number | null;
  readonly high: number | null;
  readonly low: number | null;
  readonly volume: number | null;
}

/** key: slot + code + params + atMs. What a version remembered when the market was sampled, where that had changed. */
export interface MemorySampleRow extends MadeBy {
  readonly slot: SlotId;
  readonly atMs: number;
  readonly memory: string;
}

/** key: id. The record of one reload as it stands; `body` is the Receipt as JSON, `trial` what its gate has counted. */
export interface ReceiptRow {
  readonly id: string;
  /** Counts up over all strategies. */
  readonly number: number;
  readonly strategy: string;
  readonly state: string;
  readonly body: string;
  readonly trial: string | null;
  readonly atMs: number;
}

/** key: kind + scope. A latch stands until someone clears it with a reason. */
export interface LatchRow {
  readonly kind: string;
  readonly scope: string;
  readonly mode: string;
  readonly sinceMs: number;
  readonly setBy: string;
  readonly reason: string;
  readonly clearedMs: number | null;
  readonly clearedBy: string | null;
  readonly clearedReason: string | null;
}

/** key: version. Control files as applied; the last is in force when the file is gone. */
export interface ControlRow {
  readonly version: number;
  readonly digest: string;
  readonly content: string;
  readonly appliedCycle: number;
  readonly atMs: number;
}

/** key: id. A command takes effect once, ever. */
export interface CommandRow {
  readonly id: string;
  readonly kind: string;
  readonly cycle: number;
  readonly effect: string;
  readonly atMs: number;
}

/** key: id */
export interface AlarmRow {
  readonly id: number;
  readonly kind: string;
  readonly severity: "warning" | "critical";
  readonly scope: string;
  readonly message: string;
  readonly cycle: number;
  readonly atMs: number;
  readonly clearedMs: number | null;
  /** When an operator said that it is known. */
  readonly acknowledgedMs: number | null;
}

/** key: seq. The 30-second heartbeat. */
export interface BotStateRow {
  readonly seq: number;
  readonly atMs: number;
  readonly cycle: number;
  readonly mode: string;
  readonly openPositions: number;
  readonly cashMicros: number;
  readonly state: string;
}

export interface Tables {
  meta: MetaRow;
  cycles: CycleRow;
  decision_counts: DecisionCountRow;
  versions: VersionRow;
  activations: ActivationRow;
  memories: MemoryRow;
  orders: OrderRow;
  fills: FillRow;
  positions: PositionRow;
  transfers: TransferRow;
  markets: MarketRow;
  candles: CandleRow;
  quotes: QuoteRow;
  samples: SampleRow;
  memory_samples: MemorySampleRow;
  receipts: ReceiptRow;
  latches: LatchRow;
  controls: ControlRow;
  commands: CommandRow;
  alarms: AlarmRow;
  bot_state: BotStateRow;
}

export type TableName = keyof Tables;

/** One row to insert, or to replace where the table has a key that is upserted (see the table's `write` in schema.ts). */
export type Write = { readonly [T in TableName]: { readonly table: T; readonly row: Tables[T] } }[TableName];
