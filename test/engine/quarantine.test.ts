// A version that takes its sandbox down three times decides nothing more, and what ran before it decides again.
import { describe, expect, test } from "vitest";
import type { SlotId } from "../../engine/base/ids.ts";
import type { FaultKind } from "../../engine/decide/decision.ts";
import { STRIKE_CYCLES, STRIKES_MAX } from "../../engine/quarantine.ts";
import { NOON } from "../support/a-market.ts";
import { type Core, exit, hold, SLOT, tradingCore, up } from "../support/core.ts";
import { aSlot, settingsWith } from "../support/settings.ts";
import { versionFacts } from "../support/version-facts.ts";

const A = versionFacts({ code: "a" });
const B = versionFacts({ code: "b" });
const C = versionFacts({ code: "c" });
const ETH = "ETH-5m-momentum" as SlotId;
const TREND = "SOL-5m-trend" as SlotId;
const TWO_SLOTS = settingsWith({ slots: [aSlot("btc"), aSlot("eth")] });
const LATCH_B = "quarantine:momentum@bbbbbbbb/00000000";
const ALARM_B = "quarantined momentum@bbbbbbbb/00000000";
const clear = (latch: string, id = "c1") => ({ id, kind: "clear-latch", latch, reason: "looked at it" }) as const;

/** Codes of what was asked in the last cycle, by slot. */
const asked = (core: Core): string =>
  core.requests.map(({ slot, version }) => `${slot.slice(0, 3)} ${version.code[0]}`).join(", ");

/** Cycles in which these slots fault, one after the other. */
function strike(core: Core, from: number, times = STRIKES_MAX, slots = [SLOT], kind: FaultKind = "hung"): number {
  for (let n = 0; n < times; n++) core.cycle(from + n, Object.fromEntries(slots.map((slot) => [slot, kind])));
  return from + times;
}

/** B runs since second 2 and A, which decided before it, is the last known good. */
async function edited(settings = TWO_SLOTS): Promise<Core> {
  const core = await tradingCore({ settings }, A);
  core.cycle(1);
  core.arm(B);
  core.cycle(2);
  return core;
}

const standing = (core: Core) => core.engine.latches.standing.map(({ kind, scope }) => `${kind}:${scope}`);

describe("the third strike", () => {
  test("brings the version before back at the next boundary, in all slots that ran it", async () => {
    const core = await edited();
    strike(core, 3, 2);
    expect([standing(core), core.engine.quarantine.strikes(B.ref, core.engine.cycle)]).toEqual([[], 2]);
    core.cycle(5, { [SLOT]: "hung" });
    expect(standing(core)).toEqual([LATCH_B]);
    expect(core.engine.mode).toBe("active");
    core.cycle(6);
    expect(asked(core)).toBe("BTC a, ETH a");
    expect(core.rows("activations").map(({ cycle, slot, code }) => `${cycle} ${slot} ${code[0]}`)).toEqual([
      `1 ${SLOT} a`,
      `1 ${ETH} a`,
      `2 ${SLOT} b`,
      `2 ${ETH} b`,
      `6 ${SLOT} a`,
      `6 ${ETH} a`,
    ]);
    expect(core.outputs.filter(({ type }) => type === "Activated").at(-1)).toMatchObject({ slots: [SLOT, ETH] });
  });

  test("brings it back after a restart too: what ran before is remembered", async () => {
    const before = await edited();
    before.cycle(3);
    const core = await before.restart();
    core.reconcile();
    for (const facts of [A, B]) core.post({ type: "VersionsLoaded", versions: [facts] });
    core.arm(B);
    core.cycle(4);
    strike(core, 5);
    core.cycle(8);
    expect(asked(core)).toBe("BTC a, ETH a");
  });

  test("is told once in the log, with what replaces the version, and raises an alarm", async () => {
    const core = await edited();
    strike(core, 3);
    const told = core.log.filter(({ event }) => event === "version.quarantined");
    expect(told.map(({ level, message }) => `${level} ${message}`)).toEqual([
      "error momentum@bbbbbbbb/00000000 (v2) is quarantined: " +
        "momentum@aaaaaaaa (v1) decides BTC-5m-momentum, ETH-5m-momentum from the next cycle on",
    ]);
    expect(core.openAlarms).toEqual([ALARM_B]);
    expect(core.rows("alarms").at(-1)).toMatchObject({
      severity: "critical",
      message:
        "momentum@bbbbbbbb/00000000 (v2) is quarantined: it took its sandbox down 3 times, last in BTC-5m-momentum at cycle 5: " +
        "boom. momentum@aaaaaaaa (v1) decides BTC-5m-momentum, ETH-5m-momentum from the next cycle on. " +
        'Clear it with: clear quarantine:momentum@bbbbbbbb/00000000 --reason "…"',
    });
  });

  test("leaves the decisions of the other slots in that cycle as they are", async () => {
    const core = await edited();
    strike(core, 3, 2);
    core.cycle(5, { [SLOT]: "hung", [ETH]: up() });
    expect(core.submitted).toHaveLength(1);
    expect(core.rows("orders")[0]).toMatchObject({ slot: ETH, code: B.ref.code });
  });

  test("changes nothing in slots that another version decides", async () => {
    const settings = settingsWith({ slots: [aSlot("btc"), aSlot("sol", "trend")] });
    const core = await tradingCore({ settings }, A);
    const trend = core.arm(versionFacts({ strategy: "trend", code: "e" }));
    core.cycle(1);
    strike(core, 2);
    core.cycle(6);
    expect(asked(core)).toBe("SOL e");
    expect(core.engine.slots.get(TREND)?.running).toEqual(trend);
  });

  test("lets a newer version that waits for the boundary take over instead", async () => {
    const core = await edited();
    strike(core, 3, 2);
    core.feed(5);
    core.begin(5);
    core.arm(C, [ETH]);
    core.decide({ [SLOT]: "hung" });
    core.cycle(6);
    expect(asked(core)).toBe("BTC a, ETH c");
  });

  test("takes the version from slots where it waits for the boundary, too", async () => {
    const core = await edited();
    core.arm(C);
    core.cycle(3);
    core.arm(B, [SLOT]);
    core.cycle(4);
    strike(core, 5, 2);
    core.feed(7);
    core.begin(7);
    core.arm(B, [ETH]);
    core.decide({ [SLOT]: "hung" });
    core.cycle(8);
    expect(asked(core)).toBe("BTC c, ETH c");
  });
});

