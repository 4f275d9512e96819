// What a candidate must prove before it comes to the gate, and what is tried where the folder does not say it.
import { describe, expect, test } from "vitest";
import { QUIET_MS } from "../../../control/run/reloads.ts";
import { versionKey } from "../../../engine/decide/version.ts";
import { aReport } from "../../support/a-receipt.ts";
import { BROKEN, IMPURE, MISTYPED, STRATEGY } from "../../support/letter-sources.ts";
import { aSlot, reloadWith } from "../../support/settings.ts";
import { versionRef } from "../../support/version-facts.ts";

import { codeOf, ReloadBench, settle, sized } from "./reload-bench.ts";

const THREE = [sized(aSlot("btc"), 1), sized(aSlot("eth"), 2), sized(aSlot("sol"), 1)];
const FAULT = {
  kind: "threw",
  message: "boom",
  where: "strategies/momentum.ts:7:3",
  frame: "> 7",
  slot: THREE[0]!.id,
  window: "btc-5m-1",
  cycle: 3,
} as never;

/** As far as everything that is asked at once. */
async function proving(bench: ReloadBench, disk: string) {
  bench.save(disk);
  await bench.elapse(QUIET_MS);
  bench.preparing.pop()!.answer();
  await settle();
  return { types: bench.checking.pop()!, rehearsal: bench.rehearsing.pop()!, installed: bench.installing.pop()! };
}

describe("a proof", () => {
  test("of types, of decisions and of the sandbox goes on at the same time, and takes what the longest takes", async () => {
    const bench = await ReloadBench.running("a");
    const { types, rehearsal, installed } = await proving(bench, "b");
    await bench.elapse(20);
    installed.answer();
    await settle();
    await bench.elapse(10);
    types.answer();
    await settle();
    await bench.elapse(30);
    rehearsal.answer(aReport({ complete: false, frames: 10 }));
    await settle();
    expect(bench.receipt).toMatchObject({
      id: "momentum-2",
      strategy: STRATEGY,
      cause: "file",
      state: "armed",
      stage: null,
      reasons: [],
      from: "momentum@aaaaaaaa",
      to: "momentum@bbbbbbbb",
      code: codeOf("b"),
      params: [codeOf("0")],
      ordinal: 2,
      slots: [bench.settings.slots[0]!.id],
      timingsMs: {
        bundled: 12.3,
        loaded: 5,
        installed: 20,
        "type-checked": 30,
        rehearsed: 60,
        total: QUIET_MS + 60,
      },
      rehearsal: { frames: 10, sampledOf: 100, complete: false },
      boundaryCycle: null,
    });
    bench.boundary();
    const { coreBefore, coreAfter } = bench.receipt!;
    expect(bench.receipt).toMatchObject({ id: "momentum-2", state: "active", boundaryCycle: 3, boundaryUs: 0 });
    expect(coreBefore).toBe(coreAfter);
    expect(coreAfter).toMatch(/^[0-9a-f]{16}$/);
    expect(bench.log.at(-1)).toBe(
      "info: reloaded momentum@aaaaaaaa → momentum@bbbbbbbb (v2): decides 1 slots from cycle 3, armed in 135 ms (bundled 12.3 ms, loaded 5 ms, installed 20 ms, type-checked 30 ms, rehearsed 60 ms), boundary 0 µs; 10 rehearsed, 0 windows changed",
    );
  });

  test("is of every version that the slots want, against what decides them", async () => {
    const bench = await ReloadBench.running("a", THREE);
    const { rehearsal } = await proving(bench, "b");
    const { candidate, against, windows, budgetMs } = rehearsal.order;
    const shown = (arms: typeof candidate) =>
      arms.map(({ version, slots }) => [versionKey(version.facts.ref).replace(/(.)\1+/g, "$1"), slots.length]);
    expect(shown(candidate)).toEqual([
      ["b:1", 2],
      ["b:2", 1],
    ]);
    expect(shown(against)).toEqual([
      ["a:1", 2],
      ["a:2", 1],
    ]);
    expect([windows, budgetMs]).toEqual([288, 120]);
  });

  test("is against what decided before the canary, where one is replaced by another", async () => {
    const bench = await ReloadBench.running("a", THREE, reloadWith("canary:1/1"));
    await bench.reload("b");
    bench.boundary();
    const { rehearsal } = await proving(bench, "c");
    expect(rehearsal.order.against.map(({ version }) => version.facts.ref.code[0])).toEqual(["a", "a"]);
  });
});

