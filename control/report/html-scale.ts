// From market time and money to places in a chart, and where an axis is marked.

/** Market time to a share of the plot's width. */
export type TimeScale = (ms: number) => number;

/** What lies outside is drawn at the edge. */
export function timeScale(fromMs: number, toMs: number): TimeScale {
  const span = Math.max(1, toMs - fromMs);
  return (ms) => Math.min(1, Math.max(0, (ms - fromMs) / span));
}

/** A share as the length that SVG takes, `12.345%`. */
export const share = (value: number): string => `${Number((value * 100).toFixed(3))}%`;

export interface MoneyScale {
  readonly lowMicros: number;
  readonly highMicros: number;
  readonly ticksMicros: readonly number[];
  /** That its ticks need. */
  readonly decimals: number;
}

const MONEY_TICKS_MAX = 6;
const MONEY_ROOM = 0.05;
const MICROS = 1_000_000;

/** Marks at 1, 2 or 5 times a power of ten, between the ends; with some room around these. */
export function moneyScale(lowMicros: number, highMicros: number): MoneyScale {
  const span = Math.max(highMicros - lowMicros, 2);
  const power = 10 ** Math.floor(Math.log10(span / MONEY_TICKS_MAX));
  const step = Math.max(1, [1, 2, 5, 10].map((times) => times * power).find((size) => span / size <= MONEY_TICKS_MAX)!);
  const [first, last] = [Math.ceil(lowMicros / step), Math.floor(highMicros / step)];
  return {
    lowMicros: lowMicros - span * MONEY_ROOM,
    highMicros: highMicros + span * MONEY_ROOM,
    ticksMicros: Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step),
    decimals: Math.max(0, Math.ceil(Math.log10(MICROS / step))),
  };
}

export interface TimeTick {
  readonly atMs: number;
  readonly label: string;
}

const TIME_TICKS_MAX = 16;
const [SECOND, MINUTE, HOUR, DAY] = [1_000, 60_000, 3_600_000, 86_400_000];
const STEPS_MS = [
  ...[1, 5, 15, 30].map((n) => n * SECOND),
  ...[1, 5, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 7].map((n) => n * DAY),
];
const STEPS_MONTHS = [1, 3, 6, 12, 24, 60, 120, 240, 600, 1_200];
/** 1970 began on a Thursday; weeks begin on Mondays. */
const MONDAY_MS = 4 * DAY;
const MONTH_MS = 30 * DAY;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** UTC marks strictly inside the time covered, oldest first. */
export function timeTicks(fromMs: number, toMs: number): TimeTick[] {
  const spanMs = toMs - fromMs;
  const stepMs = STEPS_MS.find((step) => spanMs / step <= TIME_TICKS_MAX);
  const instants = stepMs === undefined ? monthStarts(fromMs, toMs) : multiples(stepMs, fromMs, toMs);
  return instants.map((atMs) => ({ atMs, label: tickLabel(atMs, stepMs ?? MONTH_MS) }));
}

function multiples(stepMs: number, fromMs: number, toMs: number): number[] {
  const offset = stepMs === 7 * DAY ? MONDAY_MS : 0;
  const first = (Math.floor((fromMs - offset) / stepMs) + 1) * stepMs + offset;
  return Array.from({ length: Math.max(0, Math.ceil((toMs - first) / stepMs)) }, (_, index) => first + index * stepMs);
}

function monthStarts(fromMs: number, toMs: number): number[] {
  const months = (toMs - fromMs) / MONTH_MS;
  const step = STEPS_MONTHS.find((size) => months / size <= TIME_TICKS_MAX) ?? STEPS_MONTHS.at(-1)!;
  const from = new Date(fromMs);
  const instants: number[] = [];
  let month = Math.floor((from.getUTCFullYear() * 12 + from.getUTCMonth()) / step + 1) * step;
  for (; ; month += step) {
    const atMs = Date.UTC(Math.floor(month / 12), month % 12);
    if (!(atMs < toMs)) return instants;
    instants.push(atMs);
  }
}

/** `12:05`, `8 Jun` at midnight, `Jun`, `2026` in January. */
function tickLabel(atMs: number, stepMs: number): string {
  const date = new Date(atMs);
  const month = MONTHS[date.getUTCMonth()]!;
  if (stepMs === MONTH_MS) return date.getUTCMonth() === 0 ? String(date.getUTCFullYear()) : month;
  if (stepMs >= DAY || atMs % DAY === 0) return `${date.getUTCDate()} ${month}`;
  return date.toISOString().slice(11, stepMs < MINUTE ? 19 : 16);
}
