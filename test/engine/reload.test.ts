// Versions change between two cycles and nowhere else; what is held stays with the version that entered it.
import { describe, expect, test } from "vitest";
import type { SlotId } from "../../engine/base/ids.ts";
import { aMarket, NOON } from "../support/a-market.ts";
import { exit, hold, marketOf, SLOT, tradingCore, up } from "../support/core.ts";
import { aSlot, settingsWith } from "../support/settings.ts";
import { versionFacts } from "../support/version-facts.ts";

const A = versionFacts({ code: "a" });
const B = versionFacts({ code: "b" });
const ETH = "ETH-5m-momentum" as SlotId;
const TWO_SLOTS = settingsWith({ slots: [aSlot("btc"), aSlot("eth")] });
const OPEN_2 = NOON + 300_000;

describe("an armed version", () => {
  test("decides from the next boundary on, in all of its slots together", async () => {
    const core = await tradingCore({ settings: TWO_SLOTS }, A);
    core.cycle(1);
    core.feed(2);
    core.begin(2);
    core.arm(B);
    expect(core.requests.map(({ version }) => version.code[0])).toEqual(["a", "a"]);
    core.decide();
    core.cycle(3);
    expect(core.requests.map(({ version }) => version.code[0])).toEqual(["b", "b"]);
    expect(core.outputs.filter(({ type }) => type === "Activated")).toMatchObject([
      { cycle: 1, version: { code: A.ref.code }, slots: [SLOT, ETH] },
      { cycle: 3, version: { code: B.ref.code }, slots: [SLOT, ETH] },
    ]);
    expect(core.rows("activations").map(({ cycle, slot, ordinal }) => `${cycle} ${slot} v${ordinal}`)).toEqual([
      `1 ${SLOT} v1`,
      `1 ${ETH} v1`,
      `3 ${SLOT} v2`,
      `3 ${ETH} v2`,
    ]);
  });

  test("gives way to one that is armed before the boundary", async () => {
    const core = await tradingCore({}, A);
    core.cycle(1);
    core.arm(B);
    core.arm(versionFacts({ code: "c" }));
    core.cycle(2);
    expect(core.requests[0]?.version.code[0]).toBe("c");
  });

  test("is disarmed when what runs is armed again", async () => {
    const core = await tradingCore({}, A);
    core.cycle(1);
    core.arm(B);
    core.arm(A);
    core.cycle(2);
    expect(core.requests[0]?.version.code[0]).toBe("a");
    expect(core.outputs.filter(({ type }) => type === "Activated")).toHaveLength(1);
  });

  test("keeps the ordinal of its code for ever, also when it comes back", async () => {
    const before = await tradingCore({}, A);
    before.arm(B);
    before.cycle(1);
    const core = await before.restart();
    expect(core.arm(A).ref.ordinal).toBe(1);
    expect(core.arm(B).ref.ordinal).toBe(2);
    expect(core.arm(versionFacts({ code: "c" })).ref.ordinal).toBe(3);
    expect(core.arm(versionFacts({ strategy: "trend", code: "c" })).ref.ordinal).toBe(1);
  });

  test("that was never loaded is a bug", async () => {
    const core = await tradingCore({}, A);
    expect(() => core.post({ type: "VersionsArmed", slots: [{ slot: SLOT, key: "x:y" }] })).toThrow("was never loaded");
  });

  test("for a slot that has left the configuration is ignored", async () => {
    const core = await tradingCore({ settings: TWO_SLOTS }, A);
    core.cycle(1);
    core.configure({ slots: [aSlot("btc")] });
    core.cycle(2);
    core.arm(B, [SLOT, ETH]);
    core.cycle(3);
    expect(core.requests.map(({ slot }) => slot)).toEqual([SLOT]);
  });
});

