// Recorded ticks and markets, told in the order in which they were received: the world as a bot would have seen it.
import { ASSETS, WINDOW_INTERVALS } from "../../../dsl/asset.ts";
import type { MarketId } from "../../base/ids.ts";
import { AssetCandles } from "../../market/candle-series.ts";
import type { MarketEvent, Tick } from "../../market/event.ts";
import type { Outcome } from "../../market/market.ts";
import type { PullFeed } from "../port.ts";
import { firstIndex } from "./first-index.ts";
import type { Listing } from "./listing.ts";

export interface TickRecording {
  /** In the order of receipt; at least one. */
  readonly ticks: readonly Tick[];
  readonly listings: readonly Listing[];
  readonly outcomes: ReadonlyMap<MarketId, Outcome>;
}

interface Timed {
  readonly atMs: number;
  readonly event: MarketEvent;
}

export class TickReplay implements PullFeed {
  readonly identity: string;
  readonly grain = { type: "ticks" } as const;
  readonly slots: PullFeed["slots"];
  readonly startMs: number;
  readonly endMs: number;
  readonly quotes = "modelled";
  readonly #recording: TickRecording;
  readonly #timeline: readonly Timed[];
  #isIntroduced = false;

  constructor(identity: string, recording: TickRecording) {
    const { ticks, listings } = recording;
    this.identity = identity;
    this.slots = ASSETS.flatMap((asset) => WINDOW_INTERVALS.map((interval) => ({ asset, interval }))).filter((slot) =>
      listings.some(({ market }) => market.asset === slot.asset && market.interval === slot.interval),
    );
    // The last whole second before the first receipt, so that cycles on the second miss nothing.
    this.startMs = Math.ceil(ticks[0]!.receivedAtMs / 1_000) * 1_000 - 1_000;
    this.endMs = ticks.at(-1)!.receivedAtMs;
    this.#recording = recording;
    this.#timeline = timelineOf(recording);
  }

  /** The 1m and 10s candles that the ticks received by `atMs` make, then the ticks of the minute that is forming. */
  *history(atMs: number): Generator<MarketEvent> {
    const received = this.#recording.ticks.filter((tick) => tick.receivedAtMs <= atMs);
    for (const asset of new Set(received.map((tick) => tick.asset))) {
      const ticks = received.filter((tick) => tick.asset === asset);
      const candles = new AssetCandles();
      for (const tick of ticks) {
        candles.advance(tick.receivedAtMs);
        candles.addTick(tick);
      }
      candles.advance(atMs);
      const formingMs = candles.forming("1m")?.openMs ?? Number.POSITIVE_INFINITY;
      const closed = candles.drainClosed().filter(({ candle }) => candle.openMs < formingMs);
      for (const wanted of ["1m", "10s"] as const) {
        for (const { interval, candle } of closed) {
          if (interval === wanted) yield { type: "CandleClosed", asset, interval, candle };
        }
      }
      for (const tick of ticks) if (tick.eventAtMs >= formingMs) yield tick;
    }
  }

  /** The first call begins with the markets listed by then and not yet over, and their strikes as far as known. */
  *between(fromMs: number, toMs: number): Generator<MarketEvent> {
    if (!this.#isIntroduced) {
      this.#isIntroduced = true;
      for (const listing of this.#recording.listings) {
        if (listing.listedAtMs > fromMs || listing.endedAtMs <= fromMs) continue;
        for (const { atMs, event } of factsOf(listing)) if (atMs <= fromMs) yield event;
      }
    }
    const timeline = this.#timeline;
    for (let i = firstIndex(timeline.length, (at) => timeline[at]!.atMs > fromMs); i < timeline.length; i++) {
      const { atMs, event } = timeline[i]!;
      if (atMs > toMs) return;
      yield event;
    }
  }

  recordedOutcomes(): ReadonlyMap<MarketId, Outcome> {
    return this.#recording.outcomes;
  }
}

function factsOf({ market, listedAtMs, strike }: Listing): readonly Timed[] {
  const listed: Timed = { atMs: listedAtMs, event: { type: "MarketListed", market } };
  if (strike === null) return [listed];
  return [listed, { atMs: strike.atMs, event: { type: "StrikeSet", market: market.id, strikeE18: strike.priceE18 } }];
}

/** What falls on one instant is told in this order: listings, ticks, and the strikes that the ticks make known. */
function timelineOf({ ticks, listings }: TickRecording): readonly Timed[] {
  const facts = listings.flatMap(factsOf);
  return [
    ...facts.filter(({ event }) => event.type === "MarketListed"),
    ...ticks.map((tick) => ({ atMs: tick.receivedAtMs, event: tick })),
    ...facts.filter(({ event }) => event.type === "StrikeSet"),
  ].sort((a, b) => a.atMs - b.atMs);
}
