import { expect, test } from "vitest";
import { type FrameLayout, HEADER_INDEX as H, HEADER } from "../../../engine/frame/layout.ts";
import { PROBE_FRAMES_MAX } from "../../../engine/sandbox/purity-probe.ts";
import { syntheticFrame } from "../../../engine/sandbox/synthetic-frame.ts";

const HISTORY = 2;
const DEPTH = 3;
const LAYOUT: FrameLayout = {
  size: HEADER.length + 2 * (2 + HISTORY) + 5 * DEPTH,
  fields: [
    { type: "reading", name: "macd", offset: HEADER.length, outputs: ["macd", "signal"], history: HISTORY },
    { type: "candles", name: "bars", offset: HEADER.length + 2 * (2 + HISTORY), depth: DEPTH },
  ],
};
const frames = Array.from({ length: PROBE_FRAMES_MAX }, (_, n) => syntheticFrame(LAYOUT, 7, n));
const count = (is: (frame: Float64Array) => boolean) => frames.filter(is).length;

test("a frame is a function of its seed and index", () => {
  expect(frames.map((_, n) => syntheticFrame(LAYOUT, 7, n))).toEqual(frames);
  expect(new Set(frames.map(String)).size).toBe(frames.length);
});

test("frames hold no position, an up one and a down one, and entries, quotes and prices that are missing", () => {
  for (const side of [0, 1, 2]) expect(count((frame) => frame[H.positionSide] === side)).toBeGreaterThan(30);
  for (const field of ["spot", "open", "upAsk", "downBid", "upBidSize"] as const) {
    const missing = count((frame) => Number.isNaN(frame[H[field]]!));
    expect([field, missing > 5 && missing < frames.length / 3]).toEqual([field, true]);
  }
  expect(count((frame) => frame[H.upAskSize] === 0)).toBeGreaterThan(5);
});

test("readings are ready and not, and candles begin where there are any", () => {
  const macd = HEADER.length;
  expect(count((frame) => Number.isNaN(frame[macd]!))).toBeGreaterThan(5);
  expect(count((frame) => frame[macd]! < 0)).toBeGreaterThan(20);
  expect(count((frame) => frame[macd]! > 10)).toBeGreaterThan(5);
  const [open, high] = [macd + 2 * (2 + HISTORY), macd + 2 * (2 + HISTORY) + DEPTH];
  const padded = count((frame) => Number.isNaN(frame[open]!));
  expect(padded).toBeGreaterThan(5);
  expect(padded).toBeLessThan(frames.length / 2);
  for (const frame of frames) {
    expect(Number.isNaN(frame[open]!)).toBe(Number.isNaN(frame[high]!));
    if (!Number.isNaN(frame[open]!)) expect(frame[high]!).toBeGreaterThan(frame[open]!);
  }
});
