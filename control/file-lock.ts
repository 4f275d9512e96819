// A lock between processes that cannot go stale: SQLite holds it as a lock of the operating system, which lets go when the
// holder dies. Whoever waits polls, so that two holders in one process cannot block each other either.
import { existsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";
import { UserError } from "../engine/base/errors.ts";

const POLL_MS = 15;

/** Runs `work` while holding the lock; throws UserError "timeout" when it is not free within `waitMsMax`. */
export async function withFileLock<T>(path: string, waitMsMax: number, work: () => Promise<T>): Promise<T> {
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    const deadlineMs = performance.now() + waitMsMax;
    while (!tryLock(database)) {
      if (performance.now() > deadlineMs) {
        throw new UserError("timeout", `Cannot take the lock: held by another process for ${waitMsMax / 1000} s`, {
          where: path,
        });
      }
      await delay(POLL_MS);
    }
    return await work();
  } finally {
    database.close();
  }
}

/** Whether some process holds the lock. Takes a free one for an instant, so whoever wants to keep it should wait a moment. */
export function isLocked(path: string): boolean {
  if (!existsSync(path)) return false;
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    return !tryLock(database);
  } finally {
    database.close();
  }
}

const SQLITE_BUSY = 5;

function tryLock(database: DatabaseSync): boolean {
  try {
    database.exec("BEGIN EXCLUSIVE");
    return true;
  } catch (error) {
    if ((error as { readonly errcode?: number }).errcode === SQLITE_BUSY) return false;
    throw error;
  }
}
