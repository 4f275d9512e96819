// The graduated border of a sea chart, under every chart over time: alternately thick and thin, marked in UTC.
import { evenTiers, textWidthPx } from "./html-labels.ts";
import { html, type Markup } from "./html-markup.ts";
import { share, type TimeTick, timeScale, timeTicks } from "./html-scale.ts";

const THICK_PX = 8;
const THIN_PX = 3;
const LABEL_BASELINE_PX = 21;
const HEIGHT_PX = 26;

export function neatline(fromMs: number, toMs: number): Markup {
  const at = timeScale(fromMs, toMs);
  const ticks = timeTicks(fromMs, toMs);
  const edges = [0, ...ticks.map(({ atMs }) => at(atMs)), 1];
  const bars = edges.slice(1).map((end, index) => {
    const heightPx = index % 2 === 0 ? THICK_PX : THIN_PX;
    const start = edges[index]!;
    return html`<rect x="${share(start)}" width="${share(end - start)}" y="${THICK_PX - heightPx}" height="${heightPx}"/>`;
  });
  return html`<svg class="neat" height="${HEIGHT_PX}" aria-hidden="true"><g fill="var(--ink)">${bars}</g>${labels(ticks, edges.slice(1, -1))}</svg>`;
}

function labels(ticks: readonly TimeTick[], at: readonly number[]): (Markup | null)[] {
  const widthPx = Math.max(0, ...ticks.map(({ label }) => textWidthPx(label)));
  const midnight = ticks.findIndex(({ label }) => label.includes(" "));
  const tiers = evenTiers(at, widthPx, Math.max(0, midnight));
  return ticks.map(({ label }, index) => {
    const tier = tiers[index]!;
    if (tier === null) return null;
    return html`<text class="t${tier}" x="${share(at[index]!)}" y="${LABEL_BASELINE_PX}" text-anchor="middle">${label}</text>`;
  });
}
