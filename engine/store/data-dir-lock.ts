// One bot per data directory: two would trade the same money. The lock is an EXCLUSIVE transaction held open on lock.db, which
// the operating system releases however the process dies; a pid file would outlive it, or name a stranger.
// Nothing else in this process may open and close lock.db: closing any handle on a file drops its POSIX locks.
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { messageOf, UserError } from "../base/errors.ts";

const LOCK_FILE = "lock.db";

/** Read by whoever is refused; it means nothing while the lock is free. */
const OWNER_FILE = "lock-owner.txt";

const SQLITE_BUSY = 5;

/** Whoever asks whether a bot runs takes a free lock for an instant: a bot that starts then waits instead of failing. */
const PROBED_MS_MAX = 300;

/** A connection that nobody refers to is collected and closed, and the lock with it: a caller may forget its lock. */
const held = new Set<DatabaseSync>();

export interface DataDirLock {
  /** False once the directory was deleted or replaced: whoever starts there now gets a lock of its own. */
  isHeld(): boolean;
  release(): void;
}

export function lockDataDir(dir: string, owner: { readonly pid: number; readonly startedAtMs: number }): DataDirLock {
  mkdirSync(dir, { recursive: true });
  const path = join(dir, LOCK_FILE);
  const db = new DatabaseSync(path, { timeout: PROBED_MS_MAX });
  try {
    db.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    db.close();
    throw refusal(dir, path, error);
  }
  writeFileSync(join(dir, OWNER_FILE), `process ${owner.pid}, started ${new Date(owner.startedAtMs).toISOString()}\n`);
  held.add(db);
  const inode = inodeOf(path);
  return {
    isHeld: () => inodeOf(path) === inode,
    release() {
      held.delete(db);
      db.close();
    },
  };
}

function refusal(dir: string, path: string, error: unknown): UserError {
  const isBusy = error instanceof Error && "errcode" in error && error.errcode === SQLITE_BUSY;
  if (!isBusy)
    return new UserError("data", `Cannot lock "${path}": ${messageOf(error)}`, { where: path, cause: error });
  return new UserError("busy", `Cannot use data directory "${dir}": ${ownerOf(dir)} holds it`, {
    where: path,
    hint: "Stop that process first, or give this one a directory of its own with --dir",
  });
}

function ownerOf(dir: string): string {
  try {
    return readFileSync(join(dir, OWNER_FILE), "utf8").trim();
  } catch {
    return "another process";
  }
}

const inodeOf = (path: string): bigint | null => statSync(path, { bigint: true, throwIfNoEntry: false })?.ino ?? null;
