// A shadow decides beside what runs: on the same market, with a memory and a position of its own, and without a cent.
import { describe, expect, test } from "vitest";
import type { SlotId } from "../../../engine/base/ids.ts";
import type { DecisionResult } from "../../../engine/decide/decision.ts";
import { HEADER_INDEX } from "../../../engine/frame/layout.ts";
import { NOON } from "../../support/a-market.ts";
import { type Core, down, hold, SLOT, tradingCore, up } from "../../support/core.ts";
import { aSlot, reloadWith, settingsWith } from "../../support/settings.ts";
import { versionFacts } from "../../support/version-facts.ts";
import { A, B, C, ETH, opensAt, openWindow, playWindow, playWindows, reloadCore } from "../../support/windows.ts";

const remembering = (code: string) => versionFacts({ code, memory: { initial: 0, migrates: false } });
const BAR_B = "rejected:momentum@bbbbbbbb/00000000";
const standing = (core: Core) => core.engine.latches.standing.map(({ kind, scope }) => `${kind}:${scope}`);
const gate = (core: Core) => core.engine.candidates.waiting("momentum")?.receipt.gate;

/** B is a shadow of A since the noon window, which it has not seen from its start. The next window to be played is 1. */
async function shadowed(policy: string, changes = {}): Promise<Core> {
  const core = await reloadCore(policy, changes);
  core.offer(B);
  playWindow(core, 0);
  return core;
}

describe("a shadow", () => {
  test("is asked in every cycle, places no order and costs nothing", async () => {
    const core = await shadowed("shadow:9");
    const before = core.engine.desk.ledger.balance("cash");
    playWindow(core, 1, { beside: { b: up() } });
    expect([core.asked, core.askedBeside]).toEqual(["BTC a, ETH a", "BTC b, ETH b"]);
    expect(core.submitted).toEqual([]);
    expect(core.engine.desk.ledger.balance("cash")).toBe(before);
    expect(core.rows("activations").every(({ code }) => code === A.ref.code)).toBe(true);
  });

  test("has a memory of its own, which ends with the trial", async () => {
    const core = await reloadCore("shadow:9", {}, remembering("a"));
    core.offer(remembering("b"));
    core.cycle(1, { a: { signal: hold, memory: "1" } }, { b: { signal: hold, memory: "7" } });
    core.cycle(2, {}, { b: "fault" });
    core.cycle(3);
    expect(core.requests.map(({ memory }) => memory)).toEqual(["1", "1"]);
    expect(core.shadows.map(({ memory }) => memory)).toEqual(["7", "7"]);
    expect(core.rows("memories").every(({ code }) => code === A.ref.code)).toBe(true);
    core.offer(remembering("c"));
    core.offer(remembering("b"));
    core.cycle(4);
    expect(core.shadows.map(({ memory }) => memory)).toEqual(["0", "0"]);
  });

  test("sees in its frame the position that it would hold itself, and not the one that is real", async () => {
    const core = await shadowed("shadow:9");
    const sides = () => [...core.requests, ...core.shadows].map(({ frame }) => frame[HEADER_INDEX.positionSide]).join();
    const seen: string[] = [];
    playWindow(core, 1, {
      live: { [SLOT]: up() },
      beside: { [ETH]: down() },
      meanwhile: () => {
        core.cycle(opensAt(1) + 20);
        seen.push(sides());
      },
    });
    core.cycle(opensAt(2) + 20);
    seen.push(sides());
    // BTC and ETH live, BTC and ETH beside: 0 nothing, 1 up, 2 down.
    expect(seen).toEqual(["1,0,0,2", "0,0,0,0"]);
  });

  test("sees the market as it is when it is asked", async () => {
    const core = await shadowed("shadow:9");
    core.feed(opensAt(1) + 10, 65_123);
    core.begin(opensAt(1) + 10);
    expect(core.shadows.map(({ frame }) => frame[HEADER_INDEX.spot])).toEqual([65_123, 65_123]);
  });

  test("is not asked in a slot that is switched off", async () => {
    const core = await shadowed("shadow:9");
    core.configure({ disabledSlots: new Set([ETH]) });
    core.cycle(opensAt(1) + 10);
    expect([core.asked, core.askedBeside]).toEqual(["BTC a", "BTC b"]);
  });

  test("is not asked where older code looks after its position: there is nothing to compare", async () => {
    const core = await reloadCore("auto");
    core.cycle(1, { [SLOT]: up() });
    core.fill();
    core.offer(B);
    core.cycle(2);
    core.configure({ reload: reloadWith("shadow:1") });
    core.cycle(3);
    core.offer(C);
    core.cycle(4);
    expect(core.asked).toBe("BTC a, ETH b");
    expect(core.askedBeside).toBe("ETH a, ETH c");
  });

  test("that the next cycle has overtaken is not heard, and the next one is", async () => {
    const core = await shadowed("shadow:9");
    const late: DecisionResult[] = core.shadows.map(({ slot, version, memory }) => ({
      type: "Decided",
      slot,
      version,
      memory,
      signal: up(),
      fuel: 1,
    }));
    const { cycle } = core.engine;
    core.feed(opensAt(1) + 10);
    core.begin(opensAt(1) + 10);
    core.post({ type: "ShadowsDecided", cycle, results: late });
    core.decide({}, { b: down() });
    core.cycle(opensAt(1) + 11);
    expect(core.shadows.map(({ frame }) => frame[HEADER_INDEX.positionSide])).toEqual([2, 2]);
  });
});

