// What may not decide any more is refused at the gate, whatever brought it there.
import { describe, expect, test } from "vitest";
import { QUIET_MS } from "../../../control/run/reloads.ts";
import { aSlot } from "../../support/settings.ts";
import { versionRef } from "../../support/version-facts.ts";
import { ReloadBench, settle, sized } from "./reload-bench.ts";

const THREE = [sized(aSlot("btc"), 1), sized(aSlot("eth"), 2), sized(aSlot("sol"), 1)];

/** Strikes do this elsewhere; code and params are one character each: "b0". */
function bar(bench: ReloadBench, name: string): void {
  const [code, params] = name as unknown as [string, string];
  const turn = { write: () => {}, nowMs: 0 } as never;
  bench.engine.bars.set("quarantine", versionRef({ code, params }), "underway", "it hangs", turn);
}

const REFUSED = {
  state: "rejected",
  stage: "gated",
  reasons: [expect.stringMatching(/^momentum@b{8}\/\d{8} is quarantined: it hangs\. Clear it with: clear quarantine:/)],
};

describe("a barred version", () => {
  test("is refused at the gate with the reason, and what runs goes on", async () => {
    const bench = await ReloadBench.running("a");
    bar(bench, "b0");
    await bench.reload("b");
    bench.boundary();
    expect([bench.running(), bench.armed()]).toEqual(["a0", null]);
    expect(bench.receipt).toMatchObject(REFUSED);
    const command = {
      id: "c1",
      kind: "clear-latch",
      latch: "quarantine:momentum@bbbbbbbb/00000000",
      reason: "mended",
    } as const;
    bench.configure({}, [command]);
    bench.boundary();
    await bench.reload("b");
    expect(bench.armed()).toBe("b0");
  });

  test("is refused also when it is what the slots run", async () => {
    const bench = await ReloadBench.running("b");
    bar(bench, "b0");
    await bench.reload("b");
    expect(bench.receipt).toMatchObject(REFUSED);
  });

  test("is refused also when it became so while it was proved", async () => {
    const bench = await ReloadBench.running("a");
    bench.save("b");
    await bench.elapse(QUIET_MS);
    bench.preparing.pop()!.answer();
    await settle();
    bar(bench, "b0");
    await bench.finish();
    expect(bench.armed()).toBeNull();
    expect(bench.receipt).toMatchObject(REFUSED);
    expect(bench.rehearsed[0]?.isCancelled).toBe(true);
  });

  test("takes the other params of its code with it: a candidate is refused whole", async () => {
    const bench = await ReloadBench.running("a", THREE);
    bar(bench, "b2");
    await bench.reload("b");
    bench.boundary();
    expect(THREE.map(({ id }) => bench.running(id))).toEqual(["a1", "a2", "a1"]);
    expect(bench.receipt).toMatchObject(REFUSED);
  });
});
