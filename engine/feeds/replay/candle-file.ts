// Candle files: `timestamp,open,high,low,close,volume` and Binance's public klines. Column by column, because a year of
// minutes is half a million rows.
import { CANDLE_INTERVALS, CANDLE_MS, type CandleInterval } from "../../../dsl/candle.ts";
import { CsvRows, isAnotherUnit, malformed, ONE_UNIT } from "./csv-rows.ts";
import type { DataFile } from "./data-file.ts";

const CANDLE_COLUMNS = ["timestamp", "open", "high", "low", "close", "volume"];
/** Per row, as of the candle's close: funding normalised to 8 h, open interest in coins. Empty cells are unknown. */
const OPTIONAL_COLUMNS = ["funding_rate", "open_interest"];
export const CANDLE_HEADER = CANDLE_COLUMNS.join(",");

const KLINE_COLUMNS = [
  ...["open_time", "open", "high", "low", "close", "volume", "close_time", "quote_volume", "count"],
  ...["taker_buy_volume", "taker_buy_quote_volume", "ignore"],
];
export const KLINE_CELLS = KLINE_COLUMNS.length;

export interface CandleColumns {
  readonly interval: CandleInterval;
  readonly stepMs: number;
  /** Ascending, on the interval's grid; all columns have one entry a candle. */
  readonly openMs: Float64Array;
  /** × 1e18, by index, of opens that are written with more digits than a number is sure to hold: opens settle windows. */
  readonly longOpensE18: ReadonlyMap<number, bigint>;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
  /** NaN where unknown. */
  readonly fundingRate8h: Float64Array;
  readonly openInterest: Float64Array;
}

export function parseCandles(file: DataFile): CandleColumns {
  const header = file.text.slice(0, file.text.search(/\r?\n|$/)).split(",");
  const extra = header.slice(CANDLE_COLUMNS.length);
  const unknown = extra.findIndex((name, i) => !OPTIONAL_COLUMNS.includes(name) || extra.indexOf(name) !== i);
  if (unknown !== -1) {
    const found = `column ${JSON.stringify(extra[unknown])}`;
    throw malformed(
      file,
      1,
      CANDLE_COLUMNS.length + unknown + 1,
      found,
      `nothing or ${OPTIONAL_COLUMNS.join(", ")}, once`,
    );
  }
  return parse(file, header, { isKlines: false, hasHeader: true });
}

export const parseKlines = (file: DataFile): CandleColumns =>
  parse(file, KLINE_COLUMNS, { isKlines: true, hasHeader: !/^\d/.test(file.text) });

interface Format {
  readonly isKlines: boolean;
  readonly hasHeader: boolean;
}

function parse(file: DataFile, names: readonly string[], { isKlines, hasHeader }: Format): CandleColumns {
  const rows = new CsvRows(file, names, { hasHeader });
  const [funding, interest] = OPTIONAL_COLUMNS.map((name) => names.indexOf(name)) as [number, number];
  const longOpensE18 = new Map<number, bigint>();
  const rowsMax = linesOf(file.text);
  const column = (): Float64Array => new Float64Array(rowsMax);
  const openMs = column();
  const prices = { open: column(), high: column(), low: column(), close: column(), volume: column() };
  const facts = { fundingRate8h: column().fill(Number.NaN), openInterest: column().fill(Number.NaN) };
  let stepMs = Number.POSITIVE_INFINITY;
  let count = 0;
  while (rows.next()) {
    const atMs = isKlines ? rows.millisecondsOrMicroseconds(0) : rows.milliseconds(0);
    const beforeMs = count === 0 ? Number.NEGATIVE_INFINITY : openMs[count - 1]!;
    if (atMs <= beforeMs) {
      const what = atMs === beforeMs ? "the same" : "earlier";
      throw rows.bad(0, `a time after the row before, this is ${what}`, "Sort the rows by time and remove duplicates");
    }
    stepMs = Math.min(stepMs, atMs - beforeMs);
    if (!rows.isShort(1)) longOpensE18.set(count, rows.priceE18(1));
    openMs[count] = atMs;
    const [o, h, l, c] = [rows.positive(1), rows.positive(2), rows.positive(3), rows.positive(4)];
    if (h < o || h < c || h < l) throw rows.bad(2, "the highest of open, high, low and close");
    if (l > o || l > c) throw rows.bad(3, "the lowest of open, high, low and close");
    if (isAnotherUnit(count === 0 ? o : prices.close[count - 1]!, o)) throw rows.bad(1, ONE_UNIT);
    prices.open[count] = o;
    prices.high[count] = h;
    prices.low[count] = l;
    prices.close[count] = c;
    prices.volume[count] = rows.notNegative(5);
    if (funding !== -1) facts.fundingRate8h[count] = rows.optional(funding);
    if (interest !== -1) facts.openInterest[count] = rows.optional(interest);
    count += 1;
  }
  const firstRow = hasHeader ? 2 : 1;
  if (count < 2) {
    throw malformed(file, firstRow, 1, `${count} candles`, "at least two, whose distance is their interval");
  }
  const times = openMs.subarray(0, count);
  const interval = intervalOf(file, firstRow, times, stepMs);
  const filled = <Columns extends Record<string, Float64Array>>(columns: Columns): Columns =>
    Object.fromEntries(Object.entries(columns).map(([name, all]) => [name, all.subarray(0, count)])) as Columns;
  return { interval, stepMs, openMs: times, longOpensE18, ...filled(prices), ...filled(facts) };
}

/** As many as there can be rows. */
function linesOf(text: string): number {
  let lines = 1;
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) lines += 1;
  return lines;
}

/** The smallest distance between rows is the interval; every row must lie on its grid. */
function intervalOf(file: DataFile, firstRow: number, openMs: Float64Array, stepMs: number): CandleInterval {
  const wanted = CANDLE_INTERVALS.filter((interval) => CANDLE_MS[interval] <= CANDLE_MS["15m"]);
  const interval = wanted.find((each) => CANDLE_MS[each] === stepMs);
  if (interval === undefined) {
    const index = openMs.findIndex((atMs, i) => atMs - (openMs[i - 1] ?? 0) === stepMs);
    const found = `candles ${stepMs / 1_000} s apart`;
    throw malformed(file, firstRow + index, 1, found, `an interval of ${wanted.join(", ")}`);
  }
  const off = openMs.findIndex((atMs) => atMs % stepMs !== 0);
  if (off === -1) return interval;
  throw malformed(file, firstRow + off, 1, `time ${openMs[off]}`, `a multiple of ${stepMs} ms, the candles' interval`);
}
