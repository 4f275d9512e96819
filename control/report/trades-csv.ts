// Trades as CSV (RFC 4180): one line each, money and shares as decimal text, times in ISO 8601 UTC.
import { formatMicros } from "../../engine/base/micros.ts";
import type { TradeRow } from "./report.ts";

const money = (micros: number): string => formatMicros(micros, 6);
const instant = (ms: number | null): string => (ms === null ? "" : new Date(ms).toISOString());

const COLUMNS: { readonly [name: string]: (trade: TradeRow) => string } = {
  id: ({ id }) => id,
  slot: ({ slot }) => slot,
  market: ({ market }) => market,
  asset: ({ asset }) => asset,
  side: ({ side }) => side,
  strategy: ({ strategy }) => strategy,
  code: ({ code }) => code,
  params: ({ params }) => params,
  ordinal: ({ ordinal }) => String(ordinal),
  openedAt: ({ openedAtMs }) => instant(openedAtMs),
  closedAt: ({ closedAtMs }) => instant(closedAtMs),
  boughtShares: ({ boughtSharesMicros }) => money(boughtSharesMicros),
  entryPrice: ({ entryPriceMicros }) => money(entryPriceMicros),
  breakEven: ({ breakEvenMicros }) => money(breakEvenMicros),
  fees: ({ feesMicros }) => money(feesMicros),
  pnl: ({ pnlMicros }) => money(pnlMicros),
  outcome: ({ outcome }) => outcome ?? "",
  probability: ({ probability }) => (probability === null ? "" : String(probability)),
  reason: ({ reason }) => reason,
  decision: ({ decision }) => decision,
};

export function tradesCsv(trades: readonly TradeRow[]): string {
  const lines = trades.map((trade) => Object.values(COLUMNS).map((cell) => quoted(cell(trade))));
  return [Object.keys(COLUMNS), ...lines].map((cells) => `${cells.join(",")}\r\n`).join("");
}

const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
