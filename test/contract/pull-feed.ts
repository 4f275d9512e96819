// What every feed that can be asked for a stretch of time promises, whatever world it shows.
import { describe, expect, test } from "vitest";
import { CANDLE_MS } from "../../dsl/candle.ts";
import type { MarketId } from "../../engine/base/ids.ts";
import type { PullFeed } from "../../engine/feeds/port.ts";
import { AssetCandles } from "../../engine/market/candle-series.ts";
import type { MarketEvent, Tick } from "../../engine/market/event.ts";
import type { Market } from "../../engine/market/market.ts";

/** Bigints as text, so that events compare and print. */
export const asText = (event: MarketEvent): string =>
  JSON.stringify(event, (_, value) => (typeof value === "bigint" ? `${value}n` : value));

export const collect = (feed: PullFeed, fromMs: number, toMs: number, stepMs = toMs - fromMs): MarketEvent[] => {
  const events: MarketEvent[] = [];
  for (let atMs = fromMs; atMs < toMs; atMs += stepMs) {
    for (const event of feed.between(atMs, Math.min(toMs, atMs + stepMs))) events.push(event);
  }
  return events;
};

export const ticksOf = (events: readonly MarketEvent[]): Tick[] => events.filter((event) => event.type === "Tick");

/** When an event could be known; null for facts without a time of their own. */
function knownAtMs(event: MarketEvent): number | null {
  switch (event.type) {
    case "Tick":
      return event.receivedAtMs;
    case "CandleClosed":
      return event.candle.openMs + CANDLE_MS[event.interval];
    default:
      return null;
  }
}

export function pullFeedContract(
  name: string,
  open: () => PullFeed,
  { lengthMs }: { readonly lengthMs: number },
): void {
  describe(`${name} as a feed`, () => {
    const { startMs } = open();
    const endMs = startMs + lengthMs;
    const events = collect(open(), startMs, endMs);

    test("has ticks, listed markets and strikes", () => {
      expect(new Set(events.map((event) => event.type))).toEqual(
        expect.objectContaining(new Set(["Tick", "MarketListed", "StrikeSet"])),
      );
    });

    test("tells the same in small steps as in one", () => {
      for (const stepMs of [999, 1_000, 61_234]) {
        expect(collect(open(), startMs, endMs, stepMs).map(asText)).toEqual(events.map(asText));
      }
    });

    test("tells everything in the order in which it could be known, and nothing from outside the stretch", () => {
      const times = events.map(knownAtMs).filter((atMs) => atMs !== null);
      expect(times.length).toBeGreaterThan(0);
      expect(times).toEqual(times.toSorted((a, b) => a - b));
      expect(times[0]).toBeGreaterThan(startMs);
      expect(times.at(-1)).toBeLessThanOrEqual(endMs);
    });

    test("lists a market once and before its window opens, unless the world began later", () => {
      const listed = new Set<MarketId>();
      let nowMs = startMs;
      for (const event of events) {
        nowMs = knownAtMs(event) ?? nowMs;
        if (event.type !== "MarketListed") continue;
        expect(listed.has(event.market.id)).toBe(false);
        listed.add(event.market.id);
        if (event.market.openMs > startMs) expect(nowMs).toBeLessThan(event.market.openMs);
      }
      expect(listed.size).toBeGreaterThan(0);
    });

    test("sets a strike once, of a listed market, after a tick of its window came", () => {
      const markets = new Map<MarketId, Market>();
      const struck = new Set<MarketId>();
      const newestMs = new Map<string, number>();
      for (const event of events) {
        if (event.type === "MarketListed") markets.set(event.market.id, event.market);
        if (event.type === "Tick") newestMs.set(event.asset, Math.max(newestMs.get(event.asset) ?? 0, event.eventAtMs));
        if (event.type !== "StrikeSet") continue;
        const market = markets.get(event.market)!;
        expect(struck.has(event.market)).toBe(false);
        struck.add(event.market);
        if (market.openMs > startMs) expect(newestMs.get(market.asset)).toBeGreaterThanOrEqual(market.openMs);
      }
      expect(struck.size).toBeGreaterThan(0);
    });

    test("begun anew in the middle, tells the same from there on and warms the candles to where they stood", () => {
      const middleMs = startMs + Math.floor(lengthMs / 2 / 1_000) * 1_000;
      const resumed = open();
      const history = [...resumed.history(middleMs)];
      for (const event of history) expect(knownAtMs(event)).toBeLessThanOrEqual(middleMs);
      const rest = collect(resumed, middleMs, endMs);
      const afterwards = events.filter((event) => (knownAtMs(event) ?? 0) > middleMs);
      expect(rest.filter((event) => knownAtMs(event) !== null).map(asText)).toEqual(afterwards.map(asText));

      const through = candlesOf(open(), [...open().history(startMs), ...events]);
      const warmed = candlesOf(open(), [...history, ...rest]);
      let compared = 0;
      for (const [asset, candles] of through) {
        const warm = warmed.get(asset)!;
        for (const interval of ["10s", "1m"] as const) {
          const [a, b] = [candles.closed(interval), warm.closed(interval)];
          for (let back = 0; back < a.length && a.at(back)!.openMs >= startMs + CANDLE_MS["1m"]; back++, compared++) {
            expect(b.at(back)?.openMs).toBe(a.at(back)!.openMs);
            if (a.at(back)!.openMs >= middleMs - (middleMs % CANDLE_MS["1m"])) expect(b.at(back)).toEqual(a.at(back));
          }
        }
        expect(warm.counters.late).toBe(candles.counters.late);
      }
      expect(compared).toBeGreaterThan(0);
    });
  });
}

export function candlesOf(feed: PullFeed, events: Iterable<MarketEvent>): Map<string, AssetCandles> {
  const byAsset = new Map(feed.slots.map(({ asset }) => [asset as string, new AssetCandles(feed.grain.type)]));
  for (const event of events) {
    if (event.type === "Tick") byAsset.get(event.asset)!.addTick(event);
    if (event.type === "CandleClosed") byAsset.get(event.asset)!.addClosed(event.interval, event.candle);
  }
  return byAsset;
}
