// A whole world out of one seed: prices, funding, open interest and markets for every asset and window. It keeps no
// state that matters, so a bot that comes back at any later instant finds the same world.
import {
  ASSETS,
  type Asset,
  WINDOW_INTERVALS,
  WINDOW_MS,
  type WindowInterval,
  windowOpenMs,
} from "../../../dsl/asset.ts";
import type { MarketId } from "../../base/ids.ts";
import type { MarketEvent } from "../../market/event.ts";
import type { Market, Outcome } from "../../market/market.ts";
import { modelledMarket } from "../modelled-market.ts";
import type { PullFeed } from "../port.ts";
import { AssetProcess, DELAY_MS_MAX, DELAY_MS_MIN } from "./asset-process.ts";
import { simulatedHistory } from "./simulated-history.ts";

/** 2026-01-05T00:14:40Z: 20 s before a 5m and a 15m window close, so that a short run sees a whole turn of both. */
const ORIGIN_MS = 1_767_572_080_000;

export class SimulatedFeed implements PullFeed {
  readonly identity: string;
  readonly grain = { type: "ticks" } as const;
  readonly slots: readonly { readonly asset: Asset; readonly interval: WindowInterval }[];
  readonly startMs = ORIGIN_MS;
  readonly endMs = null;
  readonly quotes = "modelled";
  readonly #processes: readonly AssetProcess[];
  readonly #intervals: readonly WindowInterval[];
  #isIntroduced = false;

  constructor({ seed, assets = ASSETS, intervals = WINDOW_INTERVALS }: SimulatedFeedOptions) {
    this.identity = `simulated seed=${seed}`;
    this.#processes = assets.map((asset) => new AssetProcess(seed, asset));
    this.#intervals = intervals;
    this.slots = assets.flatMap((asset) => intervals.map((interval) => ({ asset, interval })));
  }

  *history(atMs: number): Generator<MarketEvent> {
    for (const process of this.#processes) yield* simulatedHistory(process, atMs);
  }

  /** The first call begins with the standing facts: markets open and next, strikes, funding, open interest. */
  *between(fromMs: number, toMs: number): Generator<MarketEvent> {
    if (!this.#isIntroduced) {
      this.#isIntroduced = true;
      yield* this.#standing(fromMs);
    }
    const firstSecond = Math.ceil((fromMs + 1 - DELAY_MS_MAX) / 1_000);
    for (let second = firstSecond; second * 1_000 <= toMs; second++) {
      const atMs = second * 1_000;
      if (atMs % 60_000 === 0 && atMs > fromMs) yield* this.#onTheMinute(atMs);
      if (atMs + DELAY_MS_MIN > toMs) continue;
      // Delays stay below a second, so the ticks of one second never mix with the next second's.
      const ticks = this.#processes.map((process) => process.tick(second));
      ticks.sort((a, b) => a.receivedAtMs - b.receivedAtMs);
      for (const tick of ticks) {
        if (tick.receivedAtMs <= fromMs || tick.receivedAtMs > toMs) continue;
        yield tick;
        for (const interval of this.#intervals) {
          if (atMs % WINDOW_MS[interval] !== 0) continue;
          yield { type: "StrikeSet", market: modelledMarket(tick.asset, interval, atMs).id, strikeE18: tick.priceE18 };
        }
      }
    }
  }

  recordedOutcomes(): ReadonlyMap<MarketId, Outcome> {
    return new Map();
  }

  *#standing(atMs: number): Generator<MarketEvent> {
    for (const process of this.#processes) {
      yield fundingAt(process, atMs - (atMs % 3_600_000));
      yield openInterestAt(process, atMs - (atMs % 60_000));
      for (const interval of this.#intervals) {
        const openMs = windowOpenMs(atMs, interval);
        const market = modelledMarket(process.asset, interval, openMs);
        yield listed(market);
        yield listed(modelledMarket(process.asset, interval, market.closeMs));
        const { priceE18, receivedAtMs } = process.tick(openMs / 1_000);
        if (receivedAtMs <= atMs) yield { type: "StrikeSet", market: market.id, strikeE18: priceE18 };
      }
    }
  }

  *#onTheMinute(atMs: number): Generator<MarketEvent> {
    for (const process of this.#processes) {
      if (atMs % 3_600_000 === 0) yield fundingAt(process, atMs);
      yield openInterestAt(process, atMs);
      for (const interval of this.#intervals) {
        if (atMs % WINDOW_MS[interval] !== 0) continue;
        yield listed(modelledMarket(process.asset, interval, atMs + WINDOW_MS[interval]));
      }
    }
  }
}

interface SimulatedFeedOptions {
  readonly seed: number;
  readonly assets?: readonly Asset[];
  readonly intervals?: readonly WindowInterval[];
}

const listed = (market: Market): MarketEvent => ({ type: "MarketListed", market });

const fundingAt = (process: AssetProcess, atMs: number): MarketEvent => ({
  type: "Funding",
  asset: process.asset,
  rate8h: process.fundingRate8h(atMs / 3_600_000),
  atMs,
});

const openInterestAt = (process: AssetProcess, atMs: number): MarketEvent => ({
  type: "OpenInterest",
  asset: process.asset,
  coins: process.openInterest(atMs / 60_000),
  atMs,
});