describe("a candidate is refused", () => {
  test("for its types, whatever its rehearsal says, and without waiting for it", async () => {
    const bench = await ReloadBench.running("a");
    const { types, rehearsal } = await proving(bench, MISTYPED);
    types.answer();
    await settle();
    expect(bench.receipt).toMatchObject({
      state: "rejected",
      stage: "type-checked",
      reasons: ["momentum.ts:3:5 rsi.valeu does not exist"],
      rehearsal: null,
    });
    expect(rehearsal.isCancelled).toBe(true);
    rehearsal.fail(new Error("cancelled"));
    rehearsal.rest.fail(new Error("cancelled"));
    await settle();
    expect([bench.running(), bench.armed()]).toEqual(["a0", null]);
  });

  test("for its types also where its rehearsal was refused first", async () => {
    const bench = await ReloadBench.running("a");
    const { types, rehearsal, installed } = await proving(bench, MISTYPED);
    rehearsal.answer(aReport({ pure: false }));
    installed.fail(new Error("no worker starts"));
    await settle();
    types.answer();
    await settle();
    expect(bench.receipt).toMatchObject({ state: "rejected", stage: "type-checked" });
  });

  test("when the type check has no verdict", async () => {
    const bench = await ReloadBench.running("a");
    const { types } = await proving(bench, "b");
    types.fail(new Error("no answer within 10000 ms"));
    await settle();
    expect(bench.receipt).toMatchObject({
      state: "rejected",
      stage: "type-checked",
      reasons: ["no answer within 10000 ms"],
    });
  });

  test("when it is impure, with what differed", async () => {
    const bench = await ReloadBench.running("a");
    await bench.reload(IMPURE);
    expect(bench.receipt).toMatchObject({
      state: "rejected",
      stage: "rehearsed",
      reasons: ["it is impure: it holds at cycle 7, and buys in another order"],
      rehearsal: { pure: false },
    });
    expect([bench.running(), bench.armed()]).toEqual(["a0", null]);
  });

  test("when it faults where what runs does not, with the place and its lines", async () => {
    const bench = await ReloadBench.running("a");
    const { types, rehearsal, installed } = await proving(bench, "b");
    for (const asked of [types, installed]) asked.answer();
    rehearsal.answer(aReport({ frames: 10, faults: 2, firstFault: FAULT }));
    await settle();
    const reason = "strategies/momentum.ts:7:3 it faults in 2 of 10 rehearsed decisions (threw): boom";
    expect(bench.receipt).toMatchObject({ state: "rejected", stage: "rehearsed", reasons: [reason] });
  });

  test("when there is less history than the configuration wants, or none can be had", async () => {
    const bench = await ReloadBench.running("a", undefined, { rehearsalWindowsMin: 2 });
    const { types, rehearsal, installed } = await proving(bench, "b");
    for (const asked of [types, installed]) asked.answer();
    rehearsal.answer(aReport({ windows: { seen: 1, wanted: 288 } }));
    await settle();
    expect(bench.receipt).toMatchObject({
      stage: "rehearsed",
      reasons: ["history has 1 windows to rehearse on, expected at least 2"],
    });
    const again = await proving(bench, "c");
    for (const asked of [again.types, again.installed]) asked.answer();
    again.rehearsal.fail(new Error("the ledger cannot be read"));
    await settle();
    expect(bench.receipt).toMatchObject({ stage: "rehearsed", reasons: ["the ledger cannot be read"] });
  });

  test("by the rest of its rehearsal while it waits, and does not come back by itself", async () => {
    const bench = await ReloadBench.running("a", undefined, reloadWith("approve"));
    await bench.reload("b");
    expect(bench.receipt).toMatchObject({ state: "gated", gate: { waitsFor: "approve" } });
    bench.rehearsed[0]!.rest.answer(aReport({ faults: 1, firstFault: FAULT }));
    await settle();
    expect(bench.receipt).toMatchObject({
      state: "rejected",
      stage: "gated",
      reasons: [expect.stringContaining("boom")],
    });
    await bench.reload("b");
    expect(bench.receipt).toMatchObject({
      state: "rejected",
      stage: "gated",
      reasons: [expect.stringContaining("is rejected")],
    });
  });

  test("by the rest of its rehearsal when it decides already: it is rolled back", async () => {
    const bench = await ReloadBench.running("a");
    await bench.reload("b");
    bench.boundary();
    await bench.reload(BROKEN); // Which is no reason to rehearse what runs no further.
    expect(bench.rehearsed[0]!.isCancelled).toBe(false);
    bench.rehearsed[0]!.rest.answer(aReport({ faults: 1, firstFault: FAULT }));
    await settle();
    bench.boundary();
    expect(bench.running()).toBe("a0");
    expect(bench.statesOf("momentum-2")).toEqual(["armed", "active", "rolled-back"]);
  });

  test("never when it is ungated, which asks neither types nor history", async () => {
    const bench = await ReloadBench.running("a", undefined, reloadWith("ungated"));
    bench.save(MISTYPED);
    await bench.elapse(QUIET_MS);
    bench.preparing.pop()!.answer();
    await settle();
    expect([bench.checking.length, bench.rehearsing.length]).toEqual([0, 0]);
    bench.installing.pop()!.answer();
    await settle();
    bench.boundary();
    expect(bench.running()).toBe("d0");
    expect(bench.receipt).toMatchObject({ state: "permanent", rehearsal: null });
  });
});