describe("a strike", () => {
  test.each([
    ["hung", true],
    ["host", true],
    ["overdue", false],
    ["threw", false],
    ["fuel", false],
    ["memory", false],
    ["output", false],
  ] as const)("by a fault %s: %s", async (kind, counts) => {
    const core = await edited();
    core.cycle(strike(core, 3, STRIKES_MAX, [SLOT], kind));
    expect(asked(core)).toBe(counts ? "BTC a, ETH a" : "BTC b, ETH b");
  });

  test("counts for the version, in whichever slot, and once a cycle", async () => {
    const core = await edited();
    strike(core, 3, 2, [SLOT, ETH]);
    core.cycle(5);
    expect(standing(core)).toEqual([]);
    core.cycle(6, { [ETH]: "hung" });
    expect(standing(core)).toEqual([LATCH_B]);
  });

  test("does not add up with those of another version, nor of the same code with other params", async () => {
    const core = await tradingCore({ settings: TWO_SLOTS }, A);
    core.arm(versionFacts({ code: "a", params: "1" }), [ETH]);
    core.cycle(1);
    strike(core, 2, 2, [SLOT, ETH]);
    core.arm(B, [SLOT]);
    strike(core, 4, 2);
    expect(standing(core)).toEqual([]);
    core.cycle(6, { [ETH]: "hung" });
    expect(standing(core)).toEqual(["quarantine:momentum@aaaaaaaa/11111111"]);
  });

  test("expires", async () => {
    const core = await edited();
    const { engine } = core;
    strike(core, 3, 2);
    const first = engine.cycle - 1;
    for (let second = 5; engine.cycle < first + STRIKE_CYCLES - 1; second++) {
      core.begin(second);
      core.decide();
    }
    expect(engine.quarantine.strikes(B.ref, engine.cycle)).toBe(2);
    core.listWindows(NOON + 3_600_000);
    core.cycle(3_603, { [SLOT]: "hung" });
    expect(engine.cycle).toBe(first + STRIKE_CYCLES);
    expect([standing(core), engine.quarantine.strikes(B.ref, engine.cycle)]).toEqual([[], 2]);
    core.cycle(3_604, { [SLOT]: "hung" });
    core.cycle(3_605, { [SLOT]: "hung" });
    expect(standing(core)).toEqual([LATCH_B]);
  });
});

describe("the last known good", () => {
  test("is not a version that never decided there", async () => {
    const core = await edited();
    core.arm(C);
    core.cycle(3, { [SLOT]: "fault" });
    core.arm(versionFacts({ code: "d" }));
    core.cycle(strike(core, 4));
    expect(asked(core)).toBe("BTC b, ETH c");
  });

  test("is still there after an edit that was taken back", async () => {
    const core = await edited();
    core.arm(C);
    core.cycle(3);
    core.arm(B);
    core.cycle(4);
    core.cycle(strike(core, 5));
    expect(asked(core)).toBe("BTC c, ETH c");
    core.cycle(strike(core, 9));
    expect(asked(core)).toBe("BTC a, ETH a");
  });

  test("is not a quarantined one: without another the slot holds, and decides again with the next version", async () => {
    const core = await edited();
    strike(core, strike(core, 3));
    core.cycle(9);
    expect(asked(core)).toBe("");
    expect(core.engine.slots.get(SLOT)).toMatchObject({ running: null, armed: null });
    expect(core.log.findLast(({ event }) => event === "version.quarantined")?.message).toContain(
      "nothing decides BTC-5m-momentum, ETH-5m-momentum",
    );
    core.arm(C);
    core.cycle(10);
    expect(asked(core)).toBe("BTC c, ETH c");
  });

  test("is the one before it when both are quarantined in one cycle", async () => {
    const core = await edited();
    core.arm(C, [ETH]);
    core.cycle(3);
    core.arm(versionFacts({ code: "d" }), [SLOT]);
    core.cycle(4);
    core.arm(B, [ETH]);
    core.cycle(strike(core, 5, STRIKES_MAX, [ETH, SLOT]));
    expect(asked(core)).toBe("BTC a, ETH c");
  });

  test("stays loaded and remembers, however long ago it ran", async () => {
    const [a, b] = ["a", "b"].map((code) => versionFacts({ code, memory: { initial: 0, migrates: false } }));
    const core = await tradingCore({}, a);
    core.cycle(1, { [SLOT]: { signal: hold, memory: "7" } });
    core.arm(b!);
    for (let second = 2; second < 130; second++) core.cycle(second);
    core.cycle(strike(core, 130), { [SLOT]: { signal: hold, memory: "8" } });
    core.cycle(134);
    expect(core.requests).toMatchObject([{ version: { code: a!.ref.code }, memory: "8" }]);
  });
});

