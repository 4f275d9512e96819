import { describe, expect, test } from "vitest";
import type { ReloadStatus } from "../../control/status.ts";
import { renderStatus } from "../../control/status-table.ts";
import type { SlotId } from "../../engine/base/ids.ts";
import {
  exampleCandidate,
  exampleReceipt,
  exampleSlot,
  exampleStatus,
  exampleStrategy,
} from "../support/status-example.ts";

const nowMs = Date.parse("2026-06-08T12:07:47.000Z");
const render = (status = exampleStatus(), width = 160, color = false) => renderStatus(status, { width, color, nowMs });

const held = exampleSlot({
  id: "DOGE-15m-overreaction",
  state: "holding",
  lastSignal: {
    kind: "up",
    probability: 0.74,
    reason: "overbought spike\nthat goes on and on and on and on and on and on and on and on",
    cycle: 3,
  },
  position: {
    side: "up",
    sharesMicros: 34_480_000,
    costMicros: 19_998_400,
    version: "overreaction@c07d55b2",
    ordinal: 13,
  },
  pnlMicros: 41_270_000,
});
const lost = exampleSlot({
  id: "ETH-5m-momentum",
  state: "quarantined",
  lastSignal: null,
  market: null,
  pnlMicros: -3_100_000,
});
const busy = exampleStatus({
  slots: [held, lost, exampleSlot({ armed: "momentum@8b41d07e" })],
  alarms: {
    open: [
      {
        id: 4,
        kind: "stale-feed",
        severity: "critical",
        scope: "HYPE",
        message: "no price for 14 s",
        at: "2026-06-08T12:07:30.000Z",
        clearedAt: null,
      },
    ],
    recent: [],
  },
  latches: [
    {
      id: "quarantine:ETH-5m-momentum",
      kind: "quarantine",
      scope: "ETH-5m-momentum",
      mode: "halted",
      since: "2026-06-07T02:12:05.000Z",
      by: "bot",
      reason: "3 faults",
    },
  ],
  observedVersion: 8,
  result: "Nack",
  error: { code: "Invalid", path: "$.sizing.scale", message: "1.5 is above 1" },
  applied: { version: 7, cycle: 120_000, control: { version: 7 } },
  sandbox: {
    ...exampleStatus().sandbox,
    decisions: 1_445_172,
    faults: 15,
    strategies: [
      {
        name: "momentum",
        decisions: 963_448,
        faults: 14,
        fuelP50: 320,
        fuelP99: 1_830,
        heapBytes: 217_088,
        lastFault: {
          kind: "threw",
          message: "TypeError: cannot read property 'value' of undefined",
          where: "strategies/momentum.ts:12:5",
          slot: "BTC-5m-momentum",
          version: "momentum@3f9a2c1e",
          ordinal: 14,
          cycle: 120_431,
        },
      },
      {
        name: "overreaction",
        decisions: 481_724,
        faults: 1,
        fuelP50: 45,
        fuelP99: 1_000_001,
        heapBytes: 5_452_595,
        lastFault: {
          kind: "hung",
          message: "the decision never ended",
          where: null,
          slot: "DOGE-15m-overreaction",
          version: "overreaction@c07d55b2",
          ordinal: 13,
          cycle: 9,
        },
      },
      { name: "regime", decisions: 0, faults: 0, fuelP50: 0, fuelP99: 0, heapBytes: 0, lastFault: null },
    ],
  },
});

