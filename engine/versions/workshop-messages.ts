// What the workshop's thread is asked and what it answers. Every request gets exactly one answer.
import type { UserErrorCode } from "../base/errors.ts";
import { messageOf, UserError } from "../base/errors.ts";
import type { CodeVersion } from "../base/ids.ts";
import type { Params } from "../frame/manifest.ts";

export type WorkshopRequest =
  | { readonly type: "Prepare"; readonly strategy: string; readonly overrides: readonly Params[] }
  | { readonly type: "Restore"; readonly code: CodeVersion; readonly overrides: readonly Params[] }
  | { readonly type: "EvaluateConfig"; readonly file: string };

export type WorkshopAnswer =
  | { readonly type: "Done"; readonly value: unknown }
  | { readonly type: "Failed"; readonly error: SentError };

/** An error as data: a UserError keeps what it says to the user. */
export interface SentError {
  readonly message: string;
  readonly stack: string | undefined;
  readonly user: { readonly code: UserErrorCode; readonly where: string | null; readonly hint: string | null } | null;
}

export const sendError = (error: unknown): SentError => ({
  message: messageOf(error),
  stack: error instanceof Error ? error.stack : undefined,
  user: error instanceof UserError ? { code: error.code, where: error.where, hint: error.hint } : null,
});

export function receiveError({ message, stack, user }: SentError): Error {
  const { where, hint } = user ?? {};
  const error =
    user === null
      ? new Error(message)
      : new UserError(user.code, message, { ...(where && { where }), ...(hint && { hint }) });
  if (stack !== undefined) error.stack = stack;
  return error;
}
