// A version that has just taken over is on probation: what it replaced sits beside, and takes over again when it must.
import { describe, expect, test } from "vitest";
import { NOON } from "../../support/a-market.ts";
import { aFaultyReport, aReport } from "../../support/a-receipt.ts";
import { type Core, down, SLOT, up } from "../../support/core.ts";
import { aSlot, reloadWith } from "../../support/settings.ts";
import { A, B, C, ETH, opensAt, playWindow, playWindows, reloadCore } from "../../support/windows.ts";

const BAR_B = "rolled-back:momentum@bbbbbbbb/00000000";
const standing = (core: Core) => core.engine.latches.standing.map(({ kind, scope }) => `${kind}:${scope}`);

interface Edited {
  readonly core: Core;
  readonly id: string;
}

/** B has replaced A at the first second of the noon window, which it has not seen from its start. */
async function edited(windows = 36, policy = "auto"): Promise<Edited> {
  const core = await reloadCore(policy, { probationWindows: windows });
  const id = core.offer(B, { rehearsal: aReport({ complete: false }) });
  core.cycle(1);
  return { core, id };
}

/** B is the first that ever decided. */
async function first(windows = 36): Promise<Edited> {
  const core = await reloadCore("auto", { probationWindows: windows }, B);
  core.engine.slots.withdraw(`${B.ref.code}:${B.ref.params}`);
  const id = core.offer(B, { rehearsal: aReport({ complete: false }) });
  core.cycle(1);
  return { core, id };
}

const LOSING = { outcome: "down", ask: 0.9, live: { b: up(0.97) } } as const;

describe("on probation", () => {
  test("what was replaced decides beside, and trades nothing", async () => {
    const { core } = await edited();
    core.cycle(2, {}, { a: up() });
    expect([core.asked, core.askedBeside]).toEqual(["BTC b, ETH b", "BTC a, ETH a"]);
    expect(core.submitted).toEqual([]);
  });

  test("a version is permanent after the windows of every slot, and then nothing sits beside", async () => {
    const { core, id } = await edited(2);
    playWindows(core, 0, 2);
    core.cycle(opensAt(2) + 6);
    expect(core.receipt(id).state).toBe("active");
    playWindow(core, 2);
    core.cycle(opensAt(3) + 6);
    expect(core.receipt(id)).toMatchObject({ state: "permanent", gate: { compared: 4, differing: 0 } });
    expect([core.asked, core.askedBeside]).toEqual(["BTC b, ETH b", ""]);
    expect(core.engine.candidates.onProbation("momentum")).toBeNull();
  });

  test("a version that nothing ran before becomes permanent as well", async () => {
    const { core, id } = await first(1);
    playWindows(core, 0, 2);
    core.cycle(opensAt(2) + 6);
    expect(core.receipt(id).state).toBe("permanent");
  });

  test("a version that is replaced is superseded", async () => {
    const { core, id } = await edited();
    core.offer(C);
    core.cycle(2);
    expect(core.receipt(id)).toMatchObject({ state: "superseded", reasons: ["replaced by momentum@cccccccc (v3)"] });
    expect(core.askedBeside).toBe("BTC b, ETH b");
  });

  test("a version that is only tried in other slots goes on where it is", async () => {
    const { core, id } = await edited(1);
    core.configure({ reload: reloadWith("canary:1/9", { probationWindows: 1 }) });
    core.cycle(2);
    core.offer(C);
    core.cycle(3);
    expect([core.asked, core.askedBeside]).toEqual(["BTC c, ETH b", "BTC b, ETH a"]);
    playWindows(core, 0, 2, { live: { [SLOT]: up() } });
    expect(core.receipt(id)).toMatchObject({ state: "active", gate: { compared: 1, differing: 0 } });
  });

  test("a version stays where it decides when it comes to a slot that was added", async () => {
    const { core, id } = await edited();
    core.configure({ slots: [aSlot("btc"), aSlot("eth"), aSlot("sol")] });
    core.cycle(2);
    core.listWindows(NOON);
    const added = core.offer(B);
    core.cycle(3);
    expect([core.asked, core.receipt(id).state]).toEqual(["BTC b, ETH b, SOL b", "superseded"]);
    for (const second of [4, 5, 6]) core.cycle(second, { [SLOT]: "fault" });
    core.cycle(7);
    expect([core.asked, core.receipt(added).state]).toEqual(["BTC a, ETH a", "rolled-back"]);
  });

  test("what was replaced is asked no more once it is quarantined", async () => {
    const { core, id } = await edited();
    for (const second of [2, 3, 4]) core.cycle(second, {}, { [ETH]: "hung" });
    core.cycle(5);
    expect([core.asked, core.askedBeside]).toEqual(["BTC b, ETH b", ""]);
    expect(core.receipt(id).state).toBe("active");
  });

  test("is not what is ungated: that is permanent at once", async () => {
    const { core, id } = await edited(36, "ungated");
    expect(core.receipt(id)).toMatchObject({ state: "permanent", boundaryCycle: core.engine.cycle });
    expect(core.askedBeside).toBe("");
  });
});

