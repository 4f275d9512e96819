// One value, one text: what is hashed must not depend on the order in which someone wrote it down.
import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalJson, type Json } from "../../../engine/base/canonical-json.ts";

/** The same value with the keys of every record the other way round. */
function shuffled(value: Json): Json {
  if (Array.isArray(value)) return value.map(shuffled);
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value as { readonly [key: string]: Json });
  return Object.fromEntries(entries.reverse().map(([key, each]) => [key, shuffled(each)]));
}

const json = fc.jsonValue({ maxDepth: 4 }).map((value) => value as Json);

test("the order of keys does not matter", () => {
  expect(canonicalJson({ b: 1, a: [{ d: null, c: "x" }] })).toBe('{"a":[{"c":"x","d":null}],"b":1}');
  fc.assert(fc.property(json, (value) => canonicalJson(shuffled(value)) === canonicalJson(value)));
});

test("the text means the value", () => {
  fc.assert(
    fc.property(json, (value) => {
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test("the order of a list does matter", () => {
  expect(canonicalJson([1, 2])).not.toBe(canonicalJson([2, 1]));
});
