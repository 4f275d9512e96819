import fc from "fast-check";
import { expect, test } from "vitest";
import { percentile, Ring, sortedValues } from "../../../engine/sandbox/ring.ts";

const u32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const history = fc.record({ valuesMax: fc.integer({ min: 1, max: 40 }), values: fc.array(u32, { maxLength: 130 }) });

function ringOf({ valuesMax, values }: { readonly valuesMax: number; readonly values: readonly number[] }): Ring {
  const ring = new Ring(valuesMax);
  for (const value of values) ring.add(value);
  return ring;
}

test("a ring holds the latest values, whatever came before", () => {
  fc.assert(
    fc.property(history, (one) => {
      const latest = one.values.slice(-one.valuesMax);
      const ring = ringOf(one);
      expect([...ring.latest].sort()).toEqual(latest.toSorted());
      expect(ring.largest).toBe(Math.max(0, ...latest));
    }),
  );
});

test("a percentile is the smallest value that its share of the latest do not exceed", () => {
  fc.assert(
    fc.property(fc.array(history, { maxLength: 3 }), fc.double({ min: 0.01, max: 1, noNaN: true }), (many, share) => {
      const latest = many.flatMap(({ valuesMax, values }) => values.slice(-valuesMax));
      const sorted = sortedValues(many.map(ringOf));
      const found = percentile(sorted, share);
      if (latest.length === 0) latest.push(0);
      const notAbove = (limit: number) => latest.filter((value) => value <= limit).length;
      expect(latest).toContain(found);
      expect(notAbove(found)).toBeGreaterThanOrEqual(share * latest.length);
      for (const less of latest.filter((value) => value < found))
        expect(notAbove(less)).toBeLessThan(share * latest.length);
    }),
  );
});

test("asking changes nothing", () => {
  const ring = ringOf({ valuesMax: 3, values: [9, 1, 5] });
  expect([...sortedValues([ring])]).toEqual([1, 5, 9]);
  expect([...ring.latest]).toEqual([9, 1, 5]);
});
