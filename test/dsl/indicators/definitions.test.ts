// What each indicator measures: worked examples, and the rules for gaps, stillness and missing data.
// Where a window is slid incrementally, a plain computation over the same window is the reference.
import { describe, expect, test } from "vitest";
import type { Candle } from "../../../dsl/candle.ts";
import type { Indicator } from "../../../dsl/indicators/indicator.ts";
import type { Options } from "../../../dsl/indicators/input-kind.ts";
import { INPUT_KINDS } from "../../../dsl/indicators/registry.ts";
import { gaussian } from "../../../engine/base/prng.ts";
import { candleAt, run, runCloses, sampleCandles } from "./sample-candles.ts";

const create = (kind: string, options: Options = {}): Indicator => INPUT_KINDS[kind]!.create(options)!;
const lastOf = (kind: string, options: Options, closes: readonly number[]): number =>
  runCloses(create(kind, options), closes).at(-1)!;
const rms = (values: readonly number[]): number => Math.sqrt(values.reduce((t, x) => t + x * x, 0) / values.length);
const flat = (count: number, price = 100): number[] => new Array<number>(count).fill(price);

describe("still markets", () => {
  test("RSI, ADX and stochastic are 0, as TA-Lib's are", () => {
    expect(lastOf("ta.rsi", {}, flat(100))).toBe(0);
    expect(
      run(
        create("ta.adx"),
        flat(100).map((close) => candleAt(close)),
      ).at(-1),
    ).toEqual([0, 0, 0]);
    expect(
      run(
        create("ta.stochastic"),
        flat(100).map((close) => candleAt(close)),
      ).at(-1),
    ).toEqual([0, 0]);
  });

  test("bands that coincide have no percentB", () => {
    const row = run(
      create("ta.bollinger"),
      flat(40, 0.1).map((close) => candleAt(close)),
    ).at(-1);
    expect(row).toEqual([0.1, 0.1, 0.1, Number.NaN, 0]);
    expect(lastOf("overreaction.percentB", {}, flat(40, 0.1))).toBeNaN();
  });

  test("efficiency, trend and z returns are 0; the first move out of stillness has no z", () => {
    expect(lastOf("momentum.efficiency", {}, flat(40, 0.1))).toBe(0);
    expect(lastOf("momentum.trend", {}, flat(40, 0.1))).toBe(0);
    expect(lastOf("momentum.zReturn", {}, flat(200))).toBe(0);
    expect(lastOf("momentum.zReturn", {}, [...flat(200), 101])).toBeNaN();
  });

  test("volatility is 0, half-life is unknown", () => {
    expect(lastOf("market.volatility", {}, flat(200))).toBe(0);
    expect(lastOf("overreaction.halfLife", {}, flat(200))).toBeNaN();
  });
});

test("an outside candle that is as far above as below is no directional movement", () => {
  const candles = [1, 2, 3, 4, 5].map((reach) => candleAt(100, { high: 100 + reach, low: 100 - reach }));
  expect(run(create("ta.adx", { period: 2 }), candles).at(-1)).toEqual([0, 0, 0]);
});

