import type { DatabaseSync } from "node:sqlite";
import { beforeEach, describe, expect, test } from "vitest";
import { openDatabase } from "../../../engine/store/database.ts";
import { readRows } from "../../../engine/store/read-rows.ts";
import { MIGRATIONS, SCHEMA, TABLES } from "../../../engine/store/schema.ts";
import { SqliteStore } from "../../../engine/store/sqlite-store.ts";
import { sqlName } from "../../../engine/store/table-spec.ts";
import type { Write } from "../../../engine/store/tables.ts";
import { StoreDriver, temporaryDir } from "../../contract/store.ts";
import { everyRow, rows, write } from "../../contract/store-rows.ts";
import { Journaled } from "../journal/journaled.ts";

let db: DatabaseSync;
let driver: StoreDriver;
let store: SqliteStore;

beforeEach(() => {
  db = openDatabase(temporaryDir());
  driver = new StoreDriver();
  store = new SqliteStore(db, driver);
});

const commit = (...writes: readonly Write[]): void => {
  store.gather(driver.batch(writes));
  store.flush();
};

/** Commits valid rows first, so that only the last write can be what is refused. */
function refused(given: readonly Write[], bad: Write): string {
  commit(...given);
  expect(driver.failures).toEqual([]);
  commit(bad);
  expect(driver.failures).toMatchObject([{ kind: "bug" }]);
  return driver.failures[0]!.message;
}

test("every table gives back the row it was given", () => {
  expect(TABLES.length).toBe(Object.keys(rows).length);
  commit(...everyRow);
  expect(driver.failures).toEqual([]);
  for (const table of TABLES) expect(readRows(db, table, "", 1)).toEqual([rows[table]]);
});

test("every column is strictly typed, and nullable only where its field is", () => {
  for (const table of TABLES) {
    const columns = db.prepare(`SELECT name, "notnull" FROM pragma_table_info('${table}')`).all();
    const declared = Object.entries(SCHEMA[table].columns).map(([field, sql]) => ({
      name: sqlName(field),
      notnull: sql.includes("NOT NULL") ? 1 : 0,
    }));
    expect(columns).toEqual(declared);
  }
  const loose = db.prepare(
    "SELECT name FROM pragma_table_list WHERE schema = 'main' AND strict = 0 AND name NOT LIKE 'sqlite_%'",
  );
  expect(loose.all()).toEqual([]);
});

describe("a constraint refuses", () => {
  const order = write("orders", { status: "Accepted", filledSharesMicros: 0 });
  const cases: readonly [string, readonly Write[], Write, string][] = [
    ["a negative amount", [], write("decision_counts", { decided: -1 }), "decided >= 0"],
    ["a fraction of a micro", [], write("transfers", { reference: null, amountMicros: 0.5 }), "cannot store REAL"],
    ["NaN", [], write("candles", { close: Number.NaN }), "NOT NULL"],
    ["an unknown status", [write("versions")], write("orders", { status: "Done" as never }), "status IN"],
    ["a transfer to itself", [], write("transfers", { reference: null, debit: "cash" }), "debit <> credit"],
    ["a transfer booked twice for one fill", everyRow, write("transfers", { id: 2 }), "UNIQUE"],
    ["a transfer of an unknown fill", [], write("transfers"), "FOREIGN KEY"],
    ["a fill of an unknown order", [], write("fills"), "FOREIGN KEY"],
    ["an order of an unknown version", [], write("orders"), "FOREIGN KEY"],
    ["a version given another ordinal", [write("versions")], write("versions", { ordinal: 15 }), "UNIQUE"],
    ["an ordinal given twice", [write("versions")], write("versions", { code: "x" as never }), "UNIQUE"],
    [
      "a live order filled beyond its size",
      [write("versions")],
      write("orders", { status: "Accepted", filledSharesMicros: 10_000_001 }),
      "filled_shares",
    ],
    ["a terminal order that comes back", [write("versions"), write("orders")], order, "does not come back"],
    [
      "an order that changes what was intended",
      [write("versions"), order],
      write("orders", { sharesMicros: 11_000_000 }),
      "for ever",
    ],
    [
      "an order that changes its code",
      [write("versions"), order],
      write("orders", { params: "p" as never }),
      "for ever",
    ],
    [
      "a settlement with another result",
      [write("positions")],
      write("positions", { realisedMicros: 1 }),
      "settled once",
    ],
    ["a closed position with shares", [], write("positions", { sharesMicros: 1 }), "status = 'open'"],
    ["a settlement without an outcome", [], write("positions", { outcome: null }), "outcome"],
    ["an outcome without prices", [], write("markets", { endE18: null }), "computed_outcome"],
    ["a price that is not an integer", [], write("markets", { endE18: "1e9" }), "end_e18"],
    ["a cycle numbered twice", [write("cycles")], write("cycles"), "cycles.cycle"],
    ["a command that takes effect twice", [write("commands")], write("commands"), "commands.id"],
    ["a control version applied twice", [write("controls")], write("controls"), "controls.version"],
    ["a latch cleared by nobody", [], write("latches", { clearedMs: 1 }), "cleared_by"],
  ];
  test.each(cases)("%s", (_name, given, bad, message) => {
    expect(refused(given, bad)).toContain(message);
  });
});

