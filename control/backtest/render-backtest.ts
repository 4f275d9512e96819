// What a backtest came to, for people and for machines. The fields of the JSON are the same for every market, and stay.
import { MICROS } from "../../engine/base/micros.ts";
import { count, MISSING, plural, profit, usdc } from "../number-format.ts";
import type { Figures, Report, VersionFigures } from "../report/report.ts";
import { type Column, type Paint, table, wrap } from "../text-table.ts";
import { versionLabel } from "../version-name.ts";
import type { BacktestRun } from "./port.ts";

/** Fewer trades than this say nothing of a rate. */
const RATE_TRADES_MIN = 20;

/** Money in USDC, to the cent; exact in micro-USDC where the name says so. Times are ISO 8601. */
export function backtestJson(run: BacktestRun, report: Report) {
  const { market, decisions, faults, total, versions, notes, fromMs, toMs } = report;
  return {
    market,
    bars: run.bars,
    trades: run.trades,
    startCash: cents(run.startCashMicros),
    finalEquity: cents(run.finalEquityMicros),
    finalEquityMicros: run.finalEquityMicros,
    barsPerSecond: rate(run),
    elapsedMs: Math.round(run.elapsedMs * 10) / 10,
    decisions,
    faults,
    sandboxKept: run.isKept,
    isCutShort: run.isCutShort,
    from: new Date(fromMs).toISOString(),
    to: new Date(toMs).toISOString(),
    ...figuresJson(total),
    byVersion: versions.map((version) => ({
      version: versionLabel({ ...version, ordinal: null }),
      strategy: version.strategy,
      ordinal: version.ordinal,
      code: version.code,
      params: version.params,
      decisions: version.decisions,
      trades: version.trades,
      ...figuresJson(version),
    })),
    notes,
  };
}

function figuresJson({ wins, winRate, needs, pnlMicros, feesMicros, brier, logLoss, drawdownMicros }: Figures) {
  const wilson = winRate === null ? null : [winRate.low, winRate.high];
  return { wins, winRate: winRate?.rate ?? null, wilson, needs, pnlMicros, feesMicros, brier, logLoss, drawdownMicros };
}

const cents = (micros: number): number => Math.round(micros / (MICROS / 100)) / 100;
const rate = ({ bars, elapsedMs }: BacktestRun): number => Math.round((bars / Math.max(elapsedMs, 1e-3)) * 1_000);

export function renderBacktest(
  run: BacktestRun,
  report: Report,
  { width, paint }: { readonly width: number; readonly paint: Paint },
): string {
  const { total, versions, fromMs, toMs, faults, decisions, market } = report;
  const bars = plural(run.bars, market === "spot" ? "candle" : "cycle");
  const per = `${count(rate(run))}/s, ${run.isKept ? "proven pure: sandbox kept" : "sandbox put back before every decision"}`;
  const cut = run.isCutShort ? [paint("yellow", `Cut short at ${minute(toMs)} UTC.`)] : [];
  const head = [
    ...cut,
    `${report.title}, ${minute(fromMs)} to ${minute(toMs)} UTC`,
    `${usdc(run.startCashMicros)} became ${usdc(run.finalEquityMicros)} USDC · ${plural(run.trades, "trade")} · profit ${profit(total.pnlMicros)}, fees ${usdc(total.feesMicros)}, largest fall ${usdc(total.drawdownMicros)}`,
    paint("gray", `${bars} (${per}) · ${plural(decisions, "decision")}, ${plural(faults, "fault")}`),
  ];
  const notes = report.notes.flatMap((note) =>
    wrap(note, width - 2).map((line, i) => `${i === 0 ? "· " : "  "}${line}`),
  );
  const blocks = [head, table(COLUMNS, null, versions, width, paint), notes];
  return `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join("\n"))
    .join("\n\n")}\n`;
}

const minute = (ms: number): string => new Date(ms).toISOString().slice(0, 16).replace("T", " ");
const share = (value: number): string => `${(value * 100).toFixed(1)} %`;

const COLUMNS: readonly Column<VersionFigures>[] = [
  { title: "version", cell: versionLabel },
  { title: "decisions", cell: (version) => count(version.decisions), right: true, dispensable: 3 },
  { title: "trades", cell: ({ trades }) => count(trades), right: true },
  { title: "won", cell: wonOf, right: true },
  { title: "95 %", cell: intervalOf, right: true, dispensable: 1 },
  { title: "needs", cell: ({ needs }) => (needs === null ? MISSING : share(needs)), right: true },
  {
    title: "profit",
    cell: ({ pnlMicros }) => profit(pnlMicros),
    right: true,
    style: ({ pnlMicros }) => (pnlMicros < 0 ? "red" : pnlMicros > 0 ? "green" : null),
  },
  { title: "fees", cell: ({ feesMicros }) => usdc(feesMicros), right: true, dispensable: 2 },
  { title: "Brier", cell: ({ brier }) => brier?.toFixed(4) ?? MISSING, right: true, dispensable: 2 },
  { title: "fall", cell: ({ drawdownMicros }) => usdc(drawdownMicros), right: true, dispensable: 2 },
];

function wonOf({ trades, winRate }: Figures): string {
  if (winRate === null) return MISSING;
  return trades < RATE_TRADES_MIN ? "too few" : share(winRate.rate);
}

function intervalOf({ trades, winRate }: Figures): string {
  if (winRate === null || trades < RATE_TRADES_MIN) return MISSING;
  return `${(winRate.low * 100).toFixed(1)} to ${(winRate.high * 100).toFixed(1)}`;
}
