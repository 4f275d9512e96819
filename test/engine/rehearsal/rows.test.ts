import fc from "fast-check";
import { expect, test } from "vitest";
import { Rows } from "../../../engine/rehearsal/rows.ts";

test("a row keeps its number and its values, whatever is added and forgotten", () => {
  const steps = fc.array(fc.record({ pushed: fc.nat(40), forgotten: fc.nat(50) }), { maxLength: 20 });
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 3 }), (script, width) => {
      const rows = new Rows(width, 1);
      let first = 0;
      let end = 0;
      for (const { pushed, forgotten } of script) {
        for (let n = 0; n < pushed; n++, end++)
          rows.push(Array.from({ length: width }, (_, field) => 10 * end + field));
        rows.forget(first + forgotten);
        first = Math.min(end, first + forgotten);
        expect([rows.first, rows.end]).toEqual([first, end]);
        for (let row = first; row < end; row++) expect(rows.get(row, width - 1)).toBe(10 * row + width - 1);
        const middle = Math.floor((first + end) / 2);
        expect(rows.firstWhere((row) => row >= middle)).toBe(middle);
      }
    }),
    { numRuns: 50 },
  );
});
