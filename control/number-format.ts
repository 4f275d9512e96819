// How numbers look to people: sign always on change and profit (a real minus), never on balances; thousands with commas;
// what is missing is an en dash, never 0.
import { formatMicros } from "../engine/base/micros.ts";

export const MISSING = "–";
const MINUS = "\u2212";

export const withCommas = (text: string): string => text.replace(/\B(?=(\d{3})+(?!\d))(?<!\.\d*)/g, ",");

/** `1,234.50`: a balance or a stake, USDC. */
export const usdc = (micros: number): string => withCommas(formatMicros(micros)).replace("-", MINUS);

/** `+41.27`, `−3.10`, `0.00`: a profit, USDC. */
export function profit(micros: number | null): string {
  if (micros === null) return MISSING;
  const text = usdc(micros);
  return /[1-9]/.test(text) && micros > 0 ? `+${text}` : text.replace(/^−(?=[0.]+$)/, "");
}

/** `+7.4`: distance from the open, basis points. */
export function basisPoints(value: number | null, from: number | null): string {
  if (value === null || from === null || from === 0) return MISSING;
  const text = (((value - from) / from) * 10_000).toFixed(1);
  const size = text.replace("-", "");
  return Number(size) === 0 ? size : `${text.startsWith("-") ? MINUS : "+"}${size}`;
}

/** `2:14` until the window closes. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** `0.8 s`, `38 s`, `14 min`, `3.2 h` */
export function age(ms: number): string {
  if (ms < 10_000) return `${(Math.max(0, ms) / 1000).toFixed(1)} s`;
  if (ms < 120_000) return `${Math.round(ms / 1000)} s`;
  return ms < 7_200_000 ? `${Math.round(ms / 60_000)} min` : `${(ms / 3_600_000).toFixed(1)} h`;
}

/** `6.4 ms` */
export const milliseconds = (ms: number | null): string => (ms === null ? MISSING : `${ms.toFixed(1)} ms`);

export const count = (value: number): string => withCommas(String(value));

/** `1 fault`, `1,204 faults` */
export const plural = (n: number, noun: string): string => `${count(n)} ${noun}${n === 1 ? "" : "s"}`;

const KB = 1024;
const MB = 1024 * KB;

/** `212 KB`, `1.4 MB` */
export const bytes = (size: number): string =>
  size < 999.5 * KB ? `${Math.ceil(size / KB)} KB` : `${(size / MB).toFixed(1)} MB`;

/** `0.03 %`, `1.8 %`, `83 %`: never 0 for what is something. */
export function percent(share: number): string {
  const value = share * 100;
  if (value > 0 && value < 0.01) return "<0.01 %";
  return `${value.toFixed(value < 0.995 ? 2 : value < 9.95 ? 1 : 0)} %`;
}

/** Where 0 says that nothing was measured. */
export const measured = (value: number, format: (value: number) => string): string =>
  value === 0 ? MISSING : format(value);

/** `12:07:46`, with the date when it is another day than `nowMs`. UTC. */
export function time(instant: string, nowMs: number): string {
  const today = new Date(nowMs).toISOString().slice(0, 10);
  return instant.startsWith(today) ? instant.slice(11, 19) : `${instant.slice(0, 10)} ${instant.slice(11, 19)}`;
}
