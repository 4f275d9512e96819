// A journal that lives as long as its owner: for backtests, and for tests that close an exchange and open it again.
import { assertNever } from "../../base/assert.ts";
import type { ClientOrderId, MarketId } from "../../base/ids.ts";
import type { Market, Outcome } from "../../market/market.ts";
import type { ExchangeOrder } from "./exchange-order.ts";
import type { AccountRecord, JournaledMarket, VenueJournal, VenueRecord } from "./journal.ts";
import type { EndSample } from "./resolution.ts";

/** Of markets that are over, the newest are remembered. */
const MARKETS_MAX = 10_000;

interface Entry {
  market: Market | null;
  strikeE18: bigint | null;
  isLive: boolean;
  outcome: Outcome | null;
  claimedMicros: number | null;
  readonly holding: { up: number; down: number };
  readonly samples: Map<number, EndSample>;
  readonly orders: Map<ClientOrderId, ExchangeOrder>;
}

export class MemoryJournal implements VenueJournal {
  #account: AccountRecord | null = null;
  readonly #entries = new Map<MarketId, Entry>();
  readonly #marketOf = new Map<ClientOrderId, MarketId>();

  load(): { readonly account: AccountRecord; readonly markets: readonly JournaledMarket[] } | null {
    if (this.#account === null) return null;
    const markets = [...this.#entries.values()].flatMap(({ market, isLive, strikeE18, outcome, ...entry }) => {
      if (market === null || !isLive) return [];
      const samples = [...entry.samples.values()];
      return [
        { market, strikeE18, outcome, holding: { ...entry.holding }, samples, orders: [...entry.orders.values()] },
      ];
    });
    return { account: this.#account, markets };
  }

  append(records: readonly VenueRecord[]): void {
    for (const record of records) this.#write(record);
    for (const [id, entry] of this.#entries) {
      if (this.#entries.size <= MARKETS_MAX) break;
      if (entry.isLive) continue;
      for (const order of entry.orders.keys()) this.#marketOf.delete(order);
      this.#entries.delete(id);
    }
  }

  findOrder(id: ClientOrderId): ExchangeOrder | null {
    const market = this.#marketOf.get(id);
    return market === undefined ? null : (this.#entries.get(market)?.orders.get(id) ?? null);
  }

  findResolution(market: MarketId): { readonly outcome: Outcome; readonly claimedMicros: number | null } | null {
    const { outcome = null, claimedMicros = null } = this.#entries.get(market) ?? {};
    return outcome === null ? null : { outcome, claimedMicros };
  }

  #write(record: VenueRecord): void {
    switch (record.type) {
      case "Account":
        this.#account = record;
        return;
      case "Market": {
        const { market, strikeE18, isLive } = record;
        Object.assign(this.#entry(market.id), { market, strikeE18, isLive });
        return;
      }
      case "EndSample":
        this.#entry(record.market).samples.set(record.sample.eventAtMs, record.sample);
        return;
      case "Order": {
        const { clientOrderId, market } = record.order.order;
        this.#entry(market).orders.set(clientOrderId, record.order);
        this.#marketOf.set(clientOrderId, market);
        return;
      }
      case "Fill":
        return; // An order in memory carries its fills.
      case "Holding":
        this.#entry(record.market).holding[record.side] = record.sharesMicros;
        return;
      case "Resolution":
        this.#entry(record.market).outcome = record.outcome;
        return;
      case "Claim":
        this.#entry(record.market).claimedMicros = record.amountMicros;
        return;
      default:
        assertNever(record, "record");
    }
  }

  #entry(id: MarketId): Entry {
    const known = this.#entries.get(id);
    if (known !== undefined) return known;
    const entry: Entry = {
      market: null,
      strikeE18: null,
      isLive: false,
      outcome: null,
      claimedMicros: null,
      holding: { up: 0, down: 0 },
      samples: new Map(),
      orders: new Map(),
    };
    this.#entries.set(id, entry);
    return entry;
  }
}
