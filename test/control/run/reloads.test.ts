// Which changes become candidates, in what order, and what becomes of those that something newer overtakes.
import { describe, expect, test } from "vitest";
import { QUIET_MS } from "../../../control/run/reloads.ts";
import { BROKEN, STRATEGY } from "../../support/letter-sources.ts";
import { aSlot, reloadWith } from "../../support/settings.ts";
import { ReloadBench, settle, sized } from "./reload-bench.ts";

const THREE = [sized(aSlot("btc"), 1), sized(aSlot("eth"), 2), sized(aSlot("sol"), 1)];

describe("a change", () => {
  test("is looked at once nothing has changed for the quiet time, and at a start at once", async () => {
    const bench = new ReloadBench();
    bench.save("a");
    await bench.elapse(QUIET_MS - 1);
    bench.save("b");
    await bench.elapse(QUIET_MS - 1);
    expect(bench.preparing).toEqual([]);
    await bench.elapse(1);
    expect(bench.preparing.map(({ what }) => what)).toEqual(["b 0"]);
    const start = new ReloadBench();
    void start.reloads.request(STRATEGY, "start");
    await start.elapse(0);
    expect(start.preparing).toHaveLength(1);
  });

  test("of a strategy without slots is not looked at", async () => {
    const bench = new ReloadBench([]);
    const request = bench.reloads.request(STRATEGY, "file");
    await bench.elapse(QUIET_MS);
    expect(bench.preparing).toEqual([]);
    await request;
  });

  test("of an imported file belongs to every strategy that imports it", async () => {
    const bench = await ReloadBench.running();
    const affected = (path: string) => bench.reloads.affectedBy(path, [STRATEGY, "trend"]);
    expect(affected("momentum.ts")).toEqual([STRATEGY]);
    expect(affected("trend.ts")).toEqual(["trend"]);
    expect(affected("shared/edge.ts")).toEqual([STRATEGY]);
    expect(affected("shared/other.ts")).toEqual([]);
  });

  test("in any file may mend a strategy that was refused: what it imports was never known", async () => {
    const bench = await ReloadBench.running();
    await bench.reload(BROKEN);
    expect(bench.reloads.affectedBy("shared/other.ts", [STRATEGY, "trend"])).toEqual([STRATEGY]);
    bench.save("b");
    expect(bench.reloads.affectedBy("shared/other.ts", [STRATEGY, "trend"])).toEqual([STRATEGY]);
  });

  test("decides from the boundary on, and not before it can decide in the sandbox", async () => {
    const bench = await ReloadBench.running("a");
    bench.save("b");
    await bench.elapse(QUIET_MS);
    bench.preparing.pop()!.answer();
    await settle();
    bench.checking.pop()!.answer();
    bench.rehearsing.pop()!.answer();
    await settle();
    expect([bench.running(), bench.armed()]).toEqual(["a0", null]);
    bench.installing.pop()!.answer();
    await settle();
    expect([bench.running(), bench.armed()]).toEqual(["a0", "b0"]);
    bench.boundary();
    expect([bench.running(), bench.armed()]).toEqual(["b0", null]);
  });

  test("resolves its request when it is at the gate, refused or superseded", async () => {
    const bench = new ReloadBench();
    const superseded = bench.reloads.request(STRATEGY, "file");
    const armed = bench.reloads.request(STRATEGY, "file");
    await bench.finish();
    await Promise.all([superseded, armed]);
    bench.disk = BROKEN;
    const refused = bench.reloads.request(STRATEGY, "file");
    await bench.finish();
    await refused;
  });
});

