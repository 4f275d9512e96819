// Why a strategy cannot be loaded, as a person wants to read it.
import type { GuestError } from "./instance.ts";
import { LOAD_FUEL_MAX } from "./instance.ts";
import { type BundleOrigin, sourcePosition, whereOf } from "./source-position.ts";
import { plainLine, thrownWords } from "./thrown-words.ts";

const MESSAGE_MAX = 2000;

export class LoadError extends Error {
  override readonly name = "LoadError";
  readonly stage = "loaded";
  readonly file: string;
  /** 1-based; 1:1 when there is no place to point at. */
  readonly line: number;
  readonly column: number;
  /** `strategies/momentum.ts:12:5`; null when there is no place to point at. */
  readonly where: string | null;
  /** Source lines with a caret; null when there is no place to point at. */
  readonly frame: string | null;

  constructor(message: string, file: string, position: ReturnType<typeof sourcePosition>) {
    // Names of params and inputs are the strategy's own.
    super(plainLine(message, " ", MESSAGE_MAX));
    this.file = position?.file ?? file;
    this.line = position?.line ?? 1;
    this.column = position?.column ?? 1;
    this.where = position === null ? null : whereOf(position);
    this.frame = position?.frame ?? null;
  }
}

/** `file` is the strategy's entry, for errors without a place. */
export function loadErrorOf(error: GuestError, origin: BundleOrigin, file: string): LoadError {
  const { words, stack } = thrownWords(error.text);
  const message = error.outOfFuel
    ? `Cannot load the strategy: it ran out of fuel, more than ${LOAD_FUEL_MAX} ticks before its first decision`
    : words;
  return new LoadError(message, file, sourcePosition(stack, origin));
}
