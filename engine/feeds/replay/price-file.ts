// Chainlink price recordings: one row a report, with the time it is of and the time it was received.
import type { Asset } from "../../../dsl/asset.ts";
import type { Tick } from "../../market/event.ts";
import { CsvRows, malformed } from "./csv-rows.ts";
import type { DataFile } from "./data-file.ts";

const COLUMNS = ["feed_ts_ms", "value", "full_accuracy_value", "server_ts_ms", "recv_ms"];
export const PRICE_HEADER = COLUMNS.join(",");

/** In the order of the file. */
export function parsePrices(file: DataFile, asset: Asset): readonly Tick[] {
  const rows = new CsvRows(file, COLUMNS, { hasHeader: true });
  const ticks: Tick[] = [];
  while (rows.next()) {
    ticks.push({
      type: "Tick",
      asset,
      priceE18: rows.scaledE18(2),
      volume: 0,
      eventAtMs: rows.milliseconds(0),
      receivedAtMs: rows.milliseconds(4),
    });
  }
  if (ticks.length === 0) throw malformed(file, 2, 1, "nothing after the header", "at least one row of prices");
  return ticks;
}
