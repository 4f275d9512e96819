// Realised profit over time. The line has the hue of the version whose trade moved it; what changes it is named at its seam.
import { plural, profit } from "../number-format.ts";
import { hueClass } from "./flag.ts";
import { textWidthPx } from "./html-labels.ts";
import { html, type Markup } from "./html-markup.ts";
import { instant, signed, tone } from "./html-numbers.ts";
import { type MoneyScale, moneyScale, type TimeScale, timeScale } from "./html-scale.ts";
import { seamLabels } from "./html-seam-labels.ts";
import type { Report } from "./report.ts";

const PLOT_PX = 220;
/** Units across the stretched drawing that holds the line. */
const ACROSS = 10_000;
const PAD_PX = 8;
/** Where nothing was earned or lost. */
const EMPTY_HIGH_MICROS = 1_000_000;

type Height = (micros: number) => number;

export interface EquityChart {
  /** Three cells of a row: marks of the axis, the plot, the last value. */
  readonly cells: Markup;
  readonly hasUnlabelledSeams: boolean;
}

export function equityChart(report: Report): EquityChart {
  const at = timeScale(report.fromMs, report.toMs);
  const profits = report.equity.map(({ equityMicros }) => equityMicros - report.startCashMicros);
  const low = profits.reduce((least, value) => Math.min(least, value), 0);
  const high = profits.reduce((most, value) => Math.max(most, value), 0);
  const scale = moneyScale(low, high === low ? EMPTY_HIGH_MICROS : high);
  const seams = seamLabels(report, at);
  const topPx = seams.heightPx + PAD_PX;
  const heightPx = topPx + PLOT_PX;
  const y: Height = (micros) =>
    topPx + PLOT_PX * (1 - (micros - scale.lowMicros) / (scale.highMicros - scale.lowMicros));
  const lastMicros = profits.at(-1) ?? 0;
  const cells = html`${axis(scale, y, heightPx)}
<svg class="plot" height="${heightPx}" role="img" aria-label="${reading(report, low, high, lastMicros)}">
${scale.ticksMicros.map((micros) => html`<line x2="100%" y1="${px(y(micros))}" y2="${px(y(micros))}" stroke="var(--${micros === 0 ? "ink-3" : "rule"})"/>`)}
${seams.lines(heightPx)}
<svg viewBox="0 0 ${ACROSS} ${heightPx}" width="100%" height="${heightPx}" preserveAspectRatio="none">${lines(report, at, y)}</svg>
${profits.length === 0 ? html`<text class="note" x="8" y="${px(y(0) - PAD_PX)}">No trade was closed.</text>` : null}
${seams.labels}
</svg>
${end(lastMicros, y, heightPx)}`;
  return { cells, hasUnlabelledSeams: seams.hasUnlabelled };
}

const px = (value: number): string => value.toFixed(1);

function reading({ fromMs, toMs, versions }: Report, low: number, high: number, last: number): string {
  const made = plural(versions.length, "version");
  return `Realised profit from ${instant(fromMs)} to ${instant(toMs)} UTC, made by ${made}: ${profit(last)} USDC at the end, between ${profit(low)} and ${profit(high)}.`;
}

function axis({ ticksMicros, decimals }: MoneyScale, y: Height, heightPx: number): Markup {
  const labels = ticksMicros.map((micros) => signed(micros, decimals));
  const widthPx = Math.max(...labels.map(textWidthPx)) + PAD_PX;
  const marks = ticksMicros.map(
    (micros, index) =>
      html`<text x="${widthPx - PAD_PX}" y="${px(y(micros) + 4)}" text-anchor="end">${labels[index]!}</text>`,
  );
  return html`<svg width="${widthPx}" height="${heightPx}" aria-hidden="true">${marks}</svg>`;
}

function end(micros: number, y: Height, heightPx: number): Markup {
  const text = profit(micros);
  return html`<svg class="t2" width="${textWidthPx(text) + 3 * PAD_PX}" height="${heightPx}" aria-hidden="true"><circle cy="${px(y(micros))}" r="3" fill="var(--ink)"/><text class="end ${tone(micros)}" x="${PAD_PX}" y="${px(y(micros) + 4.5)}">${text}</text></svg>`;
}

/** A step for every trade, for nothing is earned in between. */
function lines({ equity, startCashMicros, toMs }: Report, at: TimeScale, y: Height): Markup[] {
  const paths = new Map<string, string>();
  let [x, height, hue] = [0, px(y(0)), ""];
  for (const { atMs, equityMicros, ordinal } of equity) {
    const nextX = Math.round(at(atMs) * ACROSS);
    const nextHeight = px(y(equityMicros - startCashMicros));
    const nextHue = hueClass(ordinal);
    const start = nextHue === hue ? "" : `M${x} ${height}`;
    paths.set(nextHue, `${paths.get(nextHue) ?? ""}${start}H${nextX}V${nextHeight}`);
    [x, height, hue] = [nextX, nextHeight, nextHue];
  }
  if (hue !== "") paths.set(hue, `${paths.get(hue)}H${Math.round(at(toMs) * ACROSS)}`);
  return [...paths].map(([of, path]) => html`<path class="line ${of}" d="${path}"/>`);
}
