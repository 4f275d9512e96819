// A restart loses nothing that a reload has come to, and lets nothing through that a hot edit would not have come through.
import { describe, expect, test } from "vitest";
import { aReport } from "../../support/a-receipt.ts";
import { type Core, exit, SLOT, up } from "../../support/core.ts";
import { A, B, C, ETH, opensAt, playWindow, playWindows, reloadCore } from "../../support/windows.ts";

const BAR_B = "rolled-back:momentum@bbbbbbbb/00000000";
const NAMED_B = { strategy: "momentum", code: B.ref.code, params: B.ref.params } as const;
const standing = (core: Core) => core.engine.latches.standing.map(({ kind, scope }) => `${kind}:${scope}`);
const approve = (core: Core) => core.command({ kind: "approve", ...NAMED_B });

/** Killed after the last cycle, started again, and what ran is resumed. What is on disk is not looked at yet. */
async function restarted(before: Core): Promise<Core> {
  const core = await before.restart();
  core.reconcile();
  core.resume(A, B, C);
  return core;
}

describe("what waited at the gate goes on where it was when the same version is offered again", () => {
  test("with the windows of its shadow, and without the one that was under way", async () => {
    const before = await reloadCore("shadow:3");
    const id = before.offer(B);
    playWindows(before, 0, 2);
    const core = await restarted(before);
    const again = core.offer(B);
    expect(core.receipt(id)).toMatchObject({ state: "gated", gate: { windows: { done: 1, of: 3 }, compared: 2 } });
    playWindows(core, 2, 2);
    expect([core.asked, core.askedBeside]).toEqual(["BTC a, ETH a", "BTC b, ETH b"]);
    expect(core.receipt(id).gate?.windows).toEqual({ done: 2, of: 3 });
    playWindow(core, 4);
    core.cycle(opensAt(5) + 6);
    expect([core.asked, core.receipt(id).state]).toEqual(["BTC b, ETH b", "active"]);
    expect(core.rows("receipts").some((row) => row.id === again)).toBe(false);
  });

  test("with the evidence against it", async () => {
    const before = await reloadCore("shadow:9");
    const id = before.offer(B);
    playWindow(before, 0);
    playWindows(before, 1, 4, { beside: { b: up(0.9) }, outcome: "down" });
    const { harm, candidateMicros } = before.receipt(id).gate!;
    const core = await restarted(before);
    core.offer(B);
    expect(harm).toBeGreaterThan(1);
    expect(core.receipt(id).gate).toMatchObject({ harm, candidateMicros });
  });

  test("with an approval, and with what there is to be approved", async () => {
    const before = await reloadCore("shadow:1 -> approve -> shadow:1");
    const id = before.offer(B);
    playWindows(before, 0, 2, { live: { a: up() } });
    before.cycle(opensAt(2) + 6);
    const waiting = await restarted(before);
    waiting.offer(B);
    waiting.cycle(opensAt(2) + 7);
    expect(waiting.receipt(id).gate).toMatchObject({ waitsFor: "approve", passed: 1, compared: 2, differing: 2 });
    approve(waiting);
    waiting.cycle(opensAt(2) + 8);
    const core = await restarted(waiting);
    core.offer(B);
    expect(core.receipt(id)).toMatchObject({ approvedBy: "ops", gate: { waitsFor: "shadow", passed: 2 } });
  });

  test("and is approved once the rehearsal that began after the restart is complete", async () => {
    const before = await reloadCore("approve");
    const incomplete = aReport({ complete: false });
    before.offer(B, { rehearsal: incomplete });
    before.cycle(1);
    const core = await restarted(before);
    const again = core.offer(B, { rehearsal: incomplete });
    const early = approve(core);
    core.cycle(2);
    expect(early()).toMatch(/^refused: .* is still rehearsed/);
    core.post({ type: "RehearsalCompleted", receipt: again, report: aReport() });
    approve(core);
    core.cycle(3);
    expect(core.asked).toBe("BTC b, ETH b");
  });

  test("by the policy that it came under", async () => {
    const before = await reloadCore("approve");
    const id = before.offer(B);
    before.cycle(1);
    const { settings } = before.engine;
    const core = await before.restart({ ...settings, reload: { ...settings.reload, promotion: { type: "auto" } } });
    core.reconcile();
    core.resume(A);
    core.offer(B);
    core.cycle(2);
    expect([core.asked, core.receipt(id).gate?.policy]).toEqual(["BTC a, ETH a", "approve"]);
  });

  test("armed, when its boundary never came", async () => {
    const before = await reloadCore("auto");
    before.begin(1);
    const id = before.offer(B);
    before.decide();
    expect(before.receipt(id).state).toBe("armed");
    const core = await restarted(before);
    core.cycle(2);
    expect(core.asked).toBe("BTC a, ETH a");
    core.offer(B);
    core.cycle(3);
    expect([core.asked, core.receipt(id).state]).toEqual(["BTC b, ETH b", "active"]);
  });
});

