// Whatever happens in whatever order: saves, changed params, slots that come and go, answers of the workshop, the types, the
// rehearsal and the sandbox, boundaries, and versions let go of.
import fc from "fast-check";
import { expect, test } from "vitest";
import { QUIET_MS } from "../../../control/run/reloads.ts";
import { BROKEN, IMPURE, MISTYPED, STRATEGY } from "../../support/letter-sources.ts";
import { aSlot } from "../../support/settings.ts";
import { ReloadBench, settle, sized } from "./reload-bench.ts";

const ASSETS = ["btc", "eth", "sol"] as const;
const BAD: Readonly<Record<string, string>> = {
  [BROKEN]: "bundled",
  [MISTYPED]: "type-checked",
  [IMPURE]: "rehearsed",
};
const nth = fc.nat({ max: 3 });

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("save" as const),
      disk: fc.constantFrom("a", "b", "c", ...Object.keys(BAD)),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("configure" as const),
      sizes: fc.array(fc.nat({ max: 2 }), { minLength: 1, maxLength: 3 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("elapse" as const), ms: fc.constantFrom(10, QUIET_MS, 500) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("preparing" as const), nth }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("checking" as const), nth }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("rehearsing" as const), nth }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("installing" as const), nth }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("boundary" as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("retire" as const), times: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("finish" as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

async function take(bench: ReloadBench, each: Step): Promise<void> {
  switch (each.do) {
    case "save":
      return bench.save(each.disk);
    case "configure":
      bench.configure({ slots: each.sizes.map((size, index) => sized(aSlot(ASSETS[index]), size)) });
      return bench.hasNewSlots ? undefined : void bench.reloads.request(STRATEGY, "params");
    case "elapse":
      return bench.elapse(each.ms);
    case "preparing":
    case "checking":
    case "rehearsing":
    case "installing": {
      const waiting = bench[each.do];
      waiting.splice(each.nth % (waiting.length || 1), 1)[0]?.answer();
      return settle();
    }
    case "boundary":
      return boundary(bench);
    case "retire":
      for (let time = 0; time < each.times; time++) bench.retire();
      return;
    case "finish":
      return bench.finish();
  }
}

/** Who configures slots asks for their code once they are there. */
function boundary(bench: ReloadBench): void {
  const isDue = bench.hasNewSlots;
  bench.boundary();
  if (isDue) void bench.reloads.request(STRATEGY, "params");
}

/** What decides, or will, or is compared, can always decide: it is in the sandbox. */
const homeless = (bench: ReloadBench): string[] => [...bench.inUse].filter((key) => !bench.images.has(key));

async function settleDown(bench: ReloadBench): Promise<void> {
  for (let round = 0; round < 4; round++) {
    await bench.finish();
    boundary(bench);
  }
}

test("once everything has settled, the last content that is good decides in every slot, each with its params", async () => {
  const refused = new Set<string>();
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60, size: "max" }), async (steps) => {
      const bench = await ReloadBench.running("a");
      for (const each of steps) {
        await take(bench, each);
        expect(homeless(bench)).toEqual([]);
        for (const decided of bench.decided.values()) expect(decided).not.toMatch(/^[de]/);
      }
      await settleDown(bench);
      const stage = BAD[bench.disk];
      if (stage !== undefined) {
        refused.add(stage);
        expect(bench.receipt).toMatchObject({ state: "rejected", stage });
        const { slots } = bench.settings;
        for (const { id, params } of slots) expect(bench.running(id)?.[1]).toBe(String(params.size ?? 0));
        bench.save("a");
        await settleDown(bench);
      }
      const good = bench.disk;
      for (const { id, params } of bench.settings.slots) expect(bench.running(id)).toBe(`${good}${params.size ?? 0}`);
      expect([bench.engine.candidates.waiting(STRATEGY), bench.openAlarms]).toEqual([null, []]);
      bench.retire();
      bench.retire();
      expect(bench.images).toEqual(bench.inUse);
      const versions = [...bench.engine.slots.all].map(({ lastGood }) => 1 + lastGood.length);
      expect(Math.max(...versions)).toBeLessThanOrEqual(3);
    }),
    { numRuns: 200 },
  );
  expect([...refused].sort()).toEqual(["bundled", "rehearsed", "type-checked"]);
});
