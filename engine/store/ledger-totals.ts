// Sums over the whole ledger. Counts of what is pruned (cycles, their decisions) are kept by the schema as they come in.
import type { DatabaseSync } from "node:sqlite";
import type { LedgerTotals, VersionTotals } from "./port.ts";

const COUNTS = `SELECT cycles, decided, faulted,
    (SELECT count(*) FROM orders WHERE status <> 'Denied') AS orders,
    (SELECT count(*) FROM fills) AS fills,
    (SELECT count(*) FROM positions WHERE outcome = 'void') AS voided,
    (SELECT coalesce(sum(fee_micros), 0) FROM fills) AS fees,
    (SELECT coalesce(sum(realised_micros - fees_micros), 0) FROM positions) AS pnl
  FROM cycle_totals`;

const BY_VERSION = `SELECT strategy, code, params, coalesce(decided, 0) AS decided, coalesce(trades, 0) AS trades,
    coalesce(wins, 0) AS wins, coalesce(pnl, 0) AS pnl
  FROM decision_counts FULL JOIN (
    SELECT strategy, code, params, sum(status <> 'open') AS trades,
      sum(status <> 'open' AND realised_micros > fees_micros) AS wins, sum(realised_micros - fees_micros) AS pnl
    FROM positions GROUP BY strategy, code, params
  ) USING (strategy, code, params)
  ORDER BY strategy, code, params`;

const SETTLED = `SELECT market, computed_outcome AS outcome FROM markets WHERE computed_outcome IS NOT NULL ORDER BY close_ms, market`;

export function ledgerTotals(db: DatabaseSync): LedgerTotals {
  const counts = db.prepare(COUNTS).get() ?? {};
  return {
    cycles: Number(counts.cycles),
    decisions: Number(counts.decided),
    faults: Number(counts.faulted),
    orders: Number(counts.orders),
    fills: Number(counts.fills),
    voided: Number(counts.voided),
    feesMicros: Number(counts.fees),
    pnlMicros: Number(counts.pnl),
    byVersion: db.prepare(BY_VERSION).all().map(versionTotals),
    settled: db
      .prepare(SETTLED)
      .all()
      .map((row) => ({ market: String(row.market), outcome: row.outcome === "up" ? "up" : "down" })),
  };
}

const versionTotals = (row: Record<string, unknown>): VersionTotals => ({
  strategy: String(row.strategy),
  code: String(row.code),
  params: String(row.params),
  decisions: Number(row.decided),
  trades: Number(row.trades),
  wins: Number(row.wins),
  pnlMicros: Number(row.pnl),
});
