// How a report's numbers look, beyond number-format.ts: decimals by what a number is, rates, instants.
import { formatMicros } from "../../engine/base/micros.ts";
import { MISSING, withCommas } from "../number-format.ts";
import type { Figures, Report } from "./report.ts";

/** Below this many trades a rate says nothing. */
const RATE_TRADES_MIN = 20;
const MINUS = "\u2212";

/** `1,234.5000`: 4 decimals for fees and prices paid, 2 for the rest. */
export const amount = (micros: number, decimals: number): string =>
  withCommas(formatMicros(micros, decimals)).replace("-", MINUS);

/** `+40`, `−0.05`, `0`: on an axis of profit. */
export function signed(micros: number, decimals: number): string {
  const text = amount(micros, decimals);
  return micros > 0 ? `+${text}` : text;
}

/** Class of a profit that is shown with two decimals. */
export function tone(micros: number | null): "gain" | "loss" | "dim" {
  if (micros === null || !/[1-9]/.test(formatMicros(micros))) return "dim";
  return micros > 0 ? "gain" : "loss";
}

/** `58.3`, percent. */
export const percentOf = (share: number): string => (share * 100).toFixed(1);
/** `58.3 %`, never on two lines. */
export const rateOf = (share: number): string => `${percentOf(share)}\u00a0%`;

/** `58.3 %` and `52.1 to 64.3, n 247, needs 54.9`; `too few` and `n 3`. */
export function winRateText({ trades, winRate, needs }: Figures): { readonly rate: string; readonly rest: string } {
  const needed = needs === null ? "" : `, needs ${percentOf(needs)}`;
  const n = `n ${withCommas(String(trades))}${needed}`;
  if (winRate === null) return { rate: MISSING, rest: "n 0" };
  if (trades < RATE_TRADES_MIN) return { rate: "too few", rest: n };
  return {
    rate: rateOf(winRate.rate),
    rest: `${percentOf(winRate.low)} to ${percentOf(winRate.high)}, ${n}`,
  };
}

/** Null where there are too few for a rate. */
export const winRateOf = ({ trades, winRate }: Figures): Figures["winRate"] =>
  trades < RATE_TRADES_MIN ? null : winRate;

/** `0.2314` */
export const score = (value: number | null): string => (value === null ? MISSING : value.toFixed(4));

/** `2026-06-08 12:07`: how long a report is does not hang on seconds. */
export const minute = (ms: number): string => instant(ms).slice(0, 16);

/** `2026-06-08 12:07:46`; market time before the first tick is 0. */
export const instant = (ms: number | null): string =>
  ms === null || ms === 0 ? MISSING : new Date(ms).toISOString().slice(0, 19).replace("T", " ");

const SPOT_CHEAP_MICROS = 1_000_000;
const SPOT_DEAR_MICROS = 1_000_000_000;
/** Of a share 4 decimals; of an asset about 6 digits. */
export function price(micros: number, market: Report["market"]): string {
  if (market === "spot" && micros >= SPOT_DEAR_MICROS) return amount(micros, 2);
  return amount(micros, market === "spot" && micros < SPOT_CHEAP_MICROS ? 6 : 4);
}

/** Shares have 2 decimals, units of an asset as many as they need. */
export const quantity = (micros: number, market: Report["market"]): string =>
  market === "spot" ? amount(micros, 6).replace(/(?<=\.\d\d)(\d*?)0+$/, "$1") : amount(micros, 2);
