// What a spot backtest came to, as a report.
import type { Asset } from "../../dsl/asset.ts";
import type { SlotId } from "../../engine/base/ids.ts";
import { formatMicros, MICROS, mulDiv } from "../../engine/base/micros.ts";
import type { VersionRef } from "../../engine/decide/version.ts";
import { decisionId } from "../../engine/journal/decision-id.ts";
import type { SpotTerms } from "../../engine/spot/account.ts";
import type { SpotBacktest } from "../../engine/spot/backtest.ts";
import type { SpotTrade } from "../../engine/spot/trades.ts";
import { plural } from "../number-format.ts";
import type { Report, TradeRow } from "../report/report.ts";
import { equityOf, figuresOf, versionFiguresOf } from "../report/track-record.ts";

interface SpotRun {
  readonly spot: SpotBacktest;
  readonly slot: SlotId;
  readonly asset: Asset;
  readonly ref: VersionRef;
  readonly terms: SpotTerms;
  readonly fromMs: number;
  readonly isCutShort: boolean;
  /** Of the data. */
  readonly notes: readonly string[];
}

export function spotReport(run: SpotRun): Report {
  const { ref, fromMs, spot, terms } = run;
  const { bars, atMs: toMs } = spot;
  const trades = spot.account.trades.rows().map((trade) => tradeRow(trade, run));
  const span = { fromMs, toMs };
  return {
    kind: "backtest",
    title: `Backtest of ${ref.strategy}`,
    notes: notesOf(run),
    market: "spot",
    fromMs,
    toMs,
    cycles: bars,
    decisions: bars,
    faults: spot.faults,
    startCashMicros: terms.cashMicros,
    endEquityMicros: spot.equityMicros,
    total: figuresOf(trades, span),
    versions: versionFiguresOf(trades, span, [{ ...madeBy(ref), decisions: bars }]),
    seams: [],
    equity: equityOf(trades, terms.cashMicros),
    trades,
  };
}

const madeBy = ({ strategy, code, params, ordinal }: VersionRef) => ({ strategy, code, params, ordinal });

function tradeRow(trade: SpotTrade, { ref, slot, asset, terms }: SpotRun): TradeRow {
  const { openedAtMs, closedAtMs, entryPriceMicros, feesMicros, pnlMicros, probability, reason, bar } = trade;
  const market = `${asset}-spot-${openedAtMs / 1000}`;
  return {
    ...madeBy(ref),
    id: `${slot}/${market}`,
    slot,
    market,
    asset,
    side: "long",
    openedAtMs,
    closedAtMs,
    boughtSharesMicros: terms.sizeMicros,
    entryPriceMicros,
    // Both fees have to be earned: that of the entry, and that of selling at this very price.
    breakEvenMicros: mulDiv(entryPriceMicros, MICROS + terms.feePpm, MICROS - terms.feePpm, "ceil"),
    feesMicros,
    pnlMicros,
    outcome: null,
    probability,
    reason,
    decision: decisionId(slot, bar),
  };
}

function notesOf({ spot, terms, notes, isCutShort }: SpotRun): string[] {
  const { denied, position } = spot.account;
  const { firstFault, faults } = spot;
  const size = formatMicros(terms.sizeMicros, 6).replace(/\.?0+$/, "");
  const fee = `${terms.feePpm / 10_000} %`;
  const said = [`Orders of ${size} are filled at the next candle's open, each for a fee of ${fee}; there is no spread`];
  if (isCutShort) said.push("It was ended before the data ended");
  if (denied > 0) said.push(`${plural(denied, "buy")} denied: there was not enough cash`);
  if (position !== null) said.push("A position is open at the end: it counts in the final equity, not in the profit");
  if (firstFault !== null) {
    const { bar, message, where } = firstFault;
    said.push(
      `${plural(faults, "decision")} failed, the first at candle ${bar}: ${message}${where ? ` (${where})` : ""}`,
    );
  }
  const idle = spot.notReady;
  if (idle.length > 0) said.push(`Not ready at the end: ${idle.join(", ")}`);
  return [...said, ...notes];
}
