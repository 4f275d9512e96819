// A canary trades in a few slots, and what it is to replace decides beside it: what it opens is real, and so is the way back.
import { describe, expect, test } from "vitest";
import { type Core, down, exit, SLOT, tradingCore, up } from "../../support/core.ts";
import { aSlot, reloadWith, settingsWith } from "../../support/settings.ts";
import { A, B, C, ETH, opensAt, openWindow, playWindow, playWindows, reloadCore } from "../../support/windows.ts";

const BAR_B = "rolled-back:momentum@bbbbbbbb/00000000";
const standing = (core: Core) => core.engine.latches.standing.map(({ kind, scope }) => `${kind}:${scope}`);

/** B is live in BTC since the second second of the noon window, which it has not seen from its start. */
async function canary(policy: string): Promise<{ readonly core: Core; readonly id: string }> {
  const core = await reloadCore(policy);
  const id = core.offer(B);
  core.cycle(1);
  return { core, id };
}

describe("a canary", () => {
  test("trades in as many slots as the policy says, and what it replaced there sits beside", async () => {
    const { core, id } = await canary("canary:1/9");
    core.cycle(2, { [SLOT]: up() });
    expect([core.asked, core.askedBeside]).toEqual(["BTC b, ETH a", "BTC a"]);
    expect(core.rows("orders")).toMatchObject([{ slot: SLOT, code: B.ref.code }]);
    expect(core.receipt(id)).toMatchObject({ state: "gated", gate: { waitsFor: "canary", canary: [SLOT] } });
  });

  test("takes slots that are switched on before those that are not", async () => {
    const core = await reloadCore("canary:1/9");
    core.configure({ disabledSlots: new Set([SLOT]) });
    core.cycle(1);
    const id = core.offer(B);
    core.cycle(2);
    expect([core.asked, core.receipt(id).gate?.canary]).toEqual(["ETH b", [ETH]]);
  });

  test("takes over everywhere once its windows are there", async () => {
    const { core, id } = await canary("canary:1/2");
    playWindows(core, 0, 2);
    expect(core.receipt(id).gate?.windows).toEqual({ done: 1, of: 2 });
    expect(core.asked).toBe("BTC b, ETH a");
    playWindow(core, 2);
    core.cycle(opensAt(3) + 6);
    expect([core.asked, core.askedBeside]).toEqual(["BTC b, ETH b", "BTC a, ETH a"]);
    expect(core.receipt(id)).toMatchObject({ state: "active", boundaryCycle: core.engine.cycle });
  });

  test("of what ran before, not wanted any more, is what its slots go back to all the same", async () => {
    const { core } = await canary("canary:1/2");
    playWindows(core, 0, 3);
    core.cycle(opensAt(3) + 6);
    expect(core.asked).toBe("BTC b, ETH b");
    core.offer(A);
    core.cycle(opensAt(3) + 7);
    expect(core.asked).toBe("BTC a, ETH b");
    core.post({ type: "CandidateSuperseded", strategy: "momentum", by: "what runs, saved again" });
    core.cycle(opensAt(3) + 8);
    expect(core.asked).toBe("BTC b, ETH b");
    core.command({ kind: "rollback", strategy: "momentum" });
    core.cycle(opensAt(3) + 9);
    core.cycle(opensAt(3) + 10);
    expect(core.asked).toBe("BTC a, ETH a");
  });

  test("that trades everywhere already is active as well when it has passed", async () => {
    const { core, id } = await canary("canary:5/1");
    expect(core.asked).toBe("BTC b, ETH b");
    playWindows(core, 0, 2);
    core.cycle(opensAt(2) + 6);
    const { state, coreBefore, coreAfter } = core.receipt(id);
    expect([state, coreBefore === coreAfter, core.askedBeside]).toEqual(["active", true, "BTC a, ETH a"]);
  });

  test("widens from step to step", async () => {
    const settings = settingsWith({
      slots: [aSlot("btc"), aSlot("eth"), aSlot("sol")],
      reload: reloadWith("canary:1/1 -> canary:2/1"),
    });
    const core = await tradingCore({ settings }, A);
    openWindow(core, 0);
    core.offer(B);
    playWindows(core, 0, 2);
    core.cycle(opensAt(2) + 6);
    expect([core.asked, core.askedBeside]).toEqual(["BTC b, ETH b, SOL a", "BTC a, ETH a"]);
    playWindows(core, 2, 2);
    core.cycle(opensAt(4) + 6);
    expect(core.asked).toBe("BTC b, ETH b, SOL b");
  });

  test("goes on when what it replaced is quarantined, which is asked no more", async () => {
    const { core, id } = await canary("canary:1/1");
    for (const second of [2, 3, 4]) core.cycle(second, { [ETH]: "hung" });
    core.cycle(5);
    expect([core.asked, core.askedBeside]).toEqual(["BTC b", ""]);
    playWindows(core, 0, 2);
    core.cycle(opensAt(2) + 6);
    expect([core.asked, core.receipt(id).state]).toEqual(["BTC b, ETH b", "active"]);
  });
});

