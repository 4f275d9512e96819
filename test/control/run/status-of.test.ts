import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Conditions } from "../../../control/run/conditions.ts";
import { statusOf } from "../../../control/run/status-of.ts";
import type { Steering } from "../../../control/run/steering.ts";
import { Timings } from "../../../control/run/timings.ts";
import { TrackRecord } from "../../../control/run/track-record.ts";
import { readStatus, type Status } from "../../../control/status.ts";
import type { DecisionResult } from "../../../engine/decide/decision.ts";
import { FUEL_MAX } from "../../../engine/sandbox/instance.ts";
import { Tally } from "../../../engine/sandbox/tally.ts";
import { NOON } from "../../support/a-market.ts";
import { aReport } from "../../support/a-receipt.ts";
import { type Core, hold, openCore, SLOT, tradingCore, up } from "../../support/core.ts";
import { aSlot, reloadWith, settingsWith } from "../../support/settings.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { versionFacts } from "../../support/version-facts.ts";

const WALL = NOON + 86_400_000;
const NOT_MEASURED = { stoppedAt: null, loopLagMaxMs: 0, heartbeatAt: null, restartGapMs: null, journal: null };
const NOT_STEERED = {
  observed: { version: null, digest: null, result: null, error: null },
  applied: null,
} as unknown as Steering;

function status({ engine }: Core, changes: Partial<Parameters<typeof statusOf>[0]> = {}): Status {
  const parts = {
    engine,
    steering: NOT_STEERED,
    conditions: new Conditions(() => WALL),
    record: new TrackRecord(),
    cycleTimes: new Timings(),
    sandbox: () => new Tally("ng").counters("ready", 0),
    feedName: "simulated",
    venueName: "simulated",
    quotes: "modelled" as const,
    process: { pid: 7, node: "v24.0.0", startedAt: new Date(WALL).toISOString(), speed: 10 },
    wallMs: () => WALL,
    ...changes,
  };
  return statusOf(parts, NOT_MEASURED);
}

/** Whoever reads the file sees what was written. */
async function reads(written: Status): Promise<void> {
  const path = join(temporaryFolder(), "status.json");
  writeFileSync(path, JSON.stringify(written));
  expect(await readStatus(path)).toEqual(JSON.parse(JSON.stringify(written)));
}

const slotOf = (core: Core) => status(core).slots[0]!;
const stateOf = (core: Core): string => slotOf(core).state;

describe("a slot is", () => {
  test("no-code before any version decides, and warming before it has a market and a price", async () => {
    const core = await openCore();
    core.reconcile();
    core.begin(1);
    core.decide();
    expect(stateOf(core)).toBe("no-code");
    core.arm(versionFacts());
    core.begin(2);
    core.decide();
    expect(stateOf(core)).toBe("warming");
    core.listWindows(NOON);
    expect(stateOf(core)).toBe("warming");
    core.feed(3);
    expect(stateOf(core)).toBe("live");
  });

  test("stale when its price is older than what may be traded on, and live again with the next", async () => {
    const core = await tradingCore();
    core.cycle(1);
    core.begin(4);
    core.decide();
    expect(stateOf(core)).toBe("live");
    core.begin(5);
    core.decide();
    expect(stateOf(core)).toBe("stale");
    core.feed(5);
    expect(stateOf(core)).toBe("live");
  });

  test.each([
    ["active", "live", "holding"],
    ["entries-stopped", "paused", "holding"],
    ["reduce-only", "reduce-only", "reduce-only"],
    ["flatten", "flatten", "flatten"],
    ["halted", "halted", "halted"],
  ] as const)("in mode %s %s, and %s with a position", async (mode, idle, holding) => {
    const core = await tradingCore();
    core.cycle(1);
    core.configure({ mode });
    core.cycle(2);
    expect(stateOf(core)).toBe(idle);
    const holder = await tradingCore();
    holder.cycle(1, { [SLOT]: up() });
    holder.fill();
    holder.configure({ mode });
    holder.begin(2);
    expect(stateOf(holder)).toBe(holding);
  });

  test.each([
    ["slot", { disabledSlots: new Set([SLOT]) }],
    ["strategy", { disabledStrategies: new Set(["momentum"]) }],
  ])("paused while its %s is switched off", async (_what, changes) => {
    const core = await tradingCore();
    core.cycle(1);
    core.configure(changes);
    core.cycle(2);
    expect(stateOf(core)).toBe("paused");
  });

  test("quarantined when its version may not decide and there is none to go back to, across a restart", async () => {
    const before = await tradingCore();
    for (const second of [1, 2, 3]) before.cycle(second, { [SLOT]: "hung" });
    const id = "quarantine:momentum@aaaaaaaa/00000000";
    const shown = { latches: [{ id, kind: "quarantine", mode: "active" }], slots: [{ state: "quarantined" }] };
    expect(status(before)).toMatchObject({ ...shown, mode: "active" });
    const core = await before.restart();
    core.cycle(4);
    expect(status(core)).toMatchObject({ ...shown, slots: [{ state: "quarantined", running: null, armed: null }] });
    core.configure({}, [{ id: "c1", kind: "clear-latch", latch: id, reason: "looked at it" }]);
    core.cycle(5);
    expect(stateOf(core)).toBe("no-code");
  });

  test("live when it went back to its last known good", async () => {
    const core = await tradingCore();
    core.cycle(1);
    core.arm(versionFacts({ code: "b" }));
    for (const second of [2, 3, 4]) core.cycle(second, { [SLOT]: "hung" });
    core.cycle(5);
    expect(slotOf(core)).toMatchObject({ state: "live", running: "momentum@aaaaaaaa" });
  });

  test("held by a latch, whatever the operator wishes", async () => {
    const core = await tradingCore();
    core.cycle(1);
    core.post({ type: "Latched", kind: "clock-step", mode: "entries-stopped", reason: "moved by 3 s", atMs: NOON });
    expect(stateOf(core)).toBe("paused");
    expect(status(core)).toMatchObject({
      mode: "entries-stopped",
      latches: [
        { id: "clock-step", mode: "entries-stopped", reason: "moved by 3 s", since: "2026-06-08T12:00:00.000Z" },
      ],
    });
  });
});