describe("the windows of a shadow", () => {
  test("count when they were seen from their start, and settled", async () => {
    const core = await reloadCore("shadow:2");
    const id = core.offer(B);
    const done: unknown[] = [];
    for (let n = 0; n < 3; n++) {
      playWindow(core, n);
      done.push(core.receipt(id).gate?.windows);
    }
    expect(done).toEqual([
      { done: 0, of: 2 },
      { done: 1, of: 2 },
      { done: 2, of: 2 },
    ]);
    core.cycle(opensAt(3) + 6);
    expect([core.asked, core.receipt(id).state]).toEqual(["BTC b, ETH b", "active"]);
  });

  test("are seen from their start when the first cycle of the window was", async () => {
    const core = await reloadCore("shadow:2");
    playWindow(core, 0);
    core.begin(opensAt(1) + 299);
    core.offer(B); // A second before the next window opens.
    core.decide();
    core.listWindows(NOON + opensAt(2) * 1_000);
    core.cycle(opensAt(2));
    playWindow(core, 2);
    expect(gate(core)?.windows?.done).toBe(1);
  });

  test("do not count when no price at the close became known", async () => {
    const core = await shadowed("shadow:9");
    core.listWindows(NOON + opensAt(2) * 1_000);
    core.begin(opensAt(1) + 10);
    core.decide();
    core.cycle(opensAt(2) + 1);
    core.cycle(opensAt(2) + 10);
    expect(gate(core)?.windows?.done).toBe(0);
  });

  test("are those of the slot that has fewest", async () => {
    const slots = [aSlot("btc"), aSlot("eth", "momentum", "15m")];
    const core = await tradingCore({ settings: settingsWith({ slots, reload: reloadWith("shadow:1") }) }, A);
    openWindow(core, 0);
    const id = core.offer(B);
    playWindows(core, 0, 5);
    expect(core.receipt(id)).toMatchObject({ state: "gated", gate: { windows: { done: 0 }, compared: 4 } });
    playWindow(core, 5);
    core.cycle(opensAt(6) + 6);
    expect(core.receipt(id).state).toBe("active");
  });

  test("are not waited for in a slot that is switched off", async () => {
    const slots = [aSlot("btc"), aSlot("eth", "momentum", "15m")];
    const core = await tradingCore({ settings: settingsWith({ slots, reload: reloadWith("shadow:1") }) }, A);
    openWindow(core, 0);
    const id = core.offer(B);
    core.configure({ disabledSlots: new Set(["ETH-15m-momentum" as SlotId]) });
    playWindows(core, 0, 2);
    core.cycle(opensAt(2) + 6);
    expect(core.receipt(id).state).toBe("active");
  });

  test("are not compared where nothing runs, and count: a first start gets through, too", async () => {
    const other = versionFacts({ strategy: "other" });
    const settings = settingsWith({ slots: [aSlot("btc"), aSlot("eth")], reload: reloadWith("shadow:1") });
    const core = await tradingCore({ settings }, other);
    const id = core.offer(B);
    openWindow(core, 0);
    expect([core.asked, core.askedBeside]).toEqual(["", "BTC b, ETH b"]);
    playWindow(core, 0, { beside: { b: up() } });
    expect(core.receipt(id).gate).toMatchObject({ windows: { done: 1 }, compared: 0 });
    core.cycle(opensAt(1) + 6);
    expect(core.asked).toBe("BTC b, ETH b");
  });

  test("are not compared in a slot that was added, and count there as well", async () => {
    const core = await reloadCore("shadow:1");
    core.configure({ slots: [aSlot("btc"), aSlot("eth"), aSlot("sol")] });
    const id = core.offer(B);
    playWindows(core, 0, 2);
    expect(core.receipt(id)).toMatchObject({ gate: { windows: { done: 1 }, compared: 2 } });
  });

  test("begin anew when what runs changes", async () => {
    const core = await reloadCore("auto");
    core.offer(B);
    core.cycle(1);
    core.configure({ reload: reloadWith("shadow:3") });
    core.cycle(2);
    const id = core.offer(C);
    playWindows(core, 0, 2);
    expect(core.receipt(id).gate).toMatchObject({ windows: { done: 1 }, compared: 2 });
    core.command({ kind: "rollback", strategy: "momentum" });
    core.cycle(opensAt(2) + 6);
    expect([core.asked, core.askedBeside]).toEqual(["BTC a, ETH a", "BTC c, ETH c"]);
    playWindows(core, 2, 2);
    expect(core.receipt(id).gate).toMatchObject({ windows: { done: 1 }, compared: 2 });
  });
});

