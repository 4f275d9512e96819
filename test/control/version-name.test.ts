import { describe, expect, test } from "vitest";
import { findVersion, type KnownVersion, parseVersionName } from "../../control/version-name.ts";
import type { CodeVersion } from "../../engine/base/ids.ts";

const version = (strategy: string, digits: string, ordinal: number | null): KnownVersion => ({
  strategy,
  code: digits.padEnd(64, "0") as CodeVersion,
  ordinal,
});
const young = version("momentum", "3f9a2c1e77", 14);
const old = version("momentum", "3f9a2b00", 13);
const other = version("trend", "ab12cd34", 14);
const unnumbered = version("trend", "beef0000", null);
const known = [young, old, other, unnumbered];

test.each([
  ["momentum@3f9a2c1e", { strategy: "momentum", ordinal: null, prefix: "3f9a2c1e" }],
  ["momentum@v14", { strategy: "momentum", ordinal: 14, prefix: "" }],
  ["v14", { strategy: null, ordinal: 14, prefix: "" }],
  ["3F9A", { strategy: null, ordinal: null, prefix: "3f9a" }],
])("%s is a name", (text, name) => expect(parseVersionName(text)).toEqual(name));

test.each([
  "",
  "momentum",
  "momentum@",
  "v0",
  "v",
  "3f9",
  "momentum@xyz1",
  "@v1",
  "3f9a2c1e".repeat(9),
])("%j is no name", (text) => expect(parseVersionName(text)).toBeNull());

describe("of what there is", () => {
  test("every kind of name finds the one version it names", () => {
    for (const text of ["momentum@3f9a2c1e", "momentum@v14", "3f9a2c", young.code, `momentum@${young.code}`]) {
      expect(findVersion(text, known)).toBe(young);
    }
    expect(findVersion("beef", known)).toBe(unnumbered);
  });

  test("a name without a strategy means the one at hand", () => {
    expect(findVersion("v14", known, "momentum")).toBe(young);
    expect(findVersion("v14", known, "trend")).toBe(other);
    expect(findVersion("trend@v14", known, "momentum")).toBe(other);
  });

  test.each([
    ["3f9a", /it may be momentum@3f9a2c1e \(v14\), momentum@3f9a2b00 \(v13\)$/],
    ["v14", /it may be momentum@3f9a2c1e \(v14\), trend@ab12cd34 \(v14\)$/],
    ["trend@3f9a2c1e", /^Cannot find version "trend@3f9a2c1e"/],
    ["momentum@v15", /^Cannot find version/],
    ["14", /expected momentum@3f9a2c1e, momentum@v14, v14 or/],
  ])("%s is none of them, or too many", (text, message) => expect(() => findVersion(text, known)).toThrow(message));

  test("who names none is told what there is, of that strategy first", () => {
    const hintOf = (text: string) => {
      try {
        findVersion(text, known);
      } catch (error) {
        return (error as { readonly hint: string }).hint;
      }
    };
    expect(hintOf("trend@v9")).toBe("there are trend@ab12cd34 (v14), trend@beef0000");
    expect(hintOf("nothing@v9")).toMatch(/^there are momentum@3f9a2c1e \(v14\), momentum@3f9a2b00 \(v13\), trend@/);
  });
});
