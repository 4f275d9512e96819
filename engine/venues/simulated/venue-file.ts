// The exchange's journal on disk, exchange.db: it outlives the bot, whatever way the bot ends. One transaction a group of
// records; it is written for orders, trades, resolutions and claims, never for quotes.
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { assertNever } from "../../base/assert.ts";
import { messageOf, UserError } from "../../base/errors.ts";
import type { ClientOrderId, MarketId } from "../../base/ids.ts";
import type { Fill } from "../../execution/order.ts";
import type { Market, Outcome } from "../../market/market.ts";
import type { CancelReason, VenueOrder } from "../port.ts";
import { type ExchangeOrder, type OrderState, remainingMicros } from "./exchange-order.ts";
import type { AccountRecord, JournaledMarket, VenueJournal, VenueRecord } from "./journal.ts";
import { CASH_BY_FLOWS, VENUE_SCHEMA, VENUE_SCHEMA_VERSION } from "./venue-schema.ts";

/** PRAGMA synchronous: an fsync at every commit. */
const SYNCHRONOUS_FULL = 2;
/** How long a write waits for another process that reads or backs up the file. */
const BUSY_TIMEOUT_MS = 5_000;

type Row = Record<string, string | number | null>;

interface OrderRow extends VenueOrder {
  readonly venueOrderId: string;
  readonly ackAtMs: number;
  readonly state: OrderState["type"];
  /** When a delayed order will match, or a cancelled one ended. */
  readonly stateAtMs: number | null;
  readonly reason: string | null;
}

