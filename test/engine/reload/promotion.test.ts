import { describe, expect, it } from "vitest";
import { parsePromotion } from "../../../engine/reload/promotion.ts";

describe("a promotion policy", () => {
  it.each([
    ["auto", { type: "auto" }],
    ["ungated", { type: "ungated" }],
    ["approve", { type: "steps", steps: [{ type: "approve" }] }],
    ["shadow:36->approve", { type: "steps", steps: [{ type: "shadow", windows: 36 }, { type: "approve" }] }],
    ["canary:2/48", { type: "steps", steps: [{ type: "canary", slots: 2, windows: 48 }] }],
  ])("%s", (text, expected) => {
    expect(parsePromotion(text)).toEqual(expected);
  });

  it.each([
    "",
    "Auto",
    "auto -> approve",
    "shadow",
    "shadow:0",
    "shadow:1.5",
    "canary:48",
    "canary:2/0",
    "approve ->",
    "shadow:100000",
  ])("%j is none", (text) => {
    expect(parsePromotion(text)).toBeNull();
  });
});
