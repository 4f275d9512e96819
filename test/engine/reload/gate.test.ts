// The gate: what a candidate must pass before it trades, in order, and what becomes of it when something else happens meanwhile.
import { describe, expect, test } from "vitest";
import { aFaultyReport, aReport } from "../../support/a-receipt.ts";
import { type Core, SLOT, tradingCore, up } from "../../support/core.ts";
import { aSlot, reloadWith, settingsWith } from "../../support/settings.ts";
import { versionFacts } from "../../support/version-facts.ts";
import { A, B, C, ETH, openWindow, playWindow, reloadCore } from "../../support/windows.ts";

const NAMED_B = { strategy: "momentum", code: B.ref.code, params: B.ref.params } as const;
const BAR_B = "rejected:momentum@bbbbbbbb/00000000";

const AUTO = settingsWith({ slots: [aSlot("btc"), aSlot("eth")] });

const standing = (core: Core) => core.engine.latches.standing.map(({ kind, scope }) => `${kind}:${scope}`);
const waitsFor = (core: Core) => core.engine.candidates.waiting("momentum")?.receipt.gate?.waitsFor;

describe("auto", () => {
  test("is armed at once, and active from the next boundary on, in all slots together", async () => {
    const core = await reloadCore("auto");
    const id = core.offer(B);
    expect(core.receipt(id)).toMatchObject({ state: "armed", slots: [SLOT, ETH], gate: { policy: "auto" } });
    core.cycle(1);
    expect(core.asked).toBe("BTC b, ETH b");
    expect(core.receipt(id)).toMatchObject({ state: "active", boundaryCycle: core.engine.cycle });
  });

  test("leaves orders, positions, money and latches as they are: the digests of both sides are equal", async () => {
    const core = await reloadCore("auto");
    core.cycle(1, { [SLOT]: up(), [ETH]: up(0.7, 0.4) });
    core.fill(core.submitted[0]);
    const id = core.offer(B);
    core.cycle(2, { a: up(0.7, 0.4) });
    const { coreBefore, coreAfter } = core.receipt(id);
    expect(coreBefore).toMatch(/^[0-9a-f]{16}$/);
    expect(coreAfter).toBe(coreBefore);
    expect(core.sent.map(({ type }) => type)).toEqual(["Submit", "Submit"]);
  });

  test("has its boundary measured by whoever has a clock, and is told in one line", async () => {
    const core = await reloadCore("auto");
    const id = core.offer(B, { from: "momentum@aaaaaaaa" });
    const cycle = core.engine.cycle + 1;
    const atMs = core.engine.nowMs + 1_000;
    core.post({ type: "BoundaryDue", cycle, atMs });
    core.post({ type: "BoundaryMeasured", cycle, micros: 42 });
    core.post({ type: "CycleDue", cycle, atMs });
    expect(core.receipt(id).boundaryUs).toBe(42);
    expect(core.log.filter(({ event }) => event === "version.live").at(-1)?.message).toMatch(
      /^reloaded momentum@aaaaaaaa → momentum@bbbbbbbb \(v2\): decides 2 slots from cycle \d+, .* boundary 42 µs/,
    );
  });

  test("at a first start decides where nothing decided before", async () => {
    const core = await tradingCore({ settings: AUTO }, versionFacts({ strategy: "other" }));
    core.offer(B);
    openWindow(core, 0);
    expect(core.asked).toBe("BTC b, ETH b");
  });

  test("is not held up by a slot that has left the configuration meanwhile", async () => {
    const core = await reloadCore("auto");
    const id = core.offer(B);
    core.configure({ slots: [aSlot("btc")] });
    core.cycle(1);
    expect(core.asked).toBe("BTC b");
    expect(core.receipt(id).state).toBe("active");
  });
});

