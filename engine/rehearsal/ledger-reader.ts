// Reads a bot's ledger into a history, and later only what has been added: on a connection that cannot write, while the store's
// thread goes on writing. All of one reading is of one transaction, so a sample never lacks the candles that it names.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { CANDLE_INTERVALS, CANDLE_MS, type CandleInterval } from "../../dsl/candle.ts";
import { messageOf, UserError } from "../base/errors.ts";
import { FILL_CANDLES_MAX } from "../market/interval-candles.ts";
import { DATABASE_FILE, scalar } from "../store/database.ts";
import { MARKET_HISTORY_KEPT_MS } from "../store/prune.ts";
import { rowMaker } from "../store/read-rows.ts";
import { SCHEMA } from "../store/schema.ts";
import { selectSql } from "../store/table-spec.ts";
import type { TableName, Tables } from "../store/tables.ts";
import type { History } from "./history.ts";
import { REHEARSED_WINDOWS } from "./port.ts";
import type { RecordedWindow } from "./recorded-window.ts";

const BUSY_TIMEOUT_MS = 5_000;
/** Of candles before the first window: what a live bot has, too, when its inputs begin. */
const CANDLES_BEFORE = 1_500;
/** Assets do not close their candles in step: one that had none for a while fills the hole when its next price comes. */
const CANDLES_LATE_MAX = FILL_CANDLES_MAX + 2;
/** How long after the close its price, or the last report of a fill, may come. */
const OUTCOME_MS_MAX = 6 * 3_600_000;
const FILLS_MS_MAX = 60_000;

const NEWEST_WINDOWS = `WHERE market IN (SELECT market FROM (
  SELECT market, row_number() OVER (PARTITION BY asset, interval ORDER BY open_ms DESC) AS age FROM markets m
  WHERE close_ms >= ? AND open_ms <= ? AND EXISTS (SELECT 1 FROM quotes q WHERE q.market = m.market)
) WHERE age <= ${REHEARSED_WINDOWS}) ORDER BY open_ms, market`;

interface Select {
  readonly statement: StatementSync;
  readonly asRow: (values: readonly unknown[]) => object;
}

export class LedgerReader {
  readonly #path: string;
  readonly #history: History;
  #db: DatabaseSync | null = null;
  readonly #selects = new Map<string, Select>();
  /** Opens of the newest candles read, and rows of memory read. */
  readonly #candlesTo = new Map<CandleInterval, number>();
  #memoriesTo = 0;
  /** Time of the newest sample at the last reading. */
  #readToMs = 0;

  constructor(dir: string, history: History) {
    this.#path = join(dir, DATABASE_FILE);
    this.#history = history;
  }