describe("what a quarantined version holds", () => {
  test("is decided by nothing until its window closes, and the alarms say so", async () => {
    const core = await edited();
    core.listWindows(NOON + 300_000);
    core.cycle(3, { [SLOT]: up() });
    core.fill();
    strike(core, 4);
    expect(core.engine.alarms.open.at(-1)?.message).toContain(
      "What it holds or ordered in BTC-5m-momentum is decided by nothing until its window closes: sell with close <slot>.",
    );
    for (let second = 7; second < 20; second++) {
      core.cycle(second, { [SLOT]: exit });
      expect(asked(core)).toBe("ETH a");
    }
    expect(core.submitted).toHaveLength(1);
    expect(core.openAlarms).toEqual([ALARM_B, `missing-decisions ${SLOT}`]);
    core.cycle(301);
    expect(asked(core)).toBe("BTC a, ETH a");
  });

  test("is not spoken of once its window has closed and only the outcome is awaited", async () => {
    const core = await edited();
    core.listWindows(NOON + 300_000);
    core.cycle(3, { [SLOT]: up() });
    core.fill();
    strike(core, 301);
    expect(core.engine.desk.openPositions).toHaveLength(1);
    expect(core.engine.alarms.open.at(-1)?.message).not.toContain("What it holds");
  });

  test("can be sold by the operator", async () => {
    const core = await edited();
    core.cycle(3, { [SLOT]: up() });
    core.fill();
    strike(core, 4);
    core.configure({}, [{ id: "c1", kind: "close-position", slot: SLOT }]);
    core.cycle(7);
    expect(core.lastOrder.action).toBe("sell");
  });

  test("is undecided also in a slot that runs nothing", async () => {
    const core = await tradingCore({}, B);
    core.cycle(1, { [SLOT]: up() });
    core.fill();
    for (let second = strike(core, 2); second < 20; second++) core.cycle(second);
    expect(core.openAlarms).toContain(`missing-decisions ${SLOT}`);
  });
});

describe("a quarantine", () => {
  test("keeps the version from being armed until it is cleared, across a restart", async () => {
    const before = await edited();
    before.cycle(strike(before, 3));
    const core = await before.restart();
    core.reconcile();
    expect(standing(core)).toEqual([LATCH_B]);
    expect(core.openAlarms).toEqual([ALARM_B]);
    core.arm(A);
    core.arm(B);
    expect(core.log.at(-1)).toMatchObject({
      event: "version.refused",
      message: expect.stringMatching(/^Not armed for ETH-5m-momentum: momentum@bbbbbbbb.* is quarantined: it took its/),
    });
    core.cycle(7);
    expect(asked(core)).toBe("BTC a, ETH a");

    core.configure({}, [clear("quarantine", "c0"), clear(LATCH_B)]);
    core.cycle(8);
    expect(core.engine.commandsDone.map(({ effect }) => effect)).toEqual(["no such latch", `latch ${LATCH_B} cleared`]);
    expect(core.rows("latches")).toMatchObject([{ clearedBy: "ops", clearedReason: "looked at it" }]);
    expect(core.openAlarms).toEqual([]);
    core.arm(B);
    core.cycle(9);
    expect(asked(core)).toBe("BTC b, ETH b");
  });

  test("that is cleared begins to count anew", async () => {
    const core = await edited();
    strike(core, 3);
    core.configure({}, [clear(LATCH_B)]);
    core.cycle(6);
    core.arm(B);
    core.cycle(7);
    strike(core, 8, 2);
    expect(standing(core)).toEqual([]);
    core.cycle(10, { [ETH]: "hung" });
    expect(standing(core)).toEqual([LATCH_B]);
    core.cycle(11);
    expect(asked(core)).toBe("BTC a, ETH a");
  });

  test("of one version leaves that of another standing", async () => {
    const core = await edited();
    strike(core, strike(core, 3));
    expect(standing(core)).toEqual([LATCH_B, "quarantine:momentum@aaaaaaaa/00000000"]);
    core.configure({}, [clear(LATCH_B)]);
    core.cycle(9);
    expect(standing(core)).toEqual(["quarantine:momentum@aaaaaaaa/00000000"]);
  });
});