describe("momentum", () => {
  test("ROC is in percent and MOM in price", () => {
    expect(lastOf("ta.roc", { period: 2 }, [100, 105, 110])).toBeCloseTo(10, 12);
    expect(lastOf("momentum.roc", { period: 2 }, [100, 105, 110])).toBeCloseTo(10, 12);
    expect(lastOf("ta.mom", { period: 2 }, [100, 105, 110])).toBe(10);
  });

  test("acceleration is the difference of two rates of change", () => {
    expect(lastOf("momentum.acceleration", { period: 1 }, [100, 110, 132])).toBeCloseTo(20 - 10, 12);
  });

  test("efficiency is the way made good over the way travelled", () => {
    expect(lastOf("momentum.efficiency", { period: 4 }, [10, 11, 10, 11, 12])).toBeCloseTo(0.5, 12);
    expect(lastOf("momentum.efficiency", { period: 4 }, [10, 11, 12, 13, 14])).toBe(1);
  });

  test("a z return is measured by the returns before the move, clipped at 10", () => {
    const closes = sampleCandles({ seed: 3, count: 30 }).map((candle) => candle.close);
    const returns = closes.slice(1).map((close, index) => Math.log(close / closes[index]!));
    const sigma = rms(returns.slice(29 - 3 - 12, 29 - 3));
    const wanted = Math.log(closes[29]! / closes[26]!) / (sigma * Math.sqrt(3));
    expect(lastOf("momentum.zReturn", { span: 3, window: 12 }, closes)).toBeCloseTo(wanted, 10);
    expect(lastOf("overreaction.moveZ", { span: 3, window: 12 }, closes)).toBeCloseTo(wanted, 10);
    expect(lastOf("momentum.zReturn", { span: 3, window: 12 }, [...closes, 5])).toBe(10);
    expect(lastOf("momentum.zReturn", { span: 3, window: 12 }, [...closes, 0.01])).toBe(-10);
  });

  test("trend is the t statistic of the slope of ln close", () => {
    // y = 0, 1, 1, 2: slope 0.6, residual 0.2 with two degrees of freedom, t = 0.6 / sqrt(0.1 / 5).
    const closes = [0, 1, 1, 2].map((y) => Math.exp(y));
    expect(lastOf("momentum.trend", { period: 4 }, closes)).toBeCloseTo(0.6 / Math.sqrt(0.02), 10);
    expect(lastOf("momentum.trend", { period: 5 }, [1, 2, 4, 8, 16])).toBe(10);
    expect(lastOf("momentum.trend", { period: 5 }, [16, 8, 4, 2, 1])).toBe(-10);
  });

  test("the score joins its four factors", () => {
    const closes = sampleCandles({ seed: 5, count: 40 }).map((candle) => candle.close);
    const at = (back: number): number => closes[39 - back]!;
    const returns = closes.slice(1).map((close, index) => Math.log(close / closes[index]!));
    const sigma = rms(returns.slice(39 - 4 - 20, 39 - 4));
    const factors = [
      Math.log(at(0) / at(4)) / (sigma * 2),
      (Math.log(at(0) / at(4)) - Math.log(at(4) / at(8))) / (sigma * Math.sqrt(8)),
      lastOf("momentum.efficiency", { period: 4 }, closes) * Math.sign(at(0) - at(4)),
      lastOf("momentum.trend", { period: 5 }, closes),
    ].map((factor) => Math.max(-3, Math.min(3, factor)));
    const total = factors.reduce((t, x) => t + x, 0);
    const [score, coverage] = run(
      create("momentum.score", { span: 4, window: 20 }),
      closes.map((close) => candleAt(close)),
    ).at(-1)!;
    expect(score).toBeCloseTo(Math.tanh(total / 2 / 2), 10);
    expect(coverage).toBe(1);
  });

  test("the score of a move out of stillness rests on the two factors that need no volatility", () => {
    const candles = [...flat(60), 101].map((close) => candleAt(close));
    const [score, coverage] = run(create("momentum.score", { span: 4, window: 20 }), candles).at(-1)!;
    expect(coverage).toBe(0.5);
    const t = lastOf("momentum.trend", { period: 5 }, [...flat(60), 101]);
    expect(score).toBeCloseTo(Math.tanh((1 + t) / Math.SQRT2 / 2), 10);
  });
});