export class VenueFile implements VenueJournal {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  /** Opens or creates the file. Throws a UserError when it is not an exchange file of this version, or its money does not add up. */
  constructor(path: string) {
    let db: DatabaseSync | null = null;
    try {
      db = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: true });
      this.#db = db;
      // Some builds lower `synchronous` after the first write in WAL, so it is set after the one and read after the other.
      db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
      this.#prepareSchema();
      const synchronous = this.#get("PRAGMA synchronous")?.synchronous;
      if (synchronous !== SYNCHRONOUS_FULL)
        throw new Error(`synchronous is ${synchronous}, expected ${SYNCHRONOUS_FULL}`);
      this.#checkCash();
    } catch (error) {
      db?.close();
      const options = { where: path, hint: "Move the file away to start with a new account", cause: error };
      throw new UserError("data", `Cannot open exchange "${path}": ${messageOf(error)}`, options);
    }
  }

  load(): { readonly account: AccountRecord; readonly markets: readonly JournaledMarket[] } | null {
    const account = this.#get("SELECT * FROM account");
    if (account === undefined) return null;
    const { openingCashMicros, cashMicros, orders, fills, nowMs } = account as unknown as AccountRecord;
    const markets = this.#all("SELECT * FROM markets WHERE isLive = 1 ORDER BY rowid").map((row) => this.#market(row));
    return { account: { type: "Account", openingCashMicros, cashMicros, orders, fills, nowMs }, markets };
  }

  append(records: readonly VenueRecord[]): void {
    this.#db.exec("BEGIN IMMEDIATE");
    try {
      for (const record of records) this.#write(record);
      this.#db.exec("COMMIT");
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
      throw error;
    }
  }

  findOrder(id: ClientOrderId): ExchangeOrder | null {
    const row = this.#get("SELECT * FROM orders WHERE clientOrderId = ?", id);
    return row === undefined ? null : this.#order(row);
  }

  findResolution(market: MarketId): { readonly outcome: Outcome; readonly claimedMicros: number | null } | null {
    const row = this.#get(
      "SELECT outcome, amountMicros AS claimedMicros FROM resolutions LEFT JOIN claims USING (market) WHERE market = ?",
      market,
    );
    return row === undefined ? null : (row as unknown as { outcome: Outcome; claimedMicros: number | null });
  }

  close(): void {
    this.#db.close();
  }

  /** Always writes, so that what is read back afterwards is what holds after a write. */
  #prepareSchema(): void {
    this.#db.exec("BEGIN IMMEDIATE");
    const version = this.#get("PRAGMA user_version")?.user_version;
    const isEmpty = this.#get("SELECT count(*) AS tables FROM sqlite_schema")?.tables === 0;
    if (isEmpty) this.#db.exec(VENUE_SCHEMA);
    else if (version !== VENUE_SCHEMA_VERSION) {
      throw new Error(`its schema is version ${version}, this engine knows ${VENUE_SCHEMA_VERSION}`);
    }
    this.#db.exec(`PRAGMA user_version = ${VENUE_SCHEMA_VERSION}; COMMIT`);
  }

  #checkCash(): void {
    const flows = this.#get(CASH_BY_FLOWS)?.cashMicros;
    const cash = this.#get("SELECT cashMicros FROM account")?.cashMicros;
    if (flows !== cash) throw new Error(`its cash is ${cash}, but its trades and claims add up to ${flows}`);
  }

  #write(record: VenueRecord): void {
    switch (record.type) {
      case "Account": {
        const { openingCashMicros, cashMicros, orders, fills, nowMs } = record;
        this.#upsert("account", 1, { id: 1, openingCashMicros, cashMicros, orders, fills, nowMs });
        return;
      }
      case "Market": {
        const { market, strikeE18, isLive } = record;
        const strike = strikeE18 === null ? null : String(strikeE18);
        this.#upsert("markets", 1, {
          id: market.id,
          market: JSON.stringify(market),
          strikeE18: strike,
          isLive: Number(isLive),
        });
        return;
      }
      case "EndSample": {
        const { eventAtMs, receivedAtMs, priceE18 } = record.sample;
        this.#upsert("endSamples", 2, { market: record.market, eventAtMs, receivedAtMs, priceE18: String(priceE18) });
        return;
      }
      case "Order":
        this.#upsert("orders", 1, rowOfOrder(record.order));
        return;
      case "Fill":
        this.#upsert("fills", 1, { ...record.fill });
        return;
      case "Holding": {
        const { market, side, sharesMicros } = record;
        this.#upsert("holdings", 2, { market, side, sharesMicros });
        return;
      }
      case "Resolution": {
        const { market, outcome, atMs } = record;
        this.#upsert("resolutions", 1, { market, outcome, atMs });
        return;
      }
      case "Claim": {
        const { market, amountMicros, atMs } = record;
        this.#upsert("claims", 1, { market, amountMicros, atMs });
        return;
      }
      default:
        assertNever(record, "record");
    }
  }

  /** The first `keys` columns name the row. */
  #upsert(table: string, keys: number, row: Row): void {
    const columns = Object.keys(row);
    const updates = columns.slice(keys).map((column) => `${column} = excluded.${column}`);
    const sql =
      `INSERT INTO ${table} (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")}) ` +
      `ON CONFLICT (${columns.slice(0, keys).join(", ")}) DO UPDATE SET ${updates.join(", ")}`;
    this.#statement(sql).run(...Object.values(row));
  }

  #market(row: Row): JournaledMarket {
    const market = JSON.parse(row.market as string) as Market;
    const held = this.#all("SELECT side, sharesMicros FROM holdings WHERE market = ?", market.id);
    const heldOf = (side: string): number =>
      (held.find((holding) => holding.side === side)?.sharesMicros as number) ?? 0;
    return {
      market,
      strikeE18: row.strikeE18 === null ? null : BigInt(row.strikeE18!),
      outcome: this.findResolution(market.id)?.outcome ?? null,
      holding: { up: heldOf("up"), down: heldOf("down") },
      samples: this.#all("SELECT * FROM endSamples WHERE market = ? ORDER BY eventAtMs", market.id).map((sample) => ({
        eventAtMs: sample.eventAtMs as number,
        receivedAtMs: sample.receivedAtMs as number,
        priceE18: BigInt(sample.priceE18!),
      })),
      orders: this.#all("SELECT * FROM orders WHERE market = ? AND state <> 'rejected' ORDER BY rowid", market.id).map(
        (order) => this.#order(order),
      ),
    };
  }

  #order(row: Row): ExchangeOrder {
    const { venueOrderId, ackAtMs, state, stateAtMs, reason, ...order } = row as unknown as OrderRow & {
      filledMicros: number;
    };
    const { clientOrderId, market, action, side, limitMicros, sharesMicros, timeInForce } = order;
    const fills = this.#all("SELECT * FROM fills WHERE clientOrderId = ? ORDER BY rowid", clientOrderId);
    return {
      order: { clientOrderId, market, action, side, limitMicros, sharesMicros, timeInForce },
      venueOrderId,
      ackAtMs,
      fills: fills.map((fill) => ({ ...(fill as unknown as Fill) })),
      state: stateOfRow(state, stateAtMs, reason),
    };
  }

  #get(sql: string, ...values: readonly string[]): Row | undefined {
    return this.#statement(sql).get(...values) as Row | undefined;
  }

  #all(sql: string, ...values: readonly string[]): readonly Row[] {
    return this.#statement(sql).all(...values) as unknown as readonly Row[];
  }

  #statement(sql: string): StatementSync {
    const statement = this.#statements.get(sql) ?? this.#db.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}

function rowOfOrder(exchangeOrder: ExchangeOrder): Row {
  const { order, venueOrderId, ackAtMs, state } = exchangeOrder;
  const { clientOrderId, market, action, side, limitMicros, sharesMicros, timeInForce } = order;
  return {
    clientOrderId,
    market,
    action,
    side,
    limitMicros,
    sharesMicros,
    timeInForce,
    venueOrderId,
    ackAtMs,
    state: state.type,
    stateAtMs: state.type === "delayed" ? state.matchAtMs : state.type === "canceled" ? state.atMs : null,
    reason: state.type === "canceled" || state.type === "rejected" ? state.reason : null,
    filledMicros: sharesMicros - remainingMicros(exchangeOrder),
  };
}

function stateOfRow(type: OrderState["type"], atMs: number | null, reason: string | null): OrderState {
  switch (type) {
    case "received":
    case "resting":
    case "filled":
      return { type };
    case "delayed":
      return { type, matchAtMs: atMs! };
    case "canceled":
      return { type, reason: reason as CancelReason, atMs: atMs! };
    case "rejected":
      return { type, reason: reason! };
    default:
      return assertNever(type, "order state");
  }
}