describe("the sentence", () => {
  test("a good day needs nothing", () => {
    expect(render()).toMatch(/^Trading on 1 of 1 slot\. No position open\. Nothing needs you\.\n/);
  });
  test("what is abnormal comes worst first", () => {
    expect(render(busy)).toMatch(
      /^Trading on 2 of 3 slots\. 1 position open with 20\.00 USDC at risk\. Stale-feed on HYPE, 1 slot is quarantined, the control file is refused\.\n/,
    );
  });
  test("an edit that was refused and still stands on disk is not passed over", () => {
    const refused = {
      type: "CandidateAccepted:momentum",
      status: "False" as const,
      reason: "loaded",
      message: "momentum.ts:1:1 params.edge is 9",
      observedVersion: null,
      lastTransition: "2026-06-08T12:00:00.000Z",
    };
    expect(render(exampleStatus({ conditions: [refused] }))).toMatch(/ 1 edit is refused\.\n/);
  });
  test("a version that waits for approval and one that was rolled back need somebody", () => {
    const rolledBack = { ...busy.alarms.open[0]!, kind: "rolled-back", scope: "regime" };
    const strategies = [exampleStrategy({ candidate: exampleCandidate() })];
    expect(render(exampleStatus({ strategies, alarms: { open: [rolledBack], recent: [] } }))).toMatch(
      / Regime was rolled back, 1 version waits for approval\.\n/,
    );
  });
  test("a mode that holds back says what it means", () => {
    expect(render(exampleStatus({ mode: "halted" }))).toMatch(
      /^Halted: nothing is decided, only cancels and claims go on\./,
    );
  });
  test("an old status is said to be old, a stopped bot to have stopped", () => {
    expect(render(exampleStatus({ writtenAt: "2026-06-08T12:07:33.000Z" }))).toMatch(
      /^Status 14 s old: the bot may be down\./,
    );
    const { engine } = exampleStatus();
    expect(render(exampleStatus({ engine: { ...engine, stoppedAt: "2026-06-08T12:07:40.000Z" } }))).toMatch(
      /^The bot stopped at 12:07:40\./,
    );
  });
});

test("the whole of it on a wide terminal", () => {
  expect(render(busy, 160)).toMatchInlineSnapshot(`
    "Trading on 2 of 3 slots. 1 position open with 20.00 USDC at risk. Stale-feed on HYPE, 1 slot is quarantined, the control file is refused.

    simulated, no money, modelled quotes · profit +38.17 USDC · cash 1,000.00 · mode active · control 7
    cycle 120,431, market time 12:07:46 · p50 1.9 ms, p99 6.4 ms · 0 missed · fuel p50 320, p99 900 ticks · heap 212 KB · 15 faults

    Slot                   State        Code  Role     bp  Left         Up       Down  Position      Profit  Signal
    DOGE-15m-overreaction  holding      v14          +7.4  2:14  0.70/0.71  0.28/0.30  Up 34.48 v13  +41.27  Up 0.74, overbought spike that goes on and on and on a…
    ETH-5m-momentum        quarantined  v14             –     –          –          –  –              −3.10  –
    BTC-5m-momentum        live         v14   armed  +7.4  2:14  0.70/0.71  0.28/0.30  –               0.00  hold, no edge

    Strategy      Decisions  Faults  Fuel p50  of budget        p99  of budget    Heap
    momentum        963,448      14       320     0.03 %      1,830     0.18 %  212 KB
    overreaction    481,724       1        45    <0.01 %  1,000,001      100 %  5.2 MB
    regime                0       0         –          –          –          –       –
    momentum: 14 faults, last in cycle 120,431 (BTC-5m-momentum v14): threw TypeError: cannot read property 'value' of undefined at strategies/momentum.ts:12:5
    overreaction: 1 fault, last in cycle 9 (DOGE-15m-overreaction v13): the decision never ended

    Alarm 4 stale-feed (HYPE) 12:07:30: no price for 14 s
    Latch quarantine:ETH-5m-momentum holds halted since 2026-06-07 02:12:05, by bot: 3 faults
    Refused: control.json 8, $.sizing.scale 1.5 is above 1. Version 7 stays in force.
    "
  `);
});
test("the whole of it on a narrow one", () => {
  expect(render(busy, 80)).toMatchInlineSnapshot(`
    "Trading on 2 of 3 slots. 1 position open with 20.00 USDC at risk. Stale-feed on
    HYPE, 1 slot is quarantined, the control file is refused.

    simulated, no money, modelled quotes · profit +38.17 USDC · cash 1,000.00
    mode active · control 7
    cycle 120,431, market time 12:07:46 · p50 1.9 ms, p99 6.4 ms · 0 missed
    fuel p50 320, p99 900 ticks · heap 212 KB · 15 faults

    Slot                  State       Code   bp Left Position     Profit Signal
    DOGE-15m-overreaction holding     v14  +7.4 2:14 Up 34.48 v13 +41.27 Up 0.74, o…
    ETH-5m-momentum       quarantined v14     –    – –             −3.10 –
    BTC-5m-momentum       live        v14  +7.4 2:14 –              0.00 hold, no e…

    Strategy     Decisions Faults Fuel p50 of budget       p99 of budget   Heap
    momentum       963,448     14      320    0.03 %     1,830    0.18 % 212 KB
    overreaction   481,724      1       45   <0.01 % 1,000,001     100 % 5.2 MB
    regime               0      0        –         –         –         –      –
    momentum: 14 faults, last in cycle 120,431 (BTC-5m-momentum v14): threw
    TypeError: cannot read property 'value' of undefined at
    strategies/momentum.ts:12:5
    overreaction: 1 fault, last in cycle 9 (DOGE-15m-overreaction v13): the decision
    never ended

    Alarm 4 stale-feed (HYPE) 12:07:30: no price for 14 s
    Latch quarantine:ETH-5m-momentum holds halted since 2026-06-07 02:12:05, by bot:
    3 faults
    Refused: control.json 8, $.sizing.scale 1.5 is above 1. Version 7 stays in
    force.
    "
  `);
});

