// What only an audit has: whether the invariants hold and the journal is whole. What is wrong comes first on the page, and is the
// only thing on it that asks for attention.
import type { ChainVerdict } from "../../engine/journal/port.ts";
import { count, plural } from "../number-format.ts";
import { html, type Markup } from "./html-markup.ts";
import { instant } from "./html-numbers.ts";
import { type Column, table } from "./html-table.ts";

export interface InvariantResult {
  readonly id: string;
  readonly name: string;
  /** How many things it was held against. */
  readonly checked: number;
  readonly violations: number;
  /** For people; not necessarily all. */
  readonly examples: readonly string[];
}

export interface AuditExtra {
  readonly invariants: readonly InvariantResult[];
  /** Null where there is no journal. */
  readonly chain: ChainVerdict | null;
  /** Said at the top, after the report's own. */
  readonly notes: readonly string[];
}

const EXAMPLES_MAX = 5;
const EXCLAMATION = html`<svg class="i" viewBox="0 0 12 12" aria-hidden="true"><path d="M4.8 1h2.4l-.4 6.6H5.2zM4.9 9h2.2v2.2H4.9z" fill="currentColor"/></svg>`;

export const brokenInvariants = ({ invariants }: AuditExtra): InvariantResult[] =>
  invariants.filter(({ violations }) => violations > 0);

/** Null when all is well. */
export function violationSection(audit: AuditExtra): Markup | null {
  const broken = brokenInvariants(audit);
  const isWhole = audit.chain?.ok ?? true;
  if (broken.length === 0 && isWhole) return null;
  return html`<section class="act" role="alert">
${broken.map(
  ({
    id,
    name,
    checked,
    violations,
    examples,
  }) => html`<h2>${EXCLAMATION} ${name}: ${plural(violations, "violation")}</h2>
<p><span class="mono">${id}</span>, ${count(checked)} checked.</p>
<ul>${examples.slice(0, EXAMPLES_MAX).map((example) => html`<li>${example}</li>`)}${
    violations > Math.min(EXAMPLES_MAX, examples.length)
      ? html`<li>and ${count(violations - Math.min(EXAMPLES_MAX, examples.length))} more</li>`
      : null
  }</ul>`,
)}${isWhole ? null : html`<h2>${EXCLAMATION} The journal is broken</h2><p>Journal: ${chainText(audit.chain)}</p>`}
</section>`;
}

export const invariantSection = (audit: AuditExtra): Markup => html`<section class="sec">
<h2><span>Invariants</span><span>rules that have to hold at every moment</span></h2>
${table("Invariants", COLUMNS, audit.invariants)}
<p class="more">Journal: ${chainText(audit.chain)}</p>
</section>`;

function chainText(chain: ChainVerdict | null): string {
  if (chain === null) return "there is none, so nothing speaks for the order in which this was written.";
  const { ok, rows, head, firstBad } = chain;
  if (ok) {
    const last =
      head === null ? "" : `, the last is row ${count(head.seq)} at cycle ${count(head.cycle)}, ${head.hash}`;
    return `${plural(rows, "row")}, each with the hash of the one before it${last}.`;
  }
  if (firstBad === null) return `${plural(rows, "row")}, and the chain does not hold.`;
  const at = firstBad.cycle === null ? "" : ` at cycle ${count(firstBad.cycle)}, ${instant(firstBad.atMs)}`;
  return `row ${count(firstBad.seq)} of ${count(rows)}${at}: ${firstBad.what}. Nothing after it can be relied on.`;
}

const COLUMNS: readonly Column<InvariantResult>[] = [
  { title: "Rule", is: "prose", cell: ({ name }) => name },
  {
    title: "Verdict",
    cell: ({ checked, violations }) => {
      if (violations > 0) return html`${EXCLAMATION} violated`;
      return checked === 0 ? "nothing to check" : "holds";
    },
    tone: ({ violations }) => (violations > 0 ? "crit" : "plain"),
  },
  { title: "Checked", is: "number", cell: ({ checked }) => count(checked) },
  {
    title: "Violations",
    is: "number",
    cell: ({ violations }) => count(violations),
    tone: ({ violations }) => (violations > 0 ? "crit" : "dim"),
  },
  { title: "Id", is: "mono", cell: ({ id }) => id },
];
