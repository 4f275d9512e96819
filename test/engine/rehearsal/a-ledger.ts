// A ledger with windows of one asset or more, as a bot would have recorded them: every ten seconds a sample, one price a second
// dearer than the last, quotes that never change, and windows that end up and down in turn.
import type { Asset } from "../../../dsl/asset.ts";
import type { MarketId } from "../../../engine/base/ids.ts";
import { marketRow } from "../../../engine/execution/market-row.ts";
import type { Market, Side } from "../../../engine/market/market.ts";
import type { WindowState } from "../../../engine/market/market-state.ts";
import { InThreadStore } from "../../../engine/store/in-thread-store.ts";
import type { MemorySampleRow, TableName, Tables, Write } from "../../../engine/store/tables.ts";
import { aMarket, e18, NOON } from "../../support/a-market.ts";
import { aQuote } from "../../support/a-quote.ts";
import { aSlot } from "../../support/settings.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { versionRef } from "../../support/version-facts.ts";

const WINDOW = 300_000;
const SAMPLE = 10_000;
/** Samples a window. */
export const ROWS = WINDOW / SAMPLE;

export const spotAt = (atMs: number): number => 65_000 + (atMs - NOON) / 1_000;

export class ALedger {
  readonly dir = temporaryFolder();
  readonly #assets: readonly Asset[];
  #windows = 0;
  #seq = 0;

  constructor(...assets: readonly Asset[]) {
    this.#assets = assets;
  }

  get windows(): number {
    return this.#windows * this.#assets.length;
  }

  marketOf(window: number, asset = this.#assets[0]!): MarketId {
    return aMarket({ asset, openMs: NOON + window * WINDOW }).id;
  }

  /** Goes on for so many windows, all of them settled. */
  async add(windows: number): Promise<this> {
    const rows: Write[] = [];
    for (let n = this.#windows; n < this.#windows + windows; n++) {
      for (const asset of this.#assets) rows.push(...this.#window(asset, n));
    }
    this.#windows += windows;
    await this.write(rows);
    return this;
  }

  #window(asset: Asset, n: number): Write[] {
    const market = aMarket({ asset, openMs: NOON + n * WINDOW });
    const { openMs, closeMs } = market;
    const rows: Write[] = [row("markets", marketRow(windowOf(market, n % 2 === 0 ? "up" : "down"), null))];
    for (let atMs = openMs; atMs < closeMs; atMs += SAMPLE) {
      const spot = spotAt(atMs);
      const candle = { asset, interval: "10s", open: spot, high: spot, low: spot, close: spot, volume: 1 };
      const { up, down } = aQuote(atMs);
      rows.push(
        row("candles", { ...candle, openMs: atMs - SAMPLE, synthetic: 0, fundingRate8h: null, openInterest: null }),
        row("samples", {
          asset,
          atMs,
          cycle: cycleAt(atMs),
          spot,
          closedToMs: atMs,
          open: spot,
          high: spot,
          low: spot,
          volume: 0,
        }),
        row("quotes", {
          market: market.id,
          atMs,
          upBid: up.bidMicros,
          upAsk: up.askMicros,
          upBidSize: up.bidSizeMicros,
          upAskSize: up.askSizeMicros,
          downBid: down.bidMicros,
          downAsk: down.askMicros,
          downBidSize: down.bidSizeMicros,
          downAskSize: down.askSizeMicros,
        }),
      );
    }
    return rows;
  }

  /** A slot of the asset bought ten shares of Up then. */
  async bought(window: number, secondsIn: number, asset = this.#assets[0]!): Promise<void> {
    const atMs = NOON + window * WINDOW + secondsIn * 1_000;
    const { strategy, code, params, ordinal } = versionRef();
    const order = {
      clientOrderId: `order-${asset}-${window}` as Tables["orders"]["clientOrderId"],
      slot: aSlot(asset).id,
    };
    const trade = {
      market: this.marketOf(window, asset),
      action: "buy",
      side: "up",
      cycle: cycleAt(atMs),
      strategy,
      code,
      params,
    } as const;
    const shares = 10_000_000;
    await this.write([
      ...(window === 0 ? [row("versions", { strategy, code, ordinal, firstSeenMs: NOON })] : []),
      row("orders", {
        ...order,
        ...trade,
        ordinal,
        venueOrderId: null,
        leg: "entry",
        limitMicros: 510_000,
        sharesMicros: shares,
        timeInForce: "FAK",
        status: "Filled",
        statusReason: null,
        filledSharesMicros: shares,
        reason: "edge",
        probability: 0.6,
        createdAtMs: atMs,
        updatedAtMs: atMs,
      }),
      row("fills", {
        ...order,
        ...trade,
        tradeId: `trade-${asset}-${window}` as Tables["fills"]["tradeId"],
        priceMicros: 500_000,
        sharesMicros: shares,
        feeMicros: 0,
        liquidity: "taker",
        atMs: atMs + 200,
      }),
    ]);
  }

  /** What another version, or this one, remembered in the slot from then on. */
  async remembered(secondsIn: number, memory: string, made: Partial<MemorySampleRow> = {}): Promise<void> {
    const { strategy, code, params } = versionRef();
    const slot = aSlot(this.#assets[0]).id;
    await this.write([
      row("memory_samples", { slot, strategy, code, params, atMs: NOON + secondsIn * 1_000, memory, ...made }),
    ]);
  }

  /** As the store of a bot does, which goes on writing while others read. */
  async write(writes: readonly Write[]): Promise<void> {
    const failed = ({ message }: { readonly message: string }) => {
      throw new Error(message);
    };
    const store = new InThreadStore({ dir: this.dir }, { durable: () => {}, failed });
    this.#seq = 1;
    store.commit({ seq: this.#seq, writes });
    await store.close();
  }
}

/** With an end price that says how it ended; null while it is open. */
export function windowOf(market: Market, outcome: Side | null): WindowState {
  const strikeE18 = e18(spotAt(market.openMs));
  const endE18 = outcome === null ? null : outcome === "up" ? strikeE18 : strikeE18 - 1n;
  return { market, strikeE18, endE18, quote: null };
}

const cycleAt = (atMs: number): number => (atMs - NOON) / 1_000 + 1;

const row = <T extends TableName>(table: T, content: Tables[T]): Write => ({ table, row: content }) as unknown as Write;
