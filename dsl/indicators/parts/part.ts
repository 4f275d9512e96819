// The state of an indicator is made of parts, each able to save itself as JSON-safe numbers and to be put back.
// A part's `push(x, commit)` returns what the value would be with x in; it keeps x only if `commit` is set. So one code
// path serves the closed and the forming candle, and a peek cannot differ from the commit that follows.
import type { IndicatorState } from "../indicator.ts";

export type Saved = IndicatorState[string];

export interface Part {
  snapshot(): Saved;
  /** Throws a RangeError if `saved` is not of this part's shape; the instance is then not to be used. */
  restore(saved: Saved): void;
}

/** A part whose whole state is one block of doubles, NaN where nothing has been kept yet. */
export class Cells implements Part {
  protected readonly cells: Float64Array;

  constructor(size: number) {
    this.cells = new Float64Array(size).fill(Number.NaN);
  }

  snapshot(): readonly (number | null)[] {
    return Array.from(this.cells, (value) => (Number.isNaN(value) ? null : value));
  }

  restore(saved: Saved): void {
    if (!isNumbers(saved) || saved.length !== this.cells.length) {
      throw new RangeError(`Cannot restore an indicator: expected ${this.cells.length} numbers or nulls`);
    }
    for (let index = 0; index < saved.length; index++) this.cells[index] = saved[index] ?? Number.NaN;
  }
}

export function saveParts(parts: Readonly<Record<string, Part>>): IndicatorState {
  return Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, part.snapshot()]));
}

export function restoreParts(parts: Readonly<Record<string, Part>>, saved: Saved | undefined): void {
  for (const [name, part] of Object.entries(parts)) {
    if (!isRecord(saved) || !Object.hasOwn(saved, name)) {
      throw new RangeError(`Cannot restore an indicator: part "${name}" is missing`);
    }
    part.restore(saved[name] as Saved);
  }
}

const isRecord = (saved: Saved | undefined): saved is IndicatorState =>
  typeof saved === "object" && saved !== null && !Array.isArray(saved);

const isNumbers = (saved: Saved): saved is readonly (number | null)[] =>
  Array.isArray(saved) && saved.every((value) => value === null || Number.isFinite(value));