describe("a reload", () => {
  test("changes no position, no order, no cash", async () => {
    const core = await tradingCore({ settings: TWO_SLOTS }, A);
    core.cycle(1, { [SLOT]: up(), [ETH]: up(0.7, 0.4) });
    const bought = core.submitted.find(({ timeInForce }) => timeInForce === "FAK")!;
    core.fill(bought);
    const { desk } = core.engine;
    const before = structuredClone([desk.openPositions, desk.liveOrders, desk.ledger.balance("cash")]);
    core.arm(B);
    core.cycle(2, { [ETH]: up(0.7, 0.4) });
    expect([desk.openPositions, desk.liveOrders, desk.ledger.balance("cash")]).toEqual(before);
    expect(core.sent.map(({ type }) => type)).toEqual(["Submit", "Submit"]);
  });

  test("leaves a window with a position to the version that entered it, and gives the next window to the new one", async () => {
    const core = await tradingCore({}, A);
    core.listWindows(OPEN_2);
    core.cycle(1, { [SLOT]: up() });
    core.fill();
    core.arm(B);
    core.cycle(2, { [SLOT]: hold });
    expect(core.requests[0]?.version.code[0]).toBe("a");
    core.cycle(301, { [SLOT]: up() });
    expect(core.requests[0]?.version.code[0]).toBe("b");
    core.fill();
    expect(core.engine.desk.openPositions.map(({ market, version }) => [market, version.code[0]])).toEqual([
      [marketOf(), "a"],
      [aMarket({ openMs: OPEN_2 }).id, "b"],
    ]);
  });

  test("leaves a window with an open order to the version that sent it, also before any fill", async () => {
    const core = await tradingCore({}, A);
    core.cycle(1, { [SLOT]: up(0.7, 0.4) });
    core.arm(B);
    core.cycle(2, { [SLOT]: hold });
    expect(core.requests[0]?.version.code[0]).toBe("a");
    core.cancelled(core.lastOrder.clientOrderId);
    core.cycle(3);
    expect(core.requests[0]?.version.code[0]).toBe("b");
  });

  test("hands the window over once the position is flat", async () => {
    const core = await tradingCore({}, A);
    core.cycle(1, { [SLOT]: up() });
    core.fill();
    core.arm(B);
    core.cycle(2, { [SLOT]: exit });
    expect(core.rows("orders").at(-1)).toMatchObject({ leg: "exit", code: "a".repeat(64) });
    core.fill();
    core.cycle(3);
    expect(core.requests[0]?.version.code[0]).toBe("b");
  });

  test("keeps the pin across a restart", async () => {
    const before = await tradingCore({}, A);
    before.cycle(1, { [SLOT]: up() });
    before.fill();
    before.arm(B);
    before.cycle(2);
    const core = await before.restart();
    core.reconcile();
    core.post({ type: "VersionsLoaded", versions: [A] });
    core.arm(B);
    core.cycle(3);
    expect(core.requests[0]?.version.code[0]).toBe("a");
  });
});

describe("memory", () => {
  const remembering = (code: string) => versionFacts({ code, memory: { initial: { seen: 0 }, migrates: false } });

  test("belongs to slot and version, and each version finds its own again", async () => {
    const core = await tradingCore({ settings: TWO_SLOTS }, remembering("a"));
    core.cycle(1, { [SLOT]: { signal: hold, memory: '{"seen":1}' } });
    core.cycle(2);
    expect(core.requests.map(({ memory }) => memory)).toEqual(['{"seen":1}', '{"seen":0}']);
    core.arm(remembering("b"));
    core.cycle(3, { [SLOT]: { signal: hold, memory: '{"seen":9}' } });
    expect(core.requests.map(({ memory }) => memory)).toEqual(['{"seen":0}', '{"seen":0}']);
    core.arm(remembering("a"));
    core.cycle(4);
    expect(core.requests.map(({ memory }) => memory)).toEqual(['{"seen":1}', '{"seen":0}']);
  });

  test("is written when it changed, and not otherwise", async () => {
    const core = await tradingCore({}, remembering("a"));
    for (const second of [1, 2, 3]) core.cycle(second, { [SLOT]: { signal: hold, memory: '{"seen":1}' } });
    expect(core.rows("memories")).toMatchObject([{ slot: SLOT, memory: '{"seen":1}', code: "a".repeat(64) }]);
  });

  test("is not kept for a version that declares none", async () => {
    const core = await tradingCore({}, A);
    core.cycle(1, { [SLOT]: { signal: hold, memory: "[1]" } });
    core.cycle(2);
    expect(core.requests[0]?.memory).toBe("null");
    expect(core.rows("memories")).toEqual([]);
  });

  test("is not changed by a fault", async () => {
    const core = await tradingCore({}, remembering("a"));
    core.cycle(1, { [SLOT]: { signal: hold, memory: '{"seen":1}' } });
    core.cycle(2, { [SLOT]: "fault" });
    core.cycle(3);
    expect(core.requests[0]?.memory).toBe('{"seen":1}');
  });
});

describe("a fault", () => {
  test("is a hold in its slot, is told, and leaves the others alone", async () => {
    const core = await tradingCore({ settings: TWO_SLOTS }, A);
    core.cycle(1, { [SLOT]: "fault", [ETH]: up() });
    expect(core.submitted).toMatchObject([{ market: marketOf("eth") }]);
    expect(core.outputs.filter(({ type }) => type === "FaultSeen")).toMatchObject([
      { slot: SLOT, fault: { kind: "threw" } },
    ]);
    expect(core.engine.slots.get(SLOT)).toMatchObject({
      faults: 1,
      last: { signal: { kind: "hold", reason: "fault: threw" } },
    });
    expect(core.rows("cycles")).toMatchObject([{ decided: 1, faulted: 1 }]);
  });

  test("neither sells a position nor cancels a resting order", async () => {
    const core = await tradingCore({ settings: TWO_SLOTS }, A);
    core.cycle(1, { [SLOT]: up(), [ETH]: up(0.7, 0.4) });
    core.fill(core.submitted[0]);
    core.cycle(2, { [SLOT]: "fault", [ETH]: "fault" });
    expect(core.sent.map(({ type }) => type)).toEqual(["Submit", "Submit"]);
  });
});
