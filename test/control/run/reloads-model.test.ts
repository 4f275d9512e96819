// Whatever happens in whatever order: saves, changed params, slots that come and go, answers of the workshop and the sandbox,
// boundaries, and versions let go of.
import fc from "fast-check";
import { expect, test } from "vitest";
import { QUIET_MS } from "../../../control/run/reloads.ts";
import { versionKey } from "../../../engine/decide/version.ts";
import { aSlot } from "../../support/settings.ts";
import { BROKEN, ReloadBench, STRATEGY, settle, sized } from "./reload-bench.ts";

const ASSETS = ["btc", "eth", "sol"] as const;
const nth = fc.nat({ max: 3 });

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("save" as const), disk: fc.constantFrom("a", "b", "c", BROKEN) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("configure" as const),
      sizes: fc.array(fc.nat({ max: 2 }), { minLength: 1, maxLength: 3 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("elapse" as const), ms: fc.constantFrom(10, QUIET_MS, 500) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("prepared" as const), nth }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("installed" as const), nth }) },
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
      bench.wanted = each.sizes.map((size, index) => sized(aSlot(ASSETS[index]), size));
      return hasNewSlots(bench) ? undefined : void bench.reloads.request(STRATEGY, "params");
    case "elapse":
      return bench.elapse(each.ms);
    case "prepared":
    case "installed": {
      const waiting = each.do === "prepared" ? bench.preparing : bench.installing;
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

const hasNewSlots = (bench: ReloadBench): boolean => bench.wanted.some(({ id }) => bench.slots.get(id) === null);

/** Who configures slots asks for their code once they are there. */
function boundary(bench: ReloadBench): void {
  const isDue = hasNewSlots(bench);
  bench.boundary();
  if (isDue) void bench.reloads.request(STRATEGY, "params");
}

/** What decides, or will, can always decide: it is in the sandbox. */
const homeless = (bench: ReloadBench): string[] => [...bench.inUse].filter((key) => !bench.images.has(key));

test("once everything has settled, the last content that is good decides in every slot, each with its params", async () => {
  let broken = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40, size: "max" }), async (steps) => {
      const bench = await ReloadBench.running("a");
      for (const each of steps) {
        await take(bench, each);
        expect(homeless(bench)).toEqual([]);
      }
      await bench.finish();
      boundary(bench);
      if (bench.disk === BROKEN) {
        broken += 1;
        expect(bench.receipt).toMatchObject({ state: "rejected", stage: "bundled" });
        bench.save("a");
      }
      await bench.finish();
      boundary(bench);
      await bench.finish();
      boundary(bench);
      const good = bench.disk;
      for (const { id, params } of bench.wanted) expect(bench.running(id)).toBe(`${good}${params.size ?? 0}`);
      expect(bench.receipt).toMatchObject({ state: "active", to: `momentum@${good.repeat(8)}` });
      bench.retire();
      bench.retire();
      const running = [...bench.slots.all].map((slot) => versionKey(slot.running!.ref));
      expect(new Set(bench.images)).toEqual(new Set(running));
    }),
    { numRuns: 300 },
  );
  expect(broken).toBeGreaterThan(0);
});
