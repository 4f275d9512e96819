// Rules of money: it only moves, in whole micro-units, and every movement has a cause.
import type { SqlRule } from "../invariant.ts";

export const doubleEntryBalances: SqlRule = {
  id: "double-entry-balances",
  name: "every account is the sum of its transfers, and all accounts sum to zero",
  checked: "SELECT count(*) FROM transfers",
  wrong: `WITH moved AS MATERIALIZED (
      SELECT debit, credit, sum(amount_micros) AS amount FROM transfers GROUP BY debit, credit
    )
    SELECT printf('%s is %d, its transfers sum to %d', account, balance_micros, booked) AS what
      FROM balances FULL JOIN (
        SELECT account, sum(amount) AS booked FROM (
          SELECT debit AS account, amount FROM moved UNION ALL SELECT credit, -amount FROM moved
        ) GROUP BY account
      ) USING (account) WHERE balance_micros IS NOT booked
    UNION ALL SELECT printf('all accounts sum to %d', total) FROM (SELECT sum(balance_micros) AS total FROM balances)
    WHERE total <> 0`,
};

export const noTransferIsMissing: SqlRule = {
  id: "no-transfer-is-missing",
  name: "transfers are numbered without a gap",
  checked: "SELECT count(*) FROM transfers",
  wrong: `SELECT printf('transfer %d is missing', id + 1) AS what FROM transfers t
    WHERE id < (SELECT max(id) FROM transfers) AND NOT EXISTS (SELECT 1 FROM transfers n WHERE n.id = t.id + 1)
    UNION ALL SELECT 'transfer 1 is missing' FROM (SELECT min(id) AS first FROM transfers) WHERE first > 1`,
};

const KINDS = `CASE kind
  WHEN 'deposit' THEN debit = 'cash' AND credit = 'equity'
  WHEN 'buy' THEN debit = 'position:' || slot AND credit = 'cash'
  WHEN 'sell' THEN debit = 'cash' AND credit = 'position:' || slot
  WHEN 'fee' THEN debit = 'fees:' || slot AND credit = 'cash'
  WHEN 'payout' THEN debit = 'claims' AND credit = 'position:' || slot
  WHEN 'profit' THEN debit = 'position:' || slot AND credit = 'pnl:' || slot
  WHEN 'loss' THEN debit = 'pnl:' || slot AND credit = 'position:' || slot
  WHEN 'claim' THEN debit = 'cash' AND credit = 'claims' END`;

export const transfersAreWhatTheySay: SqlRule = {
  id: "transfers-are-what-they-say",
  name: "a transfer moves money between the accounts that its kind names",
  checked: "SELECT count(*) FROM transfers WHERE at_ms >= $from AND at_ms < $to",
  wrong: `SELECT printf('transfer %d, a %s, goes from %s to %s', id, kind, credit, debit) AS what FROM transfers
    WHERE at_ms >= $from AND at_ms < $to AND (${KINDS}) IS NOT 1`,
};

// Half to even, as the ledger books it.
const NOTIONAL = `(shares_micros * price_micros / 1000000
  + (shares_micros * price_micros % 1000000 > 500000
    OR (shares_micros * price_micros % 1000000 = 500000 AND shares_micros * price_micros / 1000000 % 2 = 1)))`;

/** Out of fills and claims, not out of transfers. */
export const cashConserved: SqlRule = {
  id: "cash-conserved",
  name: "cash is what was put in, sold and claimed, less what was bought and the fees",
  checked: "SELECT (SELECT count(*) FROM fills) + (SELECT count(*) FROM markets WHERE claim_status = 'claimed')",
  wrong: `WITH flows AS (SELECT
      (SELECT coalesce(sum(amount_micros), 0) FROM transfers WHERE kind = 'deposit')
      + (SELECT coalesce(sum(claimed_micros), 0) FROM markets WHERE claim_status = 'claimed')
      + (SELECT coalesce(sum(CASE action WHEN 'sell' THEN ${NOTIONAL} ELSE -${NOTIONAL} END - fee_micros), 0) FROM fills)
      AS flow, coalesce((SELECT balance_micros FROM balances WHERE account = 'cash'), 0) AS cash)
    SELECT printf('cash is %d, what came in and went out makes %d', cash, flow) AS what FROM flows WHERE cash <> flow`,
};

export const fillsAreBooked: SqlRule = {
  id: "fills-are-booked",
  name: "each fill moved its price and its fee, once",
  checked: "SELECT count(*) FROM fills WHERE at_ms >= $from AND at_ms < $to",
  wrong: `SELECT printf('fill %s of %d and fee %d is booked as %d and %d', trade_id, ${NOTIONAL}, fee_micros,
      coalesce(t.amount_micros, 0), coalesce(e.amount_micros, 0)) AS what
    FROM fills f LEFT JOIN transfers t ON t.reference = f.trade_id AND t.kind = f.action
      LEFT JOIN transfers e ON e.reference = f.trade_id AND e.kind = 'fee'
    WHERE f.at_ms >= $from AND f.at_ms < $to
      AND (coalesce(t.amount_micros, 0) <> ${NOTIONAL} OR coalesce(e.amount_micros, 0) <> f.fee_micros)`,
};
