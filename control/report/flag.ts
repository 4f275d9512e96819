// The mark of a code version: its hue follows the ordinal, so that two in sequence differ; its pattern the hash, for life.
import type { CodeVersion } from "../../engine/base/ids.ts";
import { html, type Markup } from "./html-markup.ts";

const HUES = 6;
/** On a field of 16 by 12: halves, halves, diagonal, quarters, cross, saltire, frame, disc, hoist triangle, bars. */
const PATTERNS = [
  "M1 1h7v10H1z",
  "M1 1h14v5H1z",
  "M1 1v10h14z",
  "M1 1h7v5H1zM8 6h7v5H8z",
  "M6.2 1h3.6v3.4H15v3.2H9.8V11H6.2V7.6H1V4.4h5.2z",
  "M1 1h3l4 3.3L12 1h3v2l-3.7 3L15 9v2h-3L8 7.7 4 11H1V9l3.7-3L1 3z",
  "M1 1h14v10H1zM5 4v4h6V4z",
  "M4.4 6a3.6 3.6 0 1 0 7.2 0 3.6 3.6 0 1 0-7.2 0z",
  "M1 1l9.5 5L1 11z",
  "M1 1h3v10H1zM6.5 1h3v10h-3zM12 1h3v10h-3z",
];

export const FLAG_WIDTH_PX = 16;
export const FLAG_HEIGHT_PX = 12;

/** The class of its hue, `v1` to `v6`. */
export const hueClass = (ordinal: number): string => `v${((ordinal - 1) % HUES) + 1}`;

const patternId = (code: CodeVersion): string => `p${Number.parseInt(code.slice(0, 2), 16) % PATTERNS.length}`;

/** Once on a page: what flags are drawn from. */
export const flagSymbols = (): Markup[] =>
  PATTERNS.map(
    (path, index) =>
      html`<symbol id="p${index}" viewBox="0 0 16 12"><path d="M.75.75h14.5v10.5H.75z" fill="var(--paper)" stroke="currentColor" stroke-width="1.5"/><path d="${path}" fill="currentColor" fill-rule="evenodd"/></symbol>`,
  );

/** Inside a chart. */
export const flagShape = (ordinal: number, code: CodeVersion): Markup =>
  html`<use href="#${patternId(code)}" class="${hueClass(ordinal)}" width="${FLAG_WIDTH_PX}" height="${FLAG_HEIGHT_PX}"/>`;

/** Flag and `v14`: hue and pattern for the eye, the words for everybody. */
export const versionMark = ({ ordinal, code }: { readonly ordinal: number; readonly code: CodeVersion }): Markup =>
  html`<svg class="flag" aria-hidden="true">${flagShape(ordinal, code)}</svg><b>v${ordinal}</b>`;
