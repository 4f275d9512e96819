// A deterministic exchange for one account: the same seed, inputs and times give the same reports. It is a world of its own
// behind the port: an own clock, an own reading of the oracle, and an own journal that is written before anything is said.

import type { Asset } from "../../../dsl/asset.ts";
import { CANDLE_MS } from "../../../dsl/candle.ts";
import { assert, assertNever } from "../../base/assert.ts";
import type { MarketId } from "../../base/ids.ts";
import { hash32, seedOf } from "../../base/prng.ts";
import type { MarketEvent } from "../../market/event.ts";
import type { Market } from "../../market/market.ts";
import type { ExecutionReport, VenueCommand, VenueListener } from "../port.ts";
import { Agenda } from "./agenda.ts";
import { ExchangeAccount } from "./exchange-account.ts";
import type { VenueJournal } from "./journal.ts";
import { AssetPrice, LiveMarket } from "./live-market.ts";
import { type DeskAction, OrderDesk } from "./order-desk.ts";

export interface ExchangeSettings {
  readonly seed: number;
  /** Of a new account; one that the journal knows goes on with what it has. */
  readonly openingCashMicros: number;
  /** How long after the close a market resolves; drawn per market. */
  readonly resolutionDelayMs: { readonly min: number; readonly max: number };
  /** Share of submits refused for no fault of theirs, parts per million. */
  readonly rejectPpm?: number;
}

const REJECT_PPM = 2_000;
/** Observed but not yet due: a day of ticks for every asset fits. */
const INBOX_EVENTS_MAX = 1_000_000;
const LISTED_MARKETS_MAX = 100_000;

type Action = DeskAction | { readonly type: "Close" | "Resolve" | "Claim"; readonly market: MarketId };

export class SimulatedExchange {
  readonly #settings: ExchangeSettings;
  readonly #listener: VenueListener;
  readonly #account: ExchangeAccount;
  readonly #desk: OrderDesk;
  readonly #prices = new Map<Asset, AssetPrice>();
  readonly #agenda = new Agenda<Action>();
  /** Ticks become known to the exchange when they are received, so a batch of them is taken in by and by. */
  #inbox: MarketEvent[] = [];
  #nowMs: number;
  #hasStarted = false;
  #outbox: ExecutionReport[] = [];
  #committed: ExecutionReport[] = [];
  #isReporting = false;

