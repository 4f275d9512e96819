// Which version ran when: a ribbon for each strategy in the hues of its versions, under the curve and on its time axis.
import { MISSING } from "../number-format.ts";
import { FLAG_HEIGHT_PX, FLAG_WIDTH_PX, flagShape, hueClass } from "./flag.ts";
import { textWidthPx, tierOf } from "./html-labels.ts";
import { html, type Markup } from "./html-markup.ts";
import { instant } from "./html-numbers.ts";
import { type Run, runsOf } from "./html-runs.ts";
import { share, type TimeScale, timeScale } from "./html-scale.ts";
import type { Report } from "./report.ts";

const RIBBON_PX = 20;
const RAIL_PX = 4;
const NAME_PX = 17;
const PAD_PX = 4;
/** Slots change hands one after the other: so little overlap, as a share of the time covered, is no second ribbon. */
const OVERLAP_MAX = 0.004;

export function timeline(report: Report): Markup {
  const at = timeScale(report.fromMs, report.toMs);
  let topPx = 0;
  const strategies = runsOf(report);
  const ribbons = strategies.map(({ strategy, runs }) => {
    const lanes = lanesOf(runs, at);
    const name = html`<text class="name" y="${topPx + NAME_PX - 5}">${strategy}</text>`;
    const drawn = runs.map((run, index) => ribbon(run, at, topPx + NAME_PX + lanes[index]! * RIBBON_PX));
    topPx += NAME_PX + RIBBON_PX * (Math.max(0, ...lanes) + 1) + PAD_PX;
    return [name, ...drawn];
  });
  const spoken = strategies.map(
    ({ strategy, runs }) =>
      `${strategy} ${runs.length === 0 ? MISSING : runs.map(({ ordinal, fromMs }) => `v${ordinal} from ${instant(fromMs)}`).join(", ")}`,
  );
  return html`<svg class="plot" height="${topPx}" role="img" aria-label="Versions that ran: ${spoken.join("; ")}.">${ribbons}</svg>`;
}

/** A run that begins before the one in its lane has ended goes below it. */
function lanesOf(runs: readonly Run[], at: TimeScale): number[] {
  const ends: number[] = [];
  return runs.map(({ fromMs, toMs }) => {
    const free = ends.findIndex((end) => end <= at(fromMs) + OVERLAP_MAX);
    const lane = free === -1 ? ends.length : free;
    ends[lane] = at(toMs);
    return lane;
  });
}

function ribbon({ ordinal, code, fromMs, toMs }: Run, at: TimeScale, topPx: number): Markup {
  const [x, width] = [at(fromMs), at(toMs) - at(fromMs)];
  const name = `v${ordinal}`;
  const tier = tierOf(width, FLAG_WIDTH_PX + textWidthPx(name) + 3 * PAD_PX);
  const label =
    tier === null
      ? null
      : html`<g class="t${tier}" transform="translate(${PAD_PX + 1} 2)">${flagShape(ordinal, code)}<text class="name" x="${FLAG_WIDTH_PX + PAD_PX}" y="${FLAG_HEIGHT_PX - 2}">${name}</text></g>`;
  return html`<svg class="run ${hueClass(ordinal)}" x="${share(x)}" y="${topPx}" width="${share(width)}" height="${RIBBON_PX - 2}"><rect class="tint" width="100%" height="100%"/><rect width="100%" y="${RIBBON_PX - 2 - RAIL_PX}" height="${RAIL_PX}"/><rect width="1.5" height="100%" fill="var(--ink)"/>${label}</svg>`;
}
