import { describe, expect, test } from "vitest";
import { ASSETS } from "../../../../dsl/asset.ts";
import { AssetProcess } from "../../../../engine/feeds/simulated/asset-process.ts";
import { SimulatedFeed } from "../../../../engine/feeds/simulated/simulated-feed.ts";
import { AssetCandles } from "../../../../engine/market/candle-series.ts";
import type { MarketEvent } from "../../../../engine/market/event.ts";
import { asText, candlesOf, collect, pullFeedContract, ticksOf } from "../../../contract/pull-feed.ts";

const MINUTE = 60_000;
const START_MS = new SimulatedFeed({ seed: 1 }).startMs;
const START_SECOND = START_MS / 1_000;

pullFeedContract("the simulated feed", () => new SimulatedFeed({ seed: 7, assets: ["btc", "doge"] }), {
  lengthMs: 12 * MINUTE,
});

describe("one seed, one world", () => {
  test("a second is the same in whatever order seconds are asked for", () => {
    const seconds = Array.from({ length: 400 }, (_, i) => START_SECOND + ((i * 7_919_933) % (40 * 86_400)));
    const forward = new AssetProcess(3, "btc");
    const backward = new AssetProcess(3, "btc");
    const expected = new Map(seconds.toSorted((a, b) => a - b).map((second) => [second, forward.tick(second)]));
    for (const second of seconds.toReversed()) expect(backward.tick(second)).toEqual(expected.get(second));
    for (const second of seconds.slice(0, 20))
      expect(new AssetProcess(3, "btc").tick(second)).toEqual(expected.get(second));
  });

  test("other seeds and other assets are other worlds", () => {
    const moves = (seed: number, asset: "btc" | "bnb"): string => {
      const process = new AssetProcess(seed, asset);
      return String(process.logPrice(START_SECOND + 60) - process.logPrice(START_SECOND));
    };
    expect(new Set([moves(1, "btc"), moves(2, "btc"), moves(1, "bnb")]).size).toBe(3);
    expect(new SimulatedFeed({ seed: 2 }).identity).toBe("simulated seed=2");
  });
});

describe("prices", () => {
  const days = 30;
  const stretches = { btc: 0.5, zec: 1.2 } as const;
  for (const [asset, perYear] of Object.entries(stretches) as ["btc" | "zec", number][]) {
    const process = new AssetProcess(11, asset);
    const logs = Array.from({ length: (days * 86_400) / 4 }, (_, i) => process.logPrice(START_SECOND + i));
    const returns = (stepSeconds: number): number[] =>
      logs
        .filter((_, i) => i % stepSeconds === 0)
        .map((value, i, all) => (i === 0 ? 0 : value - all[i - 1]!))
        .slice(1);
    const meanSquare = (values: readonly number[]): number =>
      values.reduce((sum, value) => sum + value * value, 0) / values.length;
    const volatility = (stepSeconds: number): number =>
      Math.sqrt((meanSquare(returns(stepSeconds)) / stepSeconds) * 365.25 * 86_400);

    test(`${asset} stays within bounds over 30 days`, () => {
      for (let hour = 0; hour < days * 24; hour++)
        expect(Math.abs(process.logPrice(START_SECOND + hour * 3_600))).toBeLessThan(0.4 * perYear);
    });

    test(`${asset} moves by its volatility, measured over ten years`, () => {
      const minutes = Array.from({ length: 8_000 }, (_, i) => START_SECOND + i * 40_009);
      const moves = minutes.map((second) => process.logPrice(second + 60) - process.logPrice(second));
      const measured = Math.sqrt((meanSquare(moves) / 60) * 365.25 * 86_400);
      expect(measured / perYear).toBeGreaterThan(0.93);
      expect(measured / perYear).toBeLessThan(1.12);
    });

    test(`${asset} moves as much by the second as by the minute`, () => {
      expect(volatility(60) / volatility(1)).toBeGreaterThan(0.93);
      expect(volatility(60) / volatility(1)).toBeLessThan(1.15);
    });

    test(`${asset} has uncorrelated returns whose size clusters`, () => {
      const lagged = (values: readonly number[]): number => {
        const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
        const centred = values.map((value) => value - mean);
        return (
          centred.slice(1).reduce((sum, value, i) => sum + value * centred[i]!, 0) /
          (meanSquare(centred) * centred.length)
        );
      };
      expect(Math.abs(lagged(returns(1)))).toBeLessThan(0.03);
      expect(Math.abs(lagged(returns(60)))).toBeLessThan(0.05);
      expect(lagged(returns(60).map(Math.abs))).toBeGreaterThan(0.1);
    });
  }

  test("every tick comes 200 to 900 ms after its second, with a positive price and volume", () => {
    const ticks = ticksOf(collect(new SimulatedFeed({ seed: 1 }), START_MS, START_MS + 2 * MINUTE));
    expect(ticks.length).toBe(120 * ASSETS.length);
    for (const { eventAtMs, receivedAtMs, priceE18, volume } of ticks) {
      expect(eventAtMs % 1_000).toBe(0);
      expect(receivedAtMs - eventAtMs).toBeGreaterThanOrEqual(200);
      expect(receivedAtMs - eventAtMs).toBeLessThanOrEqual(900);
      expect(priceE18 > 0n && volume > 0).toBe(true);
    }
  });

  test("funding stays within 0.3 % and open interest within a factor of two", () => {
    const process = new AssetProcess(1, "hype");
    const rates = Array.from({ length: 500 }, (_, i) => process.fundingRate8h(490_000 + i));
    const interest = Array.from({ length: 500 }, (_, i) => process.openInterest(29_400_000 + i * 30) / 30_000_000);
    expect(Math.max(...rates.map(Math.abs))).toBeLessThanOrEqual(0.003);
    expect(new Set(rates).size).toBeGreaterThan(450);
    expect(Math.min(...interest)).toBeGreaterThan(0.5);
    expect(Math.max(...interest)).toBeLessThan(2);
  });
});

