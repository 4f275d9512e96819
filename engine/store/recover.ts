// What a restart needs, each part bounded: a bot that ran for a year starts as fast as one that ran for a day.
import type { DatabaseSync } from "node:sqlite";
import { CANDLE_INTERVALS, CANDLE_MS, type CandleInterval } from "../../dsl/candle.ts";
import type { Recovered } from "./port.ts";
import { MARKET_HISTORY_KEPT_MS } from "./prune.ts";
import { readNewest, readRows } from "./read-rows.ts";
import { LIVE_STATUSES } from "./schema.ts";

const META_ROWS_MAX = 1_000;
const VERSIONS_MAX = 100_000;
const SLOTS_MAX = 10_000;
const MEMORIES_MAX = 10_000;
const ORDERS_MAX = 50_000;
const FILLS_MAX = 200_000;
const POSITIONS_MAX = 50_000;
const MARKETS_MAX = 2_000;
const CANDLES_MAX = 100_000;
/** Per asset and interval: enough for every indicator to forget how it began. */
const SERIES_CANDLES_MAX = 1_000;
const LATCHES_MAX = 10_000;
const COMMANDS_MAX = 10_000;
const ALARMS_MAX = 10_000;
const RECEIPTS_MAX = 10_000;

const LAST_CYCLE_AT_MS = "coalesce((SELECT at_ms FROM cycles ORDER BY cycle DESC LIMIT 1), 0)";

const RUNNING = "SELECT max(rowid) FROM activations GROUP BY slot";

/** What each slot ran before: it goes back to that when what runs is quarantined. */
const BEFORE = `SELECT max(a.rowid) FROM activations a JOIN activations r ON r.slot = a.slot AND r.rowid IN (${RUNNING})
  JOIN decision_counts c ON c.code = a.code AND c.params = a.params AND c.decided > 0
  WHERE a.code <> r.code OR a.params <> r.params GROUP BY a.slot`;

/** What decides each slot's next entry, or did before, and what open positions and live orders are pinned to. */
const IN_USE = `${RUNNING}
  UNION ${BEFORE}
  UNION SELECT a.rowid FROM positions p JOIN activations a USING (slot, code, params) WHERE p.status = 'open'
  UNION SELECT a.rowid FROM orders o JOIN activations a USING (slot, code, params) WHERE o.status IN (${LIVE_STATUSES})`;

/** Those in use, however old, and the newest others: a rollback may want one of them. */
const MEMORIES = `SELECT m.rowid FROM activations a JOIN memories m USING (slot, code, params) WHERE a.rowid IN (${RUNNING})
  UNION SELECT m.rowid FROM positions p JOIN memories m USING (slot, code, params) WHERE p.status = 'open'
  UNION SELECT rowid FROM (SELECT rowid FROM memories ORDER BY rowid DESC LIMIT ${MEMORIES_MAX})`;

const ORDERS = `SELECT client_order_id FROM orders WHERE status IN (${LIVE_STATUSES})
  UNION SELECT o.client_order_id FROM positions p JOIN orders o USING (market, slot) WHERE p.status = 'open'`;

const POSITIONS = `SELECT rowid FROM positions WHERE status = 'open'
  UNION SELECT p.rowid FROM markets m JOIN positions p USING (market) WHERE m.close_ms > ${LAST_CYCLE_AT_MS}`;

/**
 * A start looks at the last minutes again, and hears once more of markets that have closed in them: what is known of their ends
 * is not to be written over.
 */
const RELISTED_MS = 3_600_000;

/** A win that nobody asked to redeem yet is looked for as far back as market history is kept. */
const MARKETS = `SELECT rowid FROM markets WHERE close_ms > ${LAST_CYCLE_AT_MS} - ${RELISTED_MS}
  UNION SELECT rowid FROM (SELECT rowid FROM markets WHERE venue_outcome IS NULL ORDER BY close_ms DESC LIMIT ${MARKETS_MAX})
  UNION SELECT rowid FROM markets WHERE claim_status = 'requested'
  UNION SELECT m.rowid FROM markets m JOIN positions p USING (market)
    WHERE m.close_ms > ${LAST_CYCLE_AT_MS} - ${MARKET_HISTORY_KEPT_MS} AND m.claim_status = 'none'
    AND p.status = 'settled' AND p.outcome IN (p.side, 'void')`;

