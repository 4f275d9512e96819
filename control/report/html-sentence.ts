// A report in a sentence or three: what is wrong first, then what was earned by whom and when, then whether that says anything.
import { count, MISSING, plural, profit } from "../number-format.ts";
import { type AuditExtra, brokenInvariants } from "./html-audit.ts";
import { html, type Markup } from "./html-markup.ts";
import { minute, rateOf, winRateOf } from "./html-numbers.ts";
import type { Report } from "./report.ts";

export function reportSentence(report: Report, audit: AuditExtra | null): Markup {
  const verdict = audit === null ? null : html`<b>${auditClause(audit)}</b> `;
  return html`${verdict}${earned(report)}${rate(report)}${faults(report)}`;
}

function auditClause(audit: AuditExtra): string {
  const broken = brokenInvariants(audit);
  const journal = journalClause(audit);
  if (broken.length === 0) return `${plural(audit.invariants.length, "invariant")} checked and held, ${journal}.`;
  const violations = broken.reduce((sum, invariant) => sum + invariant.violations, 0);
  return `${plural(violations, "violation")} of ${plural(broken.length, "invariant")}, ${journal}.`;
}

function journalClause({ chain }: AuditExtra): string {
  if (chain === null) return "without a journal to check";
  return chain.ok
    ? "the journal is whole"
    : `the journal is broken${chain.firstBad === null ? "" : ` at row ${count(chain.firstBad.seq)}`}`;
}

function earned({ total, versions, cycles, fromMs, toMs }: Report): Markup {
  const when = `from ${minute(fromMs)} to ${minute(toMs)} UTC`;
  if (total.trades === 0) {
    const open = total.pnlMicros === 0 ? "" : `, ${profit(total.pnlMicros)} USDC booked`;
    return cycles === 0
      ? html`Nothing was decided.`
      : html`No trade was closed in ${plural(cycles, "cycle")} ${when}${open}.`;
  }
  return html`${plural(total.trades, "trade")} of ${plural(versions.length, "version")} came to <b>${profit(total.pnlMicros)} USDC</b>, fees paid, ${when}.`;
}

function rate({ total }: Report): string | null {
  const won = winRateOf(total);
  if (won === null) return total.trades === 0 ? null : " Too few for a win rate.";
  if (total.needs === null) return ` ${rateOf(won.rate)} made money.`;
  const isUndecided = won.low <= total.needs && total.needs <= won.high;
  const reading = isUndecided ? `, too close for ${plural(total.trades, "trade")} to tell apart` : "";
  return ` ${rateOf(won.rate)} won where ${rateOf(total.needs)} were needed${reading}.`;
}

const faults = ({ faults, decisions }: Report): string | null =>
  faults === 0 ? null : ` ${plural(faults, "fault")} in ${plural(decisions, "decision")}.`;

/** Of the window. */
export const pageTitle = ({ title, total }: Report): string =>
  `${total.trades === 0 ? MISSING : `${profit(total.pnlMicros)} over ${plural(total.trades, "trade")}`} · ${title} · Underway`;
