// A recorded stretch of one asset's 5-minute markets, made from the simulated world: files as the recorder writes them.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { SimulatedFeed } from "../../engine/feeds/simulated/simulated-feed.ts";
import type { Tick } from "../../engine/market/event.ts";

export interface RecordedDay {
  readonly prices: string;
  readonly markets: string;
  /** Slugs of the markets that have a strike and an end price. */
  readonly settled: readonly string[];
}

/** `flipped` writes the opposite of every true outcome. */
export function recordDay(folder: string, windows: number, flipped = false): RecordedDay {
  const feed = new SimulatedFeed({ seed: 11, assets: ["btc"], intervals: ["5m"] });
  const openMs = Math.ceil(feed.startMs / 300_000) * 300_000;
  const endMs = openMs + windows * 300_000;
  const ticks = [...feed.between(openMs - 2_000, endMs + 2_000)].filter(
    (event): event is Tick => event.type === "Tick",
  );
  const at = new Map(ticks.map((tick) => [tick.eventAtMs, tick.priceE18]));
  const rows = ticks.map(
    ({ eventAtMs, receivedAtMs, priceE18 }) =>
      `${eventAtMs},${Number(priceE18) / 1e18},${priceE18},${receivedAtMs - 100},${receivedAtMs}`,
  );
  const prices = join(folder, "chainlink-btcusd.csv");
  writeFileSync(prices, `feed_ts_ms,value,full_accuracy_value,server_ts_ms,recv_ms\n${rows.join("\n")}\n`);
  const markets = join(folder, flipped ? "flipped.jsonl" : "markets.jsonl");
  const starts = Array.from({ length: windows }, (_, index) => openMs + index * 300_000);
  const lines = starts.map((startMs) => {
    const strike = at.get(startMs)!;
    const isUp = at.get(startMs + 300_000)! >= strike;
    return JSON.stringify(marketLine(startMs / 1_000, strike, isUp !== flipped));
  });
  writeFileSync(markets, `${lines.join("\n")}\n`);
  return { prices, markets, settled: starts.map((startMs) => `btc-updown-5m-${startMs / 1_000}`) };
}

const marketLine = (startSec: number, strike: bigint, isUp: boolean): object => ({
  slug: `btc-updown-5m-${startSec}`,
  asset: "btc",
  interval_sec: 300,
  condition_id: `0x${startSec.toString(16).padStart(64, "0")}`,
  token_ids: [`1${startSec}`, `2${startSec}`],
  start_sec: startSec,
  end_sec: startSec + 300,
  resolved: true,
  outcome_prices: isUp ? ["1", "0"] : ["0", "1"],
  strike_value: String(strike),
  raw: {
    outcomes: '["Up", "Down"]',
    orderPriceMinTickSize: 0.01,
    orderMinSize: 5,
    feeSchedule: { rate: 0.07, exponent: 1, takerOnly: true, rebateRate: 0.2 },
  },
});
