// Problems in a user's file as values: the place, the message and the source lines around it.
import type { ReloadStage, SourceError } from "./port.ts";

const CONTEXT_LINES = 2;
const FRAME_COLUMNS_MAX = 160;

/** Thrown inside the workshop where a stage refuses; becomes a `Refused` at its door. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly stage: ReloadStage;
  readonly errors: readonly SourceError[];

  constructor(stage: ReloadStage, errors: readonly SourceError[]) {
    super(errors.map((error) => `${error.file}:${error.line}:${error.column} ${error.message}`).join("\n"));
    this.stage = stage;
    this.errors = errors;
  }
}

/** A problem at a 1-based place; `text` is the file's source, null when it is not at hand. */
export function sourceError(
  file: string,
  line: number,
  column: number,
  message: string,
  text: string | null,
): SourceError {
  return { file, line, column, message, frame: text === null ? null : codeFrame(text, line, column) };
}

/** The lines around a 1-based position, the line itself marked and a caret under the column. */
export function codeFrame(text: string, line: number, column: number): string | null {
  const lines = text.split(/\r?\n/);
  if (line < 1 || line > lines.length) return null;
  const first = Math.max(1, line - CONTEXT_LINES);
  const last = Math.min(lines.length, line + CONTEXT_LINES);
  const digits = String(last).length;
  const out: string[] = [];
  for (let number = first; number <= last; number++) {
    const source = lines[number - 1]!.slice(0, FRAME_COLUMNS_MAX);
    out.push(`${number === line ? ">" : " "} ${String(number).padStart(digits)} | ${source}`.trimEnd());
    // Tabs stay tabs in the padding, so that the caret stands under its character.
    if (number === line && column <= FRAME_COLUMNS_MAX) {
      out.push(
        `  ${" ".repeat(digits)} | ${source
          .slice(0, column - 1)
          .replace(/[^\t]/g, " ")
          .padEnd(column - 1)}^`,
      );
    }
  }
  return out.join("\n");
}
