// Opens the ledger file so that what it acknowledges is on disk: WAL, synchronous FULL (set after WAL and read back after a
// write, for some builds lower it then), and no automatic checkpoints, which would swallow an fsync error.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { assert } from "../base/assert.ts";
import { messageOf, UserError } from "../base/errors.ts";
import { MIGRATIONS, SCHEMA_SQL, SCHEMA_VERSION } from "./schema.ts";

export const DATABASE_FILE = "underway.db";

/** How long a write waits for another process that holds the file, a backup for example. */
const BUSY_TIMEOUT_MS = 5_000;

/** Since this version a reset of the WAL cannot corrupt the file; 3.52.0 was withdrawn. */
const SQLITE_MIN = [3, 51, 3] as const;
const SQLITE_WITHDRAWN = "3.52.0";

/** PRAGMA synchronous: 2 is FULL, an fsync at every commit. */
export const SYNCHRONOUS_FULL = 2;

/** One value of a one-row query, a pragma mostly. */
export function scalar(db: DatabaseSync, sql: string): unknown {
  const row = db.prepare(sql).get();
  return row === undefined ? null : Object.values(row)[0];
}

export function openDatabase(dir: string): DatabaseSync {
  mkdirSync(dir, { recursive: true });
  const path = join(dir, DATABASE_FILE);
  let db: DatabaseSync | null = null;
  try {
    db = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: true });
    requireSqlite(String(scalar(db, "SELECT sqlite_version()")));
    const mode = scalar(db, "PRAGMA journal_mode = WAL");
    if (mode !== "wal") throw new Error(`its journal mode is "${mode}", expected "wal": is it on a network drive?`);
    db.exec("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0");
    prepareSchema(db, path);
    assert(scalar(db, "PRAGMA synchronous") === SYNCHRONOUS_FULL, "SQLite lowered synchronous after a write");
    return db;
  } catch (error) {
    db?.close();
    if (error instanceof UserError) throw error;
    throw new UserError("data", `Cannot open ledger "${path}": ${messageOf(error)}`, { where: path, cause: error });
  }
}

/** The same ledger in memory: nothing of it outlives its owner. */
export function openScratchDatabase(): DatabaseSync {
  const db = new DatabaseSync(":memory:", { enableForeignKeyConstraints: true });
  db.exec(SCHEMA_SQL);
  return db;
}

function requireSqlite(version: string): void {
  if (isSqliteSafe(version)) return;
  throw new UserError(
    "config",
    `Cannot trust SQLite ${version}: expected ${SQLITE_MIN.join(".")} or later, and not ${SQLITE_WITHDRAWN}`,
    {
      hint: "Run with the Node.js that npm ci installs, through npm run",
    },
  );
}

export function isSqliteSafe(version: string): boolean {
  const parts = version.split(".").map(Number);
  for (const [i, min] of SQLITE_MIN.entries()) {
    const part = parts[i] ?? 0;
    if (part !== min) return part > min && version !== SQLITE_WITHDRAWN;
  }
  return true;
}

/** Always writes, so that what is read back afterwards is what holds after a write. */
function prepareSchema(db: DatabaseSync, path: string): void {
  db.exec("BEGIN IMMEDIATE");
  const found = scalar(db, "PRAGMA user_version");
  const isEmpty = scalar(db, "SELECT count(*) FROM sqlite_schema") === 0;
  const migrations = MIGRATIONS.slice(Number(found) - 1);
  const isOlder = !isEmpty && Number(found) >= 1 && Number(found) < SCHEMA_VERSION;
  if (found !== SCHEMA_VERSION && !isOlder && !(found === 0 && isEmpty)) {
    const what = `its schema is version ${found}, this engine knows ${SCHEMA_VERSION}`;
    throw new UserError("data", `Cannot open ledger "${path}": ${what}`, {
      where: path,
      hint: "Run the engine that wrote it, or give another directory with --dir",
    });
  }
  if (isEmpty) db.exec(SCHEMA_SQL);
  if (isOlder) for (const sql of migrations) db.exec(sql);
  db.exec(`PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT`);
}