describe("an offer of what decides already", () => {
  test("changes nothing and leaves no receipt", async () => {
    const core = await reloadCore("auto");
    const id = core.offer(A);
    core.cycle(1);
    expect(core.rows("receipts").filter((row) => row.id === id)).toEqual([]);
    expect(core.engine.candidates.waiting("momentum")).toBeNull();
  });

  test("in some slots is an offer for the others: those are not tried again, and not taken back", async () => {
    const B1 = versionFacts({ code: "a", params: "1" });
    const core = await reloadCore("auto");
    const id = core.offer(A, {}, { [ETH]: B1 });
    core.cycle(1);
    expect(core.receipt(id)).toMatchObject({ state: "active", slots: [ETH] });
    core.command({ kind: "rollback", strategy: "momentum" });
    core.cycle(2);
    expect(standing(core)).toEqual(["rolled-back:momentum@aaaaaaaa/11111111"]);
    expect(core.requests.map(({ version }) => version.params[0])).toEqual(["0", "0"]);
  });
});

describe("approve", () => {
  const approve = (core: Core, named: Partial<typeof NAMED_B> = {}) =>
    core.command({ kind: "approve", ...NAMED_B, ...named });

  test("keeps the candidate from trading until an operator names its code and params", async () => {
    const core = await reloadCore("approve");
    const id = core.offer(B);
    playWindow(core, 0);
    expect([core.asked, waitsFor(core)]).toEqual(["BTC a, ETH a", "approve"]);
    const effect = approve(core);
    core.cycle(306);
    expect(effect()).toBe("momentum@bbbbbbbb (v2) is approved, by ops");
    expect(core.asked).toBe("BTC b, ETH b");
    expect(core.receipt(id)).toMatchObject({ state: "active", approvedBy: "ops" });
  });

  test("of a version that the file has left meanwhile is refused, and says what the candidate is now", async () => {
    const core = await reloadCore("approve");
    core.offer(B);
    core.offer(C);
    const effect = approve(core);
    core.cycle(1);
    expect(effect()).toBe(
      `refused: the candidate of momentum is now momentum@cccccccc (v3), ${C.ref.code} with params ${C.ref.params}`,
    );
    core.cycle(2);
    expect(core.asked).toBe("BTC a, ETH a");
  });

  test("of other params is refused", async () => {
    const core = await reloadCore("approve");
    core.offer(B);
    const effect = approve(core, { params: C.ref.code as never });
    core.cycle(1);
    expect(effect()).toMatch(/^refused: the candidate of momentum is now momentum@bbbbbbbb/);
    expect(core.asked).toBe("BTC a, ETH a");
  });

  test("names the params of all slots, where they differ", async () => {
    const core = await reloadCore("approve");
    const id = core.offer(B, {}, { [ETH]: versionFacts({ code: "b", params: "1" }) });
    const refused = approve(core);
    const params = core.receipt(id).params.join("+");
    const effect = core.command({ kind: "approve", ...NAMED_B, params });
    core.cycle(1);
    expect([refused(), effect()]).toEqual([
      expect.stringMatching(/^refused: /),
      "momentum@bbbbbbbb (v2) is approved, by ops",
    ]);
  });

  test("is refused while the rehearsal is not complete", async () => {
    const core = await reloadCore("approve");
    const id = core.offer(B, { rehearsal: aReport({ complete: false, frames: 10, sampledOf: 100 }) });
    expect(waitsFor(core)).toBe("rehearsal");
    const early = approve(core);
    core.cycle(1);
    expect(early()).toBe("refused: momentum@bbbbbbbb (v2) is still rehearsed, 10 of 100 decisions so far");
    core.post({ type: "RehearsalCompleted", receipt: id, report: aReport() });
    expect(waitsFor(core)).toBe("approve");
    const effect = approve(core);
    core.cycle(2);
    expect(effect()).toMatch(/is approved/);
    expect(core.asked).toBe("BTC b, ETH b");
  });

  test("counts when the same version was saved again, whose rehearsal is the one that goes on", async () => {
    const core = await reloadCore("approve");
    const incomplete = aReport({ complete: false });
    const first = core.offer(B, { rehearsal: incomplete });
    const again = core.offer(B, { rehearsal: incomplete });
    core.post({ type: "RehearsalCompleted", receipt: again, report: aReport() });
    approve(core);
    core.cycle(1);
    expect(core.asked).toBe("BTC b, ETH b");
    expect(core.receipt(first).state).toBe("active");
    expect(core.rows("receipts").some((row) => row.id === again)).toBe(false);
  });

  test("is refused where nothing waits, and where the policy asks for none", async () => {
    const core = await reloadCore("shadow:1");
    const nothing = approve(core);
    core.cycle(1);
    core.offer(B);
    const needless = approve(core);
    core.cycle(2);
    expect([nothing(), needless()]).toEqual([
      "refused: nothing of momentum waits at the gate",
      "refused: momentum@bbbbbbbb (v2) needs no approval",
    ]);
  });

  test("given during the shadow is kept for its step", async () => {
    const core = await reloadCore("shadow:1 -> approve");
    const id = core.offer(B);
    approve(core);
    playWindow(core, 0);
    expect([core.asked, waitsFor(core)]).toEqual(["BTC a, ETH a", "shadow"]);
    playWindow(core, 1);
    core.cycle(606);
    expect(core.asked).toBe("BTC b, ETH b");
    expect(core.receipt(id).approvedBy).toBe("ops");
  });
});

