// What crosses between the engine's thread and the store's.
import { messageOf, UserError, type UserErrorCode } from "../base/errors.ts";
import type { JournalHead } from "../journal/port.ts";
import type { Batch, LedgerTotals, Recovered, StoreFailure } from "./port.ts";

/** Questions are answered in the order they were asked, after every commit before them. */
export type StoreQuestion =
  | { readonly type: "Recover"; readonly id: number }
  | { readonly type: "Totals"; readonly id: number }
  | { readonly type: "Export"; readonly id: number; readonly path: string };

export type StoreCommand =
  | StoreQuestion
  | { readonly type: "Commit"; readonly batch: Batch }
  | { readonly type: "KeepJournal"; readonly ms: number }
  | { readonly type: "Close" };

export type StoreAnswer =
  | { readonly type: "Recovered"; readonly id: number; readonly recovered: Recovered }
  | { readonly type: "Totaled"; readonly id: number; readonly totals: LedgerTotals }
  | { readonly type: "Exported"; readonly id: number; readonly rows: number }
  | { readonly type: "Refused"; readonly id: number; readonly error: SentError };

export type StoreReport =
  | StoreAnswer
  | { readonly type: "Opened" }
  | { readonly type: "NotOpened"; readonly error: SentError }
  | { readonly type: "Durable"; readonly seq: number; readonly head: JournalHead | null }
  | { readonly type: "Failed"; readonly failure: StoreFailure }
  | { readonly type: "Closed" };

/** An error loses its class and its fields on the way: these are what a user is shown. */
export interface SentError {
  readonly code: UserErrorCode | null;
  readonly message: string;
  readonly where: string | null;
  readonly hint: string | null;
}

export const sentError = (error: unknown): SentError =>
  error instanceof UserError
    ? { code: error.code, message: error.message, where: error.where, hint: error.hint }
    : { code: null, message: messageOf(error), where: null, hint: null };

export function receivedError(sent: SentError): Error {
  if (sent.code === null) return new Error(sent.message);
  return new UserError(sent.code, sent.message, {
    ...(sent.where === null ? {} : { where: sent.where }),
    ...(sent.hint === null ? {} : { hint: sent.hint }),
  });
}
