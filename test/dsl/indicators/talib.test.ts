// Agreement with TA-Lib 0.6 in C: on an excerpt that is here, and on 30,240 real candles where the data is at hand.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { Candle } from "../../../dsl/candle.ts";
import { INPUT_KINDS } from "../../../dsl/indicators/registry.ts";
import { candleAt, run } from "./sample-candles.ts";
import { OHLC, TALIB } from "./talib-excerpt.ts";

/** Our kind, its options, and for each output the column here and in the data file. */
const COVERED = [
  { kind: "ta.sma", options: { period: 20 }, columns: [["value", "sma20", "sma20"]] },
  { kind: "ta.ema", options: { period: 20 }, columns: [["value", "ema20", "ema20"]] },
  { kind: "ta.rsi", options: {}, columns: [["value", "rsi14", "rsi14"]] },
  {
    kind: "ta.macd",
    options: {},
    columns: [
      ["macd", "macd", "macd_12_26"],
      ["signal", "macdSignal", "macd_signal_9"],
      ["histogram", "macdHistogram", "macd_hist"],
    ],
  },
  {
    kind: "ta.bollinger",
    options: {},
    columns: [
      ["upper", "bollingerUpper", "bb_upper_20_2"],
      ["middle", "bollingerMiddle", "bb_middle"],
      ["lower", "bollingerLower", "bb_lower"],
    ],
  },
  { kind: "ta.atr", options: {}, columns: [["value", "atr14", "atr14"]] },
  {
    kind: "ta.adx",
    options: {},
    columns: [
      ["adx", "adx14", "adx14"],
      ["plusDi", "plusDi14", "plus_di14"],
    ],
  },
  {
    kind: "ta.stochastic",
    options: {},
    columns: [
      ["k", "stochasticK", "stoch_k_14_3"],
      ["d", "stochasticD", "stoch_d_3"],
    ],
  },
  { kind: "ta.roc", options: {}, columns: [["value", "roc10", "roc10"]] },
  { kind: "ta.mom", options: {}, columns: [["value", "mom10", "mom10"]] },
] as const;

/**
 * TA-Lib takes the variance of Bollinger bands as E[x²] - E[x]², which is off by up to 3.4e-5 at a price of 60,000; that, and
 * nothing of ours, is why bands agree to 1e-9 only. The others agree better, but are held to the same.
 */
const TOLERANCE = 1e-9;
const errorOf = (ours: number, theirs: number): number => Math.abs(ours - theirs) / Math.max(1, Math.abs(theirs));

/** Output columns by "kind.output". */
function compute(candles: readonly Candle[]): Map<string, number[]> {
  const columns = new Map<string, number[]>();
  for (const { kind, options } of COVERED) {
    const indicator = INPUT_KINDS[kind]!.create(options)!;
    const rows = run(indicator, candles);
    for (const [index, output] of indicator.outputs.entries()) {
      columns.set(
        `${kind}.${output}`,
        rows.map((row) => row[index]!),
      );
    }
  }
  return columns;
}

const CASES = COVERED.flatMap(({ kind, columns }) =>
  columns.map(([output, key, file]) => ({ name: `${kind}.${output}`, key, file })),
);

describe("on an excerpt of sixty candles", () => {
  const ours = compute(OHLC.map(([open, high, low, close]) => candleAt(close, { open, high, low })));

  test.each(CASES)("$name begins and ends as TA-Lib's", ({ name, key }) => {
    const [firstIndex, first, last] = TALIB[key];
    const values = ours.get(name)!;
    expect(values.findIndex((value) => !Number.isNaN(value))).toBe(firstIndex);
    expect(errorOf(values[firstIndex]!, first)).toBeLessThanOrEqual(TOLERANCE);
    expect(errorOf(values[59]!, last)).toBeLessThanOrEqual(TOLERANCE);
  });
});

const directory = process.env.UNDERWAY_DATA ?? "";
const prices = join(directory, "binanceus-btcusd-1m-2023-03.csv.gz");
const oracle = join(directory, "talib-0.6-binanceus-btcusd-1m-2023-03.csv.gz");

describe.skipIf(directory === "")("on 30,240 real candles (needs UNDERWAY_DATA)", () => {
  const isThere = existsSync(prices) && existsSync(oracle);
  const ours = isThere ? compute(readColumns(prices).map(candleOf)) : new Map<string, number[]>();
  const theirs = isThere ? readColumns(oracle) : [];

  test("the data is there", () => expect({ isThere, rows: theirs.length }).toEqual({ isThere: true, rows: 30_240 }));

  test.each(CASES)("$name agrees with TA-Lib from its first value", ({ name, file }) => {
    const values = ours.get(name)!;
    let compared = 0;
    let worst = 0;
    for (const [index, row] of theirs.entries()) {
      const text = row[file]!;
      if (text === "") {
        expect(values[index]).toBeNaN();
        continue;
      }
      worst = Math.max(worst, errorOf(values[index]!, Number(text)));
      compared++;
    }
    expect(compared).toBeGreaterThan(30_200);
    expect(worst).toBeLessThanOrEqual(TOLERANCE);
  });
});

function readColumns(path: string): Record<string, string>[] {
  const [header, ...lines] = gunzipSync(readFileSync(path)).toString("utf8").trimEnd().split(/\r?\n/);
  const names = header!.split(",");
  return lines.map((line) => {
    const values = line.split(",");
    return Object.fromEntries(names.map((name, index) => [name, values[index] ?? ""]));
  });
}

const candleOf = (row: Record<string, string>): Candle =>
  candleAt(Number(row.close), {
    open: Number(row.open),
    high: Number(row.high),
    low: Number(row.low),
    volume: Number(row.volume),
  });
