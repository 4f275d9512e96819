import { describe, expect, test } from "vitest";
import { QUIET_MS } from "../../../control/run/reloads.ts";
import { aSlot } from "../../support/settings.ts";
import { BROKEN, ReloadBench, STRATEGY, settle, sized } from "./reload-bench.ts";

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
  });

  test("decides from the boundary on, and not before it can decide in the sandbox", async () => {
    const bench = await ReloadBench.running("a");
    bench.save("b");
    await bench.elapse(QUIET_MS);
    bench.preparing.pop()!.answer();
    await settle();
    expect([bench.running(), bench.armed()]).toEqual(["a0", null]);
    bench.installing.pop()!.answer();
    await settle();
    expect([bench.running(), bench.armed()]).toEqual(["a0", "b0"]);
    bench.boundary();
    expect([bench.running(), bench.armed()]).toEqual(["b0", null]);
  });

  test("resolves its request when it is armed, refused or superseded", async () => {
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

describe("params", () => {
  test("make one version for each distinct set, and every slot is armed with its own", async () => {
    const bench = await ReloadBench.running("a", THREE);
    expect(THREE.map(({ id }) => bench.running(id))).toEqual(["a1", "a2", "a1"]);
    expect(bench.posted).toMatchObject([
      { type: "VersionsLoaded", versions: [{ ref: { ordinal: 1 } }, { ref: { ordinal: 1 } }] },
      { type: "VersionsArmed", slots: THREE.map(({ id }) => ({ slot: id })) },
    ]);
    expect(bench.images.size).toBe(2);
  });

  test("that change are a candidate of the same code", async () => {
    const bench = await ReloadBench.running("a", THREE);
    bench.wanted = THREE.map((slot) => sized(slot, 3));
    void bench.reloads.request(STRATEGY, "params");
    await bench.finish();
    bench.boundary();
    expect(THREE.map(({ id }) => bench.running(id))).toEqual(["a3", "a3", "a3"]);
    expect(bench.receipt).toMatchObject({ cause: "params", state: "active", boundaryCycle: 2 });
  });
});

describe("a newer change supersedes an older one", () => {
  test("before the quiet time is over", async () => {
    const bench = new ReloadBench();
    bench.save("a");
    await bench.elapse(20);
    await bench.reload("b");
    expect(bench.armed()).toBe("b0");
    expect(bench.posted).toHaveLength(2);
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
      expect(bench.slots.facts(`${"a".repeat(64)}:${"0".repeat(64)}`)).toBeNull();
    }
  });

  test("while the older one is installed", async () => {
    const bench = new ReloadBench();
    bench.save("a");
    await bench.elapse(QUIET_MS);
    bench.preparing.pop()!.answer();
    await settle();
    const old = bench.installing.pop()!;
    await bench.reload("b");
    old.answer();
    await settle();
    expect(bench.armed()).toBe("b0");
  });

  test("after it was armed", async () => {
    const bench = await ReloadBench.running("a");
    await bench.reload("b");
    await bench.reload("c");
    bench.boundary();
    expect(bench.running()).toBe("c0");
    expect(bench.receipt).toMatchObject({ from: "momentum@aaaaaaaa", to: "momentum@cccccccc", state: "active" });
  });

  test("and an older refusal is not told", async () => {
    const bench = new ReloadBench();
    bench.save(BROKEN);
    await bench.elapse(QUIET_MS);
    bench.save("b");
    await bench.finish();
    expect(bench.receipt?.state).toBe("armed");
    expect(bench.log).toEqual([]);
  });
});

describe("a refusal", () => {
  test("says stage and place, and changes nothing", async () => {
    const bench = await ReloadBench.running("a");
    const before = bench.posted.length;
    await bench.reload(BROKEN);
    expect(bench.receipt).toMatchObject({
      state: "rejected",
      stage: "bundled",
      reasons: ['momentum.ts:12:5 Unexpected ";"'],
      cause: "file",
    });
    expect(bench.reloads.last).toBe(bench.receipt);
    expect(bench.log.at(-1)).toBe('error: refused at bundled: Unexpected ";"');
    bench.boundary();
    expect(bench.running()).toBe("a0");
    expect(bench.posted).toHaveLength(before);
  });

  test("follows when the workshop or the sandbox fails, without a place that there is not", async () => {
    const bench = await ReloadBench.running("a");
    bench.save("b");
    await bench.elapse(QUIET_MS);
    bench.preparing.pop()!.fail(new Error("the workshop died"));
    await settle();
    expect(bench.receipt).toMatchObject({ state: "rejected", reasons: ["momentum.ts the workshop died"] });
    bench.save("b");
    await bench.elapse(QUIET_MS);
    bench.preparing.pop()!.answer();
    await settle();
    bench.installing.pop()!.fail(new Error("no worker starts"));
    await settle();
    expect(bench.receipt).toMatchObject({ stage: "loaded", reasons: ["momentum.ts no worker starts"] });
    expect([bench.running(), bench.armed()]).toEqual(["a0", null]);
  });

  test("is history once what is on disk is what runs", async () => {
    const bench = await ReloadBench.running("a");
    await bench.reload(BROKEN);
    await bench.reload("a");
    const name = "momentum@aaaaaaaa";
    expect(bench.receipt).toMatchObject({ state: "active", from: name, to: name, reasons: [] });
    expect(bench.log.at(-1)).toBe(`info: what is on disk runs already: ${name}`);
  });

  test("leaves what is armed to its boundary, and stays the last word", async () => {
    const bench = await ReloadBench.running("a");
    await bench.reload("b");
    await bench.reload(BROKEN);
    bench.boundary();
    expect(bench.running()).toBe("b0");
    expect(bench.log.at(-1)).toContain("reloaded momentum@aaaaaaaa → momentum@bbbbbbbb");
    expect(bench.receipt?.state).toBe("rejected");
  });

  test("is history when what is on disk is what is armed", async () => {
    const bench = await ReloadBench.running("a");
    await bench.reload("b");
    await bench.reload(BROKEN);
    await bench.reload("b");
    expect(bench.receipt).toMatchObject({ state: "armed", to: "momentum@bbbbbbbb" });
    bench.boundary();
    expect(bench.receipt).toMatchObject({ state: "active", from: "momentum@aaaaaaaa", boundaryCycle: 2 });
  });
});

describe("what is on disk and runs already", () => {
  test("is neither installed nor armed again, and leaves the receipt as it is", async () => {
    const bench = await ReloadBench.running("a");
    const { receipt } = bench;
    const before = bench.posted.length;
    await bench.reload("a");
    expect(bench.posted).toHaveLength(before);
    expect(bench.receipt).toBe(receipt);
  });

  test("takes back an edit that was armed, whose receipt does not wait for ever", async () => {
    const bench = await ReloadBench.running("a");
    await bench.reload("b");
    await bench.reload("a");
    expect([bench.running(), bench.armed()]).toEqual(["a0", null]);
    expect(bench.receipt).toMatchObject({ state: "active", to: "momentum@aaaaaaaa" });
    bench.boundary();
    expect(bench.running()).toBe("a0");
    expect(bench.log.filter((line) => line.includes("bbbb"))).toEqual([]);
  });

  test("keeps the receipt of what is armed when it is saved again", async () => {
    const bench = await ReloadBench.running("a");
    await bench.reload("b");
    await bench.reload("b");
    expect(bench.receipt).toMatchObject({ state: "armed", to: "momentum@bbbbbbbb" });
    bench.boundary();
    expect(bench.receipt).toMatchObject({ state: "active", from: "momentum@aaaaaaaa", boundaryCycle: 2 });
  });

  test("is no news at a restart: it resumed", async () => {
    const bench = await ReloadBench.running("a");
    const { facts } = { facts: bench.slots.get(bench.wanted[0]!.id)!.running! };
    const restarted = new ReloadBench();
    restarted.slots.loaded([facts], () => false);
    restarted.slots.arm(restarted.wanted[0]!.id, `${facts.ref.code}:${facts.ref.params}`);
    await restarted.reload("a");
    expect(restarted.receipt).toBeNull();
    restarted.boundary();
    expect(restarted.log).toEqual(["info: resumed momentum@aaaaaaaa (v1): decides 1 slots from cycle 1"]);
  });
});

describe("a receipt", () => {
  test("goes from armed to active with its timings, and the log has one line of it", async () => {
    const bench = await ReloadBench.running("a");
    bench.save("b");
    await bench.finish();
    expect(bench.receipt).toEqual({
      id: "momentum-2",
      strategy: STRATEGY,
      cause: "file",
      state: "armed",
      from: "momentum@aaaaaaaa",
      to: "momentum@bbbbbbbb",
      stage: null,
      reasons: [],
      timingsMs: { bundled: 12.3, loaded: 5, installed: 0, total: 1_000 },
      boundaryCycle: null,
      boundaryUs: null,
      at: "2026-06-08T00:00:02.000Z",
    });
    bench.boundary();
    expect(bench.receipt).toMatchObject({ id: "momentum-2", state: "active", boundaryCycle: 2 });
    expect(bench.log).toEqual([
      "info: started momentum@aaaaaaaa (v1): decides 1 slots from cycle 1, armed in 1000 ms (bundled 12.3 ms, loaded 5 ms, installed 0 ms)",
      "info: reloaded momentum@aaaaaaaa → momentum@bbbbbbbb (v2): decides 1 slots from cycle 2, armed in 1000 ms (bundled 12.3 ms, loaded 5 ms, installed 0 ms)",
    ]);
  });
});

describe("a version is retired", () => {
  test("after two calls in a row that found it idle, and installed again when it comes back", async () => {
    const bench = await ReloadBench.running("a");
    await bench.reload("b");
    bench.boundary();
    bench.retire();
    expect(bench.images.size).toBe(2);
    bench.retire();
    expect([...bench.images].map((key) => key[0])).toEqual(["b"]);
    await bench.reload("a");
    expect([...bench.images].map((key) => key[0])).toEqual(["b", "a"]);
  });

  test("never while it runs, is armed or is pinned", async () => {
    const bench = await ReloadBench.running("a");
    bench.pinned.add(`${"a".repeat(64)}:${"0".repeat(64)}`);
    await bench.reload("b");
    bench.boundary();
    await bench.reload("c");
    for (let call = 0; call < 5; call++) bench.retire();
    expect([...bench.images].map((key) => key[0])).toEqual(["a", "b", "c"]);
    bench.pinned.clear();
    bench.retire();
    bench.retire();
    expect([...bench.images].map((key) => key[0])).toEqual(["b", "c"]);
  });

  test("only if the two calls follow each other", async () => {
    const bench = await ReloadBench.running("a");
    const key = [...bench.inUse][0]!;
    await bench.reload("b");
    bench.boundary();
    bench.retire();
    bench.pinned.add(key);
    bench.retire();
    bench.pinned.clear();
    bench.retire();
    expect(bench.images.has(key)).toBe(true);
  });

  test("never while another one of the same arming is still being installed", async () => {
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

  test("when its arming was superseded, or failed half way", async () => {
    const bench = new ReloadBench([sized(aSlot("btc"), 1), sized(aSlot("eth"), 2)]);
    bench.save("a");
    await bench.elapse(QUIET_MS);
    bench.preparing.pop()!.answer();
    await settle();
    bench.installing.pop()!.answer();
    await settle();
    bench.installing.pop()!.fail(new Error("no worker starts"));
    await settle();
    bench.retire();
    bench.retire();
    expect(bench.images.size).toBe(0);
  });
});
