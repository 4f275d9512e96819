import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { DATABASE_FILE, isSqliteSafe, openDatabase, SYNCHRONOUS_FULL, scalar } from "../../../engine/store/database.ts";
import { MARKET_HISTORY_KEPT_MS, prune } from "../../../engine/store/prune.ts";
import { SqliteStore } from "../../../engine/store/sqlite-store.ts";
import { failureOf } from "../../../engine/store/store-failure.ts";
import { StoreDriver, temporaryDir } from "../../contract/store.ts";
import { rows, write } from "../../contract/store-rows.ts";
import { entryOf, Journaled } from "../journal/journaled.ts";

function setUp(freeSpace?: (db: DatabaseSync) => boolean) {
  const dir = temporaryDir();
  const db = openDatabase(dir);
  const driver = new StoreDriver();
  const store = new SqliteStore(db, driver, () => freeSpace?.(db) ?? false);
  const commit = (cycle: number, decisions = ""): void => {
    store.gather(driver.batch([write("cycles", { cycle, decisions })]));
    store.flush();
  };
  return { dir, db, driver, store, commit };
}

/** Nothing that can be compressed. */
const randomText = (): string => randomBytes(75_000).toString("base64");
const BIG = "x".repeat(100_000);
const limitPages = (db: DatabaseSync, more: number): void => {
  db.exec(`PRAGMA max_page_count = ${Number(scalar(db, "PRAGMA page_count")) + more}`);
};

test("every commit is synced: WAL, and synchronous is FULL after a write", () => {
  const { db, commit } = setUp();
  commit(1);
  expect(scalar(db, "PRAGMA journal_mode")).toBe("wal");
  expect(scalar(db, "PRAGMA synchronous")).toBe(SYNCHRONOUS_FULL);
  expect(scalar(db, "PRAGMA wal_autocheckpoint")).toBe(0);
});

test("a full disk keeps the batch and writes it when there is room again", () => {
  const { db, driver, commit } = setUp();
  limitPages(db, 5);
  commit(1, BIG);
  commit(2);
  expect(driver.acknowledged).toEqual([]);
  expect(driver.failures).toMatchObject([{ kind: "full" }]);
  limitPages(db, 1_000);
  commit(3);
  expect(driver.acknowledged).toEqual([3]);
  expect(scalar(db, "SELECT count(*) FROM cycles")).toBe(3);
  limitPages(db, 5);
  commit(4, BIG);
  expect(driver.failures.length).toBe(2);
});

test("space that is freed on a full disk is used at once", () => {
  const { db, driver, commit } = setUp((full) => {
    limitPages(full, 1_000);
    return true;
  });
  limitPages(db, 5);
  commit(1, BIG);
  expect(driver.failures).toMatchObject([{ kind: "full" }]);
  expect(driver.acknowledged).toEqual([1]);
});

test("what may not be written to is a full disk, until it may", () => {
  const { db, driver, commit } = setUp();
  commit(1);
  db.exec("PRAGMA query_only = ON");
  commit(2);
  commit(3);
  expect(driver.failures).toMatchObject([{ kind: "full", message: expect.stringContaining("readonly") }]);
  expect(driver.acknowledged).toEqual([1]);
  db.exec("PRAGMA query_only = OFF");
  commit(4);
  expect(driver.acknowledged).toEqual([1, 4]);
});

test("what a full disk kept is in the journal once, and what it refused to the end is not", () => {
  const bot = new Journaled();
  limitPages(bot.db, 5);
  const big = (cycle: number) =>
    bot.gather(cycle, [...entryOf(cycle), { type: "Noted", notes: randomText() as never }]);
  big(1);
  bot.run(2, 2);
  expect(bot.driver.failures).toMatchObject([{ kind: "full" }]);
  expect(bot.reader().head()).toBeNull();
  limitPages(bot.db, 1_000);
  bot.run(3, 3);
  expect(bot.driver.acknowledged).toEqual([3]);
  expect(bot.reader().verify(undefined, true)).toMatchObject({ ok: true, rows: 3, head: { cycle: 3 } });
  limitPages(bot.db, 2);
  big(4);
  bot.store.close();
  const next = new Journaled(bot.dir);
  next.run(5, 5);
  expect(next.reader().verify(undefined, true)).toMatchObject({ ok: true, rows: 4, head: { seq: 4, cycle: 5 } });
});

