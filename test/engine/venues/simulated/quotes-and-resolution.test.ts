import { describe, expect, test } from "vitest";
import type { MarketId } from "../../../../engine/base/ids.ts";
import type { MarketEvent } from "../../../../engine/market/event.ts";
import { MemoryJournal } from "../../../../engine/venues/simulated/memory-journal.ts";
import { SimulatedExchange } from "../../../../engine/venues/simulated/simulated-exchange.ts";
import {
  buyTen,
  CLOSE_MS,
  market,
  NOW_MS,
  OPEN_MS,
  opening,
  openWorld,
  quoteOf,
  Recorder,
  SETTINGS,
  STRIKE,
  snapshotOf,
  tick,
  USDC,
  type World,
} from "./world.ts";

describe("quotes", () => {
  test("both tokens are quoted as mirrors of one book", () => {
    const { up, down } = quoteOf(openWorld());
    expect(up.bidMicros + down.askMicros).toBe(USDC);
    expect(up.askMicros + down.bidMicros).toBe(USDC);
    expect([up.bidSizeMicros, up.askSizeMicros]).toEqual([down.askSizeMicros, down.bidSizeMicros]);
    expect(up.bidMicros).toBeLessThan(up.askMicros);
  });

  test("there are none without a strike, before the open, and after the close", () => {
    const recorder = new Recorder();
    const exchange = new SimulatedExchange(SETTINGS, new MemoryJournal(), recorder);
    exchange.advance(OPEN_MS - 2_000);
    const [listed, , strike] = opening();
    exchange.observe([listed!, tick(OPEN_MS - 1_500, STRIKE)]);
    exchange.advance(OPEN_MS + 1_000);
    expect(recorder.batches).toEqual([]);
    exchange.observe([strike!]);
    exchange.advance(OPEN_MS + 1_500);
    expect(recorder.batches.length).toBe(1);
    exchange.advance(CLOSE_MS);
    expect(recorder.batches.length).toBe(1);
  });

  test("they are given out again when the second or the price has changed, all of an advance in one batch", () => {
    const { exchange, recorder } = openWorld();
    expect(recorder.batches.length).toBe(1);
    exchange.advance(NOW_MS);
    exchange.advance(NOW_MS + 900);
    expect(recorder.batches.length).toBe(1);
    exchange.advance(NOW_MS + 1_000);
    expect(recorder.batches.length).toBe(2);
    exchange.observe([tick(NOW_MS + 1_100, STRIKE * 1.01)]);
    exchange.advance(NOW_MS + 1_100);
    expect(recorder.batches.length).toBe(3);
    const second = market({ id: `${market().id}-second` as MarketId, openMs: OPEN_MS, closeMs: CLOSE_MS });
    exchange.observe([
      { type: "MarketListed", market: second },
      { type: "StrikeSet", market: second.id, strikeE18: 1n },
    ]);
    exchange.advance(NOW_MS + 2_000);
    expect(recorder.batches.at(-1)!.map((event) => event.type)).toEqual(["Quoted", "Quoted"]);
  });

  test("they follow the price, and history of candles makes them calm or wild at once", () => {
    const candle = (i: number, close: number): MarketEvent => ({
      type: "CandleClosed",
      asset: "btc",
      interval: "1m",
      candle: {
        openMs: OPEN_MS - (30 - i) * 60_000,
        open: close,
        high: close,
        low: close,
        close,
        volume: 1,
        synthetic: false,
        fundingRate8h: Number.NaN,
        openInterest: Number.NaN,
      },
    });
    const bidAfter = (movePerMinute: number): number => {
      const recorder = new Recorder();
      const exchange = new SimulatedExchange(SETTINGS, new MemoryJournal(), recorder);
      exchange.advance(OPEN_MS - 1_000);
      const history = Array.from({ length: 30 }, (_, i) => candle(i, STRIKE * (1 + (i % 2) * movePerMinute)));
      exchange.observe([...history, ...opening(market(), STRIKE * 1.001)]);
      exchange.advance(OPEN_MS + 1_000);
      const quoted = recorder.batches.at(-1)![0]!;
      return quoted.type === "Quoted" ? quoted.quote.up.bidMicros : Number.NaN;
    };
    expect(bidAfter(0.0005)).toBeGreaterThan(750_000);
    expect(bidAfter(0.005)).toBeLessThan(650_000);
  });
});

describe("a resolution", () => {
  const close = ({ exchange }: World, price: number | null): void => {
    if (price !== null) exchange.observe([tick(CLOSE_MS, price, CLOSE_MS + 1_400)]);
    exchange.advance(CLOSE_MS + 150_000);
  };

  test("comes 50 to 150 seconds after the close, also for a market nobody traded", () => {
    const world = openWorld();
    world.exchange.observe([tick(CLOSE_MS, STRIKE)]);
    world.exchange.advance(CLOSE_MS + 49_999);
    expect(world.recorder.news()).toBe("");
    world.exchange.advance(CLOSE_MS + 150_000);
    const [resolved] = world.recorder.of("MarketResolved");
    expect(resolved).toMatchObject({ market: market().id, outcome: "up" });
    expect(resolved!.atMs).toBeGreaterThanOrEqual(CLOSE_MS + 50_000);
  });

  test.each([
    { name: "a winner is paid 1 a share", price: STRIKE, outcome: "up", paid: 10 * USDC },
    { name: "a loser is paid nothing", price: STRIKE - 1, outcome: "down", paid: 0 },
    { name: "without an end price each share pays half", price: null, outcome: "void", paid: 5 * USDC },
  ])("$name", ({ price, outcome, paid }) => {
    const world = openWorld();
    buyTen(world);
    const before = snapshotOf(world).cashMicros;
    close(world, price);
    expect(world.recorder.of("MarketResolved")).toMatchObject([{ outcome }]);
    for (let i = 0; i < 2; i++) {
      world.exchange.handle({ type: "Claim", market: market().id });
      world.exchange.advance(CLOSE_MS + 200_000 + i * 1_000);
    }
    expect(world.recorder.of("Claimed").map(({ amountMicros }) => amountMicros)).toEqual([paid, paid]);
    const after = snapshotOf(world);
    expect(after).toMatchObject({ cashMicros: before + paid, holdings: [], resolutions: [{ outcome }] });
    expect(after.claims.map(({ amountMicros }) => amountMicros)).toEqual(paid === 0 ? [] : [paid]);
  });

  test("must come before a claim: an early one is not answered", () => {
    const world = openWorld();
    buyTen(world);
    world.exchange.handle({ type: "Claim", market: market().id });
    world.exchange.handle({ type: "Claim", market: "eth-updown-5m-1" as MarketId });
    world.exchange.advance(CLOSE_MS - 1);
    expect(world.recorder.of("Claimed")).toEqual([]);
  });

  test("leaves losing shares out of what is held", () => {
    const world = openWorld();
    buyTen(world);
    close(world, STRIKE - 1);
    expect(snapshotOf(world).holdings).toEqual([]);
  });

  test("of a market that closed before the exchange's first moment is not told", () => {
    const recorder = new Recorder();
    const exchange = new SimulatedExchange(SETTINGS, new MemoryJournal(), recorder);
    exchange.observe(opening());
    exchange.advance(CLOSE_MS + 500_000);
    expect(recorder.reports).toEqual([]);
  });
});