describe("the rest of a rehearsal", () => {
  test.each([
    ["faults", aFaultyReport(), "momentum.ts:3:1 it faults in 2 of 100 rehearsed decisions (threw): boom"],
    ["is impure", aReport({ pure: false, impure: "it reads a counter" }), "it is impure: it reads a counter"],
  ])("that %s rejects what waits, and bars it: otherwise the next look at the file would offer it again", async (_, report, reason) => {
    const core = await reloadCore("approve");
    const id = core.offer(B, { rehearsal: aReport({ complete: false }) });
    core.post({ type: "RehearsalCompleted", receipt: id, report });
    expect(core.receipt(id)).toMatchObject({ state: "rejected", stage: "gated", reasons: [reason], rehearsal: report });
    expect(standing(core)).toEqual([BAR_B]);
    expect(core.openAlarms).toEqual(["reload-rejected momentum"]);
    core.cycle(1);
    expect(core.asked).toBe("BTC a, ETH a");
  });

  test("that faults takes back what is armed", async () => {
    const core = await reloadCore("auto");
    const id = core.offer(B, { rehearsal: aReport({ complete: false }) });
    core.post({ type: "RehearsalCompleted", receipt: id, report: aFaultyReport() });
    core.cycle(1);
    expect(core.asked).toBe("BTC a, ETH a");
    expect(core.receipt(id)).toMatchObject({ state: "rejected", stage: "armed" });
  });

  test("of something else that was superseded is nobody's", async () => {
    const core = await reloadCore("approve");
    const id = core.offer(B);
    const next = core.offer(C);
    core.post({ type: "RehearsalCompleted", receipt: id, report: aFaultyReport() });
    core.cycle(1);
    expect([core.receipt(id).state, core.receipt(next).state]).toEqual(["superseded", "gated"]);
    expect(standing(core)).toEqual([]);
  });
});