describe("a version on probation is rolled back", () => {
  const isBack = ({ core, id }: Edited, reason: RegExp) => {
    expect([core.asked, core.askedBeside]).toEqual(["BTC a, ETH a", ""]);
    const { state, stage, reasons } = core.receipt(id);
    expect([state, stage]).toEqual(["rolled-back", "active"]);
    expect(reasons).toEqual([expect.stringMatching(reason)]);
    expect(standing(core)).toEqual([BAR_B]);
    expect(core.openAlarms).toContain("rolled-back momentum");
  };

  test("to what it replaced, in all slots, with an alarm; and is refused when it is saved again", async () => {
    const { core, id } = await edited();
    for (const second of [2, 3, 4]) core.cycle(second, { [ETH]: "fault" });
    expect(core.asked).toBe("BTC b, ETH b");
    core.cycle(5);
    isBack({ core, id }, /^3 faulted decisions, last in ETH-5m-momentum at cycle 5 \(threw\): boom$/);
    expect(core.engine.alarms.open[0]).toMatchObject({
      severity: "critical",
      message:
        "momentum@bbbbbbbb (v2) was rolled back, by underway: 3 faulted decisions, last in ETH-5m-momentum at cycle 5 " +
        "(threw): boom. momentum@aaaaaaaa (v1) decides again from the next cycle on",
    });
    const again = core.offer(B);
    core.cycle(6);
    expect(core.asked).toBe("BTC a, ETH a");
    expect(core.receipt(again)).toMatchObject({ state: "rejected", reasons: [core.engine.bars.refusal(B.ref)] });
  });

  test("not for faults that what it replaced has as well", async () => {
    const { core, id } = await edited();
    for (const second of [2, 3, 4, 5]) core.cycle(second, { [ETH]: "fault" }, { [ETH]: "fault" });
    core.cycle(6);
    expect([core.asked, core.receipt(id).state]).toEqual(["BTC b, ETH b", "active"]);
  });

  test("when it is silent where the other one decides", async () => {
    const { core, id } = await edited();
    for (let second = 2; second < 12; second++) core.cycle(second, { [SLOT]: "overdue" });
    expect(core.asked).toBe("BTC b, ETH b");
    core.cycle(12);
    isBack({ core, id }, /^BTC-5m-momentum has not decided for 10 cycles$/);
  });

  test("not when both are silent, nor when it was late a few times", async () => {
    const { core, id } = await edited();
    for (let second = 2; second < 20; second++) core.cycle(second, { [SLOT]: "overdue" }, { [SLOT]: "overdue" });
    for (let second = 20; second < 29; second++) core.cycle(second, { [ETH]: "overdue" });
    core.cycle(29);
    expect([core.asked, core.receipt(id).state]).toEqual(["BTC b, ETH b", "active"]);
  });

  test("when it spends ever more fuel", async () => {
    const { core, id } = await edited();
    const { fuel } = core.engine.candidates.onProbation("momentum")!;
    for (let n = 1; n <= 8 * 256; n++) fuel.add(n * 10);
    core.cycle(2);
    isBack({ core, id }, /^its fuel grows: a decision takes \d+ ticks/);
  });

  test("when its trades lose what their prices do not allow, at the next boundary", async () => {
    const { core, id } = await edited();
    playWindows(core, 0, 6, LOSING);
    expect(core.asked).toBe("BTC b, ETH b");
    core.cycle(opensAt(6) + 6);
    isBack({ core, id }, /^btc: .*; eth: /);
  });

  test("when it earned less after all of its windows", async () => {
    const { core, id } = await edited(20);
    playWindows(core, 0, 21, { live: { b: down() }, beside: { a: up() } });
    core.cycle(opensAt(21) + 6);
    isBack({ core, id }, /^it earned -\d+\.\d\d USDC against what runs in 40 windows/);
  });

  test("when the rest of its rehearsal faults", async () => {
    const { core, id } = await edited();
    core.post({ type: "RehearsalCompleted", receipt: id, report: aFaultyReport() });
    core.cycle(2);
    isBack({ core, id }, /^momentum.ts:3:1 it faults in 2 of 100/);
    expect(core.receipt(id).rehearsal?.faults).toBe(2);
  });

  test("when it takes its sandbox down: that bars it too", async () => {
    const { core, id } = await edited();
    for (const second of [2, 3, 4]) core.cycle(second, { [SLOT]: "hung" });
    core.cycle(5);
    expect([core.asked, core.askedBeside]).toEqual(["BTC a, ETH a", ""]);
    expect(core.receipt(id).state).toBe("rolled-back");
    expect(standing(core)).toEqual(["quarantine:momentum@bbbbbbbb/00000000"]);
  });

  test("not past a newer version that is armed already: that one takes over", async () => {
    const { core } = await edited();
    for (const second of [2, 3]) core.cycle(second, { [ETH]: "fault" });
    core.feed(4);
    core.begin(4);
    core.offer(C);
    core.decide({ [ETH]: "fault" });
    core.cycle(5);
    expect(core.asked).toBe("BTC c, ETH c");
  });
});

