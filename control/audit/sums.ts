// Sums that several rules need, taken once: fills and transfers by position, in temporary tables of this connection.
import type { DatabaseSync } from "node:sqlite";

const SUMS = `
CREATE TEMP TABLE fill_sums AS SELECT market, slot,
  sum(CASE action WHEN 'buy' THEN shares_micros ELSE 0 END) AS bought,
  sum(CASE action WHEN 'sell' THEN shares_micros ELSE 0 END) AS sold,
  sum(fee_micros) AS fees, min(side) AS side, max(side) AS other_side,
  min(CASE action WHEN 'buy' THEN rowid END) AS first_buy
  FROM fills GROUP BY market, slot;
CREATE UNIQUE INDEX fill_sums_key ON fill_sums (market, slot);
CREATE TEMP TABLE transfer_sums AS SELECT market, slot,
  sum(CASE 'position:' || slot WHEN debit THEN amount_micros WHEN credit THEN -amount_micros ELSE 0 END) AS cost,
  sum(CASE kind WHEN 'profit' THEN amount_micros WHEN 'loss' THEN -amount_micros ELSE 0 END) AS realised,
  sum(CASE kind WHEN 'fee' THEN amount_micros ELSE 0 END) AS fees,
  sum(kind = 'payout') AS payouts, sum(CASE kind WHEN 'payout' THEN amount_micros ELSE 0 END) AS paid
  FROM transfers WHERE slot IS NOT NULL GROUP BY market, slot;
CREATE UNIQUE INDEX transfer_sums_key ON transfer_sums (market, slot);`;

export const takeSums = (db: DatabaseSync): void => db.exec(SUMS);
