// The ladder in action: what each mode sends, keeps, sells and cancels; halts in every gap; latches.
import { describe, expect, test } from "vitest";
import type { ClientOrderId } from "../../engine/base/ids.ts";
import type { Mode } from "../../engine/risk/settings.ts";
import { aQuote } from "../support/a-quote.ts";
import { type Core, exit, hold, marketOf, SLOT, tradingCore, up } from "../support/core.ts";

const MARKET = marketOf();

/** A core that bought in cycle 1. */
async function holding(): Promise<Core> {
  const core = await tradingCore();
  core.cycle(1, { [SLOT]: up() });
  core.fill();
  return core;
}

describe("each mode", () => {
  const table: { mode: Mode; asks: boolean; enters: boolean; exits: boolean; forces: boolean; cancels: boolean }[] = [
    { mode: "active", asks: true, enters: true, exits: true, forces: false, cancels: false },
    { mode: "entries-stopped", asks: true, enters: false, exits: true, forces: false, cancels: false },
    { mode: "reduce-only", asks: true, enters: false, exits: true, forces: false, cancels: true },
    { mode: "flatten", asks: false, enters: false, exits: false, forces: true, cancels: true },
    { mode: "halted", asks: false, enters: false, exits: false, forces: false, cancels: true },
  ];

  test.each(table)("$mode asks strategies: $asks, lets them enter: $enters", async ({ mode, asks, enters }) => {
    const core = await tradingCore();
    core.configure({ mode });
    core.cycle(1, { [SLOT]: up() });
    expect(core.requests).toHaveLength(asks ? 1 : 0);
    expect(core.submitted).toHaveLength(enters ? 1 : 0);
  });

  test.each(table)("$mode sells at the strategy's wish: $exits, by itself: $forces", async ({
    mode,
    exits,
    forces,
  }) => {
    const core = await holding();
    core.configure({ mode });
    core.cycle(2);
    expect(core.submitted.slice(1).map(({ action }) => action)).toEqual(forces ? ["sell"] : []);
    if (forces) return;
    core.cycle(3, { [SLOT]: exit });
    expect(core.submitted.slice(1).map(({ action }) => action)).toEqual(exits ? ["sell"] : []);
  });

  test.each(table)("$mode cancels open entry orders: $cancels", async ({ mode, cancels }) => {
    const core = await tradingCore();
    core.cycle(1, { [SLOT]: up(0.7, 0.4) });
    core.configure({ mode });
    for (const second of [2, 3]) core.cycle(second, { [SLOT]: up(0.7, 0.4) });
    expect(core.sent.filter(({ type }) => type === "Cancel")).toHaveLength(cancels ? 1 : 0);
  });

  test.each(table)("$mode claims what was won", async ({ mode }) => {
    const core = await holding();
    core.configure({ mode });
    core.resolve(MARKET, "up");
    core.cycle(301);
    expect(core.sent).toContainEqual({ type: "Claim", market: MARKET });
  });
});

describe("a halt", () => {
  test("that arrives while decisions are out is in force before anything is sent", async () => {
    const core = await tradingCore();
    core.feed(1);
    core.begin(1);
    core.configure({ mode: "halted" });
    expect(core.engine.mode).toBe("halted");
    core.decide({ [SLOT]: up() });
    expect(core.submitted).toEqual([]);
    expect(core.rows("orders")).toEqual([]);
  });

  test("that arrives before an intent is durable ends it unsent", async () => {
    const core = await tradingCore();
    core.diskIsFast = false;
    core.cycle(1, { [SLOT]: up() });
    core.configure({ mode: "halted" });
    core.flush();
    core.diskIsFast = true;
    core.cycle(2);
    expect(core.submitted).toEqual([]);
    expect(core.rows("orders").map(({ status }) => status)).toEqual(["Initialized", "Expired"]);
    expect(core.engine.desk.liveOrders).toEqual([]);
  });

  test("leaves a close that was asked for alone, and does not use up its tries", async () => {
    const core = await holding();
    core.configure({ mode: "halted" }, [{ id: "c1", kind: "close-position", slot: SLOT }]);
    for (const second of [2, 3, 4, 5]) core.cycle(second);
    expect(core.submitted).toHaveLength(1);
    core.configure({ mode: "active" });
    core.cycle(6);
    expect(core.lastOrder.action).toBe("sell");
  });
});

describe("no entry leaves once a stricter mode is in force", () => {
  test.each(["entries-stopped", "reduce-only", "flatten"] as const)("%s", async (mode) => {
    const core = await tradingCore();
    core.diskIsFast = false;
    core.cycle(1, { [SLOT]: up() });
    core.configure({ mode });
    core.flush();
    expect(core.submitted).toEqual([]);
    expect(core.engine.desk.liveOrders).toEqual([]);
  });

  test("nor a sell once everything is halted", async () => {
    const core = await holding();
    core.diskIsFast = false;
    core.cycle(2, { [SLOT]: exit });
    core.configure({ mode: "halted" });
    core.flush();
    expect(core.submitted.map(({ action }) => action)).toEqual(["buy"]);
  });

  test("while a sell that waits for the disk still goes out", async () => {
    const core = await holding();
    core.diskIsFast = false;
    core.cycle(2, { [SLOT]: exit });
    core.configure({ mode: "flatten" });
    core.flush();
    expect(core.lastOrder.action).toBe("sell");
  });
});

