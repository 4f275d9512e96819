// The tables of the ledger. Constraints carry the invariants that must hold whatever the code above does: a key is written
// once, amounts are whole and never negative, a live order is never overfilled, what is booked is never changed. A broken one
// is a bug and stops the store.

import { JOURNAL_SQL } from "../journal/journal-table.ts";
import { ENDINGS } from "../reload/receipt.ts";
import { createSql, type TableSpec } from "./table-spec.ts";
import type { AlarmRow, FillRow, MarketRow, OrderRow, PositionRow, TableName, Tables, TransferRow } from "./tables.ts";

/** Kept in `user_version`: another number is refused, never guessed at. */
export const SCHEMA_VERSION = 3;

const TEXT = "TEXT NOT NULL";
const INTEGER = "INTEGER NOT NULL";
const REAL = "REAL NOT NULL";
const AMOUNT = "INTEGER NOT NULL CHECK (@ >= 0)";
const MADE_BY = { strategy: TEXT, code: TEXT, params: TEXT } as const;
const E18 = "TEXT CHECK (@ <> '' AND @ NOT GLOB '*[^0-9]*')";

/** Names every member of a union, so that a new one is a compile error here. */
type Members<V extends string> = { readonly [M in V]: true };
const among = (members: object): `CHECK ${string}` => `CHECK (@ IN (${quoted(Object.keys(members))}))`;
const quoted = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(", ");
const oneOf = <V extends string>(members: Members<V>) => `TEXT NOT NULL ${among(members)}` as const;
const oneOfOrNull = <V extends string>(members: Members<V>) => `TEXT ${among(members)}` as const;

const BUY_SELL = oneOf<FillRow["action"]>({ buy: true, sell: true });
const UP_DOWN = oneOf<FillRow["side"]>({ up: true, down: true });
const OUTCOME = oneOfOrNull<NonNullable<MarketRow["venueOutcome"]>>({ up: true, down: true, void: true });

const LIVE = {
  Initialized: true,
  Submitted: true,
  Accepted: true,
  PartiallyFilled: true,
  PendingCancel: true,
} as const;
const TERMINAL = { Denied: true, Filled: true, Canceled: true, Rejected: true, Expired: true } as const;
export const LIVE_STATUSES = quoted(Object.keys(LIVE));

const IDENTITY =
  "slot, market, leg, action, side, limit_micros, shares_micros, time_in_force, cycle, strategy, code, params";
const columnsOf = (row: "OLD" | "NEW"): string => IDENTITY.replaceAll(/\w+/g, (name) => `${row}.${name}`);

const never = (action: "UPDATE" | "DELETE", table: TableName): string =>
  `CREATE TRIGGER ${table}_no_${action.toLowerCase()} BEFORE ${action} ON ${table} ` +
  `BEGIN SELECT RAISE(ABORT, '${table} is append only'); END`;