describe("overreaction", () => {
  test("percentB is 0.5 + z / 2k", () => {
    // Mean 3, population deviation sqrt(2): the last close is sqrt(2) deviations up.
    expect(lastOf("overreaction.percentB", { period: 5, deviations: 2 }, [1, 2, 3, 4, 5])).toBeCloseTo(
      0.5 + Math.SQRT2 / 4,
      12,
    );
  });

  test("relative volume leaves the candle itself out of the mean", () => {
    const volumes = [1, 2, 3, 8].map((volume) => candleAt(100, { volume }));
    expect(run(create("overreaction.relativeVolume", { period: 3 }), volumes).at(-1)).toEqual([4]);
  });

  test("without volume it is unknown, with a quiet candle it is 0", () => {
    const volumes = [0, 0, 0, 0, 6, 0].map((volume) => candleAt(100, { volume }));
    const rows = run(create("overreaction.relativeVolume", { period: 3 }), volumes);
    expect(rows.map(([value]) => value)).toEqual([Number.NaN, Number.NaN, Number.NaN, Number.NaN, Number.NaN, 0]);
  });

  test.each([
    { volume: 0.5, jump: 1.05, wanted: 1 },
    { volume: 1, jump: 1.05, wanted: 0 },
    { volume: 0.5, jump: 0.95, wanted: 1 },
    { volume: 0.5, jump: 1.000001, wanted: 0 },
  ])("a move of ×$jump on $volume of the usual volume is unconfirmed: $wanted", ({ volume, jump, wanted }) => {
    const before = sampleCandles({ seed: 9, count: 60 }).map((candle) => ({ ...candle, volume: 1 }));
    const last = candleAt(before.at(-1)!.close * jump, { volume });
    const rows = run(create("overreaction.unconfirmed", { span: 1, window: 30 }), [...before, last]);
    expect(rows.at(-1)).toEqual([wanted]);
  });

  test("wicks are shares of the range", () => {
    const candles = [candleAt(104, { open: 102, high: 110, low: 100 }), candleAt(104)];
    expect(run(create("overreaction.wick"), candles)).toEqual([
      [0.6, 0.2],
      [0, 0],
    ]);
  });

  test("distances that shrink by a tenth a candle have a half-life of 6.578813", () => {
    expect(
      lastOf(
        "overreaction.halfLife",
        {},
        closesAtDistances((index) => 0.05 * 0.9 ** index),
      ),
    ).toBeCloseTo(6.578813, 6);
  });

  test("distances that swing, grow, wander or are dust have none", () => {
    expect(
      lastOf(
        "overreaction.halfLife",
        {},
        closesAtDistances((index) => 1e-7 * 0.9 ** index),
      ),
    ).toBeNaN();
    expect(
      lastOf(
        "overreaction.halfLife",
        {},
        closesAtDistances((index) => 0.05 * (-0.9) ** index),
      ),
    ).toBeNaN();
    expect(
      lastOf(
        "overreaction.halfLife",
        {},
        closesAtDistances((index) => 1e-4 * 1.03 ** index),
      ),
    ).toBeNaN();
    let wander = 0;
    const walk = closesAtDistances((index) => (wander += 0.001 * gaussian(3, index)));
    expect(lastOf("overreaction.halfLife", {}, walk)).toBeNaN();
  });

  test("a half-life needs a window five times as long", () => {
    const closes = closesAtDistances((index) => 0.05 * 0.96 ** index);
    expect(lastOf("overreaction.halfLife", { window: 60 }, closes)).toBeNaN();
    expect(lastOf("overreaction.halfLife", { window: 120 }, closes)).toBeCloseTo(Math.LN2 / -Math.log(0.96), 6);
  });

  test("the score is against the move, and the product of its parts", () => {
    const names = create("overreaction.score").outputs;
    let seen = 0;
    for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
      const before = sampleCandles({ seed, count: 200 });
      const jump = seed % 2 === 0 ? 1.012 : 0.988;
      const candles = [...before, candleAt(before.at(-1)!.close * jump, { volume: before.at(-1)!.volume })];
      const row = run(create("overreaction.score"), candles).at(-1)!;
      const of = (name: string): number => row[names.indexOf(name)]!;
      const clamp = (x: number): number => Math.max(0, Math.min(1, x));
      const strength =
        clamp((Math.abs(of("moveZ")) - 2) / 2) *
        (1 - clamp((of("relativeVolume") - 1) / 2)) *
        (of("percentB") < 0 || of("percentB") > 1 ? 1 : 0.5) *
        (of("halfLife") >= 1 ? 1 : 0.5);
      expect(of("strength")).toBeCloseTo(strength, 12);
      expect(of("side")).toBe(-Math.sign(of("moveZ")));
      expect(of("score")).toBeCloseTo(of("side") * strength, 12);
      if (strength > 0) seen++;
    }
    expect(seen).toBeGreaterThan(3);
  });
});

