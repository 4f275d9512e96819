// Chainlink price recordings: one row a report, with the time it is of and the time it was received.
import type { Asset } from "../../../dsl/asset.ts";
import type { Tick } from "../../market/event.ts";
import { CsvRows, isAnotherUnit, malformed, ONE_UNIT } from "./csv-rows.ts";
import type { DataFile } from "./data-file.ts";

/** Two clocks. */
const CLOCK_ERROR_MS_MAX = 10_000;
/** What comes later was not received but looked up. */
const DELAY_MS_MAX = 600_000;
/** `value` has fewer digits. */
const ROUNDING_MAX = 1e-6;

const COLUMNS = ["feed_ts_ms", "value", "full_accuracy_value", "server_ts_ms", "recv_ms"];
export const PRICE_HEADER = COLUMNS.join(",");

/** In the order of the file. */
export function parsePrices(file: DataFile, asset: Asset): readonly Tick[] {
  const rows = new CsvRows(file, COLUMNS, { hasHeader: true });
  const ticks: Tick[] = [];
  while (rows.next()) {
    const [eventAtMs, receivedAtMs] = [rows.milliseconds(0), rows.milliseconds(4)];
    if (receivedAtMs < eventAtMs - CLOCK_ERROR_MS_MAX) throw rows.bad(4, "a receipt after feed_ts_ms");
    if (receivedAtMs > eventAtMs + DELAY_MS_MAX) {
      throw rows.bad(4, "a receipt within 10 minutes of feed_ts_ms", "It must say when the price could be known");
    }
    const priceE18 = rows.scaledE18(2);
    const value = rows.positive(1);
    if (Math.abs(Number(priceE18) / 1e18 / value - 1) > ROUNDING_MAX) {
      throw rows.bad(1, `full_accuracy_value × 1e-18, which is ${Number(priceE18) / 1e18}`);
    }
    const before = ticks.at(-1);
    if (before !== undefined && isAnotherUnit(Number(before.priceE18), Number(priceE18))) {
      throw rows.bad(2, ONE_UNIT);
    }
    ticks.push({ type: "Tick", asset, priceE18, volume: 0, eventAtMs, receivedAtMs });
  }
  if (ticks.length === 0) throw malformed(file, 2, 1, "nothing after the header", "at least one row of prices");
  return ticks;
}