export const SCHEMA: { readonly [T in TableName]: TableSpec<Tables[T]> } = {
  meta: { key: ["name"], write: "upsert", columns: { name: TEXT, value: TEXT } },
  cycles: {
    key: ["cycle"],
    write: "insert",
    columns: { cycle: INTEGER, atMs: INTEGER, decided: AMOUNT, faulted: AMOUNT, decisions: TEXT },
    also: [
      never("UPDATE", "cycles"),
      // Cycles are pruned by age: their totals are kept apart.
      "CREATE TABLE cycle_totals (one INTEGER PRIMARY KEY CHECK (one = 1), cycles INTEGER NOT NULL, decided INTEGER NOT NULL, faulted INTEGER NOT NULL) STRICT",
      "INSERT INTO cycle_totals VALUES (1, 0, 0, 0)",
      `CREATE TRIGGER cycles_counted AFTER INSERT ON cycles BEGIN
  UPDATE cycle_totals SET cycles = cycles + 1, decided = decided + NEW.decided, faulted = faulted + NEW.faulted;
END`,
    ],
  },
  decision_counts: { key: ["strategy", "code", "params"], write: "add", columns: { ...MADE_BY, decided: AMOUNT } },
  versions: {
    key: ["strategy", "code"],
    write: "insert",
    columns: { strategy: TEXT, code: TEXT, ordinal: INTEGER, firstSeenMs: INTEGER },
    rules: ["UNIQUE (strategy, ordinal)"],
  },
  activations: {
    key: [],
    write: "insert",
    columns: { cycle: INTEGER, slot: TEXT, ordinal: INTEGER, paramsJson: TEXT, atMs: INTEGER, ...MADE_BY },
    also: [
      never("UPDATE", "activations"),
      never("DELETE", "activations"),
      "CREATE INDEX activations_slot ON activations (slot)",
    ],
  },
  memories: { key: ["slot", "code", "params"], write: "upsert", columns: { slot: TEXT, ...MADE_BY, memory: TEXT } },
  orders: {
    key: ["clientOrderId"],
    write: "upsert",
    columns: {
      clientOrderId: TEXT,
      venueOrderId: "TEXT",
      slot: TEXT,
      market: TEXT,
      leg: oneOf<OrderRow["leg"]>({ entry: true, exit: true, flatten: true }),
      action: BUY_SELL,
      side: UP_DOWN,
      limitMicros: AMOUNT,
      sharesMicros: AMOUNT,
      timeInForce: oneOf<OrderRow["timeInForce"]>({ FAK: true, GTC: true }),
      status: oneOf<OrderRow["status"]>({ ...LIVE, ...TERMINAL }),
      statusReason: "TEXT",
      filledSharesMicros: AMOUNT,
      cycle: INTEGER,
      ordinal: INTEGER,
      reason: TEXT,
      probability: "REAL",
      createdAtMs: INTEGER,
      updatedAtMs: INTEGER,
      ...MADE_BY,
    },
    rules: [
      // What the venue overfilled is booked (and alarmed), but such an order is over.
      "CHECK (filled_shares_micros <= shares_micros OR status IN ('Filled', 'Canceled'))",
      "FOREIGN KEY (strategy, code) REFERENCES versions DEFERRABLE INITIALLY DEFERRED",
    ],
    also: [
      `CREATE TRIGGER orders_only_forward BEFORE UPDATE ON orders BEGIN
  SELECT RAISE(ABORT, 'an order is what was intended, for ever') WHERE (${columnsOf("OLD")}) IS NOT (${columnsOf("NEW")});
  SELECT RAISE(ABORT, 'a terminal order does not come back') WHERE NEW.status IN (${LIVE_STATUSES}) AND OLD.status NOT IN (${LIVE_STATUSES});
END`,
      never("DELETE", "orders"),
      "CREATE INDEX orders_market ON orders (market, slot)",
      `CREATE INDEX orders_live ON orders (status) WHERE status IN (${LIVE_STATUSES})`,
    ],
  },
  fills: {
    key: ["tradeId"],
    write: "insert",
    columns: {
      tradeId: TEXT,
      clientOrderId: TEXT,
      slot: TEXT,
      market: TEXT,
      action: BUY_SELL,
      side: UP_DOWN,
      priceMicros: AMOUNT,
      sharesMicros: "INTEGER NOT NULL CHECK (@ > 0)",
      feeMicros: AMOUNT,
      liquidity: oneOf<FillRow["liquidity"]>({ maker: true, taker: true }),
      cycle: INTEGER,
      atMs: INTEGER,
      ...MADE_BY,
    },
    rules: ["FOREIGN KEY (client_order_id) REFERENCES orders DEFERRABLE INITIALLY DEFERRED"],
    also: [never("UPDATE", "fills"), never("DELETE", "fills"), "CREATE INDEX fills_order ON fills (client_order_id)"],
  },
  positions: {
    // The market first: recovery asks for the positions of a market.
    key: ["market", "slot"],
    write: "upsert",
    columns: {
      market: TEXT,
      slot: TEXT,
      side: UP_DOWN,
      status: oneOf<PositionRow["status"]>({ open: true, closed: true, settled: true }),
      sharesMicros: AMOUNT,
      costMicros: AMOUNT,
      boughtSharesMicros: AMOUNT,
      feesMicros: AMOUNT,
      realisedMicros: INTEGER,
      outcome: OUTCOME,
      openedCycle: INTEGER,
      openedAtMs: INTEGER,
      closedAtMs: "INTEGER",
      ordinal: INTEGER,
      ...MADE_BY,
    },
    rules: [
      "CHECK (shares_micros <= bought_shares_micros)",
      "CHECK (status = 'open' OR (shares_micros = 0 AND closed_at_ms IS NOT NULL))",
      "CHECK ((status = 'settled') = (outcome IS NOT NULL))",
    ],
    also: [
      `CREATE TRIGGER positions_settled_once BEFORE UPDATE ON positions WHEN OLD.status = 'settled'
  AND (OLD.outcome, OLD.realised_micros) IS NOT (NEW.outcome, NEW.realised_micros)
BEGIN SELECT RAISE(ABORT, 'a position is settled once'); END`,
      never("DELETE", "positions"),
      "CREATE INDEX positions_open ON positions (status) WHERE status = 'open'",
    ],
  },
  transfers: {
    key: ["id"],
    write: "insert",
    columns: {
      id: INTEGER,
      kind: oneOf<TransferRow["kind"]>({
        deposit: true,
        buy: true,
        sell: true,
        fee: true,
        payout: true,
        loss: true,
        profit: true,
        claim: true,
      }),
      debit: TEXT,
      credit: TEXT,
      amountMicros: AMOUNT,
      market: "TEXT",
      slot: "TEXT",
      strategy: "TEXT",
      code: "TEXT",
      params: "TEXT",
      reference: "TEXT REFERENCES fills DEFERRABLE INITIALLY DEFERRED",
      cycle: INTEGER,
      atMs: INTEGER,
    },
    rules: ["CHECK (debit <> credit)", "UNIQUE (reference, kind, debit, credit)"],
    also: [
      never("UPDATE", "transfers"),
      never("DELETE", "transfers"),
      "CREATE TABLE balances (account TEXT PRIMARY KEY, balance_micros INTEGER NOT NULL) STRICT",
      `CREATE TRIGGER transfers_posted AFTER INSERT ON transfers BEGIN
  INSERT INTO balances VALUES (NEW.debit, NEW.amount_micros), (NEW.credit, -NEW.amount_micros)
    ON CONFLICT (account) DO UPDATE SET balance_micros = balance_micros + excluded.balance_micros;
END`,
    ],
  },
  markets: {
    key: ["market"],
    write: "upsert",
    columns: {
      market: TEXT,
      asset: TEXT,
      interval: TEXT,
      openMs: INTEGER,
      closeMs: INTEGER,
      facts: TEXT,
      strikeE18: E18,
      endE18: E18,
      computedOutcome: oneOfOrNull<NonNullable<MarketRow["computedOutcome"]>>({ up: true, down: true }),
      venueOutcome: OUTCOME,
      claimStatus: oneOf<MarketRow["claimStatus"]>({ none: true, requested: true, claimed: true }),
      claimedMicros: AMOUNT,
    },
    rules: [
      "CHECK (open_ms < close_ms)",
      "CHECK (computed_outcome IS NULL OR (strike_e18 IS NOT NULL AND end_e18 IS NOT NULL))",
    ],
    also: [
      "CREATE INDEX markets_close ON markets (close_ms)",
      "CREATE INDEX markets_unresolved ON markets (close_ms) WHERE venue_outcome IS NULL",
      "CREATE INDEX markets_claiming ON markets (close_ms) WHERE claim_status = 'requested'",
    ],
  },
  candles: {
    key: ["interval", "openMs", "asset"],
    write: "upsert",
    clustered: true,
    columns: {
      interval: TEXT,
      openMs: INTEGER,
      asset: TEXT,
      open: REAL,
      high: REAL,
      low: REAL,
      close: REAL,
      volume: REAL,
      synthetic: "INTEGER NOT NULL CHECK (@ IN (0, 1))",
      fundingRate8h: "REAL",
      openInterest: "REAL",
    },
  },
  quotes: {
    key: ["market", "atMs"],
    write: "upsert",
    columns: {
      market: TEXT,
      atMs: INTEGER,
      upBid: INTEGER,
      upAsk: INTEGER,
      upBidSize: AMOUNT,
      upAskSize: AMOUNT,
      downBid: INTEGER,
      downAsk: INTEGER,
      downBidSize: AMOUNT,
      downAskSize: AMOUNT,
    },
  },
  samples: {
    key: ["asset", "atMs"],
    write: "upsert",
    columns: {
      asset: TEXT,
      atMs: INTEGER,
      cycle: INTEGER,
      spot: "REAL",
      closedToMs: "INTEGER",
      open: "REAL",
      high: "REAL",
      low: "REAL",
      volume: "REAL",
    },
  },
  memory_samples: {
    key: ["slot", "code", "params", "atMs"],
    write: "upsert",
    columns: { slot: TEXT, ...MADE_BY, atMs: INTEGER, memory: TEXT },
  },
  receipts: {
    key: ["id"],
    write: "upsert",
    columns: {
      id: TEXT,
      number: INTEGER,
      strategy: TEXT,
      state: TEXT,
      body: TEXT,
      trial: "TEXT",
      atMs: INTEGER,
    },
    rules: ["UNIQUE (number)"],
    also: [
      `CREATE TRIGGER receipts_end_once BEFORE UPDATE ON receipts WHEN OLD.state IN (${quoted([...ENDINGS, "permanent"])}) AND NEW.state <> OLD.state
BEGIN SELECT RAISE(ABORT, 'a receipt ends once'); END`,
      never("DELETE", "receipts"),
      "CREATE INDEX receipts_strategy ON receipts (strategy, number)",
    ],
  },
  latches: {
    key: ["kind", "scope"],
    write: "upsert",
    columns: {
      kind: TEXT,
      scope: TEXT,
      mode: TEXT,
      sinceMs: INTEGER,
      setBy: TEXT,
      reason: TEXT,
      clearedMs: "INTEGER",
      clearedBy: "TEXT",
      clearedReason: "TEXT",
    },
    rules: ["CHECK (cleared_ms IS NULL OR (cleared_by IS NOT NULL AND cleared_reason IS NOT NULL))"],
  },
  controls: {
    key: ["version"],
    write: "insert",
    columns: { version: INTEGER, digest: TEXT, content: TEXT, appliedCycle: INTEGER, atMs: INTEGER },
  },
  commands: {
    key: ["id"],
    write: "insert",
    columns: { id: TEXT, kind: TEXT, cycle: INTEGER, effect: TEXT, atMs: INTEGER },
  },
  alarms: {
    key: ["id"],
    write: "upsert",
    columns: {
      id: INTEGER,
      kind: TEXT,
      severity: oneOf<AlarmRow["severity"]>({ warning: true, critical: true }),
      scope: TEXT,
      message: TEXT,
      cycle: INTEGER,
      atMs: INTEGER,
      clearedMs: "INTEGER",
      acknowledgedMs: "INTEGER",
    },
    also: ["CREATE INDEX alarms_open ON alarms (id) WHERE cleared_ms IS NULL"],
  },
  bot_state: {
    key: ["seq"],
    write: "insert",
    columns: {
      seq: INTEGER,
      atMs: INTEGER,
      cycle: INTEGER,
      mode: TEXT,
      openPositions: AMOUNT,
      cashMicros: INTEGER,
      state: TEXT,
    },
  },
};

export const TABLES = Object.keys(SCHEMA) as readonly TableName[];

export const SCHEMA_SQL = [...TABLES.map((table) => createSql(table, SCHEMA[table])), JOURNAL_SQL].join("\n");

/** What makes a schema of version i + 1 one of version i + 2. */
export const MIGRATIONS: readonly string[] = [
  [
    ...(["samples", "memory_samples", "receipts"] as const).map((table) => createSql(table, SCHEMA[table])),
    "ALTER TABLE alarms ADD COLUMN acknowledged_ms INTEGER;",
  ].join("\n"),
  JOURNAL_SQL,
];
