// What a rehearsal found, for people: what changes and where, what it would earn, what it costs. Read in ten seconds; the
// figures in full are in the JSON.
import { stripVTControlCharacters } from "node:util";
import type { MarketId } from "../engine/base/ids.ts";
import type { ChangedDecision, RehearsalReport, Said } from "../engine/rehearsal/port.ts";
import { count, MISSING, plural, profit } from "./number-format.ts";
import { type Column, type Paint, table, wrap } from "./text-table.ts";

const ROWS_MAX = 12;
const CHANGE_CHARS_MIN = 40;

export interface ReportOptions {
  readonly width: number;
  readonly paint: Paint;
}

/** Paragraphs, of lines. */
export function renderRehearsal(report: RehearsalReport, { width, paint }: ReportOptions): string[][] {
  return [
    wrap(`${sampleSentence(report)}: ${changeSentence(report)}`, width),
    changedTable(byWindow(report.changed), report.changedWindows, width, paint),
    [...wrap(`${profitSentence(report)} ${fuelSentence(report)}`, width)],
    report.notes.flatMap((note) => wrap(note, width)).map((line) => paint("gray", line)),
  ].filter((lines) => lines.length > 0);
}

/** The first ones, and how many of so many windows are not among them. */
export function changedTable(
  changed: readonly ChangedDecision[],
  windows: number,
  width: number,
  paint: Paint,
): string[] {
  const rows = changed.slice(0, ROWS_MAX);
  if (rows.length === 0) return [];
  const more = windows - rows.length;
  const unlisted = more > 0 ? [paint("gray", `and ${plural(more, "more window")}`)] : [];
  return [...table(COLUMNS, CHANGE, rows, width, paint), ...unlisted];
}

function sampleSentence({ frames, sampledOf, windows }: RehearsalReport): string {
  const of = frames === sampledOf ? `Decided all ${count(frames)}` : `Sampled ${count(frames)} of ${count(sampledOf)}`;
  return `${of} cycles of ${plural(windows.seen, "window")}`;
}

/** `this edit changes 11 windows; here they are` */
function changeSentence({ against, changedWindows, reworded, faults, changed }: RehearsalReport): string {
  const faulted = faults === 0 ? "" : `, and it faults in ${plural(faults, "decision")}`;
  if (against === null) return `there is nothing to compare it with${faulted}.`;
  const words = reworded === 0 ? "" : `, and words ${plural(reworded, "decision")} otherwise`;
  if (changedWindows === 0) return `against ${against} this edit changes nothing${words}${faulted}.`;
  const listed = changed.length === 0 ? "" : "; here they are";
  return `against ${against} this edit changes ${plural(changedWindows, "window")}${words}${faulted}${listed}.`;
}

function profitSentence({ pnl, against }: RehearsalReport): string {
  if (pnl === null) return "No window settled, so there is no profit to estimate.";
  const over = `over ${plural(pnl.windows, "settled window")}`;
  const own = `Estimated profit ${over}: ${profit(pnl.afterMicros)} USDC`;
  if (against === null) return `${own}.`;
  return `${own}, ${profit(pnl.beforeMicros)} before: an effect of ${profit(pnlEffectMicros({ pnl, against }))}.`;
}

const fuelSentence = ({ fuel }: RehearsalReport): string =>
  `Fuel p50 ${count(fuel.p50)}, p99 ${count(fuel.p99)}, at most ${count(fuel.max)} ticks a decision.`;

/** After − before; its own profit with nothing to compare it with; null where nothing settled. */
export function pnlEffectMicros({ pnl, against }: Pick<RehearsalReport, "pnl" | "against">): number | null {
  if (pnl === null) return null;
  return against === null ? pnl.afterMicros : pnl.afterMicros - pnl.beforeMicros;
}

/** The first listed change of each window, the newest window first. */
function byWindow(changed: readonly ChangedDecision[]): ChangedDecision[] {
  const first = new Map<string, ChangedDecision>();
  for (const change of changed) {
    const key = `${change.slot} ${change.window}`;
    const known = first.get(key);
    if (known === undefined || change.cycle < known.cycle) first.set(key, change);
  }
  return [...first.values()].sort((a, b) => b.cycle - a.cycle);
}

const price = (value: number): string => value.toFixed(2);

/** `up 0.62`, `down 0.55 ≤ 0.40`, `hold` */
function said(what: Said | null): string {
  if (what === null) return MISSING;
  const { kind, probability, limit } = what;
  return `${kind}${probability === null ? "" : ` ${price(probability)}`}${limit === null ? "" : ` ≤ ${price(limit)}`}`;
}

/** `23:55`: when the window opened. The slot says the rest of its name. */
function openOf(window: MarketId): string {
  const seconds = Number(/\d+$/.exec(window)?.[0] ?? Number.NaN);
  return Number.isNaN(seconds) ? window : new Date(seconds * 1_000).toISOString().slice(11, 16);
}

const COLUMNS: readonly Column<ChangedDecision>[] = [
  { title: "Time", cell: ({ at }) => `${at.slice(5, 10)} ${at.slice(11, 19)}` },
  { title: "Slot", cell: ({ slot }) => slot },
  { title: "Window", cell: ({ window }) => openOf(window), dispensable: 1 },
];
const CHANGE = {
  title: "Before → after",
  cell: ({ before, after }: ChangedDecision) =>
    stripVTControlCharacters(
      `${said(before)} → ${said(after)} (${before === null ? "" : `${before.reason} → `}${after.reason})`,
    ),
  charsMin: CHANGE_CHARS_MIN,
};