describe("what is to trade next", () => {
  const gate = exampleCandidate().gate!;
  const withCandidate = (changes: Parameters<typeof exampleCandidate>[0]) =>
    exampleStatus({ strategies: [exampleStrategy({ candidate: exampleCandidate(changes) })] });
  const line = (changes: Parameters<typeof exampleCandidate>[0]) =>
    /\nCandidates\n(.*)\n/.exec(render(withCandidate(changes)))?.[1];

  test("is a line with what it waits for, what was compared, and what to type", () => {
    expect(line({})).toBe(
      "momentum v15 (8b41d07e) waits for approval: 576 windows compared, 3 differ, +1.20 vs +0.80 USDC, harm 0.4 · approve momentum v15",
    );
    expect(line({ gate: { ...gate, waitsFor: "shadow", passed: 0, windows: { done: 12, of: 36 } } })).toBe(
      "momentum v15 (8b41d07e) decides as a shadow: 12 of 36 windows, 3 differ, +1.20 vs +0.80 USDC, harm 0.4",
    );
    expect(line({ gate: { ...gate, waitsFor: "unpin", compared: 0 }, rehearsal: null })).toBe(
      "momentum v15 (8b41d07e) waits for the pin to go · set strategies.momentum.pin=null",
    );
  });

  test("names the slots of a canary while they are few", () => {
    const canary = (...slots: string[]) => line({ gate: { ...gate, waitsFor: "canary", canary: slots as SlotId[] } });
    expect(canary("BTC-5m-momentum", "ETH-5m-momentum")).toContain(
      ") trades as a canary on BTC-5m-momentum, ETH-5m-momentum: ",
    );
    expect(canary("a", "b", "c", "d")).toContain(") trades as a canary on 4 slots: ");
  });

  test("says what the rehearsal found until both have decided side by side", () => {
    const rehearsed = "4,608 of 460,800 decisions, changes 11 windows, +0.40 USDC";
    expect(line({ gate: null, state: "rehearsed" })).toBe(`momentum v15 (8b41d07e) rehearsing: ${rehearsed}`);
    expect(line({ gate: { ...gate, compared: 0 } })).toBe(
      `momentum v15 (8b41d07e) waits for approval: ${rehearsed} · approve momentum v15`,
    );
    expect(line({ gate: null, state: "loaded", rehearsal: null })).toBe("momentum v15 (8b41d07e) rehearsing");
  });

  test("is followed after it took over", () => {
    const probation = { version: "momentum@3f9a2c1e", windows: { done: 12, of: 36 } };
    expect(render(exampleStatus({ strategies: [exampleStrategy({ probation })] }))).toContain(
      "\nCandidates\nmomentum v14 (3f9a2c1e) on probation 12 of 36 windows\n",
    );
  });

  const staged = exampleStatus({
    slots: [
      exampleSlot({ running: "momentum@8b41d07e", ordinal: 15, canary: true, shadow: "momentum@3f9a2c1e" }),
      exampleSlot({ id: "ETH-5m-momentum", shadow: "momentum@8b41d07e" }),
      exampleSlot({ id: "SOL-5m-momentum", shadow: "momentum@00c0ffee" }),
    ],
    strategies: [
      exampleStrategy({ candidate: exampleCandidate(), probation: { version: "x@1", windows: { done: 1, of: 2 } } }),
    ],
    lastReload: exampleReceipt(),
  });

  test("stands beside each slot: who is a canary, and which version decides as a shadow", () => {
    const columns = render(staged, 100)
      .split("\n")
      .filter((text) => /^(Slot|...-5m)/.test(text))
      .map((text) => text.slice(0, 43));
    expect(columns).toEqual([
      "Slot            State Code Role   Shadow   ",
      "BTC-5m-momentum live  v15  canary v14      ",
      "ETH-5m-momentum live  v14         v15      ",
      "SOL-5m-momentum live  v14         00c0ffee ",
    ]);
    expect(render(staged, 80)).toMatch(/Code Role {5}bp.*\nBTC-5m-momentum live {2}v15 {2}canary \+7\.4 /);
    expect(render()).not.toMatch(/Role|Shadow|Candidates/);
  });

  test.each([80, 100, 160])("fits %i columns", (width) => {
    const lines = render(staged, width).split("\n");
    expect(Math.max(...lines.map((text) => text.length))).toBeLessThanOrEqual(width);
  });
});