describe("the status", () => {
  test("can be read back by whoever reads status.json, before the first cycle and in the middle of trading", async () => {
    await reads(status(await openCore()));
    const core = await tradingCore({ settings: settingsWith({ slots: [aSlot("btc"), aSlot("eth", "trend")] }) });
    core.cycle(1, { [SLOT]: up() });
    core.fill();
    core.arm(versionFacts({ code: "b" }));
    core.post({ type: "CyclesMissed", count: 2, atMs: NOON });
    await reads(status(core));
  });

  test("says what decisions cost and how they failed: over all, of each strategy and of each slot", async () => {
    const core = await tradingCore();
    core.cycle(1);
    expect(status(core)).toMatchObject({
      sandbox: { engine: "ng", worker: "ready", decisions: 0, lastFault: null, strategies: [] },
      slots: [{ id: SLOT, sandbox: null }],
    });
    const tally = new Tally("ng");
    const { ref: version } = versionFacts();
    const fault = { kind: "fuel", message: "ran out of fuel", where: "strategies/momentum.ts:12:5", frame: "> 12" };
    const results = [{ type: "Faulted", slot: SLOT, version, fault, fuel: 1_000_001 }] as DecisionResult[];
    tally.add(7, results, [300_000]);
    const figures = {
      decisions: 1,
      faults: 1,
      fuelP50: 1_000_001,
      fuelP99: 1_000_001,
      heapBytes: 300_000,
      lastFault: {
        kind: "fuel",
        message: "ran out of fuel",
        where: "strategies/momentum.ts:12:5",
        slot: SLOT,
        version: "momentum@aaaaaaaa",
        ordinal: 1,
        cycle: 7,
      },
    };
    const written = status(core, { sandbox: () => tally.counters("in-thread", 2) });
    const of = { engine: "ng", worker: "in-thread", replaced: 2, fuelMax: FUEL_MAX };
    expect(written.sandbox).toEqual({ ...of, ...figures, strategies: [{ name: "momentum", ...figures }] });
    expect(written.slots[0]!.sandbox).toEqual(figures);
    await reads(written);
  });

  test("says what runs and what is armed, never what is wished for", async () => {
    const core = await tradingCore();
    core.cycle(1);
    core.arm(versionFacts({ code: "b" }));
    core.configure({ mode: "active", slots: [] });
    const { slots, strategies } = status(core);
    expect(slots).toMatchObject([{ id: SLOT, running: "momentum@aaaaaaaa", ordinal: 1, armed: "momentum@bbbbbbbb" }]);
    expect(strategies).toMatchObject([
      { name: "momentum", running: "momentum@aaaaaaaa", params: { running: {}, pending: {}, receipt: null } },
    ]);
    core.cycle(2);
    expect(status(core).slots).toEqual([]);
  });

  test("says what waits and for what, what sits beside, and in which slots a canary trades", async () => {
    const core = await tradingCore({ settings: settingsWith({ slots: [aSlot("btc"), aSlot("eth")] }) });
    core.cycle(1);
    core.configure({ reload: reloadWith("shadow:1 -> canary:1/1 -> approve") });
    core.cycle(2);
    const id = core.offer(versionFacts({ code: "b" }), { rehearsal: aReport({ changedWindows: 3 }) });
    core.cycle(3);
    const candidate = { version: "momentum@bbbbbbbb", ordinal: 2, code: "b".repeat(64), params: "0".repeat(64) };
    expect(status(core)).toMatchObject({
      strategies: [
        {
          candidate: {
            ...candidate,
            receipt: id,
            state: "gated",
            gate: { waitsFor: "shadow", passed: 0, windows: { done: 0, of: 1 } },
            rehearsal: { frames: 100, sampledOf: 100, complete: true, changedWindows: 3, effectMicros: null },
          },
          params: { receipt: id },
        },
      ],
      slots: [
        { shadow: "momentum@bbbbbbbb", canary: false },
        { shadow: "momentum@bbbbbbbb", canary: false },
      ],
      lastReload: { id },
    });
    core.command({ kind: "promote", strategy: "momentum" });
    core.cycle(4);
    core.command({ kind: "reject", strategy: "momentum", code: "c".repeat(64), params: "0".repeat(64) });
    core.cycle(5);
    await reads(status(core));
    expect(status(core)).toMatchObject({
      strategies: [{ candidate: { ...candidate, gate: { waitsFor: "approve" } } }],
    });
  });

  test("says how far a probation is, and of a refused edit what runs not", async () => {
    const core = await tradingCore();
    core.cycle(1);
    core.offer(versionFacts({ code: "b" }));
    core.cycle(2);
    expect(status(core)).toMatchObject({
      strategies: [{ candidate: null, probation: { version: "momentum@bbbbbbbb", windows: { done: 0, of: 36 } } }],
      slots: [{ shadow: "momentum@aaaaaaaa" }],
      conditions: [],
    });
    core.refuse(versionFacts({ code: "c" }), "strategies/momentum.ts:1:1 no");
    expect(status(core).conditions).toMatchObject([
      {
        type: "CandidateAccepted:momentum",
        status: "False",
        reason: "loaded",
        message: "strategies/momentum.ts:1:1 no",
      },
    ]);
    await reads(status(core));
  });

  test("names the version that a position is pinned to beside the one that decides the next entry", async () => {
    const core = await tradingCore();
    core.cycle(1, { [SLOT]: up() });
    const { sharesMicros, priceMicros } = core.fill();
    core.arm(versionFacts({ code: "b" }));
    core.cycle(2);
    expect(slotOf(core)).toMatchObject({
      running: "momentum@bbbbbbbb",
      position: { side: "up", sharesMicros, version: "momentum@aaaaaaaa", ordinal: 1 },
    });
    expect(slotOf(core).position?.costMicros).toBeCloseTo((sharesMicros * priceMicros) / 1e6, -1);
  });

  test("shows the market, the quotes with empty sides as unknown, and the last signal", async () => {
    const core = await tradingCore();
    core.cycle(1, { [SLOT]: hold });
    expect(slotOf(core)).toMatchObject({
      lastSignal: { kind: "hold", probability: null, reason: "no edge", cycle: 1 },
      market: {
        spot: 65_000,
        open: 65_000,
        secondsLeft: 299,
        up: { bid: 0.5, ask: 0.51 },
        down: { bid: 0.49, ask: 0.5 },
      },
    });
    core.cycle(2, { [SLOT]: "fault" });
    expect(slotOf(core).lastSignal).toMatchObject({ kind: "hold", reason: "fault: threw", cycle: 2 });
    const { quote } = core.engine.market.current("btc", "5m", core.engine.nowMs)!;
    const empty = { ...quote!, up: { ...quote!.up, askSizeMicros: 0 } };
    core.post({ type: "Market", events: [{ type: "Quoted", market: slotOf(core).market!.id as never, quote: empty }] });
    expect(slotOf(core).market?.up).toEqual({ bid: 0.5, ask: null });
  });

  test("shows each feed's age, and the venue's agreement", async () => {
    const core = await tradingCore();
    core.cycle(1);
    core.begin(4);
    core.decide();
    expect(status(core).feeds).toMatchObject([{ state: "live", ageMs: 3_000 }]);
    core.begin(6);
    core.decide();
    expect(status(core)).toMatchObject({
      feeds: [{ name: "simulated btc", state: "stale", ageMs: 5_000 }],
      venue: { name: "simulated", realMoney: false, quotes: "modelled", state: "connected", openOrders: 0 },
      alarms: { open: [], recent: [] },
    });
    core.reconcile({ cashMicros: 1 });
    expect(status(core).venue.state).toBe("disagrees with the ledger");
    expect(status(core).alarms.open).toMatchObject([{ kind: "ledger-mismatch", severity: "critical" }]);
  });
});