describe("a newer change supersedes an older one", () => {
  test("before the quiet time is over", async () => {
    const bench = new ReloadBench();
    bench.save("a");
    await bench.elapse(20);
    await bench.reload("b");
    expect(bench.armed()).toBe("b0");
    expect(bench.receipt?.id).toBe("momentum-1");
  });

  test("while the older one is prepared, whichever answer comes first", async () => {
    for (const order of [
      [0, 1],
      [1, 0],
    ]) {
      const bench = new ReloadBench();
      bench.save("a");
      await bench.elapse(QUIET_MS);
      bench.save("b");
      await bench.elapse(QUIET_MS);
      const asked = bench.preparing.splice(0);
      expect(asked.map(({ what }) => what)).toEqual(["a 0", "b 0"]);
      for (const index of order) asked[index]!.answer();
      await bench.finish();
      expect(bench.armed()).toBe("b0");
      expect(bench.engine.slots.codeOf(STRATEGY, "momentum@aaaaaaaa")).toBeNull();
    }
  });

  test("and what is on disk is what was saved last, whichever answer comes last", async () => {
    const bench = await ReloadBench.running("a", undefined, reloadWith("approve"));
    for (const disk of ["a", "b"]) {
      bench.save(disk);
      await bench.elapse(QUIET_MS);
    }
    const [first, second] = bench.preparing.splice(0);
    second!.answer();
    await settle();
    first!.answer();
    await bench.finish();
    bench.configure({ slots: [sized(aSlot(), 1)] });
    void bench.reloads.request(STRATEGY, "params");
    await bench.elapse(QUIET_MS);
    expect(bench.preparing.map(({ what }) => what)).toEqual(["a 1"]); // For b is on disk, and a runs.
  });

  test.each(["checking", "rehearsing", "installing"] as const)("while the older one is %s", async (stage) => {
    const bench = new ReloadBench();
    bench.save("a");
    await bench.elapse(QUIET_MS);
    bench.preparing.pop()!.answer();
    await settle();
    const others = [bench.checking, bench.rehearsing, bench.installing].filter((asked) => asked !== bench[stage]);
    for (const asked of others) asked.pop()!.answer();
    const old = bench[stage].pop()!;
    bench.save("b");
    expect(bench.rehearsed[0]?.isCancelled).toBe(true);
    await bench.finish();
    old.answer();
    await settle();
    expect(bench.armed()).toBe("b0");
    expect(bench.receipt).toMatchObject({ to: "momentum@bbbbbbbb", state: "armed" });
    bench.boundary();
    expect(bench.statesOf("momentum-1")).toEqual(["armed", "active"]);
  });

  test("while the older one is installed, where nothing else is asked of it", async () => {
    const bench = await ReloadBench.running("a", undefined, reloadWith("ungated"));
    bench.save("b");
    await bench.elapse(QUIET_MS);
    bench.preparing.pop()!.answer();
    await settle();
    bench.save("c");
    bench.installing.pop()!.answer();
    await settle();
    expect(bench.armed()).toBeNull();
    await bench.finish();
    expect(bench.armed()).toBe("c0");
  });

  test("after it was armed, also one that is refused", async () => {
    const bench = await ReloadBench.running("a");
    await bench.reload("b");
    await bench.reload("c");
    bench.boundary();
    expect(bench.running()).toBe("c0");
    expect(bench.receipt).toMatchObject({ from: "momentum@aaaaaaaa", to: "momentum@cccccccc", state: "active" });
    expect(bench.statesOf("momentum-2")).toEqual(["armed", "superseded"]);
    await bench.reload("b");
    await bench.reload(BROKEN);
    bench.boundary();
    expect([bench.running(), bench.armed()]).toEqual(["c0", null]);
    expect(bench.statesOf("momentum-4")).toEqual(["armed", "superseded"]);
  });

  test("and an older refusal is not told", async () => {
    const bench = new ReloadBench();
    bench.save(BROKEN);
    await bench.elapse(QUIET_MS);
    bench.save("b");
    await bench.finish();
    expect(bench.receipt?.state).toBe("armed");
    expect(bench.log.filter((line) => line.includes("refused"))).toEqual([]);
  });
});

