// The recorded candles of one asset as events: told when they could be known, from columns, without building them all.
import type { Asset } from "../../../dsl/asset.ts";
import type { Candle } from "../../../dsl/candle.ts";
import { assert } from "../../base/assert.ts";
import type { MarketEvent } from "../../market/event.ts";
import type { CandleColumns } from "./candle-file.ts";
import { e18OfDecimal } from "./decimal.ts";
import { firstIndex } from "./first-index.ts";

export class CandleTrack {
  readonly asset: Asset;
  readonly firstMs: number;
  readonly endMs: number;
  readonly #columns: CandleColumns;
  #at = 0;

  constructor(asset: Asset, columns: CandleColumns) {
    this.asset = asset;
    this.#columns = columns;
    this.firstMs = columns.openMs[0]!;
    this.endMs = columns.openMs.at(-1)! + columns.stepMs;
  }

  /** Whether an instant lies between the first open and the last close. */
  covers(atMs: number): boolean {
    return atMs >= this.firstMs && atMs < this.endMs;
  }

  /** At a boundary: what is known of the candle that closes there, then the one price of that instant. */
  at(atMs: number): readonly MarketEvent[] {
    const events: MarketEvent[] = [];
    const { asset } = this;
    const index = this.#indexAt(atMs) - 1;
    if (this.#closeMs(index) === atMs) {
      events.push(...this.#facts(index, index));
      events.push({ type: "CandleClosed", asset, interval: this.#columns.interval, candle: this.#candle(index) });
    }
    const priceE18 = this.priceE18At(atMs);
    if (priceE18 !== null) {
      events.push({ type: "Tick", asset, priceE18, volume: 0, eventAtMs: atMs, receivedAtMs: atMs });
    }
    return events;
  }

  /** The open of the candle that opens then; where none does, the close of the one that ends then, so that a window can settle. */
  priceE18At(atMs: number): bigint | null {
    const { openMs, open, longOpensE18, close } = this.#columns;
    const index = this.#indexAt(atMs);
    if (openMs[index] === atMs) return longOpensE18.get(index) ?? e18Of(open[index]!);
    return this.#closeMs(index - 1) === atMs ? e18Of(close[index - 1]!) : null;
  }

  *closedBetween(fromMs: number, toMs: number): Generator<MarketEvent> {
    const { interval, openMs } = this.#columns;
    const first = firstIndex(openMs.length, (i) => this.#closeMs(i) > fromMs);
    for (let i = first; this.#closeMs(i) <= toMs; i++) {
      yield { type: "CandleClosed", asset: this.asset, interval, candle: this.#candle(i) };
    }
  }

  /** Funding and open interest as last known at an instant. */
  factsAt(atMs: number): readonly MarketEvent[] {
    const { fundingRate8h, openInterest } = this.#columns;
    let funding = firstIndex(fundingRate8h.length, (i) => this.#closeMs(i) > atMs) - 1;
    let interest = funding;
    while (funding >= 0 && Number.isNaN(fundingRate8h[funding])) funding--;
    while (interest >= 0 && Number.isNaN(openInterest[interest])) interest--;
    return this.#facts(funding, interest);
  }

  #facts(funding: number, interest: number): readonly MarketEvent[] {
    const { asset } = this;
    const events: MarketEvent[] = [];
    const rate8h = this.#columns.fundingRate8h[funding] ?? Number.NaN;
    const coins = this.#columns.openInterest[interest] ?? Number.NaN;
    if (!Number.isNaN(rate8h)) events.push({ type: "Funding", asset, rate8h, atMs: this.#closeMs(funding) });
    if (!Number.isNaN(coins)) events.push({ type: "OpenInterest", asset, coins, atMs: this.#closeMs(interest) });
    return events;
  }

  /** NaN outside the recording. */
  #closeMs(index: number): number {
    return (this.#columns.openMs[index] ?? Number.NaN) + this.#columns.stepMs;
  }

  #candle(index: number): Candle {
    const { openMs, open, high, low, close, volume, fundingRate8h, openInterest } = this.#columns;
    return {
      openMs: openMs[index]!,
      open: open[index]!,
      high: high[index]!,
      low: low[index]!,
      close: close[index]!,
      volume: volume[index]!,
      synthetic: false,
      fundingRate8h: fundingRate8h[index]!,
      openInterest: openInterest[index]!,
    };
  }

  /** First candle that opens at `atMs` or later. Calls go forward in time, so the last answer is near the next one. */
  #indexAt(atMs: number): number {
    const { openMs } = this.#columns;
    if (this.#at > 0 && openMs[this.#at - 1]! >= atMs) this.#at = 0;
    while (this.#at < openMs.length && openMs[this.#at]! < atMs) this.#at++;
    return this.#at;
  }
}

/** Of a price that a number holds to its last digit. */
function e18Of(price: number): bigint {
  const priceE18 = e18OfDecimal(String(price));
  assert(priceE18 !== null, `Cannot scale price ${price}`);
  return priceE18;
}
