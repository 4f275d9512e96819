// The script that makes a frame's numbers into the objects a strategy reads: generated once per layout, so that a read
// in the guest is one indexed load. Candles are views of their own part of the frame.
import { ASSETS, WINDOW_INTERVALS } from "../../dsl/asset.ts";
import { type FrameField, type FrameLayout, HEADER_INDEX as H } from "../frame/layout.ts";
import { isPlain } from "./instrumented.ts";

const SERIES = ["open", "high", "low", "close", "volume"] as const;

export interface Series {
  /** In doubles from the frame's start. */
  readonly offset: number;
  readonly length: number;
}

/** Every candle series of the layout, in the order the generated reader numbers them. */
export const seriesOf = (layout: FrameLayout): readonly Series[] =>
  layout.fields.flatMap((field) =>
    field.type === "candles"
      ? SERIES.map((_, index) => ({ offset: field.offset + index * field.depth, length: field.depth }))
      : [],
  );

/** Source of `(frame, views, freeze) => { readings, window, position, positionSide }`. Names must be identifiers. */
export function readerSource(layout: FrameLayout): string {
  let candlesBefore = 0;
  const readings = layout.fields.map((field) => {
    const value = field.type === "reading" ? readingField(field) : candlesField(field, candlesBefore++);
    return `${field.name}: ${value}`;
  });
  return `(frame, views, freeze) => {
const at = (first, last, n) => n >= 0 && n <= last && n === (n | 0) ? frame[first + n] : NaN;
const assets = ${JSON.stringify(ASSETS)}, intervals = ${JSON.stringify(WINDOW_INTERVALS)};
const readings = ${record(readings)};
const up = ${quote("up")}, down = ${quote("down")};
const window = ${record([
    `get asset() { return assets[frame[${H.assetIndex}]]; }`,
    `get interval() { return intervals[frame[${H.intervalIndex}]]; }`,
    number("spot", H.spot),
    number("open", H.open),
    number("secondsLeft", H.secondsLeft),
    "up, down",
    number("feeRate", H.feeRate),
  ])};
const position = ${record([
    `get side() { return frame[${H.positionSide}] === 1 ? "up" : "down"; }`,
    number("shares", H.positionShares),
    number("averagePrice", H.positionAveragePrice),
    number("secondsHeld", H.positionSecondsHeld),
  ])};
return { readings, window, position, positionSide: ${H.positionSide} };
}`;
}

const record = (members: readonly string[]): string => `freeze({ __proto__: null, ${members.join(", ")} })`;
const number = (name: string, offset: number): string => `get ${name}() { return frame[${offset}]; }`;

function quote(side: "up" | "down"): string {
  return record([
    number("bid", H[`${side}Bid`]),
    number("ask", H[`${side}Ask`]),
    number("bidSize", H[`${side}BidSize`]),
    number("askSize", H[`${side}AskSize`]),
  ]);
}

function readingField(field: Extract<FrameField, { type: "reading" }>): string {
  const { offset, outputs, history } = field;
  const readings = outputs.map((_, index) => reading(offset + index * (2 + history), history));
  if (isPlain(field)) return readings[0]!;
  return record(outputs.map((output, index) => `${output}: ${readings[index]}`));
}

/** A value, then the closed ones from the last back. */
const reading = (offset: number, history: number): string =>
  record([
    number("value", offset),
    `get ready() { return frame[${offset}] === frame[${offset}]; }`,
    `at(n) { return at(${offset + 1}, ${history}, n); }`,
  ]);

/** Ready when the oldest close is there: the front is padded with NaN. */
function candlesField({ offset, depth }: Extract<FrameField, { type: "candles" }>, index: number): string {
  const oldestClose = offset + SERIES.indexOf("close") * depth;
  return record([
    `depth: ${depth}`,
    `get ready() { return frame[${oldestClose}] === frame[${oldestClose}]; }`,
    ...SERIES.map((name, position) => `${name}: views[${index * SERIES.length + position}]`),
  ]);
}