describe("a refusal", () => {
  test("says stage and place, and changes nothing that runs", async () => {
    const bench = await ReloadBench.running("a");
    await bench.reload(BROKEN);
    expect(bench.receipt).toMatchObject({
      state: "rejected",
      stage: "bundled",
      reasons: ['momentum.ts:12:5 Unexpected ";"'],
      cause: "file",
      code: null,
    });
    expect(bench.engine.receipts.last).toBe(bench.receipt);
    expect(bench.log).toContain('error: refused at bundled: Unexpected ";"');
    bench.boundary();
    expect([bench.running(), bench.armed()]).toEqual(["a0", null]);
    expect(bench.statesOf(bench.receipt!.id)).toEqual(["rejected"]);
  });

  test("follows when the workshop or the sandbox fails, without a place that there is not", async () => {
    const bench = await ReloadBench.running("a");
    bench.save("b");
    await bench.elapse(QUIET_MS);
    bench.preparing.pop()!.fail(new Error("the workshop died"));
    await settle();
    expect(bench.receipt).toMatchObject({ state: "rejected", reasons: ["the workshop died"] });
    bench.save("b");
    await bench.elapse(QUIET_MS);
    bench.preparing.pop()!.answer();
    await settle();
    bench.checking.pop()!.answer();
    bench.installing.pop()!.fail(new Error("no worker starts"));
    await settle();
    expect(bench.receipt).toMatchObject({ stage: "loaded", reasons: ["no worker starts"] });
    expect([bench.running(), bench.armed()]).toEqual(["a0", null]);
    expect(bench.rehearsed[0]?.isCancelled).toBe(true);
  });

  test("has its alarm replaced by the next one's, and cleared by what is good", async () => {
    const bench = await ReloadBench.running("a");
    await bench.reload(BROKEN);
    expect(bench.openAlarms).toEqual([
      expect.stringMatching(/^reload-rejected: .* refused at bundled: momentum.ts:12:5/),
    ]);
    await bench.reload("d");
    expect(bench.openAlarms).toEqual([
      expect.stringMatching(/^reload-rejected: .* refused at type-checked: momentum.ts:3:5/),
    ]);
    await bench.reload("a");
    expect(bench.openAlarms).toEqual([]);
    expect(bench.engine.candidates.isRefused(STRATEGY)).toBe(false);
  });
});

describe("what is on disk and runs already", () => {
  test("is neither installed nor rehearsed again, and leaves the receipt as it is", async () => {
    const bench = await ReloadBench.running("a");
    const { receipt } = bench;
    await bench.reload("a");
    expect(bench.receipt).toBe(receipt);
    expect(bench.rehearsed).toEqual([]);
    expect(bench.armed()).toBeNull();
  });

  test("takes back an edit that was armed, whose receipt does not wait for ever", async () => {
    const bench = await ReloadBench.running("a");
    await bench.reload("b");
    await bench.reload("a");
    expect([bench.running(), bench.armed()]).toEqual(["a0", null]);
    expect(bench.receipt).toMatchObject({ state: "superseded", to: "momentum@bbbbbbbb" });
    expect(bench.rehearsed.map(({ what, isCancelled }) => `${what} ${isCancelled}`)).toEqual(["b true"]);
    bench.boundary();
    expect(bench.running()).toBe("a0");
  });

  test("takes back a canary, without being proved anew", async () => {
    const bench = await ReloadBench.running("a", THREE, reloadWith("canary:1/1"));
    await bench.reload("b");
    bench.boundary();
    expect(THREE.map(({ id }) => bench.running(id))).toEqual(["b1", "a2", "a1"]);
    await bench.reload("a");
    bench.boundary();
    expect(THREE.map(({ id }) => bench.running(id))).toEqual(["a1", "a2", "a1"]);
    expect(bench.receipt).toMatchObject({ state: "superseded" });
    expect(bench.rehearsed).toHaveLength(1);
  });

  test("is what a canary is taken back to, though it has not decided there yet", async () => {
    const bench = await ReloadBench.running("a", THREE);
    bench.configure({ mode: "halted" });
    await bench.reload("b");
    bench.boundary();
    bench.configure({ reload: reloadWith("canary:1/1") });
    bench.boundary();
    await bench.reload("c");
    bench.boundary();
    expect(THREE.map(({ id }) => bench.running(id))).toEqual(["c1", "b2", "b1"]);
    await bench.reload("b");
    bench.boundary();
    expect(THREE.map(({ id }) => bench.running(id))).toEqual(["b1", "b2", "b1"]);
  });

  test("and waits already keeps its receipt, its approval and its rehearsal when it is saved again", async () => {
    const bench = await ReloadBench.running("a", undefined, reloadWith("approve"));
    bench.save("b");
    await bench.elapse(QUIET_MS);
    bench.preparing.pop()!.answer();
    await settle();
    const [rehearsal] = bench.rehearsing;
    await bench.finish();
    const { receipt } = bench;
    expect(receipt).toMatchObject({ id: "momentum-2", state: "gated", to: "momentum@bbbbbbbb" });
    await bench.reload("b");
    expect(bench.receipt).toBe(receipt);
    expect([bench.rehearsed.length, rehearsal!.isCancelled]).toEqual([1, false]);
  });
});

