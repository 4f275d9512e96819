// Labels along a chart that must not overlap. A chart is as wide as the page, which is not known here: so every label gets the
// narrowest of three widths from which on it has room, and the stylesheet shows it from there (classes t1, t2, t3).

/** Least widths of a plot, and of the page that holds it. The stylesheet says the same. */
const TIERS = [
  { tier: 1, plotPx: 280 },
  { tier: 2, plotPx: 560 },
  { tier: 3, plotPx: 1_080 },
] as const;
export const TIER_PAGE_PX = { t2: 720, t3: 1_240 } as const;

/** How far a label may stick out of the plot. */
const OVERHANG_PX = 8;
const GAP_PX = 6;
const CHAR_PX = 6.2;

export const textWidthPx = (text: string): number => Math.ceil(text.length * CHAR_PX);

export interface Label {
  /** Share of the plot's width. */
  readonly at: number;
  /** How far it reaches to both sides of that. */
  readonly leftPx: number;
  readonly rightPx: number;
}

export interface Place {
  readonly tier: 1 | 2 | 3;
  readonly lane: number;
}

/** In their order, the first come first; null for those that have no room even on the widest page. */
export function placeLabels(labels: readonly Label[], lanes: number): (Place | null)[] {
  const places: (Place | null)[] = labels.map(() => null);
  const taken: Label[][] = Array.from({ length: lanes }, () => []);
  for (const { tier, plotPx } of TIERS) {
    labels.forEach((label, index) => {
      if (places[index] !== null || !isInside(label, plotPx)) return;
      const lane = taken.findIndex((others) => others.every((other) => !overlap(label, other, plotPx)));
      if (lane === -1) return;
      places[index] = { tier, lane };
      taken[lane]!.push(label);
    });
  }
  return places;
}

/** Tiers of evenly spaced labels, centred: on a narrow page every second, fourth or eighth of them, so that what is left stays
 *  even; the one at `anchor` is among them. */
export function evenTiers(at: readonly number[], widthPx: number, anchor: number): (Place["tier"] | null)[] {
  const spacing = at.length < 2 ? 1 : (at.at(-1)! - at[0]!) / (at.length - 1);
  const half = widthPx / 2;
  const strides = TIERS.map(
    ({ plotPx }) => STRIDES.find((stride) => stride * spacing * plotPx >= widthPx + GAP_PX) ?? STRIDES.at(-1)!,
  );
  return at.map(
    (place, index) =>
      TIERS.find(
        ({ plotPx }, tier) =>
          (index - anchor) % strides[tier]! === 0 && isInside({ at: place, leftPx: half, rightPx: half }, plotPx),
      )?.tier ?? null,
  );
}
const STRIDES = [1, 2, 4, 8, 16];

/** From which width on something of this share of the plot has so many pixels; null: never. */
export const tierOf = (share: number, widthPx: number): Place["tier"] | null =>
  TIERS.find(({ plotPx }) => share * plotPx >= widthPx)?.tier ?? null;

/** Whether it has room to the right of its place on a wide page. */
export const fitsRight = (at: number, widthPx: number): boolean =>
  isInside({ at, leftPx: 0, rightPx: widthPx }, TIERS[2].plotPx);

const isInside = ({ at, leftPx, rightPx }: Label, plotPx: number): boolean =>
  at * plotPx - leftPx >= -OVERHANG_PX && at * plotPx + rightPx <= plotPx + OVERHANG_PX;

const overlap = (a: Label, b: Label, plotPx: number): boolean =>
  a.at * plotPx - a.leftPx < b.at * plotPx + b.rightPx + GAP_PX &&
  b.at * plotPx - b.leftPx < a.at * plotPx + a.rightPx + GAP_PX;