/** The last word on each strategy, and what is still under way. */
const RECEIPTS = `SELECT max(rowid) FROM receipts GROUP BY strategy
  UNION SELECT rowid FROM receipts WHERE state IN ('gated', 'armed', 'active')`;

const newestOf = (interval: CandleInterval): string =>
  `interval = '${interval}' AND open_ms > coalesce((SELECT max(open_ms) FROM candles WHERE interval = '${interval}'), 0)
    - ${SERIES_CANDLES_MAX * CANDLE_MS[interval]}`;
const CANDLES = CANDLE_INTERVALS.map((interval) => `(${newestOf(interval)})`).join(" OR ");

export function recover(db: DatabaseSync): Recovered {
  return {
    meta: readRows(db, "meta", "ORDER BY name", META_ROWS_MAX),
    lastCycle: readNewest(db, "cycles", "ORDER BY cycle DESC", 1)[0] ?? null,
    lastBotState: readNewest(db, "bot_state", "ORDER BY seq DESC", 1)[0] ?? null,
    versions: readRows(db, "versions", "ORDER BY strategy, ordinal", VERSIONS_MAX),
    activations: readRows(db, "activations", `WHERE rowid IN (${IN_USE}) ORDER BY rowid`, 4 * SLOTS_MAX),
    memories: readRows(
      db,
      "memories",
      `WHERE rowid IN (${MEMORIES}) ORDER BY slot, rowid`,
      MEMORIES_MAX + 2 * SLOTS_MAX,
    ),
    orders: readRows(
      db,
      "orders",
      `WHERE client_order_id IN (${ORDERS}) ORDER BY created_at_ms, client_order_id`,
      ORDERS_MAX,
    ),
    fills: readRows(db, "fills", `WHERE client_order_id IN (${ORDERS}) ORDER BY rowid`, FILLS_MAX),
    positions: readRows(db, "positions", `WHERE rowid IN (${POSITIONS}) ORDER BY market, slot`, POSITIONS_MAX),
    markets: readNewest(
      db,
      "markets",
      `WHERE rowid IN (${MARKETS}) ORDER BY close_ms DESC, market`,
      MARKETS_MAX,
    ).reverse(),
    balances: readBalances(db),
    lastTransferId: readNewest(db, "transfers", "ORDER BY id DESC", 1)[0]?.id ?? 0,
    candles: readRows(db, "candles", `WHERE ${CANDLES} ORDER BY open_ms, asset`, CANDLES_MAX),
    latches: readRows(db, "latches", "WHERE cleared_ms IS NULL ORDER BY since_ms, kind, scope", LATCHES_MAX),
    control: readNewest(db, "controls", "ORDER BY version DESC", 1)[0] ?? null,
    commands: readNewest(db, "commands", "ORDER BY rowid DESC", COMMANDS_MAX).reverse(),
    receipts: readRows(db, "receipts", `WHERE rowid IN (${RECEIPTS}) ORDER BY number`, RECEIPTS_MAX),
    lastReceiptNumber: readNewest(db, "receipts", "ORDER BY number DESC", 1)[0]?.number ?? 0,
    openAlarms: readRows(db, "alarms", "WHERE cleared_ms IS NULL ORDER BY id", ALARMS_MAX),
    lastAlarmId: readNewest(db, "alarms", "ORDER BY id DESC", 1)[0]?.id ?? 0,
  };
}

const readBalances = (db: DatabaseSync): Recovered["balances"] =>
  db
    .prepare("SELECT account, balance_micros FROM balances WHERE balance_micros <> 0 ORDER BY account")
    .all()
    .map((row) => ({ account: String(row.account), balanceMicros: Number(row.balance_micros) }));
