// The ladder, word for word: what each mode still allows, and that a latch or a wish can only go down it.
import { describe, expect, test } from "vitest";
import { ALLOWED, stricter } from "../../../engine/risk/mode.ts";
import { MODES } from "../../../engine/risk/settings.ts";

test("the ladder is", () => {
  const line = (mode: (typeof MODES)[number]) => Object.values(ALLOWED[mode]).map((is) => (is ? "yes" : "no"));
  expect(Object.keys(ALLOWED.active)).toEqual([
    "decides",
    "newEntries",
    "strategyExits",
    "forcedSell",
    "cancelsEntryOrders",
  ]);
  expect(MODES.map((mode) => [mode, ...line(mode)].join(" "))).toEqual([
    "active yes yes yes no no",
    "entries-stopped yes no yes no no",
    "reduce-only yes no yes no yes",
    "flatten no no no yes yes",
    "halted no no no no yes",
  ]);
});

describe("of two modes", () => {
  test("the one further down holds, whichever way they are named", () => {
    for (const [index, freer] of MODES.entries())
      for (const mode of MODES.slice(index))
        expect([stricter(freer, mode), stricter(mode, freer)]).toEqual([mode, mode]);
  });

  test("the stricter one never allows an entry that the other forbids", () => {
    for (const a of MODES)
      for (const b of MODES) if (!ALLOWED[a].newEntries) expect(ALLOWED[stricter(a, b)].newEntries).toBe(false);
  });
});
