// When things happen in a spot backtest: what is seen, when it is decided, when it is filled.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HEADER_INDEX as H, HEADER } from "../../../engine/frame/layout.ts";
import { sampleCandles } from "../../dsl/indicators/sample-candles.ts";
import { versionFacts } from "../../support/version-facts.ts";
import { minutes, ran, START_MS, saying } from "./a-spot-market.ts";

const MINUTE = 60_000;

test("what is decided at a close is filled at the open of the next candle", () => {
  const candles = minutes([
    [100, 101],
    [103, 104],
    [106, 107],
    [109, 110],
  ]);
  const { trades, spot } = ran(candles, saying("up", "hold", "exit"));
  const [opened, closed] = [START_MS + MINUTE, START_MS + 3 * MINUTE];
  expect(trades).toMatchObject([
    { bar: 1, openedAtMs: opened, entryPriceMicros: 103_000_000, closedAtMs: closed, pnlMicros: 6_000_000 },
  ]);
  expect(trades[0]!.reason).toBe("up at 1");
  expect([spot.bars, spot.equityMicros, spot.atMs]).toEqual([4, 1_006_000_000, START_MS + 4 * MINUTE]);
});

test("what is ordered at the last close is never filled", () => {
  const { trades, spot } = ran(
    minutes([
      [100, 101],
      [101, 102],
    ]),
    saying("hold", "up"),
  );
  expect([trades, spot.equityMicros]).toEqual([[], 1_000_000_000]);
});

test("across a hole in the candles an order waits for the next one that there is", () => {
  const [first, , , last] = minutes([
    [100, 101],
    [0, 0],
    [0, 0],
    [120, 121],
  ]);
  expect(ran([first!, last!], saying("up")).trades).toMatchObject([{ entryPriceMicros: 120_000_000 }]);
});

test("a position is seen from the candle on at whose open it was filled", () => {
  const { decider } = ran(
    minutes([
      [100, 101],
      [103, 104],
      [106, 107],
    ]),
    saying("up"),
    { terms: { cashMicros: 1_000_000_000, sizeMicros: 500_000, feePpm: 1_000 } },
  );
  const fields = ["positionSide", "positionShares", "positionAveragePrice", "positionSecondsHeld"] as const;
  expect(decider.frames.map((frame) => fields.map((field) => frame[H[field]]))).toEqual([
    [0, 0, Number.NaN, 0],
    [1, 0.5, 103, 60],
    [1, 0.5, 103, 120],
  ]);
});

test("a fault changes nothing, and the first is kept", () => {
  const candles = minutes(Array.from({ length: 5 }, (_, n) => [100 + n, 101 + n] as const));
  const { spot, trades } = ran(candles, saying("up", "fault", "fault", "exit"));
  expect(trades).toMatchObject([{ openedAtMs: START_MS + MINUTE, closedAtMs: START_MS + 4 * MINUTE }]);
  expect([spot.faults, spot.firstFault]).toMatchObject([2, { bar: 2, message: "no" }]);
});

const RSI = versionFacts({ inputs: { rsi: { kind: "ta.rsi", options: { interval: "1m", period: 3 } } } });
/** Follows the strength of the last minutes: it is in and out all the time. */
const follow = (frame: Float64Array) => {
  const strength = frame[HEADER.length]!;
  return strength > 55 ? "up" : strength < 45 ? "exit" : "hold";
};
const market = sampleCandles({ seed: 5, count: 300, scale: 100 });

describe("candles before the first", () => {
  test("warm the inputs up and are not decided on", () => {
    const all = ran(market, follow, { facts: RSI });
    const { decider, spot, trades } = ran(market, follow, { facts: RSI, first: 120 });
    const facts = (frames: readonly Float64Array[]) => frames.map((frame) => [...frame.subarray(H.positionSide + 4)]);
    expect(facts(decider.frames)).toEqual(facts(all.decider.frames.slice(120)));
    expect([spot.bars, trades.length > 5]).toEqual([180, true]);
    expect(trades.every(({ openedAtMs, bar }) => openedAtMs > market[120]!.openMs && bar > 120)).toBe(true);
  });
});

test("whatever the candles after an instant are, nothing before it is otherwise", () => {
  const before = ran(market, follow, { facts: RSI });
  const future = fc.record({
    from: fc.integer({ min: 1, max: market.length - 1 }),
    seed: fc.integer(),
    scale: fc.double({ min: 1, max: 1000, noNaN: true }),
  });
  fc.assert(
    fc.property(future, ({ from, seed, scale }) => {
      const other = sampleCandles({ seed, count: market.length, scale });
      const { trades, decider } = ran([...market.slice(0, from), ...other.slice(from)], follow, { facts: RSI });
      const known = market[from]!.openMs;
      const isKnown = (atMs: number | null) => atMs !== null && atMs < known;
      const told = (rows: typeof trades) =>
        rows.flatMap((row) => [
          ...(isKnown(row.openedAtMs) ? [[row.openedAtMs, row.entryPriceMicros, row.reason]] : []),
          ...(isKnown(row.closedAtMs) ? [[row.closedAtMs, row.pnlMicros]] : []),
        ]);
      expect(told(trades)).toEqual(told(before.trades));
      const seen = (frames: readonly Float64Array[]) => frames.slice(0, from).map(String).join();
      expect(seen(decider.frames)).toBe(seen(before.decider.frames));
    }),
    { numRuns: 12 },
  );
  expect(before.trades.length).toBeGreaterThan(20);
});
