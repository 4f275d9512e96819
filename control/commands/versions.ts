// `versions`: which code there was and is, what became of it, and what it earned.
import { resolve } from "node:path";
import { UserError } from "../../engine/base/errors.ts";
import type { Receipt } from "../../engine/reload/receipt.ts";
import { openLedger } from "../ledger-file.ts";
import { didYouMeanOneOf } from "../nearest.ts";
import { count, MISSING, percent, plural, profit } from "../number-format.ts";
import { columns, endWithReader, hasColor } from "../terminal.ts";
import { type Column, type Paint, painter, table, wrap } from "../text-table.ts";
import { type VersionHistory, type VersionRecord, versionHistory } from "../version-history.ts";

export interface VersionsFlags {
  readonly dir: string;
  readonly json?: boolean;
}

const RECEIPTS_SHOWN = 10;
/** Fewer say nothing. */
const TRADES_MIN = 20;
const STATE_CHARS_MIN = 16;

export function showVersions(strategy: string | undefined, { dir, json }: VersionsFlags): number {
  endWithReader();
  const db = openLedger(resolve(dir), "Cannot show versions");
  let history: VersionHistory;
  try {
    history = versionHistory(db, strategy ?? null);
    if (strategy !== undefined && history.versions.length + history.receipts.length === 0) {
      const known = new Set(versionHistory(db, null).versions.map((version) => version.strategy));
      throw new UserError("usage", `Cannot show versions of "${strategy}"${didYouMeanOneOf(strategy, known)}`, {
        where: dir,
      });
    }
  } finally {
    db.close();
  }
  const paint = painter(hasColor());
  const text = json
    ? JSON.stringify(history)
    : renderVersions(history, { width: columns(), paint, withReceipts: strategy !== undefined });
  process.stdout.write(`${text}\n`);
  return 0;
}

export interface RenderOptions {
  readonly width: number;
  readonly paint: Paint;
  readonly withReceipts: boolean;
}

export function renderVersions(
  { versions, receipts }: VersionHistory,
  { width, paint, withReceipts }: RenderOptions,
): string {
  if (versions.length === 0 && receipts.length === 0) return "No version was ever loaded here.";
  const running = versions.filter((version) => version.running.length > 0);
  const head = `${plural(versions.length, "version")}, ${running.length} running: ${running.map(({ version }) => version).join(", ") || "none"}.`;
  const blocks = [
    wrap(head, width).map((line) => paint("bold", line)),
    table(COLUMNS, STATE, versions, width, paint),
    withReceipts ? receipts.slice(0, RECEIPTS_SHOWN).flatMap((receipt) => wrap(receiptLine(receipt), width)) : [],
  ];
  return blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join("\n"))
    .join("\n\n");
}

const instant = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 19)}`;

const COLUMNS: readonly Column<VersionRecord>[] = [
  { title: "Version", cell: ({ version }) => version, style: ({ running }) => (running.length > 0 ? "bold" : null) },
  { title: "No", cell: ({ ordinal }) => `v${ordinal}` },
  { title: "First seen", cell: ({ firstSeen }) => (firstSeen === null ? MISSING : instant(firstSeen)), dispensable: 2 },
  {
    title: "Runs",
    right: true,
    cell: ({ running }) => (running.length === 0 ? MISSING : plural(running.length, "slot")),
  },
  { title: "Taken over", right: true, dispensable: 3, cell: ({ activations }) => `${count(activations)}×` },
  { title: "Decisions", right: true, dispensable: 1, cell: ({ decisions }) => count(decisions) },
  { title: "Trades", right: true, cell: ({ trades }) => count(trades) },
  {
    title: "Won",
    right: true,
    cell: ({ winRate, trades, wins }) =>
      winRate === null ? MISSING : trades < TRADES_MIN ? `${wins} of ${trades}` : percent(winRate),
  },
  {
    title: "Profit",
    right: true,
    cell: ({ pnlMicros, trades }) => profit(trades === 0 && pnlMicros === 0 ? null : pnlMicros),
    style: (_, cell) => (cell.startsWith("+") ? "blue" : cell.startsWith("−") ? "redBright" : "gray"),
  },
];

const STATE = {
  title: "Last reload",
  cell: ({ lastReceipt }: VersionRecord) => (lastReceipt === null ? MISSING : endOf(lastReceipt)),
  charsMin: STATE_CHARS_MIN,
};

/** `rejected at loaded: momentum.ts:12:5 …` */
const endOf = ({ state, stage, reasons }: Pick<Receipt, "state" | "stage" | "reasons">): string =>
  `${state}${stage === null ? "" : ` at ${stage}`}${reasons.length === 0 ? "" : `: ${reasons[0]}`}`;

/** When, why, how it ended, what took over from what, what each stage took, who approved, and what the boundary took. */
function receiptLine(receipt: Receipt): string {
  const { at, cause, from, to, timingsMs, approvedBy, boundaryUs, boundaryCycle, rehearsal } = receipt;
  const laps = Object.entries(timingsMs).map(([stage, ms]) => `${stage} ${count(Math.round(ms))} ms`);
  const boundary = boundaryUs === null ? "" : `, ${boundaryUs.toFixed(0)} µs`;
  return [
    `${instant(at)} ${cause}`,
    `${from ?? MISSING} → ${to ?? MISSING}`,
    ...(laps.length === 0 ? [] : [laps.join(", ")]),
    ...(rehearsal === null ? [] : [`changes ${plural(rehearsal.changedWindows, "window")}`]),
    ...(approvedBy === null ? [] : [`approved by ${approvedBy}`]),
    ...(boundaryCycle === null ? [] : [`boundary at cycle ${count(boundaryCycle)}${boundary}`]),
    endOf(receipt),
  ].join(" · ");
}
