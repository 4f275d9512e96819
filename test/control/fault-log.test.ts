import { expect, test } from "vitest";
import { FaultLog } from "../../control/fault-log.ts";

test("of a fault in every cycle the first three are shown, then one a minute with the number of those that were not", () => {
  const faults = new FaultLog();
  const shown: [second: number, suppressed: number][] = [];
  for (let second = 0; second < 180; second++) {
    const admitted = faults.admit("momentum", "x is not a function", second * 1_000);
    if (admitted !== null) shown.push([second, admitted.suppressed]);
  }
  expect(shown).toEqual([
    [0, 0],
    [1, 0],
    [2, 0],
    [62, 59],
    [122, 59],
  ]);
});

test("another message and another strategy are counted apart", () => {
  const faults = new FaultLog();
  for (let i = 0; i < 10; i++) faults.admit("momentum", "one", 0);
  expect(faults.admit("momentum", "one", 0)).toBeNull();
  expect(faults.admit("momentum", "two", 0)).toEqual({ suppressed: 0 });
  expect(faults.admit("regime", "one", 0)).toEqual({ suppressed: 0 });
});

test("endlessly many messages are forgotten, the longest silent first", () => {
  const faults = new FaultLog();
  for (let i = 0; i < 4; i++) for (const message of ["old", "kept"]) faults.admit("momentum", message, 0);
  for (let i = 0; i < 1_000; i++) {
    faults.admit("momentum", `message ${i}`, 0);
    faults.admit("momentum", "kept", 0);
  }
  expect(faults.admit("momentum", "kept", 0)).toBeNull();
  expect(faults.admit("momentum", "old", 0)).toEqual({ suppressed: 0 });
});
