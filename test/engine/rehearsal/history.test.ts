// A history goes on for as long as the bot does: it forgets what rehearsals do not need, and nothing else.
import { expect, test } from "vitest";
import type { VersionFacts } from "../../../engine/decide/version.ts";
import { marketRow } from "../../../engine/execution/market-row.ts";
import { HEADER_INDEX } from "../../../engine/frame/layout.ts";
import { History } from "../../../engine/rehearsal/history.ts";
import { REHEARSED_WINDOWS } from "../../../engine/rehearsal/port.ts";
import { RecordedFrames } from "../../../engine/rehearsal/recorded-frames.ts";
import type { CandleRow } from "../../../engine/store/tables.ts";
import { aMarket, e18, NOON } from "../../support/a-market.ts";
import { aSlot, LIMITS } from "../../support/settings.ts";
import { versionFacts, versionRef } from "../../support/version-facts.ts";

const WINDOW = 300_000;
const SLOT = aSlot();
const FACTS = versionFacts({
  inputs: {
    mean: { kind: "ta.ema", options: { interval: "5m", period: 30, history: 20 } },
    now: { kind: "ta.sma", options: { interval: "5m", period: 3, history: 2, forming: true } },
    bars: { kind: "candles", options: { interval: "5m", depth: 5 } },
  },
});

const NO_QUOTE = {
  upBid: 0,
  upAsk: 1_000_000,
  upBidSize: 0,
  upAskSize: 0,
  downBid: 0,
  downAsk: 1_000_000,
  downBidSize: 0,
  downAskSize: 0,
};

/** The nth window, with one sample; its slot remembers its number. */
function add(history: History, n: number): void {
  const market = aMarket({ openMs: NOON + n * WINDOW });
  const atMs = market.openMs + 60_000;
  const price = 65_000 + ((n * 37) % 101);
  const candle = { open: price, high: price + 1, low: price - 1, close: price, volume: n };
  history.addCandle({
    asset: "btc",
    interval: "5m",
    openMs: market.openMs - WINDOW,
    ...candle,
    synthetic: 0,
  } as CandleRow);
  const { open, high, low, volume } = candle;
  history.addSample({ asset: "btc", atMs, cycle: n, spot: price, closedToMs: market.openMs, open, high, low, volume });
  const window = history.addWindow(marketRow({ market, strikeE18: e18(price), endE18: null, quote: null }, null));
  window.addQuote({ market: market.id, atMs, ...NO_QUOTE, upAskSize: n });
  const { strategy, code, params } = versionRef();
  history.addMemory({ slot: SLOT.id, strategy, code, params, atMs, memory: String(n) });
}

function framesOf(history: History, frames: RecordedFrames, facts: VersionFacts): number[][] {
  frames.prepare(facts, "btc");
  return history.windows("btc", "5m").map((window) => {
    const frame = new Float64Array(facts.layout.size);
    frames.write(facts, window, 0, SLOT.id, LIMITS.staleAfterMs, frame);
    return [...frame];
  });
}

test("the newest windows are seen as if nothing had been forgotten", () => {
  const windows = 2_600;
  const [all, history] = [new History(), new History()];
  const frames = new RecordedFrames(history);
  for (let n = 0; n < windows; n++) {
    add(all, n);
    add(history, n);
    if (n % 100 < 99) continue;
    frames.prepare(FACTS, "btc");
    history.forget();
    frames.forget([FACTS]);
  }
  const { firstSample, endSample } = history.asset("btc");
  expect(endSample - firstSample).toBeLessThan(2 * REHEARSED_WINDOWS);
  expect(history.asset("btc").candles("5m").first).toBeGreaterThan(100);
  expect(history.windows("btc", "5m")).toHaveLength(REHEARSED_WINDOWS);
  expect(framesOf(history, frames, FACTS)).toEqual(framesOf(all, new RecordedFrames(all), FACTS));
  const oldestMs = history.windows("btc", "5m")[0]!.market.openMs;
  for (const atMs of [oldestMs, oldestMs + 60_000, NOON + windows * WINDOW]) {
    expect(history.memory(SLOT.id, atMs)).toEqual(all.memory(SLOT.id, atMs));
  }
});

test("the price to beat is known once a price of its instant has come, and not before", () => {
  const history = new History();
  const market = aMarket();
  const facts = versionFacts();
  const samples = [
    { atMs: NOON, closedToMs: NOON - 10_000 },
    { atMs: NOON + 1_000, closedToMs: NOON },
  ];
  const window = history.addWindow(marketRow({ market, strikeE18: e18(65_000), endE18: null, quote: null }, null));
  const opens = samples.map(({ atMs, closedToMs }, row) => {
    history.addSample({ asset: "btc", atMs, cycle: row, spot: 1, closedToMs, open: 1, high: 1, low: 1, volume: 0 });
    window.addQuote({ market: market.id, atMs, ...NO_QUOTE });
    const frame = new Float64Array(facts.layout.size);
    new RecordedFrames(history).write(facts, window, row, SLOT.id, LIMITS.staleAfterMs, frame);
    return frame[HEADER_INDEX.open];
  });
  expect(opens).toEqual([Number.NaN, 65_000]);
});

test("an input begins anew behind a hole that is too long to fill", () => {
  const history = new History();
  const numbers = [...Array(40).keys(), 50, 51, 52, 53];
  for (const n of numbers) add(history, n);
  const now = FACTS.layout.fields.find(({ name }) => name === "now")!;
  const closed = framesOf(history, new RecordedFrames(history), FACTS).map((frame) => frame[now.offset + 1]!);
  const isReady = new Map(numbers.map((n, index) => [n, !Number.isNaN(closed[index])]));
  expect([1, 2, 39, 50, 51, 52, 53].map((n) => isReady.get(n))).toEqual([false, true, true, false, false, true, true]);
});

test("an input that nobody declares any more is forgotten, and computed again when one does", () => {
  const history = new History();
  const frames = new RecordedFrames(history);
  for (let n = 0; n < 60; n++) add(history, n);
  const before = framesOf(history, frames, FACTS);
  frames.forget([]);
  expect(framesOf(history, frames, FACTS)).toEqual(before);
});