describe("a canary", () => {
  /** B is live in BTC, and one window of three has settled. */
  async function interrupted(): Promise<{ readonly core: Core; readonly id: string }> {
    const before = await reloadCore("canary:1/3");
    const id = before.offer(B);
    playWindows(before, 0, 2);
    return { core: await restarted(before), id };
  }

  test("goes on in its slots, with what it replaced beside it, and its windows", async () => {
    const { core, id } = await interrupted();
    core.offer(B);
    playWindow(core, 2);
    expect([core.asked, core.askedBeside]).toEqual(["BTC b, ETH a", "BTC a"]);
    expect(core.receipt(id).gate).toMatchObject({ canary: [SLOT], windows: { done: 1, of: 3 }, compared: 1 });
    playWindows(core, 3, 2);
    core.cycle(opensAt(5) + 6);
    expect([core.asked, core.receipt(id).state]).toEqual(["BTC b, ETH b", "active"]);
  });

  test("is watched as before: faults take it back", async () => {
    const { core, id } = await interrupted();
    core.offer(B);
    for (const second of [7, 8, 9]) core.cycle(opensAt(2) + second, { [SLOT]: "fault" });
    core.cycle(opensAt(2) + 10);
    expect([core.asked, core.receipt(id).state, standing(core)]).toEqual(["BTC a, ETH a", "rolled-back", [BAR_B]]);
  });

  test("that waits for an approval is watched, too", async () => {
    const before = await reloadCore("canary:1/1 -> approve");
    const id = before.offer(B);
    playWindows(before, 0, 2);
    before.cycle(opensAt(2) + 6);
    const core = await restarted(before);
    core.offer(B);
    for (const second of [7, 8, 9]) core.cycle(opensAt(2) + second, { [SLOT]: "fault" });
    core.cycle(opensAt(2) + 10);
    expect([core.asked, core.receipt(id).state]).toEqual(["BTC a, ETH a", "rolled-back"]);
  });

  test.each([
    ["another version is offered", (core: Core) => void core.offer(C), "BTC c, ETH a"],
    ["another save is refused", (core: Core) => void core.refuse(C), "BTC a, ETH a"],
    [
      "what ran before it is saved again",
      (core: Core) => core.post({ type: "CandidateSuperseded", strategy: "momentum", by: "what runs, saved again" }),
      "BTC a, ETH a",
    ],
    [
      "the operator rolls back",
      (core: Core) => void core.command({ kind: "rollback", strategy: "momentum" }),
      "BTC a, ETH a",
    ],
  ])("goes back when %s instead, before it has decided anything", async (_, happens, asked) => {
    const { core, id } = await interrupted();
    happens(core);
    core.cycle(opensAt(2) + 7);
    expect(core.asked).toBe(asked);
    expect(["superseded", "rolled-back"]).toContain(core.receipt(id).state);
    expect(core.engine.receipts.underway.some((receipt) => receipt.id === id)).toBe(false);
  });

  test("decides on in its slots while nothing is known of what is on disk", async () => {
    const { core, id } = await interrupted();
    core.cycle(opensAt(2) + 7);
    expect([core.asked, core.receipt(id).state]).toEqual(["BTC b, ETH a", "gated"]);
    core.refuse(C);
    core.cycle(opensAt(2) + 8);
    expect([core.asked, core.receipt(id).state]).toEqual(["BTC a, ETH a", "superseded"]);
  });
});

describe("a canary that was taken back", () => {
  async function takenBack(by: (core: Core) => void): Promise<Core> {
    const before = await reloadCore("canary:1/9");
    before.offer(B);
    before.cycle(1);
    before.cycle(2);
    by(before);
    before.cycle(3);
    before.cycle(4);
    return restarted(before);
  }

  test("is nothing to go back to", async () => {
    const core = await takenBack((before) => void before.refuse(C));
    core.cycle(5);
    const effect = core.command({ kind: "rollback", strategy: "momentum" });
    core.cycle(6);
    expect(effect()).toBe("refused: momentum has nothing to go back to");
    expect(core.asked).toBe("BTC a, ETH a");
  });

  test("nor is it for the canary that came after it: that goes back to what ran before both", async () => {
    const core = await takenBack((before) => void before.offer(C));
    core.cycle(5);
    expect(core.asked).toBe("BTC c, ETH a");
    core.refuse(B);
    core.cycle(6);
    expect(core.asked).toBe("BTC a, ETH a");
  });
});

describe("what ran and was barred just before the stop", () => {
  test("gives way to what the slot goes back to", async () => {
    const before = await reloadCore("auto");
    before.offer(B);
    for (const second of [1, 2, 3]) before.cycle(second, { [SLOT]: "hung" });
    expect(standing(before)).toEqual(["quarantine:momentum@bbbbbbbb/00000000"]);
    const core = await restarted(before);
    core.cycle(4);
    expect(core.asked).toBe("BTC a, ETH a");
  });

  test("gives way to nothing where a canary merely ran before it: that has passed no gate", async () => {
    const before = await reloadCore("canary:1/9");
    before.offer(C);
    before.cycle(1);
    before.cycle(2);
    before.refuse(B);
    for (const second of [3, 4, 5]) before.cycle(second, { a: "hung" });
    const core = await restarted(before);
    core.cycle(6);
    expect(core.asked).toBe("");
  });
});