test("what the venue overfilled is booked once the order is over", () => {
  commit(write("versions"), write("orders", { filledSharesMicros: 10_000_001 }));
  expect(driver.failures).toEqual([]);
});

test("what is booked is neither changed nor deleted, but for what is pruned by age", () => {
  commit(...everyRow);
  for (const table of ["fills", "transfers", "activations"]) {
    expect(() => db.exec(`UPDATE ${table} SET cycle = 1`)).toThrow("append only");
    expect(() => db.exec(`DELETE FROM ${table}`)).toThrow("append only");
  }
  for (const table of ["orders", "positions"]) expect(() => db.exec(`DELETE FROM ${table}`)).toThrow("append only");
  expect(() => db.exec("UPDATE cycles SET decided = 1")).toThrow("append only");
  db.exec("DELETE FROM cycles; DELETE FROM candles; DELETE FROM quotes");
});

test("a ledger of the first version is taken over with its alarms, none of them acknowledged", () => {
  const dir = temporaryDir();
  const old = openDatabase(dir);
  for (const table of ["samples", "memory_samples", "receipts", "journal", "journal_anchor"]) {
    old.exec(`DROP TABLE ${table}`);
  }
  old.exec("ALTER TABLE alarms DROP COLUMN acknowledged_ms; PRAGMA user_version = 1");
  old.exec("INSERT INTO alarms VALUES (1, 'stale-feed', 'warning', 'BTC', 'no tick', 7, 1000, NULL)");
  old.close();
  const taken = openDatabase(dir);
  expect(readRows(taken, "alarms", "", 2)).toMatchObject([{ id: 1, clearedMs: null, acknowledgedMs: null }]);
  for (const table of TABLES) expect(() => readRows(taken, table, "", 1)).not.toThrow();
  taken.close();
});

test("a ledger of the second version is taken over, and its journal begins", () => {
  const dir = temporaryDir();
  const old = openDatabase(dir);
  old.exec("DROP TABLE journal; DROP TABLE journal_anchor; PRAGMA user_version = 2");
  old.exec("INSERT INTO alarms VALUES (1, 'stale-feed', 'warning', 'BTC', 'no tick', 7, 1000, NULL, NULL)");
  old.close();
  const bot = new Journaled(dir);
  bot.run(8, 9);
  expect(readRows(bot.db, "alarms", "", 3).map(({ id }) => id)).toEqual([1, 8, 9]);
  expect(bot.reader().verify()).toMatchObject({ ok: true, rows: 2, head: { seq: 2, cycle: 9 } });
  bot.store.close();
});

test("a migrated ledger has the schema of a new one", () => {
  const schemaOf = (each: DatabaseSync) =>
    each.prepare("SELECT name, sql FROM sqlite_schema WHERE name LIKE 'journal%' ORDER BY name").all();
  const fresh = schemaOf(db);
  db.exec(`DROP TABLE journal; DROP TABLE journal_anchor; ${MIGRATIONS.at(-1)}`);
  expect(schemaOf(db)).toEqual(fresh);
  expect(fresh.length).toBe(5);
});