  /** Takes in what has been committed since the last call. Throws a UserError when the ledger cannot be read. */
  refresh(): void {
    if (this.#db === null && !existsSync(this.#path)) return;
    try {
      this.#db ??= new DatabaseSync(this.#path, { readOnly: true, timeout: BUSY_TIMEOUT_MS });
      this.#db.exec("BEGIN");
      try {
        this.#read(this.#db);
      } finally {
        this.#db.exec("COMMIT");
      }
    } catch (error) {
      if (!(error instanceof Error && "errcode" in error)) throw error; // Not SQLite's.
      const where = { where: this.#path, cause: error };
      throw new UserError("data", `Cannot read ledger "${this.#path}": ${messageOf(error)}`, where);
    }
  }

  close(): void {
    this.#selects.clear();
    this.#db?.close();
    this.#db = null;
  }

  #read(db: DatabaseSync): void {
    const nowMs = scalar(db, "SELECT at_ms FROM samples ORDER BY rowid DESC LIMIT 1");
    if (typeof nowMs !== "number") return;
    this.#readWindows(nowMs);
    const open = [...this.#history.allWindows].filter((window) => !window.isComplete);
    this.#readSamples();
    for (const window of open) this.#readWindow(window, nowMs);
    for (const interval of CANDLE_INTERVALS) this.#readCandles(interval);
    this.#readMemories(db);
    this.#readToMs = nowMs;
  }

  /** Those that are new, and what has become known of others. */
  #readWindows(nowMs: number): void {
    const history = this.#history;
    const unknown = [...history.allWindows].flatMap(({ outcome, market: { closeMs } }) =>
      outcome === null && closeMs > nowMs - OUTCOME_MS_MAX ? [closeMs] : [],
    );
    const sinceMs = Math.min(Math.max(this.#readToMs, nowMs - MARKET_HISTORY_KEPT_MS), ...unknown);
    for (const row of this.#rows("markets", NEWEST_WINDOWS, sinceMs, nowMs)) {
      const known = history.window(row.market);
      if (known !== null) known.learn(row);
      else history.addWindow(row);
    }
  }

  #readSamples(): void {
    const since = new Map<string, number>();
    for (const { market, asset } of this.#history.allWindows) {
      since.set(
        market.asset,
        Math.max(asset.lastSampleMs, Math.min(since.get(market.asset) ?? Infinity, market.openMs - 1)),
      );
    }
    for (const [asset, atMs] of since) {
      const rows = this.#rows("samples", "WHERE asset = ? AND at_ms > ? ORDER BY at_ms", asset, atMs);
      for (const row of rows) this.#history.addSample(row);
    }
  }

  #readWindow(window: RecordedWindow, nowMs: number): void {
    const { id, lastAtMs, market } = window;
    const since = Math.max(0, lastAtMs);
    for (const row of this.#rows("quotes", "WHERE market = ? AND at_ms > ? ORDER BY at_ms", id, since)) {
      window.addQuote(row);
    }
    const ids = "SELECT client_order_id FROM orders WHERE market = ?";
    window.setTrades(
      [...this.#rows("orders", "WHERE market = ? ORDER BY rowid", id)],
      [...this.#rows("fills", `WHERE client_order_id IN (${ids}) ORDER BY rowid`, id)],
    );
    window.isComplete = nowMs > market.closeMs + FILLS_MS_MAX;
  }

  #readCandles(interval: CandleInterval): void {
    const lengthMs = CANDLE_MS[interval];
    let readTo = this.#candlesTo.get(interval);
    if (readTo === undefined) {
      let oldestMs = Number.POSITIVE_INFINITY;
      for (const { market } of this.#history.allWindows) oldestMs = Math.min(oldestMs, market.openMs);
      readTo = Math.max(0, oldestMs - CANDLES_BEFORE * lengthMs);
    }
    const since = readTo - CANDLES_LATE_MAX * lengthMs;
    for (const row of this.#rows("candles", "WHERE interval = ? AND open_ms > ? ORDER BY open_ms", interval, since)) {
      this.#history.addCandle(row);
      readTo = row.openMs;
    }
    this.#candlesTo.set(interval, readTo);
  }

  #readMemories(db: DatabaseSync): void {
    const newest = Number(scalar(db, "SELECT coalesce(max(rowid), 0) FROM memory_samples"));
    const since = newest < this.#memoriesTo ? 0 : this.#memoriesTo; // Begins again where all were pruned.
    for (const row of this.#rows("memory_samples", "WHERE rowid > ? ORDER BY rowid", since))
      this.#history.addMemory(row);
    this.#memoriesTo = newest;
  }

  *#rows<T extends TableName>(table: T, clause: string, ...values: readonly SQLInputValue[]): Generator<Tables[T]> {
    const key = `${table} ${clause}`;
    let select = this.#selects.get(key);
    if (select === undefined) {
      const statement = this.#db!.prepare(`${selectSql(table, SCHEMA[table])} ${clause}`);
      statement.setReturnArrays(true);
      select = { statement, asRow: rowMaker(table) };
      this.#selects.set(key, select);
    }
    // The columns are those of the table's rows, in the order of its schema.
    for (const row of select.statement.iterate(...values)) yield select.asRow(row as unknown as unknown[]) as Tables[T];
  }
}
