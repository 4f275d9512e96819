// Where each number of a frame lies: in the order of declaration, without gaps or overlaps.
import { expect, test } from "vitest";
import { INPUT_KINDS } from "../../../dsl/indicators/registry.ts";
import { FRAME_DOUBLES_MAX, HEADER, HEADER_INDEX, layoutOf } from "../../../engine/frame/layout.ts";

const outputsOf = (kind: string) => INPUT_KINDS[kind]!.outputs;

test("the header comes first, field by field", () => {
  expect(HEADER.map((name) => HEADER_INDEX[name])).toEqual(HEADER.map((_, index) => index));
  expect(layoutOf({}, outputsOf)).toEqual({ size: HEADER.length, fields: [] });
});

test("inputs follow in the order in which they are declared", () => {
  const layout = layoutOf(
    {
      rsi: { kind: "ta.rsi", options: { period: 14, history: 3 } },
      recent: { kind: "candles", options: { interval: "1m", depth: 4 } },
      macd: { kind: "ta.macd", options: { history: 1 } },
      fair: { kind: "market.probabilityUp", options: {} },
    },
    outputsOf,
  );
  const start = HEADER.length;
  expect(layout.fields).toEqual([
    { type: "reading", name: "rsi", offset: start, outputs: ["value"], history: 3 },
    { type: "candles", name: "recent", offset: start + 5, depth: 4 },
    { type: "reading", name: "macd", offset: start + 25, outputs: ["macd", "signal", "histogram"], history: 1 },
    { type: "reading", name: "fair", offset: start + 34, outputs: ["value"], history: 16 },
  ]);
  expect(layout.size).toBe(start + 52);
});

test("a frame has room for more than a hundred readings", () => {
  expect(HEADER.length + 100 * 18).toBeLessThan(FRAME_DOUBLES_MAX);
});
