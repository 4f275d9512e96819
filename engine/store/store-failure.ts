// What an error of SQLite means for the bot: make room, leave, or a bug of ours.
import { messageOf } from "../base/errors.ts";
import type { StoreFailure } from "./port.ts";

/** Primary result codes (sqlite.org/rescode.html). ENOSPC on a write is FULL; fsync and other IO errors are IOERR. */
const SQLITE_READONLY = 8;
const SQLITE_FULL = 13;
const SQLITE_CANTOPEN = 14;
/** Its file was moved or deleted: what is written now has no name any more. */
const SQLITE_READONLY_DBMOVED = 1_032;
const SQLITE_IOERR_WRITE = 778;
const SQLITE_CONSTRAINT = 19;
const SQLITE_MISMATCH = 20;

/** `mayWrite` tells whether files may be written where the ledger is: a write that failed says less than that. */
export function failureOf(error: unknown, mayWrite: () => boolean = () => true): StoreFailure {
  const message = messageOf(error);
  if (!isSqliteError(error)) return { kind: "bug", message };
  const code = error.errcode & 0xff;
  if (code === SQLITE_FULL) return { kind: "full", message };
  // Nothing was written and nothing is in doubt: somebody may give the right to write back.
  const isForbidden =
    (code === SQLITE_READONLY && error.errcode !== SQLITE_READONLY_DBMOVED) ||
    code === SQLITE_CANTOPEN ||
    (error.errcode === SQLITE_IOERR_WRITE && !mayWrite());
  if (isForbidden) {
    return { kind: "full", message: `${message} (SQLite code ${error.errcode})` };
  }
  if (code === SQLITE_CONSTRAINT || code === SQLITE_MISMATCH) return { kind: "bug", message };
  return { kind: "io", message: `${message} (SQLite code ${error.errcode})` };
}

const isSqliteError = (error: unknown): error is Error & { readonly errcode: number } =>
  error instanceof Error && "errcode" in error && typeof error.errcode === "number";