describe("a shadow that earns less", () => {
  test("is refused once its windows are there, and not before; its version is barred", async () => {
    const core = await shadowed("shadow:20");
    const { id } = core.engine.receipts.of("momentum")!;
    playWindows(core, 1, 19, { live: { a: up() }, beside: { b: down() } });
    expect(core.receipt(id)).toMatchObject({ state: "gated" });
    expect(core.receipt(id).gate!.harm).toBeGreaterThan(100);
    playWindow(core, 20, { live: { a: up() }, beside: { b: down() } });
    core.cycle(opensAt(21) + 6);
    expect(core.receipt(id)).toMatchObject({
      state: "rejected",
      reasons: [
        expect.stringMatching(/^it earned -\d+\.\d\d USDC against what runs in 40 windows \(evidence \d+ to 1\)$/),
      ],
    });
    expect(standing(core)).toEqual([BAR_B]);
    expect(core.engine.alarms.open.map(({ kind, severity }) => `${kind} ${severity}`)).toEqual([
      "reload-rejected warning",
      "shadow-divergence critical",
    ]);
    expect([core.asked, core.askedBeside]).toEqual(["BTC a, ETH a", ""]);
  });

  test("passes when what runs loses the same", async () => {
    const core = await shadowed("shadow:20");
    const { id } = core.engine.receipts.of("momentum")!;
    playWindows(core, 1, 20, { ask: 0.1, live: { a: down(0.3) }, beside: { b: down(0.3) } });
    core.cycle(opensAt(21) + 6);
    expect(core.receipt(id).state).toBe("active");
  });

  test("stays in doubt beyond its windows, and is refused when the doubt does not end", async () => {
    const core = await shadowed("shadow:10");
    const { id } = core.engine.receipts.of("momentum")!;
    playWindows(core, 1, 10, { live: { a: up() }, beside: { b: down() } });
    playWindows(core, 11, 29);
    core.cycle(opensAt(40) + 6);
    expect(core.receipt(id).state).toBe("gated");
    playWindow(core, 40);
    core.cycle(opensAt(41) + 6);
    expect(core.receipt(id)).toMatchObject({
      state: "rejected",
      reasons: [expect.stringMatching(/\(still in doubt\)$/)],
    });
  });
});

