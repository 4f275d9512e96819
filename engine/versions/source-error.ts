// Problems in a user's file as values: the place, the message and the source lines around it.
import { codeFrame, sourceLines } from "../base/code-frame.ts";
import type { ReloadStage, SourceError } from "./port.ts";

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
  return { file, line, column, message, frame: text === null ? null : codeFrame(sourceLines(text), line, column) };
}
