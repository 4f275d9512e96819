// One market the exchange runs: what it was told of it, the book of the moment, and the account's holding in it.
import { probabilityUp } from "../../../dsl/indicators/probability-up.ts";
import { seedOf } from "../../base/prng.ts";
import type { MarketEvent } from "../../market/event.ts";
import { type Market, type MarketQuote, type Outcome, priceOfE18, type Side } from "../../market/market.ts";
import { type Book, EMPTY_BOOK, mirror, quoteOf, without } from "./book.ts";
import type { JournaledMarket } from "./journal.ts";
import { drawBook } from "./market-maker.ts";
import { EndSamples } from "./resolution.ts";
import { Volatility } from "./volatility.ts";

/** The latest price of an asset and how fast it moves. */
export class AssetPrice {
  spot: number | null = null;
  readonly volatility = new Volatility();

  observe(event: Extract<MarketEvent, { type: "Tick" | "CandleClosed" }>): void {
    if (event.type === "Tick") {
      this.spot = priceOfE18(event.priceE18);
      this.volatility.sample(this.spot, event.eventAtMs);
    } else if (event.interval === "1m" && !event.candle.synthetic) {
      this.volatility.sample(event.candle.close, event.candle.openMs + 60_000);
    }
  }
}

export class LiveMarket {
  readonly market: Market;
  readonly price: AssetPrice;
  readonly samples: EndSamples;
  readonly holding: { up: number; down: number };
  strikeE18: bigint | null;
  outcome: Outcome | null;
  /** What the claim paid, or 0 before it. */
  claimedMicros = 0;
  /** Only what was traded is worth remembering. */
  isTraded: boolean;
  readonly #seed: number;
  /** Shares taken from the Up book in its second; the next second's book is whole again. */
  #taken = { second: 0, bids: 0, asks: 0 };
  #published = { second: 0, up: quoteOf(EMPTY_BOOK) };

  constructor(market: Market, price: AssetPrice, seed: number, journaled?: JournaledMarket) {
    this.market = market;
    this.price = price;
    this.#seed = seed ^ seedOf(market.id);
    this.samples = new EndSamples(market, journaled?.samples);
    this.holding = { up: journaled?.holding.up ?? 0, down: journaled?.holding.down ?? 0 };
    this.strikeE18 = journaled?.strikeE18 ?? null;
    this.outcome = journaled?.outcome ?? null;
    this.isTraded = journaled !== undefined;
  }

  isOpen(nowMs: number): boolean {
    return nowMs >= this.market.openMs && nowMs < this.market.closeMs;
  }

  /** The book of one outcome token at this moment; empty without a price or a strike, and outside the window. */
  book(side: Side, nowMs: number): Book {
    const { spot, volatility } = this.price;
    if (spot === null || this.strikeE18 === null || !this.isOpen(nowMs)) return EMPTY_BOOK;
    const second = Math.floor(nowMs / 1_000);
    const fair = probabilityUp({
      spot,
      // The market makers watch the oracle; how old a price the bot still trusts is its own affair.
      spotAgeSeconds: 0,
      strike: priceOfE18(this.strikeE18),
      secondsLeft: this.market.closeMs / 1_000 - second,
      sigma: volatility.sigmaPerSqrtSecond,
      lookbackSeconds: this.market.twapLookbackMs / 1_000,
      elapsedMean: this.samples.mean ?? spot,
    });
    const drawn = drawBook(this.market, second, fair, this.#seed);
    const taken = this.#taken.second === second ? this.#taken : { bids: 0, asks: 0 };
    const book = { bids: without(drawn.bids, taken.bids), asks: without(drawn.asks, taken.asks) };
    return side === "up" ? book : mirror(book);
  }

  /** Depth that was traded away is gone until the next second. Taking Down's asks is taking Up's bids. */
  consume(side: Side, levels: "bids" | "asks", sharesMicros: number, nowMs: number): void {
    const second = Math.floor(nowMs / 1_000);
    if (this.#taken.second !== second) this.#taken = { second, bids: 0, asks: 0 };
    this.#taken[(levels === "bids") === (side === "up") ? "bids" : "asks"] += sharesMicros;
  }

  /** The quote, if there is one and it is of another second or price than the last one given out. */
  freshQuote(nowMs: number): MarketQuote | null {
    const book = this.book("up", nowMs);
    if (book === EMPTY_BOOK) return null;
    const second = Math.floor(nowMs / 1_000);
    const up = quoteOf(book);
    const last = this.#published;
    const isSame =
      second === last.second &&
      up.bidMicros === last.up.bidMicros &&
      up.askMicros === last.up.askMicros &&
      up.bidSizeMicros === last.up.bidSizeMicros &&
      up.askSizeMicros === last.up.askSizeMicros;
    if (isSame) return null;
    this.#published = { second, up };
    return { atMs: nowMs, up, down: quoteOf(mirror(book)) };
  }
}
