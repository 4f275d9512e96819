// Recorded candles, one cycle each: at a boundary the candle before it closes, and the price there is the only tick.
import { type Asset, WINDOW_INTERVALS, WINDOW_MS, type WindowInterval, windowOpenMs } from "../../../dsl/asset.ts";
import { CANDLE_MS } from "../../../dsl/candle.ts";
import type { MarketId } from "../../base/ids.ts";
import type { MarketEvent } from "../../market/event.ts";
import type { Outcome } from "../../market/market.ts";
import { modelledMarket } from "../modelled-market.ts";
import type { PullFeed } from "../port.ts";
import type { CandleColumns } from "./candle-file.ts";
import { CandleTrack } from "./candle-track.ts";

/** A series fills the ring of the longest interval from this stretch of history. */
const HISTORY_MS = 1_500 * CANDLE_MS["1h"];

export class CandleReplay implements PullFeed {
  readonly identity: string;
  readonly grain: { readonly type: "candles"; readonly stepMs: number };
  readonly slots: readonly { readonly asset: Asset; readonly interval: WindowInterval }[];
  readonly startMs: number;
  readonly endMs: number;
  readonly quotes = "modelled";
  readonly #tracks: readonly CandleTrack[];
  readonly #intervals: readonly WindowInterval[];
  #isIntroduced = false;

  /** At least one asset; all with candles of one interval. */
  constructor(identity: string, candles: ReadonlyMap<Asset, CandleColumns>) {
    const [{ stepMs }] = [...candles.values()] as [CandleColumns];
    this.identity = identity;
    this.grain = { type: "candles", stepMs };
    this.#intervals = WINDOW_INTERVALS.filter((interval) => WINDOW_MS[interval] >= stepMs);
    this.#tracks = [...candles].map(([asset, columns]) => new CandleTrack(asset, columns));
    this.slots = this.#tracks.flatMap(({ asset }) => this.#intervals.map((interval) => ({ asset, interval })));
    // A second before the first open, so that what is told at it lies after the start.
    this.startMs = Math.min(...this.#tracks.map((track) => track.firstMs)) - 1_000;
    this.endMs = Math.max(...this.#tracks.map((track) => track.endMs));
  }

  /** The candles that closed by `atMs`, as far back as an hour's ring reaches. */
  *history(atMs: number): Generator<MarketEvent> {
    for (const track of this.#tracks) yield* track.closedBetween(atMs - HISTORY_MS, atMs);
  }

  /** The first call begins with the windows that are open or next, strikes, funding and open interest. */
  *between(fromMs: number, toMs: number): Generator<MarketEvent> {
    if (!this.#isIntroduced) {
      this.#isIntroduced = true;
      for (const track of this.#tracks) yield* this.#standing(track, fromMs);
    }
    const { stepMs } = this.grain;
    const lastMs = Math.min(toMs, this.endMs);
    for (let atMs = Math.floor(fromMs / stepMs) * stepMs + stepMs; atMs <= lastMs; atMs += stepMs) {
      const opening = this.#intervals.filter((interval) => atMs % WINDOW_MS[interval] === 0);
      for (const track of this.#tracks) {
        for (const interval of opening) yield* listed(track, interval, atMs + WINDOW_MS[interval]);
        for (const event of track.at(atMs)) yield event;
        for (const interval of opening) yield* struck(track, interval, atMs);
      }
    }
  }

  recordedOutcomes(): ReadonlyMap<MarketId, Outcome> {
    return new Map();
  }

  *#standing(track: CandleTrack, fromMs: number): Generator<MarketEvent> {
    yield* track.factsAt(fromMs);
    for (const interval of this.#intervals) {
      const openMs = windowOpenMs(fromMs, interval);
      yield* listed(track, interval, openMs);
      yield* struck(track, interval, openMs);
      yield* listed(track, interval, openMs + WINDOW_MS[interval]);
    }
  }
}

/** Only windows that open within the recording exist: the others would never get a strike. */
function* listed(track: CandleTrack, interval: WindowInterval, openMs: number): Generator<MarketEvent> {
  if (!track.covers(openMs)) return;
  yield { type: "MarketListed", market: modelledMarket(track.asset, interval, openMs) };
}

function* struck(track: CandleTrack, interval: WindowInterval, openMs: number): Generator<MarketEvent> {
  const strikeE18 = track.priceE18At(openMs);
  if (strikeE18 === null || !track.covers(openMs)) return;
  yield { type: "StrikeSet", market: modelledMarket(track.asset, interval, openMs).id, strikeE18 };
}