describe("flatten", () => {
  test("tries three times, then leaves the position to settlement", async () => {
    const core = await holding();
    core.configure({ mode: "flatten" });
    for (let second = 2; second < 9; second++) {
      core.cycle(second);
      core.cancelled(core.lastOrder.clientOrderId);
    }
    expect(core.submitted.filter(({ action }) => action === "sell")).toHaveLength(3);
  });

  test("does not count a try when nobody bids", async () => {
    const core = await holding();
    core.configure({ mode: "flatten" });
    for (let second = 2; second < 9; second++) {
      core.feed(second, undefined, (atMs) => aQuote(atMs, { bidMicros: 0, bidSizeMicros: 0 }));
      core.begin(second);
      core.decide();
    }
    expect(core.submitted).toHaveLength(1);
    core.cycle(9);
    expect(core.lastOrder.action).toBe("sell");
  });

  test("that is over sells nothing more", async () => {
    const core = await holding();
    core.configure({ mode: "flatten" });
    core.cycle(2);
    core.cancelled(core.lastOrder.clientOrderId);
    core.configure({ mode: "active" });
    core.cycle(3, { [SLOT]: hold });
    expect(core.submitted.map(({ action }) => action)).toEqual(["buy", "sell"]);
  });
});

describe("settings", () => {
  test("are taken whole at the next boundary, not inside a cycle", async () => {
    const core = await tradingCore();
    core.configure({ mode: "reduce-only" });
    core.cycle(1);
    core.feed(2);
    core.begin(2);
    core.configure({ mode: "active" });
    core.decide({ [SLOT]: up() });
    expect(core.submitted).toEqual([]);
    core.cycle(3, { [SLOT]: up() });
    expect(core.submitted).toHaveLength(1);
  });

  test("accepted twice between two boundaries lose neither command nor control file", async () => {
    const core = await holding();
    const control = { version: 7, digest: "d", content: "{}", appliedCycle: 0, atMs: 0 };
    core.configure({ scalePpm: 500_000 }, [{ id: "c1", kind: "close-position", slot: SLOT }], control);
    core.configure({ scalePpm: 250_000 });
    core.cycle(2);
    expect(core.engine.settings.scalePpm).toBe(250_000);
    expect(core.rows("controls")).toMatchObject([{ version: 7, appliedCycle: 2 }]);
    expect(core.rows("commands")).toMatchObject([{ id: "c1" }]);
    expect(core.lastOrder.action).toBe("sell");
  });
});

describe("a latch", () => {
  const latch = (core: Core) =>
    core.post({
      type: "Latched",
      kind: "clock-step",
      mode: "entries-stopped",
      reason: "moved by 900 ms",
      atMs: core.engine.nowMs,
    });

  test("beats the operator's mode, at once, and raises an alarm", async () => {
    const core = await tradingCore();
    core.feed(1);
    core.begin(1);
    latch(core);
    core.decide({ [SLOT]: up() });
    expect(core.engine.mode).toBe("entries-stopped");
    expect(core.submitted).toEqual([]);
    expect(core.openAlarms).toEqual(["clock-step bot"]);
  });

  test("never makes a stricter mode freer", async () => {
    const core = await tradingCore();
    core.configure({ mode: "halted" });
    core.cycle(1);
    latch(core);
    expect(core.engine.mode).toBe("halted");
  });

  test("survives a restart and is cleared once, by a command that gives its reason", async () => {
    const before = await tradingCore();
    latch(before);
    before.cycle(1);
    const core = await before.restart();
    expect(core.engine.mode).toBe("entries-stopped");
    const command = { id: "c1", kind: "clear-latch", latch: "clock-step", reason: "looked at it" } as const;
    core.configure({}, [command]);
    core.cycle(2);
    expect(core.engine.mode).toBe("active");
    expect(core.rows("latches")).toMatchObject([{ clearedBy: "ops", clearedReason: "looked at it" }]);

    latch(core);
    core.configure({}, [command]);
    core.cycle(3);
    expect(core.engine.mode).toBe("entries-stopped");
  });
});

describe("a command", () => {
  test("takes effect once, also when it is sent again after a restart", async () => {
    const before = await holding();
    const close = { id: "c1", kind: "close-position", slot: SLOT } as const;
    before.configure({}, [close]);
    before.cycle(2);
    expect(before.lastOrder).toMatchObject({ action: "sell", side: "up" });
    const { clientOrderId } = before.lastOrder;
    const core = await before.restart();
    core.reconcile({ orders: [{ clientOrderId, status: "canceled", venueOrderId: "v", reason: "killed", fills: [] }] });
    core.configure({}, [close]);
    core.cycle(3);
    expect(core.submitted).toEqual([]);
    expect(core.engine.commandsDone).toEqual([{ id: "c1", cycle: 2, effect: `selling up in ${MARKET}` }]);
  });

  test("closes by selling, whatever the strategy thinks, with a reason that says who asked", async () => {
    const core = await holding();
    core.configure({}, [{ id: "c1", kind: "close-position", slot: SLOT }]);
    core.cycle(2, { [SLOT]: up() });
    expect(core.lastOrder.clientOrderId as ClientOrderId).toMatch(/\/2\/flatten$/);
    expect(core.rows("orders").at(-1)).toMatchObject({ leg: "flatten", reason: "close-position, by ops" });
  });

  test("that finds nothing to do says so", async () => {
    const core = await tradingCore();
    core.configure({}, [
      { id: "c1", kind: "close-position", slot: SLOT },
      { id: "c2", kind: "clear-latch", latch: "pause", reason: "x" },
      { id: "c3", kind: "ack-alarm", alarm: 9 },
    ]);
    core.cycle(1);
    expect(core.engine.commandsDone.map(({ effect }) => effect)).toEqual([
      "nothing to close",
      "no such latch",
      "no such alarm",
    ]);
  });
});