/** 200 closes whose distance from their own 20-candle EMA, in logarithms, is as given from the first value of the EMA on. */
function closesAtDistances(distanceAt: (index: number) => number): number[] {
  const closes = flat(20);
  const weight = 2 / 21;
  let mean = 100;
  for (let index = 0; index < 180; index++) {
    const ratio = Math.exp(distanceAt(index));
    const close = (ratio * mean * (1 - weight)) / (1 - weight * ratio);
    mean += weight * (close - mean);
    closes.push(close);
  }
  return closes;
}

describe("volatility", () => {
  test("is the root mean square of returns per square root of a second", () => {
    // Ten-second steps that go up and down by a ten-thousandth.
    const closes = Array.from({ length: 100 }, (_, index) => (index % 2 === 0 ? 100 : 100 * Math.exp(1e-4)));
    expect(lastOf("market.volatility", {}, closes)).toBeCloseTo(1e-4 / Math.sqrt(10), 12);
  });

  test("skips synthetic candles, and spreads the return after them over the time it took", () => {
    const move = (close: number): Candle => candleAt(close);
    const hole = (close: number): Candle => candleAt(close, { synthetic: true, volume: 0 });
    const options = { window: "5m", step: "1m" };
    const [a, b] = [100, 100 * Math.exp(0.001)];
    const rows = run(create("market.volatility", options), [a, b, a, b, a].map(move));
    expect(rows.at(-1)![0]).toBeNaN();
    const gapped = [move(a), move(b), hole(b), hole(b), hole(b), move(a), move(b), move(a), hole(a), move(b)];
    const wanted = Math.sqrt((3 * 1e-6 + 1e-6 / 4 + 1e-6 / 2) / 300);
    expect(run(create("market.volatility", options), gapped).at(-1)![0]).toBeCloseTo(wanted, 12);
  });

  test("stands while nothing trades", () => {
    const candles = sampleCandles({ seed: 2, count: 95 });
    const volatility = create("market.volatility");
    const before = run(volatility, candles).at(-1)!;
    const synthetic = { ...candleAt(candles.at(-1)!.close), synthetic: true };
    expect(run(volatility, [synthetic, synthetic]).at(-1)).toEqual(before);
  });
});

describe("synthetic candles", () => {
  const flagged = (candle: Candle): Candle => ({ ...candle, synthetic: true });
  const candles = sampleCandles({ seed: 21, count: 300 });
  const held = { ...candleAt(candles[150]!.close), fundingRate8h: 1, openInterest: 50_000, volume: 0 };
  const withHole = (hole: Candle): Candle[] => [...candles.slice(0, 151), hole, ...candles.slice(151)];

  test.each(["ta.rsi", "ta.adx", "momentum.trend", "momentum.efficiency"])("are flat candles to %s", (kind) => {
    expect(run(create(kind), withHole(flagged(held)))).toEqual(run(create(kind), withHole(held)));
  });

  test.each([
    "overreaction.relativeVolume",
    "funding.z",
    "openInterest.divergence",
  ])("are no observation to %s", (kind) => {
    const rows = run(create(kind), withHole(flagged(held)));
    expect(rows[151]).toEqual([Number.NaN]);
    expect(rows.toSpliced(151, 1)).toEqual(run(create(kind), candles));
  });
});

describe("funding", () => {
  const rates = (values: readonly number[]): Candle[] =>
    values.map((fundingRate8h) => candleAt(100, { fundingRate8h }));

  test("the rate is the candle's, unknown where it is unknown", () => {
    expect(run(create("funding.rate"), rates([1e-4, Number.NaN, 2e-4]))).toEqual([[1e-4], [Number.NaN], [2e-4]]);
  });

  test("z counts this rate in, with the population deviation", () => {
    const rows = run(create("funding.z", { window: 4 }), rates([9, 1, 1, 1, 2]));
    // Mean 1.25, deviation sqrt(3) / 4: the largest that a window of four allows.
    expect(rows.at(-1)![0]).toBeCloseTo(Math.sqrt(3), 12);
  });

  test("a constant rate has z 0, also after another one has left the window", () => {
    expect(run(create("funding.z", { window: 4 }), rates([0.3, 0.1, 0.1, 0.1, 0.1])).at(-1)).toEqual([0]);
  });

  test("unknown rates take no place in the window", () => {
    const rows = run(create("funding.z", { window: 3 }), rates([1, Number.NaN, 2, Number.NaN, 3]));
    expect(rows.map(([z]) => Number.isNaN(z))).toEqual([true, true, true, true, false]);
    expect(rows.at(-1)![0]).toBeCloseTo(Math.sqrt(1.5), 12);
  });
});

