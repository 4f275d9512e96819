// A volatility is had from the candles that there are; nothing else is replaced.
import { expect, test } from "vitest";
import { checkInput } from "../../../dsl/indicators/registry.ts";
import { coarsen } from "../../../engine/frame/coarsen.ts";

const MINUTE = 60_000;
const fair = { kind: "market.probabilityUp", options: { window: "15m", step: "10s" } };

test("ticks have every step", () => {
  expect(coarsen(fair, 0)).toBe(fair);
});

test.each([
  [MINUTE, "1m", "15m"],
  [5 * MINUTE, "5m", "1h"],
])("candles of %i ms give steps of %s over %s", (shortestMs, step, window) => {
  const computed = coarsen(fair, shortestMs);
  expect(computed.options).toEqual({ step, window });
  expect(checkInput("fair", computed)).toBeNull();
});

test("a step that the source has stays", () => {
  const slow = { kind: "market.volatility", options: { window: "1h", step: "5m" } };
  expect(coarsen(slow, MINUTE)).toBe(slow);
});

test("an indicator on shorter candles than there are is not replaced: it is not ready", () => {
  const rsi = { kind: "ta.rsi", options: { interval: "10s", period: 14 } };
  expect(coarsen(rsi, MINUTE)).toBe(rsi);
});