describe("probation", () => {
  async function edited(windows: number): Promise<{ readonly core: Core; readonly id: string }> {
    const core = await reloadCore("auto", { probationWindows: windows });
    const id = core.offer(B);
    playWindows(core, 0, 2);
    return { core, id };
  }

  test("goes on with its windows, what it replaced beside it again", async () => {
    const { core: before, id } = await edited(2);
    const core = await restarted(before);
    playWindow(core, 2);
    expect([core.asked, core.askedBeside, core.receipt(id).state]).toEqual(["BTC b, ETH b", "BTC a, ETH a", "active"]);
    playWindow(core, 3);
    core.cycle(opensAt(4) + 6);
    expect([core.receipt(id).state, core.askedBeside]).toEqual(["permanent", ""]);
    expect(core.receipt(id).gate).toMatchObject({ compared: 4 });
  });

  test("rolls back as before", async () => {
    const { core: before, id } = await edited(9);
    const core = await restarted(before);
    for (const second of [7, 8, 9]) core.cycle(opensAt(2) + second, { [SLOT]: "fault" });
    core.cycle(opensAt(2) + 10);
    expect([core.asked, core.receipt(id).state, standing(core)]).toEqual(["BTC a, ETH a", "rolled-back", [BAR_B]]);
  });

  test("ends where the version could not be resumed", async () => {
    const { core: before, id } = await edited(9);
    const core = await before.restart();
    core.reconcile();
    core.resume(A);
    core.cycle(opensAt(2) + 7);
    expect(core.receipt(id)).toMatchObject({ state: "superseded", reasons: ["it was not resumed after a restart"] });
  });

  test("is not begun again by what is permanent", async () => {
    const { core: before, id } = await edited(1);
    before.cycle(opensAt(2) + 6);
    const core = await restarted(before);
    core.cycle(opensAt(2) + 7);
    expect([core.asked, core.askedBeside]).toEqual(["BTC b, ETH b", ""]);
    expect(core.receipt(id).state).toBe("permanent");
    expect(core.engine.candidates.onProbation("momentum")).toBeNull();
  });
});

describe("an edit while the bot was stopped", () => {
  test("begins at the gate, whatever another version had passed before", async () => {
    const before = await reloadCore("shadow:2 -> approve");
    const id = before.offer(B);
    playWindows(before, 0, 3);
    before.cycle(opensAt(3) + 6);
    expect(before.receipt(id).gate?.waitsFor).toBe("approve");
    const core = await restarted(before);
    const next = core.offer(C);
    core.cycle(opensAt(3) + 7);
    expect([core.asked, core.askedBeside]).toEqual(["BTC a, ETH a", "BTC c, ETH c"]);
    expect(core.receipt(next).gate).toMatchObject({ waitsFor: "shadow", passed: 0, windows: { done: 0, of: 2 } });
    expect(core.receipt(id)).toMatchObject({ state: "superseded", reasons: ["superseded by momentum@cccccccc"] });
  });

  test("goes back to what ran before the stop, although that has not decided since", async () => {
    const core = await restarted(await reloadCore("auto"));
    core.offer(B);
    core.cycle(1);
    expect([core.asked, core.askedBeside]).toEqual(["BTC b, ETH b", "BTC a, ETH a"]);
    core.command({ kind: "rollback", strategy: "momentum" });
    core.cycle(2);
    expect([core.asked, standing(core)]).toEqual(["BTC a, ETH a", [BAR_B]]);
  });

  test("that is taken back before the first boundary leaves what ran before the stop", async () => {
    const core = await restarted(await reloadCore("auto"));
    core.offer(B);
    core.refuse(C);
    core.cycle(1);
    expect(core.asked).toBe("BTC a, ETH a");
  });
});

describe("a version that was rolled back", () => {
  test("stays barred", async () => {
    const before = await reloadCore("auto");
    before.offer(B);
    before.cycle(1);
    before.command({ kind: "rollback", strategy: "momentum" });
    before.cycle(2);
    const core = await restarted(before);
    const id = core.offer(B);
    core.cycle(3);
    expect([core.asked, core.receipt(id).state]).toEqual(["BTC a, ETH a", "rejected"]);
  });

  test("looks after what it holds until the window ends, as it did before the stop", async () => {
    const before = await reloadCore("auto");
    before.offer(B);
    before.cycle(1, { [SLOT]: up() });
    before.fill();
    before.command({ kind: "rollback", strategy: "momentum" });
    before.cycle(2);
    const core = await restarted(before);
    core.cycle(3, { [SLOT]: exit });
    expect(core.asked).toBe("BTC b, ETH a");
    expect(core.rows("orders").at(-1)).toMatchObject({ leg: "exit", code: B.ref.code, slot: SLOT });
    expect(core.engine.slots.get(ETH)?.running?.ref.code).toBe(A.ref.code);
  });
});

test("ids of receipts are not given twice", async () => {
  const before = await reloadCore("approve");
  const id = before.offer(B);
  before.cycle(1);
  const core = await restarted(before);
  expect(core.offer(C)).not.toBe(id);
});