describe("a canary is taken back", () => {
  const isBack = (core: Core, id: string, reason: RegExp) => {
    expect([core.asked, core.askedBeside]).toEqual(["BTC a, ETH a", ""]);
    expect(core.receipt(id)).toMatchObject({
      state: "rolled-back",
      stage: "gated",
      reasons: [expect.stringMatching(reason)],
    });
    expect(core.openAlarms).toEqual(["rolled-back momentum"]);
    expect(core.engine.bars.refusal(B.ref)).toMatch(
      /^momentum@bbbbbbbb\/00000000 is rolled back: .* Clear it with: clear /,
    );
  };

  test("when it earns less over its windows", async () => {
    const { core, id } = await canary("canary:1/20");
    playWindows(core, 0, 20, { live: { b: down() }, beside: { a: up() } });
    expect(core.asked).toBe("BTC b, ETH a");
    playWindow(core, 20, { live: { b: down() }, beside: { a: up() } });
    core.cycle(opensAt(21) + 6);
    isBack(core, id, /^it earned -\d+\.\d\d USDC against what runs in 20 windows/);
  });

  test("when it faults where what ran before it does not", async () => {
    const { core, id } = await canary("canary:1/9");
    for (const second of [2, 3, 4]) core.cycle(second, { [SLOT]: "fault" });
    core.cycle(5);
    isBack(core, id, /^3 faulted decisions, last in BTC-5m-momentum/);
  });

  test("when it faults while it waits for an approval: it trades, so it is watched", async () => {
    const { core, id } = await canary("canary:1/1 -> approve");
    playWindows(core, 0, 2);
    core.cycle(opensAt(2) + 6);
    expect(core.receipt(id).gate).toMatchObject({ waitsFor: "approve", compared: 1 });
    for (const second of [7, 8, 9]) core.cycle(opensAt(2) + second, { [SLOT]: "fault" });
    core.cycle(opensAt(2) + 10);
    isBack(core, id, /^3 faulted decisions/);
  });

  test("when its real trades lose what their prices do not allow, and decides until the boundary", async () => {
    const { core, id } = await canary("canary:1/9");
    const codes: string[] = [];
    const losing = { outcome: "down", ask: 0.9, live: { b: up(0.97) } } as const;
    playWindows(core, 0, 5, losing);
    playWindow(core, 5, { ...losing, meanwhile: () => codes.push(core.asked) });
    codes.push(core.asked);
    core.cycle(opensAt(6) + 6);
    expect(codes).toEqual(["BTC b, ETH a", "BTC b, ETH a"]);
    expect(core.receipt(id)).toMatchObject({ state: "rolled-back", reasons: [expect.stringMatching(/^btc: /)] });
    expect(core.openAlarms).toEqual(["performance momentum@bbbbbbbb btc", "rolled-back momentum"]);
    expect(core.asked).toBe("BTC a, ETH a");
  });

  test("when it takes its sandbox down", async () => {
    const { core, id } = await canary("canary:1/9");
    for (const second of [2, 3, 4]) core.cycle(second, { [SLOT]: "hung" });
    core.cycle(5);
    expect([core.asked, core.askedBeside]).toEqual(["BTC a, ETH a", ""]);
    expect(core.receipt(id)).toMatchObject({ state: "rolled-back", stage: "gated" });
  });

  test("when the operator rolls it back", async () => {
    const { core, id } = await canary("canary:1/9");
    const effect = core.command({ kind: "rollback", strategy: "momentum" });
    core.cycle(2);
    expect(effect()).toBe("the canary of momentum@bbbbbbbb (v2) is taken back");
    isBack(core, id, /^rolled back by ops$/);
  });

  test("when the operator rejects it, which bars it", async () => {
    const { core, id } = await canary("canary:1/9");
    core.command({ kind: "reject", strategy: "momentum", code: B.ref.code, params: B.ref.params });
    core.cycle(2);
    expect([core.asked, core.receipt(id).state]).toEqual(["BTC a, ETH a", "rolled-back"]);
    expect(standing(core)).toEqual(["rejected:momentum@bbbbbbbb/00000000"]);
  });

  test.each([
    ["a newer candidate", (core: Core) => void core.offer(C), "BTC c, ETH a"],
    ["a newer save that is refused", (core: Core) => void core.refuse(C), "BTC a, ETH a"],
    [
      "what runs, saved again",
      (core: Core) => core.post({ type: "CandidateSuperseded", strategy: "momentum", by: "what runs, saved again" }),
      "BTC a, ETH a",
    ],
  ])("when it is superseded by %s, and is not barred", async (_, supersede, asked) => {
    const { core, id } = await canary("canary:1/9");
    supersede(core);
    core.cycle(2);
    expect(core.asked).toBe(asked);
    expect([core.receipt(id).state, standing(core)]).toEqual(["superseded", []]);
  });

  test("before it has traded, when that is superseded before the boundary", async () => {
    const core = await reloadCore("canary:1/9");
    core.offer(B);
    core.refuse(C);
    core.cycle(1);
    expect([core.asked, core.askedBeside]).toEqual(["BTC a, ETH a", ""]);
  });

  test("and what it holds stays with it until its window ends", async () => {
    const { core } = await canary("canary:1/9");
    playWindow(core, 0);
    playWindow(core, 1, {
      live: { [SLOT]: up() },
      meanwhile: () => {
        core.command({ kind: "rollback", strategy: "momentum" });
        core.cycle(opensAt(1) + 20);
        expect([core.asked, standing(core)]).toEqual(["BTC b, ETH a", [BAR_B]]);
        core.cycle(opensAt(1) + 21, { [SLOT]: exit });
        expect(core.rows("orders").at(-1)).toMatchObject({ leg: "exit", code: B.ref.code });
      },
    });
    expect(core.asked).toBe("BTC a, ETH a");
  });
});
