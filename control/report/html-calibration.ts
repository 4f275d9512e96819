// How often what was said to win with a probability did win: a small plot for all and for the versions that said it most often.
import { wilsonInterval } from "../../dsl/indicators/statistics.ts";
import { count, plural } from "../number-format.ts";
import { hueClass, versionMark } from "./flag.ts";
import { html, type Markup } from "./html-markup.ts";
import { percentOf, rateOf, score } from "./html-numbers.ts";
import { type Column, table } from "./html-table.ts";
import type { CalibrationBin, Figures, Report } from "./report.ts";

const VERSIONS_MAX = 6;
const SIDE_PX = 132;
const LEFT_PX = 26;
const TOP_PX = 6;
const [WIDTH_PX, HEIGHT_PX] = [LEFT_PX + SIDE_PX + 10, TOP_PX + SIDE_PX + 20];
const DOT_MIN_PX = 1.8;
const DOT_SPAN_PX = 4;
const MARKS = [0, 0.5, 1];

interface Panel {
  readonly name: string;
  readonly title: Markup;
  readonly hue: string;
  readonly figures: Figures;
}

/** Null where no probability was stated, or none that could be held against an outcome. */
export function calibrationSection({ total, versions }: Report): Markup | null {
  if (total.calibration.length === 0) return null;
  const stated = versions
    .filter(({ calibration }) => calibration.length > 0)
    .toSorted((a, b) => statedBy(b) - statedBy(a));
  const shown = versions.filter((version) => stated.indexOf(version) in stated.slice(0, VERSIONS_MAX));
  const panels: Panel[] = [
    { name: "All versions", title: html`<b>All versions</b>`, hue: "all", figures: total },
    ...shown.map((version) => ({
      name: `${version.strategy} v${version.ordinal}`,
      title: html`${versionMark(version)} ${version.strategy}`,
      hue: hueClass(version.ordinal),
      figures: version,
    })),
  ];
  const more = stated.length - shown.length;
  return html`<section class="sec">
<h2><span>Stated probability against what won</span><span>percent; on the diagonal, what was said came true; whiskers are 95 % Wilson intervals${more === 0 ? null : `; the ${VERSIONS_MAX} versions that said most, ${count(more)} more are in the total`}</span></h2>
<div class="panels">${panels.map(panel)}</div>
<details><summary>As a table</summary>${table(
    "Calibration",
    COLUMNS,
    panels.flatMap(({ name, figures }) => figures.calibration.map((bin) => ({ name, bin }))),
  )}</details>
</section>`;
}

const statedBy = ({ calibration }: Figures): number => calibration.reduce((sum, { trades }) => sum + trades, 0);

function panel({ name, title, hue, figures }: Panel): Markup {
  const n = statedBy(figures);
  const most = figures.calibration.reduce((max, { trades }) => Math.max(max, trades), 1);
  const reading = `Calibration of ${name}, ${plural(n, "trade")}: ${figures.calibration.map(spoken).join("; ")}.`;
  return html`<figure><figcaption>${title}<br><span class="dim">n ${count(n)}, Brier ${score(figures.brier)}</span></figcaption>
<svg width="${WIDTH_PX}" height="${HEIGHT_PX}" role="img" aria-label="${reading}">${FRAME}<g class="dots ${hue}">${figures.calibration.map((bin) => dot(bin, most))}</g></svg></figure>`;
}

const spoken = ({ meanProbability, won, trades }: CalibrationBin): string =>
  `said ${rateOf(meanProbability)}, won ${rateOf(won / trades)} of ${trades}`;

const across = (value: number): string => (LEFT_PX + value * SIDE_PX).toFixed(1);
const up = (value: number): string => (TOP_PX + (1 - value) * SIDE_PX).toFixed(1);

const FRAME = html`${MARKS.map(
  (mark) =>
    html`<path d="M${across(0)} ${up(mark)}H${across(1)}M${across(mark)} ${up(0)}V${up(1)}" stroke="var(--rule)"/><text x="${LEFT_PX - 4}" y="${Number(up(mark)) + 4}" text-anchor="end">${mark * 100}</text><text x="${across(mark)}" y="${HEIGHT_PX - 5}" text-anchor="middle">${mark * 100}</text>`,
)}<path d="M${across(0)} ${up(0)}L${across(1)} ${up(1)}" stroke="var(--ink-3)" stroke-dasharray="3 3"/>`;

/** The area of a dot is as the number of trades in it. */
function dot({ meanProbability, won, trades }: CalibrationBin, most: number): Markup {
  const { low, high } = wilsonInterval(won, trades);
  const x = across(meanProbability);
  const radius = (DOT_MIN_PX + DOT_SPAN_PX * Math.sqrt(trades / most)).toFixed(1);
  return html`<path d="M${x} ${up(low)}V${up(high)}"/><circle cx="${x}" cy="${up(won / trades)}" r="${radius}"/>`;
}

interface Row {
  readonly name: string;
  readonly bin: CalibrationBin;
}
const COLUMNS: readonly Column<Row>[] = [
  { title: "Version", cell: ({ name }) => name },
  { title: "Said, %", cell: ({ bin }) => `${Math.round(bin.from * 100)} to ${Math.round(bin.to * 100)}` },
  { title: "Mean, %", is: "number", cell: ({ bin }) => percentOf(bin.meanProbability) },
  { title: "Won, %", is: "number", cell: ({ bin }) => percentOf(bin.won / bin.trades) },
  {
    title: "95 % Wilson",
    is: "number",
    cell: ({ bin }) => {
      const { low, high } = wilsonInterval(bin.won, bin.trades);
      return `${percentOf(low)} to ${percentOf(high)}`;
    },
  },
  { title: "Trades", is: "number", cell: ({ bin }) => count(bin.trades) },
];
