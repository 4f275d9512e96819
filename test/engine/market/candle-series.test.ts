import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CANDLE_INTERVALS, CANDLE_MS, type Candle, type CandleInterval } from "../../../dsl/candle.ts";
import { AssetCandles, CLOSE_GRACE_MS, type ClosedCandle } from "../../../engine/market/candle-series.ts";
import type { Tick } from "../../../engine/market/event.ts";
import { CANDLES_MAX } from "../../../engine/market/interval-candles.ts";

const T0 = Date.UTC(2026, 0, 5);
const MINUTE = 60_000;

const tick = (atMs: number, price: number, { volume = 1, receivedAtMs = T0 + atMs + 500 } = {}): Tick => ({
  type: "Tick",
  asset: "btc",
  priceE18: BigInt(price) * 10n ** 18n,
  volume,
  eventAtMs: T0 + atMs,
  receivedAtMs,
});

const candle = (openMs: number, close: number, extra: Partial<Candle> = {}): Candle => ({
  openMs: T0 + openMs,
  open: 100,
  high: 200,
  low: 50,
  close,
  volume: 2,
  synthetic: false,
  fundingRate8h: Number.NaN,
  openInterest: Number.NaN,
  ...extra,
});

/** Candles as short text: seconds of the open after T0, o h l c v, and ~ when synthetic. */
const text = ({ openMs, open, high, low, close, volume, synthetic }: Candle): string =>
  `${(openMs - T0) / 1000}: ${open} ${high} ${low} ${close} v${volume}${synthetic ? "~" : ""}`;

const closedOf = (candles: AssetCandles, interval: CandleInterval): string[] => {
  const view = candles.closed(interval);
  return Array.from({ length: view.length }, (_, i) => text(view.at(view.length - 1 - i)!));
};

const formingText = (candles: AssetCandles, interval: CandleInterval): string | null => {
  const forming = candles.forming(interval);
  return forming === null ? null : text(forming);
};

describe("closing", () => {
  test("a tick at the end of a candle closes it and opens the next", () => {
    const candles = new AssetCandles();
    for (const [at, price] of [
      [0, 100],
      [4_000, 120],
      [9_999, 90],
      [10_000, 95],
    ] as const)
      candles.addTick(tick(at, price));
    expect(closedOf(candles, "10s")).toEqual(["0: 100 120 90 90 v3"]);
    expect(formingText(candles, "10s")).toBe("10: 95 95 95 95 v1");
    expect(formingText(candles, "1m")).toBe("0: 100 120 90 95 v4");
  });

  test("without a tick the clock closes it at the end plus grace, not before", () => {
    const candles = new AssetCandles();
    candles.addTick(tick(0, 100));
    candles.advance(T0 + 10_000 + CLOSE_GRACE_MS - 1);
    expect(closedOf(candles, "10s")).toEqual([]);
    candles.advance(T0 + 10_000 + CLOSE_GRACE_MS);
    expect(closedOf(candles, "10s")).toEqual(["0: 100 100 100 100 v1"]);
    expect(candles.forming("10s")).toBeNull();
    expect(formingText(candles, "1m")).toBe("0: 100 100 100 100 v1");
  });

  test("the ring keeps the newest candles", () => {
    const candles = new AssetCandles();
    for (let i = 0; i < CANDLES_MAX + 10; i++) candles.addClosed("1m", candle(i * MINUTE, i));
    const view = candles.closed("1m");
    expect(view.length).toBe(CANDLES_MAX);
    expect(view.at(0)?.close).toBe(CANDLES_MAX + 9);
    expect(view.at(CANDLES_MAX - 1)?.close).toBe(10);
    expect(view.at(CANDLES_MAX)).toBeUndefined();
  });
});