describe("a version is retired", () => {
  const codes = (bench: ReloadBench) => [...bench.images].map((key) => key[0]);

  test("after two calls in a row that found it idle, and installed again when it comes back", async () => {
    const bench = await ReloadBench.running("a");
    await bench.reload("b");
    await bench.reload("a");
    bench.retire();
    expect(codes(bench)).toEqual(["a", "b"]);
    bench.retire();
    expect(codes(bench)).toEqual(["a"]);
    await bench.reload("b");
    expect(codes(bench)).toEqual(["a", "b"]);
  });

  test("never while it runs, waits, or can be gone back to", async () => {
    const bench = await ReloadBench.running("a");
    await bench.reload("b");
    bench.boundary();
    bench.configure({
      reload: { ...bench.settings.reload, promotion: { type: "steps", steps: [{ type: "approve" }] } },
    });
    bench.boundary();
    await bench.reload("c");
    for (let call = 0; call < 5; call++) bench.retire();
    expect(codes(bench)).toEqual(["a", "b", "c"]);
    expect(bench.running()).toBe("b0");
  });

  test("only if the two calls follow each other", async () => {
    const bench = await ReloadBench.running("a");
    await bench.reload("b");
    await bench.reload("a");
    bench.retire();
    await bench.reload("b");
    bench.retire();
    await bench.reload("a");
    bench.retire();
    expect(codes(bench)).toEqual(["a", "b"]);
  });

  test("never while another one of the same attempt is still being installed", async () => {
    const bench = new ReloadBench([sized(aSlot("btc"), 1), sized(aSlot("eth"), 2)]);
    bench.save("a");
    await bench.elapse(QUIET_MS);
    bench.preparing.pop()!.answer();
    await settle();
    bench.installing.pop()!.answer();
    await settle();
    for (let call = 0; call < 5; call++) bench.retire();
    await bench.finish();
    bench.boundary();
    expect([...bench.inUse].filter((key) => !bench.images.has(key))).toEqual([]);
  });

  test("when its attempt was superseded, or failed half way", async () => {
    const bench = new ReloadBench([sized(aSlot("btc"), 1), sized(aSlot("eth"), 2)]);
    bench.save("a");
    await bench.elapse(QUIET_MS);
    bench.preparing.pop()!.answer();
    await settle();
    bench.checking.pop()!.answer();
    bench.installing.pop()!.answer();
    await settle();
    bench.installing.pop()!.fail(new Error("no worker starts"));
    await settle();
    expect(bench.images.size).toBe(1);
    bench.retire();
    bench.retire();
    expect(bench.images.size).toBe(0);
  });

  test("and is installed once, however many slots want it", async () => {
    const bench = new ReloadBench(THREE);
    bench.save("a");
    await bench.elapse(QUIET_MS);
    bench.preparing.pop()!.answer();
    await settle();
    expect(bench.installing.map(({ what }) => what)).toEqual(["a1", "a2"]);
    bench.save("a"); // The same again, while the first is on its way.
    await bench.elapse(QUIET_MS);
    bench.preparing.pop()!.answer();
    await settle();
    expect(bench.installing).toHaveLength(2);
    await bench.finish();
    expect(bench.armed()).toBe("a1");
  });
});
