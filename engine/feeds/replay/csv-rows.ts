// Walks the rows of a CSV of plain cells, with the reading of each cell: exact, and when it fails, saying where and why. Cells
// are read where they stand: files have millions of them, and nearly all are a few digits.
import { UserError } from "../../base/errors.ts";
import type { DataFile } from "./data-file.ts";
import { e18OfDecimal } from "./decimal.ts";

const INTEGER = /^\d{1,20}$/;
const DECIMAL = /^\d+(\.\d+)?([eE][+-]?\d+)?$/;
/** Characters of a number whose digits a double holds exactly, the point included. */
const SHORT_MAX = 16;
const POWERS_OF_TEN = Array.from({ length: SHORT_MAX }, (_, exponent) => 10 ** exponent);
const [SPACE, COMMA, POINT, ZERO, CARRIAGE_RETURN] = [32, 44, 46, 48, 13];
/** Years 2001 to 2286 in ms have 13 digits. */
const MS_MIN = 1e12;
const MS_MAX = 1e13;

export class CsvRows {
  /** 1-based line in the file of the row at hand. */
  row = 0;
  readonly #file: DataFile;
  readonly #columns: readonly string[];
  /** Where each cell of the row begins, and last where the one after it would. */
  readonly #starts: Float64Array;
  #offset = 0;

  /** `columns` name the cells of every row, in order. */
  constructor(file: DataFile, columns: readonly string[], { hasHeader }: { readonly hasHeader: boolean }) {
    this.#file = file;
    this.#columns = columns;
    this.#starts = new Float64Array(columns.length + 1);
    if (hasHeader) this.#takeLine();
  }

  /** Goes to the next row; false at the end of the file. */
  next(): boolean {
    const from = this.#offset;
    const to = this.#takeLine();
    if (to === null) return false;
    const { text } = this.#file;
    const starts = this.#starts;
    let cells = 0;
    starts[cells++] = from;
    for (let at = from; at < to; at++) if (text.charCodeAt(at) === COMMA) starts[cells++] = at + 1;
    starts[cells] = to + 1;
    if (cells !== this.#columns.length) {
      const wanted = `${this.#columns.length} cells (${this.#columns.join(",")})`;
      throw malformed(this.#file, this.row, 1, `${cells} cells in ${quoted(text.slice(from, to))}`, wanted);
    }
    return true;
  }

  text(column: number): string {
    return this.#file.text.slice(this.#starts[column], this.#starts[column + 1]! - 1);
  }

  /** Whether it is a number above 0 that a double holds to its last digit: written out again it is the same. */
  isShort(column: number): boolean {
    return this.#short(column) > 0;
  }

  /** Milliseconds since 1970. */
  milliseconds(column: number): number {
    const value = this.#integer(column, "a time in ms since 1970");
    if (value >= MS_MIN && value < MS_MAX) return value;
    throw this.bad(column, "a time in ms since 1970 (13 digits)", unitHint(value));
  }

  /** Milliseconds since 1970, from a cell in ms or, as newer files have it, in µs. */
  millisecondsOrMicroseconds(column: number): number {
    const value = this.#integer(column, "a time in ms or µs since 1970");
    if (value >= MS_MIN && value < MS_MAX) return value;
    if (value >= MS_MIN * 1_000 && value < MS_MAX * 1_000 && value % 1_000 === 0) return value / 1_000;
    throw this.bad(column, "a time in ms (13 digits) or µs (16 digits, whole ms)", unitHint(value));
  }

  positive(column: number): number {
    const value = this.#decimal(column);
    if (value > 0 && value < Number.POSITIVE_INFINITY) return value;
    throw this.bad(column, "a number above 0");
  }

  notNegative(column: number): number {
    const value = this.#decimal(column);
    if (value >= 0 && value < Number.POSITIVE_INFINITY) return value;
    throw this.bad(column, "a number of at least 0");
  }

  /** NaN for an empty cell. */
  optional(column: number): number {
    const text = this.text(column);
    const value = text === "" ? Number.NaN : Number(text);
    if (text === "" || (DECIMAL.test(text.replace(/^-/, "")) && Number.isFinite(value))) return value;
    throw this.bad(column, "a number or nothing");
  }

  priceE18(column: number): bigint {
    const value = e18OfDecimal(this.text(column));
    if (value !== null && value > 0n) return value;
    throw this.bad(column, "a decimal price above 0 with at most 18 decimals");
  }

  /** A price that is already scaled: an integer × 1e-18. */
  scaledE18(column: number): bigint {
    const text = this.text(column);
    if (/^[1-9]\d{0,39}$/.test(text)) return BigInt(text);
    throw this.bad(column, "a price × 1e18 as an integer above 0");
  }

  /** The error for a cell of the row at hand. */
  bad(column: number, expected: string, hint?: string): UserError {
    const found = `${this.#columns[column]!} is ${quoted(this.text(column))}`;
    return malformed(this.#file, this.row, column + 1, found, expected, hint);
  }

  #integer(column: number, expected: string): number {
    const value = this.#short(column, false);
    if (!Number.isNaN(value)) return value;
    const text = this.text(column);
    if (INTEGER.test(text)) return Number(text);
    throw this.bad(column, expected);
  }

  #decimal(column: number): number {
    const value = this.#short(column);
    if (!Number.isNaN(value)) return value;
    const text = this.text(column);
    return DECIMAL.test(text) ? Number(text) : Number.NaN;
  }

