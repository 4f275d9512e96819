// Markup in which nothing can be forgotten: text that is put into a template is escaped, markup is not escaped again.

/** Made by `html` alone. */
export interface Markup {
  readonly markup: string;
}
export type Part = string | number | Markup | null | readonly Part[];

export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  let markup = strings[0]!;
  for (let index = 0; index < parts.length; index++) markup += markupOf(parts[index]!) + strings[index + 1]!;
  return { markup };
}

function markupOf(part: Part): string {
  if (typeof part === "string") return escaped(part);
  if (part === null) return "";
  if (typeof part === "number") return String(part);
  return "markup" in part ? part.markup : part.map(markupOf).join("");
}

const NAMED: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
/** Characters that no page may have, and halves of characters, are shown as unknown ones. */
const escaped = (text: string): string =>
  text.replace(/[&<>"'\u0000-\u0008\u000b-\u001f\u007f-\u009f]|\p{Surrogate}/gu, (found) => NAMED[found] ?? "\ufffd");