describe("open interest", () => {
  const levels = (values: readonly number[]): Candle[] =>
    values.map((openInterest, index) => candleAt(100 + index, { openInterest }));
  const change = (values: readonly number[]): number[] =>
    run(create("openInterest.change", { period: 2 }), levels(values)).map((row) => row[0]!);

  test("change is logarithmic over the period", () => {
    expect(change([100, 110, 121]).at(-1)).toBeCloseTo(Math.log(1.21), 12);
  });

  test("missing samples make unknown what needs them, and nothing else", () => {
    expect(change([100, 0, 121, 110, 100]).map(Number.isNaN)).toEqual([true, true, false, true, false]);
  });

  test("a step of more than 30 % is a migration: nothing is compared across it", () => {
    expect(change([100, 100, 131, 131, 131]).map(Number.isNaN)).toEqual([true, true, true, true, false]);
    expect(change([100, 100, 129, 129, 129]).map(Number.isNaN)).toEqual([true, true, false, false, false]);
    expect(change([100, 100, 0, 200, 200, 200]).map(Number.isNaN)).toEqual([true, true, true, true, true, false]);
  });

  test("divergence is the z of price less the z of open interest", () => {
    const rising = levels([100, 101, 102, 103]);
    const falling = levels([103, 102, 101, 100]);
    expect(Math.abs(run(create("openInterest.divergence", { window: 4 }), rising).at(-1)![0]!)).toBeLessThan(1e-3);
    expect(run(create("openInterest.divergence", { window: 4 }), falling).at(-1)![0]).toBeGreaterThan(2.6);
  });

  test("after a migration the window of the divergence fills anew", () => {
    const rows = run(create("openInterest.divergence", { window: 3 }), levels([100, 101, 102, 200, 201, 202]));
    expect(rows.map(([value]) => Number.isNaN(value))).toEqual([true, true, false, true, true, false]);
  });
});

describe("windows slid incrementally", () => {
  const candles = sampleCandles({ seed: 31, count: 1500 });
  const closes = candles.map((candle) => candle.close);

  test.each([2, 3, 20, 499])("agree with a plain pass over the last %d closes", (period) => {
    const means = runCloses(create("ta.sma", { period }), closes);
    const bands = run(create("ta.bollinger", { period, deviations: 1 }), candles);
    const ranges = run(create("ta.stochastic", { period, smooth: 1, signal: 1 }), candles);
    for (let end = period; end <= closes.length; end++) {
      const window = closes.slice(end - period, end);
      const mean = window.reduce((t, x) => t + x, 0) / period;
      expect(Math.abs(means[end - 1]! - mean)).toBeLessThan(1e-13);
      const deviation = rms(window.map((x) => x - mean));
      expect(Math.abs(bands[end - 1]![0]! - mean - deviation)).toBeLessThan(1e-13);
      const highest = Math.max(...candles.slice(end - period, end).map((candle) => candle.high));
      const lowest = Math.min(...candles.slice(end - period, end).map((candle) => candle.low));
      expect(ranges[end - 1]![0]).toBe((100 * (closes[end - 1]! - lowest)) / (highest - lowest));
    }
  });

  test("a spike leaves no trace once it has left the window", () => {
    const spiked = [...closes.slice(0, 100), 1e9, ...closes.slice(100, 200)];
    const calm = [...closes.slice(0, 100), 1, ...closes.slice(100, 200)];
    for (const kind of ["ta.sma", "overreaction.percentB", "momentum.efficiency", "momentum.trend"]) {
      const options = { period: 20 };
      expect(lastOf(kind, options, spiked)).toBe(lastOf(kind, options, calm));
    }
  });
});
