// What the core knows of the world: last prices, candles, the windows, their strikes and quotes, and the prices at boundaries.
import { type Asset, WINDOW_MS, type WindowInterval } from "../../dsl/asset.ts";
import { assertNever } from "../base/assert.ts";
import type { MarketId } from "../base/ids.ts";
import { AssetCandles } from "./candle-series.ts";
import type { MarketEvent, Tick } from "./event.ts";
import { type Market, type MarketQuote, outcomeOf, priceOfE18 } from "./market.ts";
import { TickTape } from "./tick-tape.ts";

/** Closed windows are remembered this long: the venue resolves within minutes, a restart may come hours later. */
const MARKET_KEPT_MS = 6 * 3_600_000;
/** A correction of the price at the close may arrive this much later and still counts. */
const CORRECTION_MS = 5_000;
/** Bound on windows known at once: 16 slots, 6 hours of 5-minute windows, and some ahead. */
const MARKETS_MAX = 4_000;

export interface AssetState {
  readonly asset: Asset;
  readonly candles: AssetCandles;
  readonly tape: TickTape;
  lastTick: Tick | null;
}

export interface WindowState {
  readonly market: Market;
  strikeE18: bigint | null;
  /** Price at the close, by our own ticks; null until the close, and for ever if the feed had no price there. */
  endE18: bigint | null;
  quote: MarketQuote | null;
}

export class MarketState {
  readonly #grain: "ticks" | "candles";
  readonly #assets = new Map<Asset, AssetState>();
  readonly #windows = new Map<MarketId, WindowState>();
  /** Windows by asset, interval and open: how a slot finds its market in O(1). */
  readonly #byOpen = new Map<string, WindowState>();
  /** Not yet closed, or closed and waiting for the price at the close. */
  readonly #awaitingEnd = new Set<WindowState>();

  /** "candles": the feed sends whole candles, and its ticks only mark their opens. */
  constructor(grain: "ticks" | "candles" = "ticks") {
    this.#grain = grain;
  }

  asset(asset: Asset): AssetState {
    let state = this.#assets.get(asset);
    if (state === undefined) {
      state = { asset, candles: new AssetCandles(this.#grain), tape: new TickTape(), lastTick: null };
      this.#assets.set(asset, state);
    }
    return state;
  }

  get assets(): IterableIterator<AssetState> {
    return this.#assets.values();
  }

  window(market: MarketId): WindowState | null {
    return this.#windows.get(market) ?? null;
  }

  /** The window that contains `atMs`, if the venue lists it. */
  current(asset: Asset, interval: WindowInterval, atMs: number): WindowState | null {
    const openMs = atMs - (atMs % WINDOW_MS[interval]);
    return this.#byOpen.get(`${asset}-${interval}-${openMs}`) ?? null;
  }

  apply(event: MarketEvent): void {
    switch (event.type) {
      case "Tick": {
        const state = this.asset(event.asset);
        state.candles.addTick(event);
        state.tape.add(event);
        if (state.lastTick === null || event.eventAtMs >= state.lastTick.eventAtMs) state.lastTick = event;
        return;
      }
      case "CandleClosed":
        this.asset(event.asset).candles.addClosed(event.interval, event.candle);
        return;
      case "MarketListed":
        this.list(event.market, null, null);
        return;
      case "StrikeSet": {
        const window = this.#windows.get(event.market);
        if (window !== undefined) window.strikeE18 = event.strikeE18;
        return;
      }
      case "Quoted": {
        const window = this.#windows.get(event.market);
        if (window !== undefined) window.quote = event.quote;
        return;
      }
      case "Funding":
        this.asset(event.asset).candles.setFunding(event.rate8h);
        return;
      case "OpenInterest":
        this.asset(event.asset).candles.setOpenInterest(event.coins);
        return;
      default:
        assertNever(event, "market event");
    }
  }

  /** Adds a window, from the feed or from the store; facts of a known one stay as they are. */
  list(market: Market, strikeE18: bigint | null, endE18: bigint | null): void {
    if (this.#windows.has(market.id) || this.#windows.size >= MARKETS_MAX) return;
    const window: WindowState = { market, strikeE18, endE18, quote: null };
    this.#windows.set(market.id, window);
    this.#byOpen.set(`${market.asset}-${market.interval}-${market.openMs}`, window);
    if (endE18 === null) this.#awaitingEnd.add(window);
  }

  /**
   * Closes candles that are due, finds end prices, forgets old windows that are not needed any more. Returns the windows
   * whose end price has become known.
   */
  advance(nowMs: number, isNeeded: (market: MarketId) => boolean = () => false): WindowState[] {
    for (const asset of this.#assets.values()) asset.candles.advance(nowMs);
    const ended: WindowState[] = [];
    for (const window of this.#awaitingEnd) {
      const { market } = window;
      if (nowMs < market.closeMs + CORRECTION_MS) continue;
      const endE18 = this.asset(market.asset).tape.settlementPrice(market.closeMs, market.twapLookbackMs);
      if (endE18 !== null) {
        window.endE18 = endE18;
        ended.push(window);
      }
      if (endE18 !== null || nowMs > market.closeMs + MARKET_KEPT_MS) this.#awaitingEnd.delete(window);
    }
    for (const window of this.#windows.values()) {
      if (nowMs <= window.market.closeMs + MARKET_KEPT_MS) break; // Listed in order of time, so the oldest come first.
      if (isNeeded(window.market.id)) continue;
      this.#windows.delete(window.market.id);
      this.#byOpen.delete(`${window.market.asset}-${window.market.interval}-${window.market.openMs}`);
    }
    return ended;
  }
}

export const spotOf = (state: AssetState): number =>
  state.lastTick === null ? Number.NaN : priceOfE18(state.lastTick.priceE18);

/** Our own view of how a window ended, from strike and end price; null without both. */
export const computedOutcome = (window: WindowState): "up" | "down" | null => {
  if (window.strikeE18 === null || window.endE18 === null) return null;
  const outcome = outcomeOf(window.strikeE18, window.endE18);
  return outcome === "void" ? null : outcome;
};
