// Walks the rows of a CSV of plain cells, with the reading of each cell: exact, and when it fails, saying where and why.
import { UserError } from "../../base/errors.ts";
import type { DataFile } from "./data-file.ts";
import { e18OfDecimal } from "./decimal.ts";

const INTEGER = /^\d{1,20}$/;
const DECIMAL = /^\d+(\.\d+)?([eE][+-]?\d+)?$/;
/** Years 2001 to 2286 in ms have 13 digits. */
const MS_MIN = 1e12;
const MS_MAX = 1e13;

export class CsvRows {
  /** 1-based line in the file of the row at hand. */
  row = 0;
  readonly #file: DataFile;
  readonly #columns: readonly string[];
  #cells: readonly string[] = [];
  #offset = 0;

  /** `columns` name the cells of every row, in order. */
  constructor(file: DataFile, columns: readonly string[], { hasHeader }: { readonly hasHeader: boolean }) {
    this.#file = file;
    this.#columns = columns;
    if (hasHeader) this.#takeLine();
  }

  /** Goes to the next row; false at the end of the file. */
  next(): boolean {
    const line = this.#takeLine();
    if (line === null) return false;
    this.#cells = line.split(",");
    const { length } = this.#cells;
    if (length !== this.#columns.length) {
      const wanted = `${this.#columns.length} cells (${this.#columns.join(",")})`;
      throw malformed(this.#file, this.row, 1, `${length} cells in ${quoted(line)}`, wanted);
    }
    return true;
  }

  text(column: number): string {
    return this.#cells[column]!;
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
    const text = this.text(column);
    if (INTEGER.test(text)) return Number(text);
    throw this.bad(column, expected);
  }

  #decimal(column: number): number {
    const text = this.text(column);
    return DECIMAL.test(text) ? Number(text) : Number.NaN;
  }

  /** Null at the end; line breaks after the last row are no row. */
  #takeLine(): string | null {
    const { text } = this.#file;
    if (this.#offset >= text.length) return null;
    const end = text.indexOf("\n", this.#offset);
    const line = text.slice(this.#offset, end === -1 ? text.length : end);
    this.#offset = end === -1 ? text.length : end + 1;
    this.row++;
    if (line.trim() === "" && text.slice(this.#offset).trim() === "") return null;
    return line.endsWith("\r") ? line.slice(0, -1) : line;
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

/** As a JSON string, so that control characters show; cut short. */
export const quoted = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);

function unitHint(value: number): string {
  if (value >= MS_MIN / 1_000 && value < MS_MAX / 1_000) return "This looks like seconds: multiply by 1,000";
  if (value >= MS_MIN * 1_000 && value < MS_MAX * 1_000) return "This looks like µs: divide by 1,000";
  if (value >= MS_MIN * 1_000_000 && value < MS_MAX * 1_000_000) return "This looks like ns: divide by 1,000,000";
  return "Give the time in milliseconds since 1970, UTC";
}
