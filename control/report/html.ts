// A report as one page that needs nothing else: no script, no network, its type inside. The same report gives the same bytes.

import { flagSymbols } from "./flag.ts";
import { type AuditExtra, invariantSection, violationSection } from "./html-audit.ts";
import { calibrationSection } from "./html-calibration.ts";
import { equityChart } from "./html-equity.ts";
import { figuresRow } from "./html-figures.ts";
import { html, type Markup } from "./html-markup.ts";
import { neatline } from "./html-neatline.ts";
import { minute } from "./html-numbers.ts";
import { pageTitle, reportSentence } from "./html-sentence.ts";
import { pageStyle } from "./html-style.ts";
import { seamSection, sideSymbols, tradeSection, versionSection } from "./html-tables.ts";
import { timeline } from "./html-timeline.ts";
import type { Report } from "./report.ts";

export type { AuditExtra } from "./html-audit.ts";

/** Whatever a report says, a browser may run nothing and fetch nothing for it. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; font-src data:; img-src data:";
const WORDS = { audit: "Audit", backtest: "Backtest, no money" } as const;

export function renderReport(report: Report, audit: AuditExtra | null = null): string {
  const { kind, title, fromMs, toMs } = report;
  const notes = [...report.notes, ...(audit?.notes ?? [])];
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>${pageTitle(report)}</title>
<style>${{ markup: pageStyle() }}</style>
</head>
<body>
<svg width="0" height="0" style="position:absolute" aria-hidden="true">${flagSymbols()}${sideSymbols()}</svg>
<header>${MARK}<b>Underway</b><span class="kind">${WORDS[kind]}</span><span class="when">${minute(fromMs)} to ${minute(toMs)} UTC</span></header>
<main>
${audit === null ? null : violationSection(audit)}
<div class="say"><h1>${title}</h1>
<p>${reportSentence(report, audit)}</p>
<ul>${notes.map((note) => html`<li>${sentence(note)}</li>`)}</ul></div>
${figuresRow(report)}
${profitSection(report)}
${calibrationSection(report)}
${versionSection(report)}
${seamSection(report)}
${audit === null ? null : invariantSection(audit)}
${tradeSection(report)}
</main>
</body>
</html>
`.markup;
}

const MARK = html`<svg width="22" height="16" viewBox="0 0 22 16" aria-hidden="true"><path d="M1 12.5h20M4 12.5 11 2l7 10.5M11 2v10.5"/></svg>`;

const sentence = (note: string): string =>
  `${note.slice(0, 1).toUpperCase()}${note.slice(1)}${/[.!?]$/.test(note) ? "" : "."}`;

/** The curve, the versions that drew it, and one time axis for both. */
function profitSection(report: Report): Markup {
  const { cells, hasUnlabelledSeams } = equityChart(report);
  const unlabelled = hasUnlabelledSeams ? "; where labels would overlap, the table below names the rest" : "";
  return html`<section class="sec">
<h2><span>Profit by version</span><span>USDC, realised, fees paid, since the start; coloured by the version whose trade moved it; dotted where code changed hands${unlabelled}; UTC</span></h2>
<div class="chart">${cells}
<div class="under">${timeline(report)}${neatline(report.fromMs, report.toMs)}</div></div>
</section>`;
}
