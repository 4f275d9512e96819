// The market as a bot saw it: each event in the cycle that saw it first, whatever lives the bot had.
import { describe, expect, test } from "vitest";
import { beginningOf } from "../../../../engine/feeds/journal/journal-beginning.ts";
import { JournalFeed } from "../../../../engine/feeds/journal/journal-feed.ts";
import type { JournalRow, RecordedEvent, Started } from "../../../../engine/journal/port.ts";
import type { MarketEvent } from "../../../../engine/market/event.ts";
import { aMarket, aTick, NOON, opening, UNIT } from "../../../support/a-market.ts";
import { aQuote } from "../../../support/a-quote.ts";
import { settingsWith } from "../../../support/settings.ts";

const at = (second: number): number => NOON + second * 1_000;
const tick = (second: number) => aTick(at(second) - 400);
const market = (...events: MarketEvent[]): RecordedEvent => ({ type: "Market", events });
const due = (cycle: number, second = cycle): RecordedEvent => ({ type: "CycleDue", cycle, atMs: at(second) });
const started = (history: Started["history"]): Started => ({
  type: "Started",
  core: "c0",
  settings: settingsWith(),
  cycleMs: 1_000,
  grain: { type: "ticks" },
  history,
  candlesFromMs: null,
});
const candle: MarketEvent = {
  type: "CandleClosed",
  asset: "btc",
  interval: "1m",
  candle: {
    ...{ openMs: at(-60), open: 1, high: 1, low: 1, close: 1, volume: 1 },
    ...{ synthetic: false, fundingRate8h: 0, openInterest: 0 },
  },
};
const quoted: MarketEvent = { type: "Quoted", market: aMarket().id, quote: aQuote(at(1)) };

/** Rows are cut where transactions were: that has nothing to do with cycles. */
const rowsOf = (...entries: readonly (readonly RecordedEvent[])[]): JournalRow[] =>
  entries.map((events, i) => ({ seq: i + 1, cycle: i, atMs: at(i), hash: "", events, writes: [] }));

const play = (rows: readonly JournalRow[], history: readonly MarketEvent[] = []) =>
  new JournalFeed({
    identity: "simulated seed=7",
    grain: { type: "ticks" },
    slots: [{ asset: "btc", interval: "5m" }],
    startMs: at(0),
    endMs: at(9),
    history,
    rows,
  });

const LIFE = [
  [started([candle]), market(...opening(aMarket())), market(tick(1)), market(quoted), due(1)],
  [market(tick(2)), due(2), market(tick(3))],
  [due(5), market(tick(6))],
] as const;

describe("a bot's journal as a feed", () => {
  test("hands each event out in the cycle that saw it first, in its order", () => {
    const feed = play(rowsOf(...LIFE), [candle]);
    expect([...feed.history(at(0))]).toEqual([candle]);
    expect(feed.nextCycle).toEqual({ cycle: 1, atMs: at(1), events: expect.anything() });
    expect([...feed.between(at(0), at(1))]).toEqual([...opening(aMarket()), tick(1), quoted]);
    expect([...feed.between(at(1), at(2))]).toEqual([tick(2)]);
    expect([...feed.between(at(2), at(4))]).toEqual([]);
    expect(feed.nextCycle).toMatchObject({ cycle: 5, atMs: at(5) });
    expect([...feed.between(at(4), at(5))]).toEqual([tick(3)]);
    expect(feed.nextCycle).toBeNull();
  });

  test("tells nothing twice that a restart looked at again, and gives the candles it was started with", () => {
    const again = [started([candle]), market(tick(1), tick(2), tick(6), tick(20)), due(6, 21)];
    const feed = play(rowsOf(...LIFE, again));
    expect([...feed.between(at(0), at(5))]).toHaveLength(6);
    expect([...feed.between(at(5), at(21))]).toEqual([tick(6), candle, tick(20)]);
  });

  test("is read once, and only as far as it is played", () => {
    const read: number[] = [];
    function* rows() {
      for (const row of rowsOf(...LIFE)) {
        read.push(row.seq);
        yield row;
      }
    }
    const feed = play(rows() as unknown as JournalRow[]);
    expect(read).toEqual([]);
    void feed.nextCycle;
    void feed.nextCycle;
    expect(read).toEqual([1]);
  });
});

describe("what it begins with", () => {
  const reconciled: RecordedEvent = {
    type: "Reported",
    report: {
      type: "Reconciled",
      snapshot: {
        ...{ atMs: at(0), cashMicros: 750 * UNIT, holdings: [], orders: [], resolutions: [], claims: [] },
        totals: { orders: 0, fills: 0 },
      },
    },
  };

  test("is told by what came before the first cycle", () => {
    const noted: RecordedEvent = { type: "Noted", notes: [{ name: "feed", value: "simulated seed=7" }] };
    const beginning = beginningOf(rowsOf([started(null), noted], [reconciled, due(3)], [due(4)]));
    expect(beginning).toMatchObject({ started: { cycleMs: 1_000 }, cashMicros: 750 * UNIT, cycle: 3, atMs: at(3) });
    expect(beginning!.notes.get("feed")).toBe("simulated seed=7");
  });

  test("is unknown where it has been pruned, and nothing without a cycle", () => {
    expect(beginningOf(rowsOf([due(8)]))).toMatchObject({ started: null, cashMicros: null, cycle: 8 });
    expect(beginningOf(rowsOf([started(null)], [market(tick(1))]))).toBeNull();
  });
});
