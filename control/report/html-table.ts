// A table of a page: it scrolls sideways in its own box, its first column names the row. Alignment is by column, in the class of
// the table, for a class on every cell would make a page of thousands of rows half as big again.
import { html, type Markup } from "./html-markup.ts";

export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => Markup | string;
  /** Numbers stand to the right, names of things a machine made are in mono, prose may wrap. */
  readonly is?: "number" | "mono" | "prose";
  /** Class of one cell: `gain`. */
  readonly tone?: (row: Row) => string;
}

const COLUMNS_MAX = 20;

export function table<Row>(name: string, columns: readonly Column<Row>[], rows: readonly Row[]): Markup {
  const kinds = columns.flatMap(({ is }, index) => (is === undefined ? [] : [`${is[0]}${index + 1}`]));
  const head = columns.map(({ title }) => html`<th scope="col">${title}</th>`);
  const [first, ...rest] = columns;
  const body = rows.map(
    (row) =>
      html`<tr><th scope="row">${first!.cell(row)}</th>${rest.map(({ cell, tone }) =>
        tone === undefined ? html`<td>${cell(row)}</td>` : html`<td class="${tone(row)}">${cell(row)}</td>`,
      )}</tr>\n`,
  );
  return html`<div class="scroll" role="region" aria-label="${name}" tabindex="0"><table class="${kinds.join(" ")}">
<thead><tr>${head}</tr></thead>
<tbody>
${body}</tbody></table></div>`;
}

/** Rules for the classes above. */
export const tableStyle = (): string =>
  Array.from({ length: COLUMNS_MAX }, (_, index) => {
    const column = (kind: string, part = "") => `.${kind}${index + 1} ${part}tr>:nth-child(${index + 1})`;
    return [
      `${column("n")}{text-align:right}`,
      `${column("m", "tbody ")}{font-family:var(--mono);font-size:.92em;letter-spacing:0}`,
      `${column("p")}{white-space:normal;min-width:14em;max-width:30em;overflow-wrap:anywhere}`,
    ].join("");
  }).join("\n");
