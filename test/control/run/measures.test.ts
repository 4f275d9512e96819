// What the runner measures and keeps: the market's clock, durations, results and conditions.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Conditions } from "../../../control/run/conditions.ts";
import { MarketClock } from "../../../control/run/market-clock.ts";
import { Timings } from "../../../control/run/timings.ts";
import { TrackRecord } from "../../../control/run/track-record.ts";
import { NOON } from "../../support/a-market.ts";

describe("the market's clock", () => {
  test("runs at its speed, in whole milliseconds", () => {
    let realMs = 500;
    const clock = new MarketClock(NOON, 10, () => realMs);
    expect(clock.nowMs()).toBe(NOON);
    realMs += 100.19;
    expect(clock.nowMs()).toBe(NOON + 1_001);
    expect(clock.realMsUntil(NOON + 2_001.9)).toBeCloseTo(100);
    expect(clock.realMsUntil(NOON)).toBe(0);
  });

  test("shows an instant once the real time until it has passed", () => {
    const speeds = fc.constantFrom(0.5, 1, 7, 10, 150);
    fc.assert(
      fc.property(
        speeds,
        fc.integer({ min: 0, max: 100_000 }),
        fc.integer({ min: 0, max: 100_000 }),
        (speed, past, ahead) => {
          let realMs = 0;
          const clock = new MarketClock(NOON, speed, () => realMs);
          realMs = past;
          const dueMs = clock.nowMs() + ahead;
          realMs += Math.ceil(clock.realMsUntil(dueMs));
          expect(clock.nowMs()).toBeGreaterThanOrEqual(dueMs);
        },
      ),
    );
  });
});

describe("timings", () => {
  test("are unknown before the first one", () => {
    const timings = new Timings();
    expect([timings.last, timings.percentile(0.5)]).toEqual([null, null]);
  });

  test("give the last one and percentiles, in hundredths", () => {
    const timings = new Timings();
    for (let ms = 100; ms >= 1; ms--) timings.add(ms + 0.001);
    expect([timings.last, timings.percentile(0.5), timings.percentile(0.99), timings.percentile(1)]).toEqual([
      1, 51, 100, 100,
    ]);
  });

  test("forget all but the last thousand", () => {
    const timings = new Timings();
    timings.add(9_999);
    for (let count = 0; count < 1_000; count++) timings.add(1);
    expect(timings.percentile(1)).toBe(1);
  });
});

describe("a track record", () => {
  const settled = (netMicros: number, version = "momentum@aaaaaaaa") =>
    ({ level: "info", event: "position.settled", message: "", fields: { version, netMicros } }) as const;

  test("counts wins of settled positions by strategy, whatever the version", () => {
    const record = new TrackRecord();
    expect(record.winRate("momentum")).toBeNull();
    for (const net of [1, -1, 0, 5]) record.observe(settled(net));
    record.observe(settled(1, "momentum@bbbbbbbb"));
    record.observe(settled(-1, "trend@aaaaaaaa"));
    record.observe({ ...settled(1), event: "order.filled" });
    expect(record.winRate("momentum")).toMatchObject({ rate: 3 / 5, trades: 5 });
    expect(record.winRate("trend")).toMatchObject({ rate: 0, low: 0, trades: 1 });
  });

  test("forgets all but the last hundred", () => {
    const record = new TrackRecord();
    record.observe(settled(1));
    for (let trade = 0; trade < 100; trade++) record.observe(settled(-1));
    expect(record.winRate("momentum")).toMatchObject({ rate: 0, trades: 100 });
  });
});

describe("a condition", () => {
  test("moves its last transition only when its status moves", () => {
    let wallMs = 0;
    const conditions = new Conditions(() => wallMs);
    conditions.set("Fed", "True", "Ticks", "prices come");
    wallMs = 1_000;
    conditions.set("Fed", "True", "MoreTicks", "more prices come", 7);
    const stillTrue = {
      type: "Fed",
      status: "True",
      reason: "MoreTicks",
      message: "more prices come",
      observedVersion: 7,
    };
    expect(conditions.all).toEqual([{ ...stillTrue, lastTransition: "1970-01-01T00:00:00.000Z" }]);
    conditions.set("Fed", "False", "Silence", "no price");
    expect(conditions.all).toMatchObject([
      { status: "False", observedVersion: null, lastTransition: "1970-01-01T00:00:01.000Z" },
    ]);
  });

  test("is gone when it is removed, and new when it comes back", () => {
    let wallMs = 0;
    const conditions = new Conditions(() => wallMs);
    conditions.set("SourceMissing:trend", "True", "SourceMissing", "trend.ts is gone");
    conditions.remove("SourceMissing:trend");
    expect(conditions.all).toEqual([]);
    wallMs = 1_000;
    conditions.set("SourceMissing:trend", "True", "SourceMissing", "trend.ts is gone");
    expect(conditions.all[0]?.lastTransition).toBe("1970-01-01T00:00:01.000Z");
  });
});
