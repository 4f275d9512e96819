// Tables and paragraphs for a terminal of a given width. What does not fit is left out, least important first.
import { styleText } from "node:util";

export type Style = Parameters<typeof styleText>[0];
export type Paint = (style: Style, text: string) => string;

/** Colours where there are any. */
export const painter = (hasColor: boolean): Paint =>
  hasColor ? (style, text) => styleText(style, text, { validateStream: false }) : (_, text) => text;

export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => string;
  readonly right?: true;
  /** Left out when there is no room; the highest first. */
  readonly dispensable?: number;
  readonly style?: (row: Row, cell: string) => Style | null;
}

/** The last column: it takes what is left, since it may hold characters of any width. */
export interface LastColumn<Row> {
  readonly title: string;
  readonly cell: (row: Row) => string;
  readonly charsMin: number;
}

const WIDE = 110;

export function table<Row>(
  columns: readonly Column<Row>[],
  last: LastColumn<Row> | null,
  rows: readonly Row[],
  width: number,
  paint: Paint,
): string[] {
  const all = columns.map((column) => {
    const cells = rows.map(column.cell);
    return { ...column, cells, width: Math.max(column.title.length, ...cells.map((cell) => cell.length)) };
  });
  type Measured = (typeof all)[number];
  const used = (columns: readonly Measured[], gap: number) =>
    columns.reduce((sum, column) => sum + column.width + gap, last === null ? -gap : 0);
  const charsMin = last?.charsMin ?? 0;
  // The last column makes better use of narrow space than gaps do.
  const gap = width >= WIDE || (last === null && used(all, 2) <= width) ? 2 : 1;
  let shown = all;
  for (const level of [3, 2, 1]) {
    if (used(shown, gap) + charsMin > width) shown = shown.filter(({ dispensable }) => dispensable !== level);
  }
  const lastChars = width - used(shown, gap);
  const pad = (text: string, column: Measured) =>
    column.right ? text.padStart(column.width) : text.padEnd(column.width);
  const line = (cell: (column: Measured) => string, lastCell: string) =>
    [...shown.map(cell), clip(lastCell, lastChars)].join(" ".repeat(gap)).trimEnd();
  return [
    paint(
      "gray",
      line((column) => pad(column.title, column), last?.title ?? ""),
    ),
    ...rows.map((row, n) =>
      line((column) => {
        const cell = column.cells[n]!;
        const style = column.style?.(row, cell) ?? null;
        return style === null ? pad(cell, column) : paint(style, pad(cell, column));
      }, last?.cell(row) ?? ""),
    ),
  ];
}

export function clip(text: string, width: number): string {
  const line = text.replace(/\s+/g, " ");
  return line.length <= width ? line : `${line.slice(0, Math.max(0, width - 1))}…`;
}

/** Lines of whole parts. A part that is too long for a line is clipped. */
export function flow(parts: readonly string[], separator: string, width: number): string[] {
  const lines = [""];
  for (const part of parts) {
    const line = lines.at(-1)!;
    const longer = line === "" ? part : `${line}${separator}${part}`;
    if (longer.length <= width) lines[lines.length - 1] = longer;
    else lines.push(clip(part, width));
  }
  return lines;
}

export const wrap = (text: string, width: number): string[] => flow(text.split(/\s+/), " ", width);
