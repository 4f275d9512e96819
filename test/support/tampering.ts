// What somebody could do to a ledger with SQL, and the rule that each of it breaks; and how to change what a journal says. All on what a virtual run of a few windows
// leaves behind: settled, sold and open positions, claims, orders that were filled in part.

import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { JournalRow, RecordedEvent } from "../../engine/journal/port.ts";
import type { Settings } from "../../engine/risk/settings.ts";
import type { OrderRow } from "../../engine/store/tables.ts";

/** What the SQL at hand can do that a bot never would: no trigger, no constraint keeps it from it. */
export function unguarded(dir: string): DatabaseSync {
  const db = new DatabaseSync(join(dir, "underway.db"), { enableForeignKeyConstraints: false });
  db.exec("PRAGMA ignore_check_constraints = ON");
  for (const { name } of db.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'").all())
    db.exec(`DROP TRIGGER ${name}`);
  return db;
}

/** What else sees it when orders, fills or decisions are changed: other eyes, tested by what only they can see. */
export const WITNESSES = ["exchange-agrees-on-orders", "exchange-agrees-on-fills", "exchange-agrees-on-cash"];

const first = (table: string, where: string, order = "rowid") =>
  `rowid = (SELECT rowid FROM ${table} WHERE ${where} ORDER BY ${order} LIMIT 1)`;
const SETTLED =
  "status = 'settled' AND NOT EXISTS (SELECT 1 FROM fills f WHERE f.market = positions.market AND f.slot = positions.slot AND f.action = 'sell')";
export const LATCH =
  "INSERT INTO latches VALUES ('pause', 'bot', 'entries-stopped', 0, 'ops', 'news', NULL, NULL, NULL)";

export const TAMPERED: readonly [broken: string, sql: string][] = [
  ["double-entry-balances", "UPDATE balances SET balance_micros = balance_micros + 1 WHERE account = 'equity'"],
  ["no-transfer-is-missing", "UPDATE transfers SET id = id + 9 WHERE id = (SELECT max(id) FROM transfers)"],
  [
    "transfers-are-what-they-say",
    `INSERT INTO balances SELECT 'pnl:nobody', -amount_micros FROM transfers WHERE kind = 'profit' ORDER BY id LIMIT 1;
     UPDATE balances SET balance_micros = balance_micros + (SELECT amount_micros FROM transfers WHERE kind = 'profit' ORDER BY id LIMIT 1)
       WHERE account = (SELECT credit FROM transfers WHERE kind = 'profit' ORDER BY id LIMIT 1);
     UPDATE transfers SET credit = 'pnl:nobody' WHERE ${first("transfers", "kind = 'profit'")}`,
  ],
  [
    "cash-conserved",
    `UPDATE balances SET balance_micros = balance_micros + iif(account = 'cash', 5, -5) WHERE account IN ('cash', 'claims');
     INSERT INTO transfers SELECT max(id) + 1, 'claim', 'cash', 'claims', 5, NULL, NULL, NULL, NULL, NULL, NULL, 1, 1 FROM transfers`,
  ],
  ["fills-are-booked", `UPDATE transfers SET reference = NULL WHERE ${first("transfers", "kind = 'fee'")}`],
  [
    "position-equals-fills",
    `UPDATE positions SET bought_shares_micros = bought_shares_micros + 1 WHERE ${first("positions", "status = 'open'")}`,
  ],
  [
    "position-cash-equals-transfers",
    `UPDATE positions SET realised_micros = realised_micros + 1 WHERE ${first("positions", SETTLED)}`,
  ],
  [
    "position-names-its-entry",
    `UPDATE positions SET opened_cycle = opened_cycle + 1 WHERE ${first("positions", "true")}`,
  ],
  [
    "one-order-id-per-intent",
    "UPDATE orders SET venue_order_id = (SELECT min(venue_order_id) FROM orders) WHERE rowid <= 2",
  ],
  ["one-order-id-per-intent", "UPDATE orders SET leg = 'flatten' WHERE leg = 'exit' AND client_order_id LIKE '%/exit'"],
  [
    "no-order-before-its-intent",
    `UPDATE orders SET created_at_ms = created_at_ms - 1 WHERE ${first("orders", "status = 'Filled'")}`,
  ],
  ["fills-name-their-order", "UPDATE fills SET cycle = cycle + 1 WHERE rowid = 1"],
  [
    "fills-within-order",
    `UPDATE orders SET filled_shares_micros = filled_shares_micros + 1 WHERE ${first("orders", "status = 'Filled'")}`,
  ],
  ["fills-within-order", `UPDATE orders SET limit_micros = 10000 WHERE ${first("orders", "status = 'Filled'")}`],
  ["terminal-orders-stay", "UPDATE orders SET status_reason = NULL WHERE status = 'Canceled'"],
  [
    "no-sent-order-unresolved-at-quiescence",
    `UPDATE cycles SET at_ms = at_ms + 3600000 WHERE cycle = (SELECT max(cycle) FROM cycles); UPDATE orders SET status = 'PartiallyFilled', status_reason = NULL WHERE status = 'Canceled'`,
  ],
  [
    "settled-once",
    `INSERT INTO transfers SELECT max(t.id) + 1, 'payout', 'claims', 'position:' || p.slot, 0, p.market, p.slot, NULL, NULL, NULL, NULL, 1, 1
       FROM transfers t, positions p WHERE p.${first("positions", "status = 'settled' AND outcome = side")};
     INSERT INTO transfers SELECT max(t.id) + 1, 'payout', 'claims', 'position:' || p.slot, 0, p.market, p.slot, NULL, NULL, NULL, NULL, 1, 1
       FROM transfers t, positions p WHERE p.${first("positions", "status = 'settled' AND outcome = side")}`,
  ],
  [
    "outcome-matches-prices",
    `UPDATE markets SET computed_outcome = iif(computed_outcome = 'up', 'down', 'up') WHERE ${first("markets", "computed_outcome IS NOT NULL")}`,
  ],
  [
    "outcome-matches-prices",
    `UPDATE markets SET venue_outcome = 'void' WHERE ${first("markets", "venue_outcome IS NOT NULL AND market NOT IN (SELECT market FROM positions)")}`,
  ],
  [
    "resolved-means-settled",
    `UPDATE positions SET status = 'open', shares_micros = bought_shares_micros, outcome = NULL, closed_at_ms = NULL
       WHERE ${first("positions", SETTLED)}`,
  ],
  [
    "claimed-at-most-won",
    `UPDATE transfers SET market = 'btc-updown-5m-1' WHERE ${first("transfers", "kind = 'claim'")}`,
  ],
  ["ordinals-name-one-version", "UPDATE activations SET ordinal = 9 WHERE rowid = 1"],
  ["entries-respect-latches", LATCH],
  [
    "fee-matches-formula",
    "UPDATE markets SET facts = json_set(facts, '$.feeRatePpm', 1) WHERE market = (SELECT market FROM fills LIMIT 1)",
  ],
  ["params-are-kept", "UPDATE activations SET params_json = '{}' WHERE rowid = 1"],
  ["params-are-kept", "UPDATE decision_counts SET params = 'a0' WHERE rowid = 1"],
  ["trade-has-one-decision", `UPDATE orders SET reason = 'because' WHERE ${first("orders", "leg = 'entry'")}`],
  ["trade-has-one-decision", `UPDATE orders SET probability = 0.5 WHERE ${first("orders", "leg = 'entry'")}`],
  ["version-active", "UPDATE activations SET cycle = 2 WHERE rowid = 1"],
  ["decisions-are-counted", "UPDATE cycles SET decided = decided - 1 WHERE cycle = 7"],
  ["decisions-are-counted", "UPDATE decision_counts SET decided = decided + 1 WHERE rowid = 1"],
  [
    "controls-strictly-increasing",
    `INSERT INTO controls VALUES (1, 'd', '{"version":1}', 20, 20), (2, 'e', '{"version":2}', 10, 10)`,
  ],
  [
    "command-once",
    `INSERT INTO controls VALUES (1, 'd', '{"version":1,"commands":[{"id":"c","kind":"promote"}]}', 20, 20)`,
  ],
  ["command-once", "INSERT INTO commands VALUES ('c', 'promote', 7, 'done', 7)"],
  ["receipts-are-legal", "UPDATE receipts SET body = json_set(body, '$.coreAfter', 'other') WHERE number = 1"],
  ["receipts-are-legal", "UPDATE receipts SET body = json_set(body, '$.boundaryCycle', NULL) WHERE number = 1"],
  ["receipts-are-legal", "UPDATE receipts SET state = 'permanent' WHERE number = 1"],
  ["receipts-are-legal", "UPDATE receipts SET body = '{' WHERE number = 1"],
];

export const SEEN_BY_THE_EXCHANGE: readonly [broken: string, sql: string][] = [
  ["exchange-agrees-on-orders", "UPDATE exchange.orders SET limitMicros = limitMicros + 1 WHERE rowid = 1"],
  ["exchange-agrees-on-fills", "UPDATE exchange.fills SET atMs = atMs + 1 WHERE rowid = 1"],
  ["exchange-agrees-on-cash", "UPDATE exchange.claims SET amountMicros = amountMicros + 1 WHERE rowid = 1"],
];

export const withEvents = (change: (event: RecordedEvent) => RecordedEvent) => (row: JournalRow) => ({
  ...row,
  events: row.events.map(change),
});
export const withSettings = (change: (settings: Settings) => Settings) =>
  withEvents((event) => (event.type === "Started" ? { ...event, settings: change(event.settings) } : event));
/** Of the first order, the first time it is written. */
export const withFirstOrder = (change: (order: OrderRow) => OrderRow) => {
  let isDone = false;
  return (row: JournalRow): JournalRow => ({
    ...row,
    writes: row.writes.map((write) => {
      if (isDone || write.table !== "orders") return write;
      isDone = true;
      return { table: "orders", row: change(write.row) };
    }),
  });
};