test("after an IO error nothing is written or acknowledged any more", () => {
  const { dir, db, driver, store, commit } = setUp();
  commit(1);
  // Refused by SQLite for a reason that is neither a full disk nor a broken rule: somebody else writes.
  db.exec("PRAGMA busy_timeout = 0");
  const other = new DatabaseSync(join(dir, DATABASE_FILE));
  other.exec("BEGIN IMMEDIATE");
  commit(2);
  other.close();
  commit(3);
  store.close();
  expect(driver.acknowledged).toEqual([1]);
  expect(driver.failures).toMatchObject([{ kind: "io" }]);
  expect(scalar(new DatabaseSync(join(dir, DATABASE_FILE)), "SELECT max(cycle) FROM cycles")).toBe(1);
});

test("errors are told apart by SQLite's code", () => {
  const kind = (errcode: number) => failureOf(Object.assign(new Error("x"), { errcode })).kind;
  expect([13, 1_034, 4_874, 19, 2_067, 11].map(kind)).toEqual(["full", "io", "io", "bug", "bug", "io"]);
  // Read only, not to be opened; moved away.
  expect([8, 776, 14, 1_032].map(kind)).toEqual(["full", "full", "full", "io"]);
  // The file system has become read only; what an fsync left behind is not known all the same.
  const kindThere = (errcode: number) => failureOf(Object.assign(new Error("x"), { errcode }), () => false).kind;
  expect([778, 1_034].map(kindThere)).toEqual(["full", "io"]);
  expect(failureOf(new TypeError("not bindable")).kind).toBe("bug");
});

test("a SQLite that can corrupt its WAL is not trusted", () => {
  expect(["3.51.2", "3.52.0", "3.50.9", "2.99.99"].filter(isSqliteSafe)).toEqual([]);
  const safe = ["3.51.3", "3.51.10", "3.53.0", "4.0.0"];
  expect(safe.filter(isSqliteSafe)).toEqual(safe);
});

test("cycles, quotes and candles are pruned by age alone, and totals stay", () => {
  const { db, driver, store } = setUp();
  const { atMs } = rows.cycles;
  const oldest = atMs - MARKET_HISTORY_KEPT_MS;
  const at = (cycle: number, ms: number) => [
    write("cycles", { cycle, atMs: ms }),
    write("quotes", { atMs: ms }),
    write("candles", { openMs: ms }),
  ];
  store.gather(driver.batch([...at(1, oldest - 1), ...at(2, oldest), ...at(3, atMs)]));
  store.flush();
  prune(db);
  for (const table of ["cycles", "quotes", "candles"]) expect(scalar(db, `SELECT count(*) FROM ${table}`)).toBe(2);
  expect(scalar(db, "SELECT min(cycle) FROM cycles")).toBe(2);
  expect(store.totals().cycles).toBe(3);
});

test("pruning and checkpoints happen by themselves", () => {
  const { db, driver, store } = setUp();
  const { atMs } = rows.cycles;
  for (let cycle = 1; cycle <= 1_024; cycle++) {
    store.gather(driver.batch([write("cycles", { cycle, atMs: cycle === 1 ? 0 : atMs })]));
  }
  store.flush();
  expect(scalar(db, "SELECT min(cycle) FROM cycles")).toBe(2);
  // A passive checkpoint now has nothing left to move: log pages equal checkpointed pages.
  const [, logged, checkpointed] = Object.values(db.prepare("PRAGMA wal_checkpoint(NOOP)").get() ?? {});
  expect(logged).toBeGreaterThan(0);
  expect(checkpointed).toBe(logged);
});
