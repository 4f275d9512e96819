import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CURVE_POINTS_MAX, type TradeRow } from "../../../control/report/report.ts";
import { equityOf, figuresOf, versionFiguresOf } from "../../../control/report/track-record.ts";
import { tradesCsv } from "../../../control/report/trades-csv.ts";
import type { CodeVersion, ParamsHash } from "../../../engine/base/ids.ts";

const UNIT = 1_000_000;
const code = (digit: string) => digit.repeat(64) as CodeVersion;
const SPAN = { fromMs: 0, toMs: 1_000 };

/** Ten shares of up at 0.50 with a fee of 0.02 a share, won. */
const trade = (changes: Partial<TradeRow> = {}): TradeRow => ({
  id: "BTC-5m-momentum/btc-updown-5m-1",
  slot: "BTC-5m-momentum",
  market: "btc-updown-5m-1",
  asset: "btc",
  side: "up",
  strategy: "momentum",
  code: code("a"),
  params: code("1") as string as ParamsHash,
  ordinal: 1,
  openedAtMs: 100,
  closedAtMs: 300,
  boughtSharesMicros: 10 * UNIT,
  entryPriceMicros: 500_000,
  breakEvenMicros: 520_000,
  feesMicros: 200_000,
  pnlMicros: 4_800_000,
  outcome: "up",
  probability: 0.7,
  reason: "edge",
  decision: "BTC-5m-momentum@7",
  ...changes,
});
const lost = (changes: Partial<TradeRow> = {}) => trade({ outcome: "down", pnlMicros: -5_200_000, ...changes });
const open = (changes: Partial<TradeRow> = {}) =>
  trade({ closedAtMs: null, outcome: null, pnlMicros: -200_000, ...changes });

describe("figures of trades", () => {
  test("count what has ended; profit and fees are of open trades too", () => {
    const figures = figuresOf([trade(), lost({ breakEvenMicros: 620_000 }), open()], SPAN);
    expect(figures).toMatchObject({ trades: 2, wins: 1, pnlMicros: -600_000, feesMicros: 600_000 });
    expect(figures.needs).toBeCloseTo(0.57, 12);
    expect(figures.winRate?.rate).toBe(0.5);
    // Wilson, 1 of 2, two-sided 95 %.
    expect(figures.winRate?.low).toBeCloseTo(0.0945, 4);
    expect(figures.winRate?.high).toBeCloseTo(0.9055, 4);
  });

  test("say nothing where there is nothing", () => {
    expect(figuresOf([], SPAN)).toEqual({
      trades: 0,
      wins: 0,
      winRate: null,
      needs: null,
      pnlMicros: 0,
      feesMicros: 0,
      brier: null,
      logLoss: null,
      calibration: [],
      exposureMaxMicros: 0,
      exposureMeanMicros: 0,
      drawdownMicros: 0,
    });
    expect(figuresOf([trade({ side: "long", outcome: null })], SPAN).needs).toBeNull();
  });

  test("score probabilities of what settled up or down, and of nothing else", () => {
    const unscored = [trade({ outcome: "void" }), trade({ outcome: "sold" }), trade({ probability: null }), open()];
    const figures = figuresOf([trade({ probability: 0.8 }), lost({ probability: 0.6 }), ...unscored], SPAN);
    expect(figures.brier).toBeCloseTo((0.2 ** 2 + 0.6 ** 2) / 2, 12);
    expect(figures.logLoss).toBeCloseTo(-(Math.log(0.8) + Math.log(0.4)) / 2, 12);
  });

  test("a certainty that was wrong costs much, not everything", () => {
    expect(figuresOf([lost({ probability: 1 })], SPAN).logLoss).toBeCloseTo(-Math.log(1e-6), 9);
  });

  test("put probabilities into ten bins, 1 into the last", () => {
    const { calibration } = figuresOf([trade({ probability: 1 }), trade({ probability: 0.92 }), lost()], SPAN);
    expect(calibration).toEqual([
      { from: 0.7, to: 0.8, trades: 1, meanProbability: 0.7, won: 0 },
      { from: 0.9, to: 1, trades: 2, meanProbability: 0.96, won: 2 },
    ]);
  });

  test("exposure is what was paid for what is held, over the time covered", () => {
    const trades = [
      trade({ openedAtMs: 100, closedAtMs: 300 }),
      // The first has ended when this one begins.
      trade({ openedAtMs: 300, closedAtMs: 400 }),
      open({ openedAtMs: 350 }),
    ];
    const { exposureMaxMicros, exposureMeanMicros } = figuresOf(trades, SPAN);
    expect(exposureMaxMicros).toBe(10 * UNIT);
    expect(exposureMeanMicros).toBe((5 * UNIT * (200 + 100 + 650)) / 1_000);
  });

  test("drawdown is the largest fall from the highest point, in the order in which trades ended", () => {
    const ended = (closedAtMs: number, pnlMicros: number) => trade({ closedAtMs, pnlMicros });
    expect(figuresOf([ended(4, 9), ended(1, 5), ended(3, -4), ended(2, -3)], SPAN).drawdownMicros).toBe(7);
    expect(figuresOf([ended(1, -5)], SPAN).drawdownMicros).toBe(5);
  });
});

test("versions share out all trades between them", () => {
  const versions = ["a", "b", "c"].map((digit, index) => ({
    ...{ strategy: "momentum", code: code(digit), params: code("1") as string as ParamsHash, ordinal: index + 1 },
    decisions: 10 * index,
  }));
  const mine = [trade({ openedAtMs: 5 }), lost({ closedAtMs: 900 }), trade({ code: code("b"), ordinal: 2 })];
  const [a, b, c] = versionFiguresOf(mine, SPAN, versions);
  expect(a).toMatchObject({ ordinal: 1, decisions: 0, trades: 2, wins: 1, firstMs: 5, lastMs: 900 });
  expect(b).toMatchObject({ ordinal: 2, decisions: 10, trades: 1, wins: 1 });
  expect(c).toMatchObject({ ordinal: 3, trades: 0, winRate: null, firstMs: null, lastMs: null });
});

test("the curve ends where the money is, however it is thinned", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -9, max: 9 }), { maxLength: 20 }), fc.boolean(), (profits, isLong) => {
      const repeated = isLong ? Array.from({ length: 500 }, () => profits).flat() : profits;
      const trades = repeated.map((pnlMicros, closedAtMs) => trade({ pnlMicros, closedAtMs }));
      const curve = equityOf(trades, 1_000);
      expect(curve.length).toBe(Math.min(trades.length, CURVE_POINTS_MAX));
      expect(curve.at(-1)?.equityMicros ?? 1_000).toBe(1_000 + repeated.reduce((sum, each) => sum + each, 0));
    }),
    { numRuns: 20 },
  );
});

test("CSV has a line a trade, money as decimals, and quotes what would break a line", () => {
  const [head, line, end] = tradesCsv([open({ reason: 'a "sure" thing, really' })]).split("\r\n");
  expect(head).toMatch(/^id,slot,market,asset,side,.*,entryPrice,breakEven,fees,pnl,/);
  expect(line).toContain(",1970-01-01T00:00:00.100Z,,10.000000,0.500000,0.520000,0.200000,-0.200000,,0.7,");
  expect(line).toContain('"a ""sure"" thing, really"');
  expect(end).toBe("");
});