describe("a shadow that trades differently", () => {
  test("in half of the windows is worth a look", async () => {
    const core = await shadowed("shadow:4");
    playWindow(core, 1, { live: { [SLOT]: up() } });
    expect(core.openAlarms).toEqual([]);
    playWindow(core, 2, { live: { [SLOT]: up() } });
    expect(core.openAlarms).toEqual(["shadow-divergence momentum"]);
    expect(core.engine.alarms.open[0]).toMatchObject({
      severity: "warning",
      message: "momentum@bbbbbbbb (v2) in shadow trades differently in 2 of 4 windows",
    });
  });

  test("in fewer is not, nor when it trades alike", async () => {
    const core = await shadowed("shadow:4");
    playWindows(core, 1, 3, { live: { a: up() }, beside: { b: up() } });
    playWindow(core, 4, { live: { [SLOT]: up() } });
    expect(core.openAlarms).toEqual([]);
  });
});

describe("faults of a shadow", () => {
  const fault = (
    core: Core,
    seconds: readonly number[],
    live: "fault" | typeof hold,
    kind: "fault" | "overdue" = "fault",
  ) => {
    for (const second of seconds) core.cycle(second, { [SLOT]: live }, { [SLOT]: kind });
  };

  test("that what runs does not have refuse it at the third, whatever the windows, and bar it", async () => {
    const core = await reloadCore("shadow:9");
    const id = core.offer(B);
    fault(core, [1, 2], hold);
    core.cycle(3);
    expect(core.receipt(id).state).toBe("gated");
    fault(core, [4], hold);
    core.cycle(5);
    expect(core.receipt(id)).toMatchObject({
      state: "rejected",
      reasons: ["3 faulted decisions, last in BTC-5m-momentum at cycle 5 (threw): boom"],
    });
    expect(standing(core)).toEqual([BAR_B]);
    expect(core.askedBeside).toBe("");
  });

  test("that what runs has as well are not its doing", async () => {
    const core = await reloadCore("shadow:9");
    const id = core.offer(B);
    fault(core, [1, 2, 3, 4, 5], "fault");
    core.cycle(6);
    expect(core.receipt(id).state).toBe("gated");
  });

  test("are told nobody as faults of the slot, and count for no window less", async () => {
    const core = await shadowed("shadow:1");
    const { id } = core.engine.receipts.of("momentum")!;
    playWindow(core, 1, { beside: { [SLOT]: "fault" } });
    expect(core.outputs.filter(({ type }) => type === "FaultSeen")).toEqual([]);
    expect(core.engine.slots.get(SLOT)).toMatchObject({ faults: 0, undecided: 0 });
    core.cycle(opensAt(2) + 6);
    expect(core.receipt(id).state).toBe("active");
  });

  test("for want of time say nothing: it is neither refused nor does it get through", async () => {
    const core = await reloadCore("shadow:1");
    const id = core.offer(B);
    playWindow(core, 0);
    fault(core, [311, 312, 313, 314], hold, "overdue");
    core.cycle(315);
    expect(core.receipt(id).state).toBe("gated");
  });

  test("that hang quarantine it, and what runs is left alone", async () => {
    const core = await reloadCore("shadow:9");
    const id = core.offer(B);
    for (const second of [1, 2, 3]) core.cycle(second, {}, { [SLOT]: "hung" });
    core.cycle(4);
    expect(core.receipt(id)).toMatchObject({
      state: "rejected",
      reasons: [expect.stringMatching(/^it took its sandbox down 3 times, last in BTC-5m-momentum at cycle 4/)],
    });
    expect(standing(core)).toEqual(["quarantine:momentum@bbbbbbbb/00000000"]);
    expect([core.asked, core.askedBeside]).toEqual(["BTC a, ETH a", ""]);
  });

  test("are not waited for where its fuel grows and grows", async () => {
    const core = await reloadCore("shadow:9");
    const id = core.offer(B);
    const { fuel } = core.engine.candidates.waiting("momentum")!;
    for (let n = 1; n <= 8 * 256; n++) fuel.add(n * 100);
    core.cycle(1);
    expect(core.receipt(id)).toMatchObject({
      state: "rejected",
      reasons: [expect.stringMatching(/^its fuel grows: /)],
    });
  });
});
