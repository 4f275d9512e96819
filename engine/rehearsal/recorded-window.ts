// What was recorded of one window: its market, the quotes at its samples, and what each slot did in it.
import { WINDOW_MS } from "../../dsl/asset.ts";
import type { MarketId, SlotId } from "../base/ids.ts";
import { marketOfRow } from "../execution/market-row.ts";
import { addBuy, addSell, openPosition, type Position } from "../execution/position.ts";
import type { HeldPosition } from "../frame/held-position.ts";
import type { Market, Side } from "../market/market.ts";
import type { WindowState } from "../market/market-state.ts";
import type { FillRow, MarketRow, QuoteRow } from "../store/tables.ts";
import type { RecordedAsset } from "./recorded-asset.ts";
import { Rows } from "./rows.ts";

const SAMPLE = 0;
const UP = 1;
const DOWN = 5;
const WIDTH = 9;
/** Quotes are sampled this often, and when a slot acts. */
const SAMPLE_MS = 10_000;
const ACTED_USUAL = 4;

/** Held from then on. */
interface Holding {
  readonly atMs: number;
  readonly position: Position;
}

const NOTHING: readonly number[] = [];

export class RecordedWindow {
  readonly id: MarketId;
  readonly market: Market;
  readonly asset: RecordedAsset;
  /** By our own ticks; null until both are known. */
  outcome: Side | null = null;
  /** Nothing is added to it any more. */
  isComplete = false;
  #strikeE18: bigint | null = null;
  readonly #rows: Rows;
  readonly #acted = new Map<SlotId, number[]>();
  readonly #holdings = new Map<SlotId, Holding[]>();

  constructor(row: MarketRow, asset: RecordedAsset) {
    this.market = marketOfRow(row).market;
    this.id = row.market;
    this.asset = asset;
    this.#rows = new Rows(WIDTH, WINDOW_MS[this.market.interval] / SAMPLE_MS + ACTED_USUAL);
    this.learn(row);
  }

  /** Rows are numbered from 0, oldest first: each a moment at which its slots decided. */
  get length(): number {
    return this.#rows.end;
  }

  learn({ strikeE18, computedOutcome }: Pick<MarketRow, "strikeE18" | "computedOutcome">): void {
    this.#strikeE18 = strikeE18 === null ? null : BigInt(strikeE18);
    this.outcome = computedOutcome;
  }

  get lastAtMs(): number {
    return this.length === 0 ? Number.NEGATIVE_INFINITY : this.atMs(this.length - 1);
  }

  /** Oldest first. A quote without a sample of its asset is of no use. */
  addQuote(row: QuoteRow): void {
    const sample = row.atMs <= this.lastAtMs ? -1 : this.asset.sampleAt(row.atMs);
    if (sample === -1) return;
    const { upBid, upAsk, upBidSize, upAskSize, downBid, downAsk, downBidSize, downAskSize } = row;
    this.#rows.push([sample, upBid, upAsk, upBidSize, upAskSize, downBid, downAsk, downBidSize, downAskSize]);
  }

  /** What was done in it, all of it: replaces what was known before. */
  setTrades(orders: readonly { readonly slot: SlotId; readonly cycle: number }[], fills: readonly FillRow[]): void {
    this.#acted.clear();
    this.#holdings.clear();
    for (const { slot, cycle } of orders) entryOf(this.#acted, slot).push(cycle);
    for (const fill of fills) {
      const holdings = entryOf(this.#holdings, fill.slot);
      const before = holdings.at(-1)?.position ?? opened(fill);
      const position = fill.action === "buy" ? addBuy(before, fill) : addSell(before, fill).position;
      holdings.push({ atMs: fill.atMs, position });
    }
  }

  sample(row: number): number {
    return this.#rows.get(row, SAMPLE);
  }

  atMs(row: number): number {
    return this.asset.atMs(this.sample(row));
  }

  cycle(row: number): number {
    return this.asset.cycle(this.sample(row));
  }

  /** Of the first `length` rows, those at which the slot placed an order, or was denied one. */
  actedRows(slot: SlotId, length: number): readonly number[] {
    const cycles = this.#acted.get(slot);
    if (cycles === undefined) return NOTHING;
    const rows: number[] = [];
    for (let row = 0; row < length; row++) if (cycles.includes(this.cycle(row))) rows.push(row);
    return rows;
  }

  position(slot: SlotId, row: number): HeldPosition | null {
    const atMs = this.atMs(row);
    return this.#holdings.get(slot)?.findLast((holding) => holding.atMs <= atMs)?.position ?? null;
  }

  /** As the core saw it. The price to beat is known once a price of its instant, or a later one, has come. */
  state(row: number): WindowState {
    const { market } = this;
    const isOpen = this.asset.closedToMs(this.sample(row)) >= market.openMs;
    const quote = { atMs: this.atMs(row), up: this.#token(row, UP), down: this.#token(row, DOWN) };
    return { market, strikeE18: isOpen ? this.#strikeE18 : null, endE18: null, quote };
  }

  #token(row: number, field: number) {
    const rows = this.#rows;
    return {
      bidMicros: rows.get(row, field),
      askMicros: rows.get(row, field + 1),
      bidSizeMicros: rows.get(row, field + 2),
      askSizeMicros: rows.get(row, field + 3),
    };
  }
}

function entryOf<Item>(map: Map<SlotId, Item[]>, slot: SlotId): Item[] {
  const known = map.get(slot);
  if (known !== undefined) return known;
  const fresh: Item[] = [];
  map.set(slot, fresh);
  return fresh;
}

const opened = ({ slot, market, side, strategy, code, params, cycle, atMs }: FillRow): Position =>
  openPosition(slot, market, side, { strategy, code, params, ordinal: 0 }, cycle, atMs);