  /** A cell of few digits, at most one point among them; NaN for any other. Both parts are exact, so the quotient is the nearest. */
  #short(column: number, mayHavePoint = true): number {
    const { text } = this.#file;
    const end = this.#starts[column + 1]! - 1;
    const start = this.#starts[column]!;
    let value = 0;
    let point = -1;
    for (let at = start; at < end; at++) {
      const digit = text.charCodeAt(at) - ZERO;
      if (digit >= 0 && digit <= 9) value = value * 10 + digit;
      else if (digit === POINT - ZERO && mayHavePoint && point === -1) point = at;
      else return Number.NaN;
    }
    if (value > Number.MAX_SAFE_INTEGER || end - start > SHORT_MAX) return Number.NaN;
    if (start === end || point === start || point === end - 1) return Number.NaN;
    return point === -1 ? value : value / POWERS_OF_TEN[end - 1 - point]!;
  }

  /** Where the line ends; null at the end of the file: line breaks after the last row are no row. */
  #takeLine(): number | null {
    const { text } = this.#file;
    const from = this.#offset;
    if (from >= text.length) return null;
    const found = text.indexOf("\n", from);
    const end = found === -1 ? text.length : found;
    this.#offset = found === -1 ? end : end + 1;
    this.row++;
    if (text.charCodeAt(from) <= SPACE && text.slice(from).trim() === "") return null;
    return text.charCodeAt(end - 1) === CARRIAGE_RETURN ? end - 1 : end;
  }
}

/** `row` is the line and `column` the cell (for JSON: the character), both counted from 1. */
export function malformed(
  file: DataFile,
  row: number,
  column: number,
  found: string,
  expected: string,
  hint?: string,
): UserError {
  const where = `${file.path}:${row}:${column}`;
  return new UserError("data", `Cannot read row ${row}: ${found}, expected ${expected}`, {
    where,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** No price moves so far from one row to the next: cents became dollars, or another asset begins. */
const MOVE_MAX = 50;
export const isAnotherUnit = (before: number, now: number): boolean =>
  now > before * MOVE_MAX || now < before / MOVE_MAX;
export const ONE_UNIT = `a price within ${MOVE_MAX} times that of the row before, in the same unit`;

/** As a JSON string, so that control characters show; cut short. */
export const quoted = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);

function unitHint(value: number): string {
  if (value >= MS_MIN / 1_000 && value < MS_MAX / 1_000) return "This looks like seconds: multiply by 1,000";
  if (value >= MS_MIN * 1_000 && value < MS_MAX * 1_000) return "This looks like µs: divide by 1,000";
  if (value >= MS_MIN * 1_000_000 && value < MS_MAX * 1_000_000) return "This looks like ns: divide by 1,000,000";
  return "Give the time in milliseconds since 1970, UTC";
}
