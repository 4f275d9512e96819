import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { loadReplay, openReplay } from "../../../../engine/feeds/replay/load-replay.ts";
import { outcomeOf } from "../../../../engine/market/market.ts";
import { candlesOf, collect, pullFeedContract, ticksOf } from "../../../contract/pull-feed.ts";
import { CANDLES, candleText, KLINES, MARKETS, MINUTE, NOON_MS, PRICES, ticksText, written } from "./recordings.ts";

pullFeedContract("a replay of prices and markets", () => loadReplay([PRICES, MARKETS]), { lengthMs: 11 * MINUTE });
pullFeedContract("a replay of prices alone", () => loadReplay([PRICES]), { lengthMs: 11 * MINUTE });
pullFeedContract("a replay of candles", () => loadReplay([CANDLES]), { lengthMs: 41 * MINUTE });

describe("prices with markets", () => {
  test("come in the order of receipt, with exact prices", () => {
    const feed = loadReplay([PRICES, MARKETS]);
    const ticks = ticksOf(collect(feed, feed.startMs, feed.endMs!));
    expect(ticks.length).toBe(135);
    expect(ticks[0]).toMatchObject({ eventAtMs: NOON_MS - 10_000, volume: 0 });
    const overtaken = ticks.findIndex((tick) => tick.eventAtMs === NOON_MS + 120_000);
    expect(ticks[overtaken - 1]!.eventAtMs).toBe(NOON_MS + 125_000);
  });

  test("tell a recorded strike only after the first tick of the window", () => {
    const feed = loadReplay([PRICES, MARKETS]);
    const events = collect(feed, feed.startMs, feed.endMs!);
    const strikes = events.flatMap((event, i) =>
      event.type === "StrikeSet" ? [{ event, before: events[i - 1] }] : [],
    );
    expect(strikes.map(({ event }) => event.market)).toEqual(["btc-updown-5m-1772366400", "btc-updown-5m-1772366700"]);
    for (const { event, before } of strikes) {
      const openMs = Number(event.market.split("-").at(-1)) * 1_000;
      expect(before).toMatchObject({ type: "Tick", eventAtMs: openMs, priceE18: event.strikeE18 });
    }
  });

  test("pair tokens and outcomes with their labels, and read each market's terms", () => {
    const feed = loadReplay([PRICES, MARKETS]);
    const markets = collect(feed, feed.startMs, feed.endMs!).flatMap((event) =>
      event.type === "MarketListed" ? [event.market] : [],
    );
    expect(markets.map(({ tokens }) => tokens)).toEqual([
      { up: "17723664001", down: "17723664002" },
      { up: "17723667002", down: "17723667001" },
      { up: "17723670001", down: "17723670002" },
    ]);
    expect(markets.map(({ tickMicros }) => tickMicros)).toEqual([1_000, 10_000, 10_000]);
    expect(markets[2]).toMatchObject({ twapLookbackMs: 30_000, minSharesMicros: 5_000_000, feeRatePpm: 70_000 });
    expect(feed.slots).toEqual([{ asset: "btc", interval: "5m" }]);
  });

  test("keep recorded outcomes, which settlement by the tick at the close reproduces", () => {
    expect(settledAgainst([PRICES, MARKETS])).toEqual({ markets: 2, agreed: 2 });
  });

  test("are the same packed or plain, under any order of names", () => {
    const packed = written("btc.csv.gz", gzipSync(ticksText()));
    expect(loadReplay([packed]).identity).toBe(loadReplay([PRICES]).identity);
    expect(loadReplay([MARKETS, packed]).identity).toBe(loadReplay([PRICES, MARKETS]).identity);
    expect(loadReplay([PRICES]).identity).toMatch(/^replay sha256=[0-9a-f]{16}$/);
  });
});

test("prices alone get windows whose strike is the tick at the open", () => {
  const feed = loadReplay([PRICES]);
  const events = collect(feed, feed.startMs, feed.endMs!);
  const opens = new Map(ticksOf(events).map((tick) => [tick.eventAtMs, tick.priceE18]));
  const strikes = events.filter((event) => event.type === "StrikeSet");
  expect(strikes.map(({ market }) => market)).toEqual([
    "btc-updown-15m-1772366400",
    "btc-updown-5m-1772366400",
    "btc-updown-5m-1772366700",
    "btc-updown-5m-1772367000",
  ]);
  for (const { market, strikeE18 } of strikes)
    expect(strikeE18).toBe(opens.get(Number(market.split("-").at(-1)) * 1_000));
  expect(feed.recordedOutcomes().size).toBe(0);
});