describe("the rest of a rehearsal", () => {
  const approval = (bench: ReloadBench, id: string) => {
    const command = { id, kind: "approve", strategy: STRATEGY, code: codeOf("b"), params: codeOf("0") } as const;
    bench.configure({}, [command]);
    bench.boundary();
    bench.boundary();
    return bench.engine.commandsDone.at(-1)?.effect;
  };

  test("must be in before an approval counts", async () => {
    const bench = await ReloadBench.running("a", undefined, reloadWith("approve"));
    const { types, rehearsal, installed } = await proving(bench, "b");
    for (const asked of [types, installed]) asked.answer();
    rehearsal.answer(aReport({ complete: false, frames: 10 }));
    await settle();
    expect(approval(bench, "c1")).toBe(
      "refused: momentum@bbbbbbbb (v2) is still rehearsed, 10 of 100 decisions so far",
    );
    rehearsal.rest.answer(aReport());
    await settle();
    expect(approval(bench, "c2")).toBe("momentum@bbbbbbbb (v2) is approved, by ops");
    expect(bench.running()).toBe("b0");
  });

  test("that fails is told, and leaves what is known", async () => {
    const bench = await ReloadBench.running("a", undefined, reloadWith("approve"));
    await bench.reload("b");
    bench.rehearsed[0]!.rest.fail(new Error("the thread died"));
    await settle();
    expect(bench.log.at(-1)).toBe("warn: The rest of a rehearsal failed: the thread died");
    expect(bench.receipt).toMatchObject({ state: "gated", rehearsal: { frames: 100 } });
  });
});