  constructor(settings: ExchangeSettings, journal: VenueJournal, listener: VenueListener) {
    this.#settings = settings;
    this.#listener = listener;
    const { seed, openingCashMicros } = settings;
    const known = journal.load();
    const fresh = { openingCashMicros, cashMicros: openingCashMicros, orders: 0, fills: 0 };
    this.#account = new ExchangeAccount(journal, known?.account ?? fresh);
    this.#desk = new OrderDesk({
      seed,
      rejectPpm: settings.rejectPpm ?? REJECT_PPM,
      account: this.#account,
      say: (report) => this.#outbox.push(report),
      schedule: (atMs, action) => this.#agenda.add(atMs, action),
    });
    this.#nowMs = known?.account.nowMs ?? 0;
    for (const journaled of known?.markets ?? []) {
      this.#list(new LiveMarket(journaled.market, this.#price(journaled.market.asset), seed, journaled));
      for (const order of journaled.orders) this.#desk.restore(order);
    }
  }

  /** Takes a command at the present time. What it leads to comes with a later `advance`; a repeated submit and a reconciliation answer at once. */
  handle(command: VenueCommand): void {
    switch (command.type) {
      case "Submit":
        this.#desk.submit(command.order, this.#nowMs);
        break;
      case "Cancel":
        this.#desk.cancel(command.clientOrderId, this.#nowMs);
        break;
      case "Claim": {
        const atMs = this.#nowMs + this.#desk.latencyMs(command.market, this.#nowMs);
        this.#agenda.add(atMs, { type: "Claim", market: command.market });
        break;
      }
      case "Reconcile": {
        const snapshot = this.#account.snapshot(command.orders, command.markets, this.#nowMs);
        this.#outbox.push({ type: "Reconciled", snapshot });
        break;
      }
      default:
        assertNever(command, "command");
    }
    this.#flush();
  }

  /** Markets are known at once; prices, strikes and candles once the clock has come to them, in the order given. */
  observe(events: readonly MarketEvent[]): void {
    for (const event of events) {
      if (event.type === "MarketListed") this.#hear(event.market);
      else if (event.type === "Tick" || event.type === "StrikeSet" || event.type === "CandleClosed")
        this.#inbox.push(event);
    }
    assert(
      this.#inbox.length <= INBOX_EVENTS_MAX,
      `${this.#inbox.length} events wait, the clock stands at ${this.#nowMs}`,
    );
  }

  /** Brings the exchange to `nowMs`: everything due on the way happens at its own time. An earlier time is ignored. */
  advance(nowMs: number): void {
    assert(Number.isSafeInteger(nowMs), `Cannot advance to ${nowMs}: time is integer milliseconds`);
    if (nowMs < this.#nowMs) return;
    if (!this.#hasStarted) this.#start(nowMs);
    let taken = 0;
    for (;;) {
      const event = this.#inbox[taken];
      const eventAtMs = event === undefined ? Number.POSITIVE_INFINITY : this.#dueMs(event);
      const sweepAtMs = this.#nextSweepMs();
      const dueMs = Math.min(eventAtMs, sweepAtMs, this.#agenda.nextAtMs);
      if (dueMs > nowMs) break;
      this.#nowMs = Math.max(this.#nowMs, dueMs);
      if (event !== undefined && eventAtMs === dueMs) {
        this.#learn(event);
        taken += 1;
      } else if (sweepAtMs === dueMs) this.#desk.sweep(this.#nowMs);
      else this.#do(this.#agenda.take()!);
    }
    this.#inbox.splice(0, taken);
    this.#nowMs = nowMs;
    this.#flush();
    this.#publish();
  }

  /** What closed before this life began, and was never traded, resolves for nobody. */
  #start(nowMs: number): void {
    this.#hasStarted = true;
    for (const live of this.#account.markets.values()) {
      if (!live.isTraded && live.market.closeMs <= nowMs) this.#account.forget(live);
    }
  }

  #hear(market: Market): void {
    const { markets } = this.#account;
    if (markets.has(market.id) || market.closeMs <= this.#nowMs || markets.size >= LISTED_MARKETS_MAX) return;
    this.#list(new LiveMarket(market, this.#price(market.asset), this.#settings.seed));
  }

  #list(live: LiveMarket): void {
    const { id, closeMs } = live.market;
    this.#account.markets.set(id, live);
    if (live.outcome !== null) return;
    const { min, max } = this.#settings.resolutionDelayMs;
    const delayMs = min + (hash32(this.#settings.seed, seedOf(id)) % (max - min + 1));
    this.#agenda.add(closeMs, { type: "Close", market: id });
    this.#agenda.add(closeMs + delayMs, { type: "Resolve", market: id });
  }

  #price(asset: Asset): AssetPrice {
    const price = this.#prices.get(asset) ?? new AssetPrice();
    this.#prices.set(asset, price);
    return price;
  }

  /** A candle is known at its close. What has no time of its own belongs to what comes before it. */
  #dueMs(event: MarketEvent): number {
    if (event.type === "Tick") return event.receivedAtMs;
    return event.type === "CandleClosed" ? event.candle.openMs + CANDLE_MS[event.interval] : this.#nowMs;
  }

  /** Resting orders are looked at every whole second, and only while there are any. */
  #nextSweepMs(): number {
    return this.#desk.hasResting ? (Math.floor(this.#nowMs / 1_000) + 1) * 1_000 : Number.POSITIVE_INFINITY;
  }

  #learn(event: MarketEvent): void {
    if (event.type === "StrikeSet") {
      const live = this.#account.markets.get(event.market);
      if (live === undefined || live.strikeE18 === event.strikeE18) return;
      live.strikeE18 = event.strikeE18;
      this.#account.recordMarket(live);
    } else if (event.type === "CandleClosed") {
      this.#price(event.asset).observe(event);
    } else if (event.type === "Tick") {
      this.#price(event.asset).observe(event);
      for (const live of this.#account.markets.values()) {
        if (live.market.asset === event.asset && live.outcome === null && live.samples.accept(event)) {
          this.#account.recordSample(live, event);
        }
      }
    }
  }

  #do(action: Action): void {
    switch (action.type) {
      case "Close":
        this.#desk.closeMarket(action.market, this.#nowMs);
        return;
      case "Resolve": {
        const live = this.#account.markets.get(action.market);
        if (live === undefined) return;
        const outcome = live.samples.outcome(live.strikeE18);
        this.#account.resolve(live, outcome, this.#nowMs);
        this.#outbox.push({ type: "MarketResolved", market: action.market, outcome, atMs: this.#nowMs });
        return;
      }
      case "Claim": {
        const amountMicros = this.#account.claim(action.market, this.#nowMs);
        if (amountMicros === null) return;
        this.#outbox.push({ type: "Claimed", market: action.market, amountMicros, atMs: this.#nowMs });
        return;
      }
      default:
        this.#desk.do(action, this.#nowMs);
    }
  }

  /** Durable first, then said. A listener that sends at once is served after the reports before it. */
  #flush(): void {
    this.#account.commit(this.#nowMs);
    this.#committed.push(...this.#outbox);
    this.#outbox = [];
    if (this.#isReporting) return;
    this.#isReporting = true;
    try {
      for (let i = 0; i < this.#committed.length; i++) this.#listener.report(this.#committed[i]!);
    } finally {
      this.#committed = [];
      this.#isReporting = false;
    }
  }

  #publish(): void {
    const events: MarketEvent[] = [];
    for (const live of this.#account.markets.values()) {
      const quote = live.freshQuote(this.#nowMs);
      if (quote !== null) events.push({ type: "Quoted", market: live.market.id, quote });
    }
    if (events.length > 0) this.#listener.market(events);
  }
}
