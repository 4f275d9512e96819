import { expect, test } from "vitest";
import {
  age,
  basisPoints,
  bytes,
  clock,
  measured,
  percent,
  plural,
  profit,
  time,
  usdc,
} from "../../control/number-format.ts";

test("a balance has commas and two decimals, rounded half to even, and no plus", () => {
  expect([1_234_567_890_000, 1_005_000, 1_015_000, -3_100_000, 0].map(usdc)).toEqual([
    "1,234,567.89",
    "1.00",
    "1.02",
    "−3.10",
    "0.00",
  ]);
});
test("a profit always has its sign, and zero has none", () => {
  expect([41_270_000, -3_100_000, 0, 1, -1, null].map(profit)).toEqual([
    "+41.27",
    "−3.10",
    "0.00",
    "0.00",
    "0.00",
    "–",
  ]);
});
test("the distance from the open is in basis points with one decimal", () => {
  expect(basisPoints(100.074, 100)).toBe("+7.4");
  expect(basisPoints(99.9, 100)).toBe("−10.0");
  expect(basisPoints(100, 100)).toBe("0.0");
  expect(basisPoints(null, 100)).toBe("–");
});
test("the time left counts whole seconds down to nothing", () => {
  expect([134.9, 899, 0, -3].map(clock)).toEqual(["2:14", "14:59", "0:00", "0:00"]);
});
test("ages keep their unit", () => {
  expect([800, 38_000, 840_000, 11_520_000].map(age)).toEqual(["0.8 s", "38 s", "14 min", "3.2 h"]);
});
test("the date is shown only when it is not today", () => {
  const nowMs = Date.parse("2026-06-08T12:07:47.000Z");
  expect(time("2026-06-08T02:12:05.123Z", nowMs)).toBe("02:12:05");
  expect(time("2026-06-07T02:12:05.123Z", nowMs)).toBe("2026-06-07 02:12:05");
});
test("sizes are in KB until they are a MB, and never nothing", () => {
  expect([1, 1024, 217_088, 1_023_487, 1_023_488, 16_777_216].map(bytes)).toEqual([
    "1 KB",
    "1 KB",
    "212 KB",
    "1000 KB",
    "1.0 MB",
    "16.0 MB",
  ]);
});
test("shares keep two digits, and what is something is never nothing", () => {
  expect([0, 0.000_032, 0.000_32, 0.009_9, 0.009_96, 0.099_4, 0.099_6, 0.831, 1].map(percent)).toEqual([
    "0.00 %",
    "<0.01 %",
    "0.03 %",
    "0.99 %",
    "1.0 %",
    "9.9 %",
    "10 %",
    "83 %",
    "100 %",
  ]);
});
test("what was not measured is not shown as nothing", () => {
  expect([0, 1].map((size) => measured(size, bytes))).toEqual(["–", "1 KB"]);
});
test("one is singular", () => {
  expect([0, 1, 1204].map((n) => plural(n, "fault"))).toEqual(["0 faults", "1 fault", "1,204 faults"]);
});
