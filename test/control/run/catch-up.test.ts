import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { historyBefore, missedStretches } from "../../../control/run/catch-up.ts";
import { SimulatedFeed } from "../../../engine/feeds/simulated/simulated-feed.ts";
import type { Recovered } from "../../../engine/store/port.ts";
import { NOON } from "../../support/a-market.ts";
import { NOTHING_RECOVERED } from "../../support/recovered.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const WINDOW_MS = 5 * MINUTE_MS;

const stoppedAt = (atMs: number): Recovered => ({
  ...NOTHING_RECOVERED,
  lastCycle: { cycle: 1, atMs, decided: 0, faulted: 0, decisions: "" },
  candles: [
    {
      asset: "btc",
      interval: "1m",
      openMs: atMs - MINUTE_MS,
      open: 1,
      high: 2,
      low: 1,
      close: 2,
      volume: 1,
      synthetic: 0,
      fundingRate8h: null,
      openInterest: null,
    },
  ],
});

describe("candles from before the start", () => {
  const feed = new SimulatedFeed({ seed: 1, assets: ["btc"] });
  const startMs = feed.startMs + 24 * HOUR_MS;

  test("are the feed's for a first start and after a long absence", () => {
    const fromFeed = [...feed.history(startMs)];
    expect(fromFeed.length).toBeGreaterThan(100);
    expect(historyBefore(startMs, feed, NOTHING_RECOVERED).events).toEqual(fromFeed);
    expect(historyBefore(startMs, feed, stoppedAt(startMs - 3 * HOUR_MS - 1)).events).toEqual(
      fromFeed.filter(({ type }) => type !== "Tick"),
    );
  });

  test.each([
    0.5, 3, 20,
  ])("and what happened since: after %d hours prices come in order, and that of an open position's close among them", (hours) => {
    const leftMs = startMs + 1_000;
    const closeMs = startMs + WINDOW_MS;
    const nowMs = leftMs + hours * HOUR_MS;
    const told = [
      ...historyBefore(nowMs, feed, stoppedAt(leftMs)).events,
      ...missedStretches(nowMs, stoppedAt(leftMs), [closeMs]).flatMap((stretch) => [...feed.between(...stretch)]),
    ].flatMap((event) => (event.type === "Tick" ? [event] : []));
    const received = told.map(({ receivedAtMs }) => receivedAtMs);
    expect(received).toEqual([...received].sort((a, b) => a - b));
    expect(told.filter(({ eventAtMs }) => eventAtMs === closeMs)).toHaveLength(1);
  });

  test("are our own after a short one", () => {
    const own = historyBefore(startMs, feed, stoppedAt(startMs - 3 * HOUR_MS)).events;
    expect(own).toMatchObject([{ type: "CandleClosed", asset: "btc", interval: "1m", candle: { close: 2 } }]);
  });
});

describe("what happened while nobody looked", () => {
  test("is nothing for a first start: the standing facts only", () => {
    expect(missedStretches(NOON, NOTHING_RECOVERED, [])).toEqual([[NOON - 1, NOON]]);
  });

  test("is everything after a short absence, and the two minutes before it", () => {
    for (const absenceMs of [0, MINUTE_MS, 3 * HOUR_MS]) {
      const stoppedMs = NOON - absenceMs;
      expect(missedStretches(NOON, stoppedAt(stoppedMs), [stoppedMs + 1])).toEqual([[stoppedMs - 2 * MINUTE_MS, NOON]]);
    }
  });

  test("is the last two minutes after a long one, and the closes of what is still open", () => {
    const stoppedMs = NOON - 5 * HOUR_MS;
    const later = stoppedMs + WINDOW_MS;
    expect(missedStretches(NOON, stoppedAt(stoppedMs), [later, stoppedMs, later])).toEqual([
      [stoppedMs - 1, stoppedMs + 10_000],
      [later - 1, later + 10_000],
      [NOON - 2 * MINUTE_MS, NOON],
    ]);
  });

  test("is looked at forwards, once, and around every close", () => {
    const windows = fc.array(fc.integer({ min: 40, max: 72 }), { maxLength: 6 });
    // Mostly about two minutes into a window, where a close is just within what is looked at again, or just not.
    const seconds = fc.oneof(fc.integer({ min: 110, max: 135 }), fc.integer({ min: 0, max: 299 }));
    const startsMs = fc
      .tuple(fc.integer({ min: 48, max: 72 }), seconds)
      .map(([window, second]) => NOON + window * WINDOW_MS + second * 1_000);
    fc.assert(
      fc.property(windows, startsMs, (opens, startMs) => {
        const closesMs = opens.map((window) => NOON + window * WINDOW_MS).filter((closeMs) => closeMs <= startMs);
        const stretches = missedStretches(startMs, stoppedAt(NOON), closesMs);
        for (const [index, [fromMs, toMs]] of stretches.entries()) {
          expect(fromMs).toBeLessThan(toMs);
          expect(fromMs).toBeGreaterThanOrEqual(stretches[index - 1]?.[1] ?? 0);
        }
        expect(stretches.at(-1)?.[1]).toBe(startMs);
        const isSeen = (atMs: number) => stretches.some(([fromMs, toMs]) => fromMs < atMs && atMs <= toMs);
        for (const closeMs of closesMs) {
          expect(isSeen(closeMs)).toBe(true);
          expect(isSeen(Math.min(closeMs + 10_000, startMs))).toBe(true);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