describe("a report that is overtaken by the next", () => {
  const rows = [
    [-5_000, 1_300],
    [0, 8_000],
    [5_000, 1_300],
    [300_000, 1_300],
  ].map(([atMs, delayMs]) => `${NOON_MS + atMs!},65000,65000000000000000000000,0,${NOON_MS + atMs! + delayMs!}`);
  const overtaken = written(
    "btc-overtaken.csv",
    ["feed_ts_ms,value,full_accuracy_value,server_ts_ms,recv_ms", ...rows].join("\n"),
  );
  const struckAfterMs = (paths: readonly string[]): (number | null)[] => {
    const feed = loadReplay(paths);
    const events = collect(feed, feed.startMs, feed.endMs!);
    return events.flatMap((event, i) => {
      if (event.type !== "StrikeSet" || event.market !== "btc-updown-5m-1772366400") return [];
      const before = events.slice(0, i).findLast((each) => each.type === "Tick");
      return [before?.type === "Tick" ? before.eventAtMs - NOON_MS : null];
    });
  };

  test("a recorded strike is known once any tick of the window has come", () => {
    expect(struckAfterMs([overtaken, MARKETS])).toEqual([5_000]);
  });

  test("a strike that is the tick at the open is known when that tick comes", () => {
    expect(struckAfterMs([overtaken])).toEqual([0]);
  });
});

test("prices of several assets are one feed from the earliest tick on", () => {
  const eth = written(
    "ethusd.csv",
    ticksText().replace(/\n.*/, (line) => line.replaceAll("17723663", "17723662")),
  );
  const feed = loadReplay([PRICES, eth]);
  expect(ticksOf(collect(feed, feed.startMs, feed.endMs!)).length).toBe(2 * 135);
  expect(feed.slots.map(({ asset, interval }) => `${asset} ${interval}`)).toEqual([
    "btc 5m",
    "btc 15m",
    "eth 5m",
    "eth 15m",
  ]);
});

describe("candles", () => {
  test("of a file whose name says no asset are refused, or taken as told, which a note says", () => {
    const nameless = written("candles-1m.csv", candleText([0, 1, 2]));
    expect(() => loadReplay([nameless])).toThrow(/Cannot tell the asset/);
    const { candles, notes } = openReplay([nameless], { unnamed: "btc" });
    expect([...candles.keys()]).toEqual(["btc"]);
    expect(notes).toContain("The name of candles-1m.csv says no asset: taken as btc, --asset says another");
    const { notes: named } = openReplay([written("eth-3.csv", candleText([0, 1]))], { unnamed: "btc" });
    expect(named.join()).not.toContain("no asset");
  });

  const feed = loadReplay([CANDLES]);
  const events = collect(feed, feed.startMs, feed.endMs!);

  test("close before the next one's open is told, and the last close is a price too", () => {
    expect(feed.grain).toEqual({ type: "candles", stepMs: MINUTE });
    expect(events.filter((event) => event.type === "CandleClosed").length).toBe(37);
    const atNoonPlusOne = events.filter((event) => event.type === "CandleClosed" || event.type === "Tick").slice(0, 3);
    expect(atNoonPlusOne.map((event) => event.type)).toEqual(["Tick", "CandleClosed", "Tick"]);
    const last = ticksOf(events).at(-1)!;
    expect(last).toMatchObject({ eventAtMs: NOON_MS + 40 * MINUTE, receivedAtMs: NOON_MS + 40 * MINUTE });
  });

  test("strikes are exact opens; no window is struck where no candle touches its open", () => {
    const first = events.find((event) => event.type === "StrikeSet");
    expect(first).toMatchObject({ market: "eth-updown-5m-1772366400", strikeE18: 2_500n * 10n ** 18n });
    expect(events.filter((event) => event.type === "StrikeSet").length).toBe(8 + 3);
    const gap = loadReplay([written("eth-gap.csv", candleText([0, 1, 2, 8, 9, 10]))]);
    const struck = collect(gap, gap.startMs, gap.endMs!).flatMap((event) =>
      event.type === "StrikeSet" ? [event.market] : [],
    );
    expect(struck).toEqual(["eth-updown-5m-1772366400", "eth-updown-15m-1772366400", "eth-updown-5m-1772367000"]);
  });

  test("carry funding and open interest, known at the close", () => {
    expect(events.filter((event) => event.type === "Funding")).toEqual([
      { type: "Funding", asset: "eth", rate8h: 0.0001, atMs: NOON_MS + 11 * MINUTE },
      { type: "Funding", asset: "eth", rate8h: -0.00005, atMs: NOON_MS + 31 * MINUTE },
    ]);
    const resumed = collect(loadReplay([CANDLES]), NOON_MS + 20 * MINUTE, NOON_MS + 20 * MINUTE + 1);
    expect(resumed.slice(0, 2)).toMatchObject([
      { type: "Funding", rate8h: 0.0001 },
      { type: "OpenInterest", coins: 1_000_150 },
    ]);
  });

  test("make the series that they are, and the longer ones", () => {
    const candles = candlesOf(feed, events).get("eth")!;
    expect(candles.closed("1m").length).toBe(40);
    expect(candles.counters).toEqual({ late: 0, future: 0, gaps: 0, synthetic: 3 });
    expect(candles.closed("5m").length).toBe(8);
    expect(candles.closed("10s").length).toBe(0);
  });

  test("history is what had closed", () => {
    const history = [...feed.history(NOON_MS + 10 * MINUTE)];
    expect(history.length).toBe(10);
    expect([...feed.history(feed.startMs)]).toEqual([]);
  });

  test("klines are read in µs as in ms, and 5m candles serve both windows", () => {
    const micro = loadReplay([KLINES]);
    expect(micro.grain).toEqual({ type: "candles", stepMs: 5 * MINUTE });
    expect(micro.slots.map(({ interval }) => interval)).toEqual(["5m", "15m"]);
    expect(ticksOf(collect(micro, micro.startMs, micro.endMs!))[0]).toMatchObject({ asset: "sol", eventAtMs: NOON_MS });
  });

  test("files of one asset that follow each other are one recording, whatever their order", () => {
    const parts = [written("eth-2.csv", candleText([3, 4, 5])), written("eth-1.csv", candleText([0, 1, 2]))];
    const joined = loadReplay(parts);
    expect([joined.startMs + 1_000, joined.endMs]).toEqual([NOON_MS, NOON_MS + 6 * MINUTE]);
    expect(collect(joined, joined.startMs, joined.endMs!).filter((event) => event.type === "CandleClosed").length).toBe(
      6,
    );
  });
});