test("the last reload says what replaced what, how fast, and what it changes", () => {
  const last = (changes: Parameters<typeof exampleReceipt>[0]) =>
    /Last reload .*/.exec(render(exampleStatus({ lastReload: exampleReceipt(changes) })))?.[0];
  expect(last({})).toBe(
    "Last reload 12:05:00: momentum@8b41d07e for momentum@3f9a2c1e, armed in 188.2 ms, boundary 38 µs, active",
  );
  const rehearsal = { changedWindows: 11 } as NonNullable<ReloadStatus["rehearsal"]>;
  expect(last({ state: "rejected", stage: "rehearsed", reasons: ["it is impure"], boundaryUs: null, rehearsal })).toBe(
    "Last reload 12:05:00: momentum@8b41d07e for momentum@3f9a2c1e, armed in 188.2 ms, changes 11 windows, rejected at rehearsed: it is impure",
  );
  expect(last({ state: "rejected", stage: "loaded", to: null, from: null, timingsMs: {}, boundaryUs: null })).toBe(
    "Last reload 12:05:00: momentum, rejected at loaded: ",
  );
});

test("an alarm that somebody has seen says so", () => {
  const seen = { ...busy.alarms.open[0]!, acknowledgedAt: "2026-06-08T12:07:40.000Z" };
  expect(render(exampleStatus({ alarms: { open: [seen], recent: [] } }))).toContain(
    "\nAlarm 4 stale-feed (HYPE) 12:07:30, acknowledged 12:07:40: no price for 14 s\n",
  );
});

test.each([40, 80, 97, 120, 160, 300])("no line is wider than a terminal of %i columns, within 80 and 160", (width) => {
  const lines = render(busy, width).split("\n");
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(Math.min(160, Math.max(80, width)));
});

test.each([80, 140])("strategies of any name and of years fit %i columns", (width) => {
  const [momentum] = busy.sandbox.strategies;
  const name = "a-strategy-with-a-name-as-long-as-can-be";
  const long = { ...momentum!, name, decisions: 1_120_431_000, fuelP50: 1_000_001, fuelP99: 1_000_001 };
  const status = exampleStatus({ sandbox: { ...busy.sandbox, strategies: [long] } });
  const lines = render(status, width).split("\n");
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
  expect(lines.join("\n")).toMatch(/a-strategy-with-a-name-… {1,2}1,120,431,000 /);
});

test("before the first decision there is no table of strategies, and nothing is said to be 0", () => {
  const { sandbox } = exampleStatus();
  const text = render(
    exampleStatus({ sandbox: { ...sandbox, strategies: [], fuelP50: 0, fuelP99: 0, heapBytes: 0, decisions: 0 } }),
  );
  expect(text).toContain(" · fuel p50 –, p99 – ticks · heap – · 0 faults\n");
  expect(text).not.toContain("Strategy");
});

test("colour adds nothing to the text", () => {
  const colored = render(busy, 120, true);
  expect(colored).toContain("\u001b[");
  expect(colored.replace(/\u001b\[\d+m/g, "")).toBe(render(busy, 120));
});