describe("markets", () => {
  test("a strike is the exact price of the tick at the window's open", () => {
    const events = collect(new SimulatedFeed({ seed: 5 }), START_MS, START_MS + 16 * MINUTE);
    const openTicks = new Map(ticksOf(events).map((tick) => [`${tick.asset} ${tick.eventAtMs}`, tick.priceE18]));
    const markets = new Map(
      events.flatMap((event) => (event.type === "MarketListed" ? [[event.market.id, event.market]] : [])),
    );
    const strikes = events.filter((event) => event.type === "StrikeSet");
    let compared = 0;
    for (const { market, strikeE18 } of strikes) {
      const { asset, openMs } = markets.get(market)!;
      if (openMs < START_MS) continue;
      compared++;
      expect(strikeE18).toBe(openTicks.get(`${asset} ${openMs}`));
    }
    expect(compared).toBe(8 * (4 + 2));
    expect(strikes.length).toBe(8 * (4 + 2) + 16);
  });

  test("the first call tells the windows that are open, with their strikes, and the next ones", () => {
    const atMs = START_MS + 7 * MINUTE + 1_234;
    const first = collect(new SimulatedFeed({ seed: 5, assets: ["eth"] }), atMs, atMs + 1);
    const summary = (event: MarketEvent): string =>
      event.type === "MarketListed"
        ? event.market.id
        : event.type === "StrikeSet"
          ? `strike ${event.market}`
          : event.type;
    const open5m = 1_767_572_400;
    const open15m = 1_767_572_100;
    expect(first.map(summary)).toEqual([
      "Funding",
      "OpenInterest",
      `eth-updown-5m-${open5m}`,
      `eth-updown-5m-${open5m + 300}`,
      `strike eth-updown-5m-${open5m}`,
      `eth-updown-15m-${open15m}`,
      `eth-updown-15m-${open15m + 900}`,
      `strike eth-updown-15m-${open15m}`,
    ]);
  });

  test("the origin is 20 s before a close of both intervals", () => {
    expect((START_MS + 20_000) % (15 * MINUTE)).toBe(0);
  });
});

describe("history", () => {
  const feed = new SimulatedFeed({ seed: 1, assets: ["btc"] });
  const atMs = START_MS + 3_500;
  const history = [...feed.history(atMs)];

  test("has an hour of 10s, 1,500 of 1m, 300 of each longer candle, and the forming minute's ticks", () => {
    const count = (interval: string): number =>
      history.filter((event) => event.type === "CandleClosed" && event.interval === interval).length;
    expect(count("10s")).toBe(360);
    for (const [interval, least] of [
      ["1m", 1_500],
      ["5m", 300],
      ["15m", 300],
      ["1h", 300],
    ] as const) {
      expect(count(interval)).toBeGreaterThanOrEqual(least);
    }
    expect(ticksOf(history).map((tick) => tick.eventAtMs - atMs)).toEqual(
      Array.from({ length: 44 }, (_, i) => i * 1_000 - 43_500),
    );
  });

  test("fills the candles without a hole, and live ticks go on where it ends", () => {
    const events = [...history, ...collect(feed, atMs, atMs + 3 * MINUTE)];
    const candles = candlesOf(feed, events).get("btc")!;
    expect(candles.counters).toEqual({ late: 0, future: 0, gaps: 0, synthetic: 0 });
    expect(candles.closed("10s").at(0)).toMatchObject({ synthetic: false });
    expect(candles.forming("1h")?.openMs).toBe(START_MS - (START_MS % 3_600_000));
  });

  test("drawn candles look like those built from every tick", () => {
    const built = new AssetCandles();
    const process = new AssetProcess(1, "btc");
    const lastMinuteMs = START_MS - (START_MS % MINUTE);
    for (let second = lastMinuteMs / 1_000 - 7_200; second <= lastMinuteMs / 1_000; second++)
      built.addTick(process.tick(second));
    const drawn = candlesOf(feed, history).get("btc")!.closed("1m");
    let [range, drawnRange, volume, drawnVolume] = [0, 0, 0, 0];
    for (let back = 0; back < 120; back++) {
      const [a, b] = [built.closed("1m").at(back)!, drawn.at(back)!];
      expect(b.openMs).toBe(a.openMs);
      expect(b.open).toBeCloseTo(a.open, 6);
      expect(b.close).toBeCloseTo(a.close, 6);
      range += a.high - a.low;
      drawnRange += b.high - b.low;
      volume += a.volume;
      drawnVolume += b.volume;
    }
    expect(drawnRange / range).toBeGreaterThan(0.8);
    expect(drawnRange / range).toBeLessThanOrEqual(1);
    expect(drawnVolume / volume).toBeGreaterThan(0.85);
    expect(drawnVolume / volume).toBeLessThan(1.15);
  });

  test("is the same each time", () => {
    expect([...new SimulatedFeed({ seed: 1, assets: ["btc"] }).history(atMs)].map(asText)).toEqual(history.map(asText));
  });
});
