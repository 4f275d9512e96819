// Source lines around a place, as people want to see them under an error.

const CONTEXT_LINES = 2;
const FRAME_COLUMNS_MAX = 160;

/** A source may hold what would rewrite a terminal, too. One character for one, so that columns stay. */
const CONTROL_CHARACTER = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;

export const sourceLines = (text: string): readonly string[] =>
  text.replace(CONTROL_CHARACTER, "\ufffd").split(/\r?\n/);

/** The lines around a 1-based position, the line itself marked and a caret under the column. */
export function codeFrame(lines: readonly string[], line: number, column: number): string | null {
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