describe("when what was replaced would lose as well", () => {
  test("entries stop instead: it is not the edit", async () => {
    const { core, id } = await edited();
    playWindow(core, 0);
    playWindows(core, 1, 6, { ...LOSING, beside: { a: up(0.97) } });
    core.cycle(opensAt(7) + 6);
    expect([core.asked, core.receipt(id).state, core.engine.mode]).toEqual([
      "BTC b, ETH b",
      "active",
      "entries-stopped",
    ]);
    expect(standing(core)).toEqual(["performance:bot"]);
    expect(core.engine.latches.standing[0]?.reason).toMatch(
      /^momentum@bbbbbbbb loses, and so would what it replaced: it is not the edit\. /,
    );
  });
});

describe("with nothing to go back to", () => {
  test("a version stays, and its losses are an alarm", async () => {
    const { core, id } = await first();
    playWindows(core, 0, 6, LOSING);
    core.cycle(opensAt(6) + 6);
    expect([core.asked, core.receipt(id).state, standing(core)]).toEqual(["BTC b, ETH b", "active", []]);
    expect(core.openAlarms).toEqual(["performance momentum@bbbbbbbb btc eth"]);
  });

  test("what its rehearsal finds is an alarm", async () => {
    const { core, id } = await first();
    core.post({ type: "RehearsalCompleted", receipt: id, report: aFaultyReport() });
    core.cycle(2);
    expect([core.asked, core.receipt(id).state]).toEqual(["BTC b, ETH b", "active"]);
    expect(core.openAlarms).toEqual(["reload-rejected momentum"]);
  });
});

test("real losses of a version that is permanent are an alarm, and whose fault it is nobody asks", async () => {
  const { core, id } = await edited(1);
  playWindows(core, 0, 8, LOSING);
  core.cycle(opensAt(8) + 6);
  expect([core.asked, core.receipt(id).state]).toEqual(["BTC b, ETH b", "permanent"]);
  expect(core.openAlarms).toEqual(["performance momentum@bbbbbbbb btc eth"]);
  expect(A.ref.code).not.toBe(B.ref.code);
});
