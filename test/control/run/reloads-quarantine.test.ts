// What may not decide any more is refused at the gate, whatever brought it there.
import { describe, expect, test } from "vitest";
import { QUIET_MS } from "../../../control/run/reloads.ts";
import { aSlot } from "../../support/settings.ts";
import { ReloadBench, settle, sized } from "./reload-bench.ts";

const THREE = [sized(aSlot("btc"), 1), sized(aSlot("eth"), 2), sized(aSlot("sol"), 1)];

describe("a quarantined version", () => {
  test("is refused at the gate with the reason, and what runs goes on", async () => {
    const bench = await ReloadBench.running("a");
    bench.quarantined.add("b0");
    await bench.reload("b");
    bench.boundary();
    expect([bench.running(), bench.armed()]).toEqual(["a0", null]);
    expect(bench.receipt).toMatchObject({
      state: "rejected",
      stage: "gated",
      reasons: ["momentum.ts it is quarantined"],
    });
    bench.quarantined.clear();
    await bench.reload("b");
    expect(bench.armed()).toBe("b0");
  });

  test("is refused also when it is what the slots ran, or when it became so while it was installed", async () => {
    const bench = await ReloadBench.running("a");
    bench.quarantined.add("a0");
    await bench.reload("a");
    expect(bench.receipt).toMatchObject({ state: "rejected", stage: "gated" });
    bench.save("b");
    await bench.elapse(QUIET_MS);
    bench.preparing.pop()!.answer();
    await settle();
    bench.quarantined.add("b0");
    bench.installing.pop()!.answer();
    await settle();
    expect(bench.armed()).toBeNull();
    expect(bench.receipt).toMatchObject({ state: "rejected", stage: "gated" });
  });

  test("takes the other params of its code with it: a candidate is refused whole", async () => {
    const bench = await ReloadBench.running("a", THREE);
    bench.quarantined.add("b2");
    await bench.reload("b");
    bench.boundary();
    expect(THREE.map(({ id }) => bench.running(id))).toEqual(["a1", "a2", "a1"]);
    expect(bench.receipt).toMatchObject({ state: "rejected", stage: "gated" });
  });
});
