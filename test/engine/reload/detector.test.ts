// Alarms come by evidence against each trade's own price, never by a win rate; and one alarm ends all three excursions.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type DetectorAlarm,
  describeAlarm,
  FAST_DELTA,
  likelihoodRatio,
  PerformanceDetector,
  type ScoredTrade,
  SLOW_DELTA,
  THRESHOLDS,
} from "../../../engine/reload/detector.ts";

const lost = (breakEven: number): ScoredTrade => ({ breakEven, won: false });
const won = (breakEven: number): ScoredTrade => ({ breakEven, won: true });

/** The alarms of a stream, each with the number of the trade that set it off. */
function alarmsOf(trades: readonly ScoredTrade[], detector = new PerformanceDetector()) {
  const alarms: { readonly at: number; readonly alarm: DetectorAlarm }[] = [];
  for (const [index, trade] of trades.entries()) {
    const alarm = detector.add(trade);
    if (alarm !== null) alarms.push({ at: index + 1, alarm });
  }
  return alarms;
}

const repeated = (count: number, trades: readonly ScoredTrade[]) => Array.from({ length: count }, () => trades).flat();

describe("a losing run", () => {
  test("of six at 0.9 has a chance of exactly one in a million, and alarms", () => {
    const [first] = alarmsOf(repeated(6, [lost(0.9)]));
    expect(first).toMatchObject({ at: 6, alarm: { kind: "losing-run", trades: 6, losses: 6, threshold: 1e-6 } });
    expect(first!.alarm.value).toBeCloseTo(1e-6, 15);
  });

  test("is one in a million by its money too, where price and fee a share are 0.9 but for the last bit", () => {
    expect(alarmsOf(repeated(6, [lost(0.9 - 1e-15)]))).toMatchObject([{ at: 6 }]);
  });

  test("of five does not, nor one that a single win breaks", () => {
    expect(alarmsOf(repeated(5, [lost(0.9)]))).toEqual([]);
    expect(alarmsOf([...repeated(5, [lost(0.9)]), won(0.9), lost(0.9)])).toEqual([]);
  });

  test("is longer where losing is likelier: 12 at 0.7, 20 at 0.5", () => {
    expect(alarmsOf(repeated(12, [lost(0.7)])).map(({ at }) => at)).toEqual([12]);
    expect(alarmsOf(repeated(20, [lost(0.5)]))).toMatchObject([{ at: 20, alarm: { kind: "losing-run" } }]);
  });

  test("at a price near 1 is not one or two trades: break-even is taken as 0.98 at most", () => {
    expect(alarmsOf(repeated(4, [lost(0.999)]))).toMatchObject([{ at: 4 }]);
  });
});

describe("a CUSUM", () => {
  test("scores a loss at 0.90 as 0.90 against 0.80, and 0.90 against 0.85", () => {
    expect(likelihoodRatio(lost(0.9), FAST_DELTA)).toBeCloseTo(2, 2);
    expect(likelihoodRatio(won(0.9), FAST_DELTA)).toBeCloseTo(0.8 / 0.9, 3);
    expect(likelihoodRatio(lost(0.9), SLOW_DELTA)).toBeCloseTo(1.5, 2);
    expect(likelihoodRatio(won(0.9), SLOW_DELTA)).toBeCloseTo(0.85 / 0.9, 3);
  });

  test("has a mean ratio of 1 at break-even, whatever the price: what makes the ratio an e-value", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.02, max: 0.98, noNaN: true }), (price) => {
        for (const delta of [FAST_DELTA, SLOW_DELTA]) {
          const mean = price * likelihoodRatio(won(price), delta) + (1 - price) * likelihoodRatio(lost(price), delta);
          expect(mean).toBeCloseTo(1, 12);
        }
      }),
    );
  });

  test("alarms by its own arithmetic: every second trade lost at 0.9 gains ln 2 + ln 8/9 in two", () => {
    // 0.6931 - 0.1178 = 0.5753 a pair; the 18th loss comes to 17 × 0.5753 + 0.6931 = 10.47, the 19th comes beyond 10.6.
    expect(alarmsOf(repeated(19, [lost(0.9), won(0.9)]))).toMatchObject([
      { at: 37, alarm: { kind: "fast", trades: 37, losses: 19, threshold: THRESHOLDS.fast } },
    ]);
  });

  test("counts from where its excursion began, not from the first trade", () => {
    const [first] = alarmsOf([...repeated(500, [won(0.9)]), ...repeated(19, [lost(0.9), won(0.9)])]);
    expect(first).toMatchObject({ at: 537, alarm: { trades: 37 } });
  });

  test("the slow one finds a small loss of edge that the fast one does not", () => {
    // One loss in seven at 0.9: less than 0.9, more than 0.8.
    const sixOfSeven = [lost(0.9), ...repeated(6, [won(0.9)])];
    expect(alarmsOf(repeated(200, sixOfSeven))[0]).toMatchObject({ alarm: { kind: "slow" } });
  });

  test("is silent at the very win rate that loses at another price", () => {
    const fourOfFive = (price: number) => repeated(200, [lost(price), ...repeated(4, [won(price)])]);
    expect(alarmsOf(fourOfFive(0.8))).toEqual([]);
    expect(alarmsOf(fourOfFive(0.9)).length).toBeGreaterThan(0);
  });
});

test("after an alarm all three start anew", () => {
  const detector = new PerformanceDetector();
  expect(alarmsOf(repeated(6, [lost(0.9)]), detector)).toHaveLength(1);
  expect(detector.state).toEqual(new PerformanceDetector().state);
});

test("a state that went through JSON goes on as if nothing had been", () => {
  const trade = fc.record({ breakEven: fc.double({ min: 0, max: 1, noNaN: true }), won: fc.boolean() });
  fc.assert(
    fc.property(fc.array(trade, { maxLength: 40 }), fc.array(trade, { maxLength: 40 }), (before, after) => {
      const detector = new PerformanceDetector();
      alarmsOf(before, detector);
      const restored = new PerformanceDetector(JSON.parse(JSON.stringify(detector.state)));
      expect(alarmsOf(after, restored)).toEqual(alarmsOf(after, detector));
      expect(restored.state).toEqual(detector.state);
    }),
  );
});

test("a break-even that is no probability is a bug", () => {
  for (const breakEven of [Number.NaN, -0.1, 1.1])
    expect(() => new PerformanceDetector().add(won(breakEven))).toThrow("expected 0 … 1");
});

test("an alarm says in a sentence what it saw", () => {
  const [run] = alarmsOf(repeated(6, [lost(0.9)]));
  expect(describeAlarm(run!.alarm)).toBe("lost 6 trades in a row, at these prices a chance of 1 in 1000000");
  const [fast] = alarmsOf(repeated(19, [lost(0.9), won(0.9)]));
  expect(describeAlarm(fast!.alarm)).toBe(
    "lost 19 of 37 trades, more than their prices allow (fast detector: 11.1, alarms at 10.6)",
  );
});
