import { describe, expect, test } from "vitest";
import { renderStatus } from "../../control/status-table.ts";
import { exampleSlot, exampleStatus } from "../support/status-example.ts";

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
    cycle 120,431, market time 12:07:46 · p50 1.9 ms, p99 6.4 ms · 0 missed · 0 faults

    Slot                   State        Code  Armed    bp  Left         Up       Down  Position      Profit  Signal
    DOGE-15m-overreaction  holding      v14          +7.4  2:14  0.70/0.71  0.28/0.30  Up 34.48 v13  +41.27  Up 0.74, overbought spike that goes on and on and on a…
    ETH-5m-momentum        quarantined  v14             –     –          –          –  –              −3.10  –
    BTC-5m-momentum        live         v14   next   +7.4  2:14  0.70/0.71  0.28/0.30  –               0.00  hold, no edge

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

    simulated, no money, modelled quotes · profit +38.17 USDC · cash 1,000.00 · mode
    active · control 7
    cycle 120,431, market time 12:07:46 · p50 1.9 ms, p99 6.4 ms · 0 missed · 0
    faults

    Slot                  State       Code   bp Left Position     Profit Signal
    DOGE-15m-overreaction holding     v14  +7.4 2:14 Up 34.48 v13 +41.27 Up 0.74, o…
    ETH-5m-momentum       quarantined v14     –    – –             −3.10 –
    BTC-5m-momentum       live        v14  +7.4 2:14 –              0.00 hold, no e…

    Alarm 4 stale-feed (HYPE) 12:07:30: no price for 14 s
    Latch quarantine:ETH-5m-momentum holds halted since 2026-06-07 02:12:05, by bot:
    3 faults
    Refused: control.json 8, $.sizing.scale 1.5 is above 1. Version 7 stays in
    force.
    "
  `);
});

test.each([40, 80, 97, 120, 160, 300])("no line is wider than a terminal of %i columns, within 80 and 160", (width) => {
  const lines = render(busy, width).split("\n");
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(Math.min(160, Math.max(80, width)));
});

test("colour adds nothing to the text", () => {
  const colored = render(busy, 120, true);
  expect(colored).toContain("\u001b[");
  expect(colored.replace(/\u001b\[\d+m/g, "")).toBe(render(busy, 120));
});
