// Frames that no market made, for probing what a strategy does: every field drawn from a seed, readings ready and not,
// positions none, up and down, sizes zero and not. They need not be likely, they need to lead down many paths.
import { ASSETS, WINDOW_INTERVALS, WINDOW_MS } from "../../dsl/asset.ts";
import { uniform } from "../base/prng.ts";
import { type FrameField, type FrameLayout, HEADER_INDEX as H } from "../frame/layout.ts";

/** One in so many readings, quotes and prices is missing. */
const MISSING = 8;
/** Readings are of very different sizes: probabilities, deviations, percents. */
const SCALES = [1, 0.02, 4, 100];

/** The `index`th frame of a seed. */
export function syntheticFrame(layout: FrameLayout, seed: number, index: number): Float64Array {
  const frame = new Float64Array(layout.size);
  let draws = 0;
  const draw = (): number => uniform(seed, index, draws++);
  writeHeader(frame, draw);
  for (const field of layout.fields) {
    if (field.type === "reading") writeReading(frame, field, draw);
    else writeCandles(frame, field, draw);
  }
  return frame;
}

type Draw = () => number;

const oneOf = (draw: Draw, count: number): number => Math.floor(draw() * count);
const unlessMissing = (draw: Draw, value: number): number => (oneOf(draw, MISSING) === 0 ? Number.NaN : value);

function writeHeader(frame: Float64Array, draw: Draw): void {
  const interval = oneOf(draw, WINDOW_INTERVALS.length);
  const seconds = WINDOW_MS[WINDOW_INTERVALS[interval]!] / 1000;
  const spot = 10 ** (5 * draw());
  frame[H.assetIndex] = oneOf(draw, ASSETS.length);
  frame[H.intervalIndex] = interval;
  frame[H.spot] = unlessMissing(draw, spot);
  frame[H.open] = unlessMissing(draw, spot * (0.99 + 0.02 * draw()));
  frame[H.secondsLeft] = seconds * draw();
  const middle = unlessMissing(draw, 0.02 + 0.96 * draw());
  for (const side of ["up", "down"] as const) {
    const price = side === "up" ? middle : 1 - middle;
    const size = (): number => (Number.isNaN(price) ? price : oneOf(draw, MISSING) * 100 * draw());
    frame[H[`${side}Bid`]] = price - 0.01;
    frame[H[`${side}Ask`]] = price + 0.01;
    frame[H[`${side}BidSize`]] = size();
    frame[H[`${side}AskSize`]] = size();
  }
  frame[H.feeRate] = 0.1 * draw();
  const side = oneOf(draw, 3);
  frame[H.positionSide] = side;
  frame[H.positionShares] = side === 0 ? 0 : 100 * draw();
  frame[H.positionAveragePrice] = side === 0 ? Number.NaN : draw();
  frame[H.positionSecondsHeld] = side === 0 ? 0 : seconds * draw();
}

type FieldOf<Type> = Extract<FrameField, { readonly type: Type }>;

function writeReading(frame: Float64Array, { offset, outputs, history }: FieldOf<"reading">, draw: Draw): void {
  const scale = SCALES[oneOf(draw, SCALES.length)]!;
  const least = oneOf(draw, 2) === 0 ? 0 : -scale;
  const ready = unlessMissing(draw, 0);
  for (let at = offset; at < offset + outputs.length * (2 + history); at++) {
    frame[at] = ready + least + (scale - least) * draw();
  }
}

/** The oldest are missing where there are fewer. */
function writeCandles(frame: Float64Array, { offset, depth }: FieldOf<"candles">, draw: Draw): void {
  const missing = oneOf(draw, MISSING) === 0 ? oneOf(draw, depth) + 1 : 0;
  let price = 10 ** (5 * draw());
  for (let index = 0; index < depth; index++) {
    const open = price;
    price *= 0.99 + 0.02 * draw();
    const candle = [open, Math.max(open, price) * 1.001, Math.min(open, price) * 0.999, price, 1000 * draw()];
    for (const [series, value] of candle.entries()) {
      frame[offset + series * depth + index] = index < missing ? Number.NaN : value;
    }
  }
}
