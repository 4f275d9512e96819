// Where code changed hands, over a chart: a dotted line at every seam, and flag and `v14` beside it where there is room.
import { FLAG_HEIGHT_PX, FLAG_WIDTH_PX, flagShape } from "./flag.ts";
import { fitsRight, placeLabels, textWidthPx } from "./html-labels.ts";
import { html, type Markup } from "./html-markup.ts";
import { share, type TimeScale } from "./html-scale.ts";
import type { Report, Seam } from "./report.ts";

/** Rows of labels: strategies start together. */
const [LANES_MIN, LANES_MAX] = [2, 4];
const LANE_PX = 17;
const PAD_PX = 8;

export interface SeamLabels {
  /** Above the plot. */
  readonly heightPx: number;
  /** Those with a label are darker, from the page's width on that shows it. */
  readonly lines: (toPx: number) => Markup[];
  readonly labels: readonly (Markup | null)[];
  readonly hasUnlabelled: boolean;
}

export function seamLabels({ seams, versions }: Report, at: TimeScale): SeamLabels {
  const strategies = new Set([...versions, ...seams].map(({ strategy }) => strategy)).size;
  const marks = distinct(seams).map((seam) => {
    const text = strategies < 2 ? `v${seam.ordinal}` : `${seam.strategy} v${seam.ordinal}`;
    const widthPx = FLAG_WIDTH_PX + PAD_PX + textWidthPx(text);
    const x = at(seam.atMs);
    const isRight = fitsRight(x, widthPx);
    return { seam, text, widthPx, at: x, leftPx: isRight ? 0 : widthPx, rightPx: isRight ? widthPx : 0 };
  });
  const places = placeLabels(marks, Math.min(LANES_MAX, Math.max(LANES_MIN, strategies)));
  const line = (x: number, toPx: number, className: string) =>
    html`<line class="${className}" x1="${share(x)}" x2="${share(x)}" y1="2" y2="${toPx}"/>`;
  return {
    heightPx: LANE_PX * (1 + places.reduce((last, place) => Math.max(last, place?.lane ?? -1), -1)),
    lines: (toPx) => [
      ...[...new Set(marks.map((mark) => mark.at))].map((x) => line(x, toPx, "seam")),
      ...marks.flatMap((mark, index) => {
        const place = places[index]!;
        return place === null ? [] : [line(mark.at, toPx, `seam t${place.tier}`)];
      }),
    ],
    labels: marks.map(({ seam, text, widthPx, at: x, leftPx }, index) => {
      const place = places[index]!;
      if (place === null) return null;
      const startPx = leftPx === 0 ? 2 : -2 - leftPx;
      return html`<svg class="t${place.tier}" x="${share(x)}" y="${place.lane * LANE_PX}"><g transform="translate(${startPx} 0)"><rect width="${widthPx}" height="${LANE_PX - 1}" fill="var(--paper)"/><g transform="translate(0 2)">${flagShape(seam.ordinal, seam.code)}<text class="name" x="${FLAG_WIDTH_PX + 4}" y="${FLAG_HEIGHT_PX - 2}">${text}</text></g></g></svg>`;
    }),
    hasUnlabelled: places.includes(null),
  };
}

/** The same version at the same instant once, though it came to slots one by one. */
function distinct(seams: readonly Seam[]): Seam[] {
  const seen = new Map(seams.map((seam) => [`${seam.atMs} ${seam.strategy} ${seam.ordinal}`, seam]));
  return [...seen.values()];
}