describe("longer intervals", () => {
  test("five minutes make 5m, three of those 15m, four of those 1h", () => {
    const candles = new AssetCandles();
    for (let minute = 0; minute < 60; minute++) {
      candles.addClosed("1m", candle(minute * MINUTE, 100 + minute, { high: 300 + minute, low: 99 - minute }));
    }
    expect(closedOf(candles, "5m")[0]).toBe("0: 100 304 95 104 v10");
    expect(candles.closed("5m").length).toBe(12);
    expect(closedOf(candles, "15m")[3]).toBe("2700: 100 359 40 159 v30");
    expect(closedOf(candles, "1h")).toEqual(["0: 100 359 40 159 v120"]);
  });

  test("the forming hour holds the closed quarter, the closed five minutes, the closed minute and the forming one", () => {
    const candles = new AssetCandles();
    for (let minute = 0; minute < 21; minute++) candles.addClosed("1m", candle(minute * MINUTE, 100));
    candles.addTick(tick(21 * MINUTE, 400));
    expect(formingText(candles, "1h")).toBe("0: 100 400 50 400 v43");
    expect(formingText(candles, "15m")).toBe("900: 100 400 50 400 v13");
    expect(formingText(candles, "5m")).toBe("1200: 100 400 50 400 v3");
  });

  test("a stretch that was added directly is not built a second time", () => {
    const candles = new AssetCandles();
    candles.addClosed("5m", candle(0, 777));
    for (let minute = 0; minute < 10; minute++) candles.addClosed("1m", candle(minute * MINUTE, minute));
    expect(closedOf(candles, "5m")).toEqual(["0: 100 200 50 777 v2", "300: 100 200 50 9 v10"]);
    expect(formingText(candles, "15m")).toBe("0: 100 200 50 9 v12");
  });

  test("a direct candle takes the place of what was forming", () => {
    const candles = new AssetCandles();
    candles.addTick(tick(0, 900));
    candles.addClosed("1m", candle(0, 111));
    expect(closedOf(candles, "1m")).toEqual(["0: 100 200 50 111 v2"]);
    expect(candles.forming("1m")).toBeNull();
  });

  test("a 5m candle whose last minutes had no tick is closed by the clock and not reopened by the filling", () => {
    const candles = new AssetCandles();
    candles.addTick(tick(0, 100));
    candles.addTick(tick(3 * MINUTE, 120));
    candles.advance(T0 + 5 * MINUTE + CLOSE_GRACE_MS);
    expect(closedOf(candles, "5m")).toEqual(["0: 100 120 100 120 v2"]);
    candles.addTick(tick(6 * MINUTE, 130));
    expect(closedOf(candles, "5m").length).toBe(1);
    expect(formingText(candles, "5m")).toBe("300: 120 130 120 130 v1");
  });
});

/** Places where the next candle, the forming one included, does not follow on the one before. */
function holesIn(candles: AssetCandles, interval: CandleInterval): number {
  const closed = candles.closed(interval);
  const opens = Array.from({ length: closed.length }, (_, index) => closed.at(closed.length - 1 - index)!.openMs);
  const forming = candles.forming(interval);
  if (forming !== null) opens.push(forming.openMs);
  return opens.filter((openMs, index) => index > 0 && openMs - opens[index - 1]! > CANDLE_MS[interval]).length;
}

describe("holes", () => {
  test("five missing candles are filled flat, six are not", () => {
    const candles = new AssetCandles();
    candles.addTick(tick(0, 100));
    candles.addTick(tick(60_000, 110));
    expect(closedOf(candles, "10s")).toEqual([
      "0: 100 100 100 100 v1",
      ...[10, 20, 30, 40, 50].map((s) => `${s}: 100 100 100 100 v0~`),
    ]);
    expect(holesIn(candles, "10s")).toBe(0);
    candles.addTick(tick(130_000, 120));
    expect(closedOf(candles, "10s").at(-1)).toBe("60: 110 110 110 110 v1");
    expect(holesIn(candles, "10s")).toBe(1);
    expect(holesIn(candles, "1m")).toBe(0);
    expect(candles.counters).toEqual({ late: 0, future: 0, gaps: 1, synthetic: 5 });
  });

  test("a long hole counts once for each interval it breaks", () => {
    const candles = new AssetCandles();
    candles.addTick(tick(0, 100));
    candles.advance(T0 + 30 * MINUTE);
    candles.addTick(tick(40 * MINUTE, 110));
    candles.addTick(tick(40 * MINUTE + 1_000, 110));
    expect(CANDLE_INTERVALS.map((interval) => holesIn(candles, interval))).toEqual([1, 1, 1, 0, 0]);
    expect(closedOf(candles, "15m")).toEqual(["0: 100 100 100 100 v1", "900: 100 100 100 100 v0~"]);
  });

  test("a candle only of synthetic ones is synthetic, a mixed one is not", () => {
    const candles = new AssetCandles();
    candles.addTick(tick(4 * MINUTE, 100));
    candles.addTick(tick(10 * MINUTE, 110));
    candles.addTick(tick(15 * MINUTE, 110));
    expect(closedOf(candles, "5m")).toEqual(
      ["240: 100 100 100 100 v1", "300: 100 100 100 100 v0~", "600: 110 110 110 110 v1"].map((line) =>
        line.replace(/^240/, "0"),
      ),
    );
  });
});

