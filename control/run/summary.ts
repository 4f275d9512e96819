// What a run came to, from the ledger alone: whoever asks twice, in this life or the next, reads the same.
import { wilsonInterval } from "../../dsl/indicators/statistics.ts";
import { formatMicros } from "../../engine/base/micros.ts";
import type { LedgerTotals } from "../../engine/store/port.ts";

export interface RunSummary {
  readonly cycles: number;
  readonly missed: number;
  readonly decisions: number;
  readonly faults: number;
  readonly orders: number;
  readonly fills: number;
  readonly settled: number;
  /** Positions in markets without a price at the close: the simulated venue pays half a share, a real one would find a price. */
  readonly voided: number;
  /** Compared after the fact; settlement itself never reads a recorded outcome. */
  readonly agreedWithRecord: number;
  readonly disagreed: readonly string[];
  readonly feesMicros: number;
  readonly pnlMicros: number;
  /** "modelled" where the source has no order book: fills and profits are then a model's. */
  readonly quotes: "recorded" | "modelled";
  readonly byVersion: readonly {
    readonly version: string;
    readonly code: string;
    readonly params: string;
    readonly decisions: number;
    readonly trades: number;
    readonly wins: number;
    readonly winRate: number | null;
    readonly wilson: readonly [number, number];
    readonly pnlMicros: number;
  }[];
}

export function summarise(
  totals: LedgerTotals,
  recorded: ReadonlyMap<string, string>,
  run: { readonly missed: number; readonly quotes: "recorded" | "modelled" },
): RunSummary {
  const compared = totals.settled.filter(({ market }) => recorded.has(market));
  const disagreed = compared
    .filter(({ market, outcome }) => recorded.get(market) !== outcome)
    .map(({ market }) => market);
  return {
    cycles: totals.cycles,
    missed: run.missed,
    decisions: totals.decisions,
    faults: totals.faults,
    orders: totals.orders,
    fills: totals.fills,
    settled: totals.settled.length,
    voided: totals.voided,
    agreedWithRecord: compared.length - disagreed.length,
    disagreed,
    feesMicros: totals.feesMicros,
    pnlMicros: totals.pnlMicros,
    quotes: run.quotes,
    byVersion: totals.byVersion.map(({ strategy, code, params, decisions, trades, wins, pnlMicros }) => {
      const interval = wilsonInterval(wins, trades);
      return {
        version: `${strategy}@${code.slice(0, 8)}`,
        code,
        params: params.slice(0, 8),
        decisions,
        trades,
        wins,
        winRate: trades === 0 ? null : wins / trades,
        wilson: [interval.low, interval.high],
        pnlMicros,
      };
    }),
  };
}

/** The same for people. */
export function renderSummary(summary: RunSummary): string {
  const signed = (micros: number) => `${micros < 0 ? "−" : "+"}${formatMicros(Math.abs(micros))}`;
  const lines = [
    `${summary.cycles} cycles, ${summary.missed} missed · ${summary.decisions} decisions, ${summary.faults} faults`,
    `${summary.orders} orders, ${summary.fills} fills (${summary.quotes} quotes) · fees ${formatMicros(summary.feesMicros, 4)} · profit ${signed(summary.pnlMicros)} USDC`,
  ];
  const compared = summary.agreedWithRecord + summary.disagreed.length;
  const record = compared === 0 ? "" : `, ${summary.agreedWithRecord} of ${compared} as recorded`;
  const voided = summary.voided === 0 ? "" : ` · positions void for want of a price at the close: ${summary.voided}`;
  lines.push(`${summary.settled} markets settled${record}${voided}`);
  for (const version of summary.byVersion) {
    const rate =
      version.winRate === null || version.trades < 20
        ? `${version.wins} of ${version.trades} won, too few for a rate`
        : `${percent(version.winRate)} won, ${percent(version.wilson[0])} to ${percent(version.wilson[1])}, n ${version.trades}`;
    lines.push(`  ${version.version} params ${version.params}: ${rate}, ${signed(version.pnlMicros)} USDC`);
  }
  return lines.join("\n");
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