const data = process.env.UNDERWAY_DATA;
describe.skipIf(data === undefined)("the recordings of UNDERWAY_DATA", () => {
  const day = ["polymarket-btc-5m-markets-2026-06-08.jsonl.gz", "chainlink-btcusd-2026-06-08.csv.gz"].map((name) =>
    join(data ?? "", name),
  );

  test("a day of Polymarket: every market and tick, and every outcome with a strike and an end tick reproduced", () => {
    const feed = loadReplay(day);
    const events = collect(feed, feed.startMs, feed.endMs! + 15 * MINUTE, 1_000);
    expect(events.filter((event) => event.type === "MarketListed").length).toBe(292);
    expect(ticksOf(events).length).toBe(84_558);
    expect(settledAgainst(day)).toEqual({ markets: 280, agreed: 280 });
  });

  test("a bot that resumes in the day's middle has the candles of one that ran through", () => {
    const atMs = Date.UTC(2026, 5, 8, 12, 0, 30);
    const [whole, resumed] = [loadReplay(day), loadReplay(day)];
    const through = candlesOf(whole, collect(whole, whole.startMs, atMs)).get("btc")!;
    const warm = candlesOf(resumed, resumed.history(atMs)).get("btc")!;
    for (const interval of ["1m", "5m", "15m", "1h"] as const) {
      expect(warm.closed(interval).length).toBe(through.closed(interval).length);
      expect(warm.closed(interval).at(0)).toEqual(through.closed(interval).at(0));
      expect(warm.forming(interval)).toEqual(through.forming(interval));
    }
  });

  test("real candles with and without holes", () => {
    const minutes = loadReplay([join(data ?? "", "binanceus-btcusd-1m-2023-03.csv.gz")]);
    expect(
      collect(minutes, minutes.startMs, minutes.endMs!).filter((event) => event.type === "CandleClosed").length,
    ).toBe(30_240);
    const holed = loadReplay([join(data ?? "", "kraken-btcusdc-1m-2023q1-gaps.csv.gz")]);
    const series = candlesOf(holed, collect(holed, holed.startMs, holed.endMs!)).get("btc")!;
    expect(series.counters.synthetic + series.counters.gaps).toBeGreaterThan(10_000);
    expect(series.counters.late).toBe(0);
  });
});

function settledAgainst(paths: readonly string[]): { markets: number; agreed: number } {
  const feed = loadReplay(paths);
  const events = collect(feed, feed.startMs, feed.endMs!);
  const prices = new Map(ticksOf(events).map((tick) => [tick.eventAtMs, tick.priceE18]));
  const outcomes = feed.recordedOutcomes();
  let [markets, agreed] = [0, 0];
  for (const event of events) {
    if (event.type !== "StrikeSet") continue;
    const end = prices.get((Number(event.market.split("-").at(-1)) + 300) * 1_000);
    if (end === undefined) continue;
    markets++;
    if (outcomeOf(event.strikeE18, end) === outcomes.get(event.market)) agreed++;
  }
  return { markets, agreed };
}