describe("odd ticks", () => {
  test("the same instant again corrects the newest tick, range and volume included", () => {
    const candles = new AssetCandles();
    candles.addTick(tick(0, 100));
    candles.addTick(tick(1_000, 500, { volume: 7 }));
    candles.addTick(tick(1_000, 90, { volume: 2, receivedAtMs: T0 + 3_000 }));
    expect(formingText(candles, "10s")).toBe("0: 100 100 90 90 v3");
  });

  test("a correction received before what it would correct changes nothing", () => {
    const candles = new AssetCandles();
    candles.addTick(tick(1_000, 100));
    candles.addTick(tick(1_000, 90, { receivedAtMs: T0 + 1_200 }));
    expect(formingText(candles, "10s")).toBe("0: 100 100 100 100 v1");
  });

  test("an older tick of the forming candle widens its range and leaves its close", () => {
    const candles = new AssetCandles();
    candles.addTick(tick(0, 100));
    candles.addTick(tick(5_000, 110));
    candles.addTick(tick(3_000, 130));
    expect(formingText(candles, "10s")).toBe("0: 100 130 100 110 v3");
  });

  test("a tick of a closed candle is counted and dropped there, but still belongs to its minute", () => {
    const candles = new AssetCandles();
    candles.addTick(tick(0, 100));
    candles.addTick(tick(12_000, 110));
    candles.addTick(tick(9_000, 150));
    expect(candles.counters.late).toBe(1);
    expect(closedOf(candles, "10s")).toEqual(["0: 100 100 100 100 v1"]);
    expect(formingText(candles, "1m")).toBe("0: 100 150 100 110 v3");
  });

  test("a tick from more than ten seconds ahead is counted and rejected", () => {
    const candles = new AssetCandles();
    candles.addTick(tick(10_001, 100, { receivedAtMs: T0 }));
    expect(candles.counters.future).toBe(1);
    expect(candles.forming("10s")).toBeNull();
    candles.addTick(tick(10_000, 100, { receivedAtMs: T0 }));
    expect(candles.forming("10s")).not.toBeNull();
  });
});

test("funding and open interest are those known when the candle closes; a candle that brings its own keeps it", () => {
  const candles = new AssetCandles();
  candles.setFunding(0.0001);
  candles.addTick(tick(0, 100));
  candles.setOpenInterest(5_000);
  candles.addTick(tick(10_000, 100));
  expect(candles.closed("10s").at(0)).toMatchObject({ fundingRate8h: 0.0001, openInterest: 5_000 });
  candles.addClosed("1m", candle(0, 100, { fundingRate8h: 0.0003 }));
  expect(candles.closed("1m").at(0)).toMatchObject({ fundingRate8h: 0.0003, openInterest: 5_000 });
});

test("a feed of candles builds nothing from its ticks", () => {
  const candles = new AssetCandles("candles");
  candles.addTick(tick(0, 100));
  candles.addTick(tick(MINUTE, 100));
  expect(candles.drainClosed()).toEqual([]);
  expect(candles.forming("1m")).toBeNull();
});

test("the same ticks in order give the same candles, whenever the clock is read and the closed ones are taken", () => {
  const step = fc.record({
    waitMs: fc.oneof(fc.integer({ min: 1, max: 20_000 }), fc.integer({ min: 20_000, max: 90 * MINUTE })),
    price: fc.integer({ min: 1, max: 1_000 }),
    delayMs: fc.integer({ min: 0, max: CLOSE_GRACE_MS - 1 }),
    /** Where between this receipt and the next the clock is read, as a fraction; none: not read. */
    clock: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 3 }),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 120 }), (steps) => {
      const ticks: Tick[] = [];
      let [atMs, receivedAtMs] = [0, 0];
      for (const { waitMs, price, delayMs } of steps) {
        atMs += waitMs;
        receivedAtMs = Math.max(receivedAtMs, T0 + atMs + delayMs);
        ticks.push(tick(atMs, price, { receivedAtMs }));
      }
      const [plain, chunked] = [new AssetCandles(), new AssetCandles()];
      const taken: ClosedCandle[] = [];
      for (const [i, each] of ticks.entries()) {
        plain.addTick(each);
        chunked.addTick(each);
        const untilMs = ticks[i + 1]?.receivedAtMs ?? each.receivedAtMs;
        for (const fraction of [...steps[i]!.clock].sort()) {
          chunked.advance(each.receivedAtMs + fraction * (untilMs - each.receivedAtMs));
          taken.push(...chunked.drainClosed());
        }
      }
      for (const candles of [plain, chunked]) candles.advance(T0 + atMs + 10 * 3_600_000);
      taken.push(...chunked.drainClosed());
      const all = plain.drainClosed();
      expect(all.length).toBeGreaterThan(0);
      for (const interval of CANDLE_INTERVALS) {
        const only = (closed: readonly ClosedCandle[]) =>
          closed.filter((each) => each.interval === interval).map(({ candle }) => text(candle));
        expect(only(taken)).toEqual(only(all));
        expect(holesIn(chunked, interval)).toBe(holesIn(plain, interval));
      }
      expect(chunked.counters).toEqual(plain.counters);
    }),
  );
});