describe("params", () => {
  const resize = async (bench: ReloadBench, size: number) => {
    bench.configure({ slots: bench.settings.slots.map((slot) => sized(slot, size)) });
    await bench.attempt("params");
  };

  test("make one version for each distinct set, and every slot is armed with its own", async () => {
    const bench = await ReloadBench.running("a", THREE);
    expect(THREE.map(({ id }) => bench.running(id))).toEqual(["a1", "a2", "a1"]);
    expect(bench.receipt).toMatchObject({ ordinal: 1, params: [codeOf("1"), codeOf("2")] });
    expect(bench.images.size).toBe(2);
  });

  test("that change are a candidate of the same code", async () => {
    const bench = await ReloadBench.running("a", THREE);
    await resize(bench, 3);
    bench.boundary();
    expect(THREE.map(({ id }) => bench.running(id))).toEqual(["a3", "a3", "a3"]);
    expect(bench.receipt).toMatchObject({ cause: "params", state: "active", ordinal: 1 });
  });

  test("that change places between slots are a candidate too, though code and params are the same", async () => {
    const bench = await ReloadBench.running("a", THREE, reloadWith("approve"));
    await resize(bench, 3);
    bench.configure({ slots: THREE.map((slot, index) => sized(slot, 4 + (index % 2))) });
    await bench.attempt("params");
    const { id } = bench.receipt!;
    bench.configure({ slots: THREE.map((slot, index) => sized(slot, 5 - (index % 2))) });
    await bench.attempt("params");
    expect(bench.receipt?.id).not.toBe(id);
    const { wanted } = bench.engine.candidates.waiting(STRATEGY)!;
    expect(THREE.map((slot) => wanted.get(slot.id)?.at(-1))).toEqual(["5", "4", "5"]);
  });

  test("are tried on the code that runs while something else is on disk, which has its turn after that", async () => {
    const bench = await ReloadBench.running("a", undefined, reloadWith("approve"));
    await bench.reload("b");
    bench.configure({ reload: reloadWith("auto") });
    bench.boundary();
    await resize(bench, 3);
    expect(bench.receipt).toMatchObject({ cause: "params", state: "armed", code: codeOf("a") });
    bench.boundary();
    expect(bench.running()).toBe("a3");
    await bench.finish();
    bench.boundary();
    expect(bench.running()).toBe("b3");
  });

  test("are tried on the code that runs while what is on disk is refused, and the refusal is told again", async () => {
    const bench = await ReloadBench.running("a");
    await bench.reload(BROKEN);
    await resize(bench, 3);
    bench.boundary();
    expect(bench.running()).toBe("a3");
    await bench.finish();
    expect(bench.receipt).toMatchObject({ state: "rejected", stage: "bundled" });
    expect(bench.running()).toBe("a3");
  });

  test("are not lost with a broken edit that was saved at the same time", async () => {
    const bench = await ReloadBench.running("a");
    bench.save(BROKEN);
    await resize(bench, 3);
    bench.boundary();
    expect(bench.running()).toBe("a3");
  });

  test("that may not decide on the code that runs give what is on disk its turn at once", async () => {
    const bench = await ReloadBench.running("a", undefined, reloadWith("approve"));
    await bench.reload("b");
    const turn = { write: () => {}, nowMs: 0 } as never;
    bench.engine.bars.set("rejected", versionRef({ code: "a", params: "3" }), "ops", "it loses", turn);
    await resize(bench, 3);
    expect(bench.receipt).toMatchObject({ state: "gated", code: codeOf("b"), params: [codeOf("3")] });
  });

  test("come with an edit that was saved at the same time", async () => {
    const bench = await ReloadBench.running("a");
    bench.save("b");
    await resize(bench, 3);
    bench.boundary();
    expect(bench.running()).toBe("b3");
  });

  test("that are what runs again take back what waits with others", async () => {
    const bench = await ReloadBench.running("a", undefined, reloadWith("approve"));
    await resize(bench, 3);
    expect(bench.engine.candidates.waiting(STRATEGY)).not.toBeNull();
    await resize(bench, 0);
    expect(bench.engine.candidates.waiting(STRATEGY)).toBeNull();
  });
});

describe("a pinned strategy", () => {
  const pinned = (bench: ReloadBench, ...pin: readonly string[]) => {
    const pins = new Map(pin.map((name) => [STRATEGY, name]));
    bench.configure({ reload: { ...bench.settings.reload, pins } });
    return bench.attempt("params");
  };

  test("goes back to the code of its pin, and what is on disk waits until it is unpinned", async () => {
    const bench = await ReloadBench.running("a");
    await bench.reload("b");
    bench.boundary();
    await pinned(bench, "momentum@aaaaaaaa");
    expect(bench.receipt).toMatchObject({ state: "armed", to: "momentum@aaaaaaaa", from: "momentum@bbbbbbbb" });
    bench.boundary();
    expect(bench.running()).toBe("a0");
    await bench.finish();
    bench.boundary();
    expect(bench.receipt).toMatchObject({ state: "gated", to: "momentum@bbbbbbbb", gate: { waitsFor: "unpin" } });
    const { id } = bench.receipt!;
    await pinned(bench);
    expect(bench.receipt).toMatchObject({ id, state: "gated" });
    bench.boundary();
    expect(bench.running()).toBe("b0");
    expect(bench.receipt).toMatchObject({ id, state: "active" });
  });

  test("tries new params on that code", async () => {
    const bench = await ReloadBench.running("a");
    await pinned(bench, "momentum@aaaaaaaa");
    await bench.reload("b");
    bench.configure({ slots: [sized(aSlot(), 3)] });
    await bench.attempt("params");
    bench.boundary();
    expect(bench.running()).toBe("a3");
  });
});
