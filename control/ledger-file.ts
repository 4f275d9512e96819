// The ledger as whoever looks on reads it: never written, never created, while a bot may be writing it.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { messageOf, UserError } from "../engine/base/errors.ts";
import { DATABASE_FILE, scalar } from "../engine/store/database.ts";
import { SCHEMA_VERSION } from "../engine/store/schema.ts";

const BUSY_TIMEOUT_MS = 5_000;

export const hasLedger = (dir: string): boolean => existsSync(join(dir, DATABASE_FILE));

/** `what` is what needs it: "Cannot show versions". Throws a UserError where there is none that can be read. */
export function openLedger(dir: string, what: string): DatabaseSync {
  const path = join(dir, DATABASE_FILE);
  if (!hasLedger(dir)) {
    throw new UserError("data", `${what}: no bot ever ran here`, {
      where: dir,
      hint: "name the bot's data directory with --dir",
    });
  }
  let db: DatabaseSync | null = null;
  try {
    db = new DatabaseSync(path, { readOnly: true, timeout: BUSY_TIMEOUT_MS });
    const found = scalar(db, "PRAGMA user_version");
    if (found === SCHEMA_VERSION) return db;
    throw new UserError("data", `${what}: the ledger's schema is version ${found}, expected ${SCHEMA_VERSION}`, {
      where: path,
      hint: "an older one is brought up to date when a bot starts on it",
    });
  } catch (error) {
    db?.close();
    if (error instanceof UserError) throw error;
    throw new UserError("data", `${what}: the ledger cannot be read (${messageOf(error)})`, {
      where: path,
      cause: error,
    });
  }
}
