// What was last said of the market, as far as the rows of a group tell: what comes next is written as a difference to it.
import type { Candle, CandleInterval } from "../../dsl/candle.ts";
import type { Tick } from "../market/event.ts";
import { type MarketQuote, priceOfE18, type TokenQuote } from "../market/market.ts";

interface RememberedAsset {
  priceE18: bigint;
  /** As a frame has it; null until it is asked for. */
  price: number | null;
  /** Zeros at the end of the last change of the price. */
  zeros: number;
}

interface RememberedQuote {
  quote: MarketQuote;
  /** The market that was quoted after this one. */
  next: string;
}

const NOTHING: TokenQuote = { bidMicros: 0, askMicros: 0, bidSizeMicros: 0, askSizeMicros: 0 };
const NO_CANDLE: Candle = {
  ...{ openMs: 0, open: 0, high: 0, low: 0, close: 0, volume: 0, synthetic: false },
  ...{ fundingRate8h: Number.NaN, openInterest: Number.NaN },
};

export class MarketMemory {
  readonly #assets = new Map<string, RememberedAsset>();
  readonly #quotes = new Map<string, RememberedQuote>();
  readonly #candles = new Map<string, Candle>();
  /** When the last tick happened. */
  tickedAtMs = 0;
  quotedAtMs = 0;
  #lastQuoted = "";

  forget(): void {
    this.#assets.clear();
    this.#quotes.clear();
    this.#candles.clear();
    this.#lastQuoted = "";
    this.tickedAtMs = 0;
    this.quotedAtMs = 0;
  }

  asset(name: string): RememberedAsset {
    let asset = this.#assets.get(name);
    if (asset === undefined) {
      asset = { priceE18: 0n, price: null, zeros: 0 };
      this.#assets.set(name, asset);
    }
    return asset;
  }

  ticked(tick: Tick, zeros: number): void {
    const asset = this.asset(tick.asset);
    asset.priceE18 = tick.priceE18;
    asset.price = null;
    asset.zeros = zeros;
    this.tickedAtMs = tick.eventAtMs;
  }

  /** Last price of the asset as a frame has it; NaN before the first. */
  spot(name: string): number {
    const asset = this.#assets.get(name);
    if (asset === undefined) return Number.NaN;
    asset.price ??= priceOfE18(asset.priceE18);
    return asset.price;
  }

  quote(market: string): MarketQuote | null {
    return this.#quotes.get(market)?.quote ?? null;
  }

  quoteOrNothing(market: string): MarketQuote {
    return this.quote(market) ?? { atMs: 0, up: NOTHING, down: NOTHING };
  }

  /** The market that is likely to be quoted now. */
  get nextQuoted(): string {
    return this.#quotes.get(this.#lastQuoted)?.next ?? "";
  }

  quoted(market: string, quote: MarketQuote): void {
    const before = this.#quotes.get(this.#lastQuoted);
    if (before !== undefined) before.next = market;
    const known = this.#quotes.get(market);
    if (known === undefined) this.#quotes.set(market, { quote, next: "" });
    else known.quote = quote;
    this.#lastQuoted = market;
    this.quotedAtMs = quote.atMs;
  }

  candle(asset: string, interval: CandleInterval): Candle {
    return this.#candles.get(`${asset} ${interval}`) ?? NO_CANDLE;
  }

  closed(asset: string, interval: CandleInterval, candle: Candle): void {
    this.#candles.set(`${asset} ${interval}`, candle);
  }
}
