// A mistake of the user's: shown as one clear message, never as a stack trace. What, where, what was expected, what to do.

export type UserErrorCode = "config" | "data" | "usage" | "not-running" | "nacked" | "timeout" | "rejected" | "busy";

export class UserError extends Error {
  override readonly name = "UserError";
  readonly code: UserErrorCode;
  /** file:line:column, a JSON path, or a file and row: where to look. */
  readonly where: string | null;
  readonly hint: string | null;

  constructor(code: UserErrorCode, message: string, options: { where?: string; hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.where = options.where ?? null;
    this.hint = options.hint ?? null;
  }
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