describe("what waits is superseded", () => {
  test.each(["approve", "shadow:2", "auto"])("by a newer candidate, under %s", async (policy) => {
    const core = await reloadCore(policy);
    const id = core.offer(B);
    core.offer(C);
    core.cycle(1);
    expect(core.receipt(id)).toMatchObject({ state: "superseded", reasons: ["superseded by momentum@cccccccc"] });
    expect(core.asked).toBe(policy === "auto" ? "BTC c, ETH c" : "BTC a, ETH a");
    expect(core.askedBeside).toBe(policy === "shadow:2" ? "BTC c, ETH c" : policy === "auto" ? "BTC a, ETH a" : "");
  });

  test.each(["approve", "shadow:2", "auto"])("by what runs, saved again, under %s", async (policy) => {
    const core = await reloadCore(policy);
    const id = core.offer(B);
    core.post({ type: "CandidateSuperseded", strategy: "momentum", by: "what runs, saved again" });
    core.cycle(1);
    expect(core.receipt(id)).toMatchObject({ state: "superseded" });
    expect([core.asked, core.askedBeside]).toEqual(["BTC a, ETH a", ""]);
  });

  test.each(["approve", "shadow:2", "auto"])("by a newer save that is refused, under %s", async (policy) => {
    const core = await reloadCore(policy);
    const id = core.offer(B);
    const refused = core.refuse(C);
    core.cycle(1);
    expect(core.receipt(id).state).toBe("superseded");
    expect(core.engine.receipts.of("momentum")).toMatchObject({ id: refused, state: "rejected" });
    expect(core.engine.candidates.isRefused("momentum")).toBe(true);
    expect(core.openAlarms).toEqual(["reload-rejected momentum"]);
    expect([core.asked, core.askedBeside]).toEqual(["BTC a, ETH a", ""]);
  });

  test("and the alarm of a refused save is over with the next one that comes to the gate", async () => {
    const core = await reloadCore("approve");
    core.refuse(C);
    core.offer(B);
    expect(core.openAlarms).toEqual([]);
    expect(core.engine.candidates.isRefused("momentum")).toBe(false);
  });

  test("before anything has decided, and then nothing decides", async () => {
    const core = await tradingCore({ settings: AUTO }, versionFacts({ strategy: "other" }));
    core.offer(B);
    core.refuse(C);
    openWindow(core, 0);
    expect(core.asked).toBe("");
  });

  test("by itself for other slots, so that a slot that was added is not forgotten", async () => {
    const core = await reloadCore("approve");
    const id = core.offer(B);
    core.configure({ slots: [aSlot("btc"), aSlot("eth"), aSlot("sol")] });
    core.cycle(1);
    const next = core.offer(B);
    core.cycle(2);
    expect([core.receipt(id).state, core.receipt(next).slots.length]).toEqual(["superseded", 3]);
  });
});

describe("reject", () => {
  const reject = (core: Core) => core.command({ kind: "reject", ...NAMED_B });

  test("bars the version until its latch is cleared, and says how", async () => {
    const core = await reloadCore("approve");
    const id = core.offer(B);
    const effect = reject(core);
    core.cycle(1);
    expect(effect()).toBe("momentum@bbbbbbbb (v2) is rejected");
    expect(core.receipt(id)).toMatchObject({ state: "rejected", reasons: ["rejected by ops"] });
    expect(core.engine.bars.refusal(B.ref)).toBe(
      `momentum@bbbbbbbb/00000000 is rejected: rejected by ops. Clear it with: clear ${BAR_B} --reason "…", or save another version`,
    );
    const again = core.offer(B);
    expect(core.receipt(again)).toMatchObject({ state: "rejected", reasons: [core.engine.bars.refusal(B.ref)] });

    core.command({ kind: "clear-latch", latch: BAR_B, reason: "looked at it" });
    core.cycle(2);
    const id3 = core.offer(B);
    expect(core.receipt(id3).state).toBe("gated");
  });

  test("of another version is refused", async () => {
    const core = await reloadCore("approve");
    core.offer(C);
    const effect = reject(core);
    core.cycle(1);
    expect(effect()).toMatch(/^refused: the candidate of momentum is now momentum@cccccccc/);
    expect(standing(core)).toEqual([]);
  });

  test("keeps slots from going back to it, where it once ran", async () => {
    const core = await reloadCore("auto");
    core.arm(B);
    core.cycle(1);
    core.arm(C);
    core.cycle(2);
    core.configure({ reload: reloadWith("approve") });
    core.cycle(3);
    core.offer(B);
    reject(core);
    core.cycle(4);
    core.command({ kind: "rollback", strategy: "momentum" });
    core.cycle(5);
    expect(core.asked).toBe("BTC a, ETH a");
  });

  test("bars nothing that another slot trades with", async () => {
    const core = await reloadCore("approve");
    core.arm(versionFacts({ code: "a", params: "1" }), [ETH]);
    core.cycle(1);
    const id = core.offer(A);
    expect(core.receipt(id).slots).toEqual([ETH]);
    core.command({ kind: "reject", strategy: "momentum", code: A.ref.code, params: A.ref.params });
    core.cycle(2);
    core.cycle(3);
    expect([core.receipt(id).state, standing(core)]).toEqual(["rejected", []]);
  });
});
