// Silent failure is an incident: what raises an alarm, what clears it, and that quiet times raise none.
import { describe, expect, test } from "vitest";
import { Alarms, RAISES_MAX } from "../../engine/alarms.ts";
import { aTick, NOON, STRIKE } from "../support/a-market.ts";
import { type Core, marketOf, SLOT, tradingCore, up } from "../support/core.ts";

const MARKET = marketOf();

const told = (core: Core) => core.outputs.flatMap((output) => (output.type === "AlarmChanged" ? [output.alarm] : []));

const refused = (message: string, atMs = NOON) =>
  ({
    type: "AlarmRaised",
    kind: "control-unanswered",
    severity: "warning",
    scope: "control.json",
    message,
    atMs,
  }) as const;

/** Cycles without any price, each second from `from` to `to`. */
function silence(core: Core, from: number, to: number): void {
  for (let second = from; second <= to; second++) {
    core.begin(second);
    core.decide();
  }
}

test("an uneventful hour raises no alarm", async () => {
  const core = await tradingCore();
  for (let second = 1; second <= 3_600; second += 2) core.cycle(second);
  expect(core.rows("alarms")).toEqual([]);
});

describe("a stale feed", () => {
  test("is alarmed once, and cleared by the next price", async () => {
    const core = await tradingCore();
    core.cycle(1);
    silence(core, 2, 14);
    expect(core.openAlarms).toEqual([]);
    silence(core, 15, 20);
    expect(core.openAlarms).toEqual(["stale-feed btc"]);
    core.cycle(21);
    expect(core.openAlarms).toEqual([]);
    expect(core.rows("alarms")).toMatchObject([{ clearedMs: null }, { clearedMs: NOON + 21_000 }]);
    expect(core.log.map(({ event }) => event).filter((event) => event.startsWith("alarm"))).toEqual([
      "alarm.stale-feed",
      "alarm.stale-feed.cleared",
    ]);
  });

  test("is judged by when a price was received, not by the time it carries", async () => {
    const core = await tradingCore();
    core.cycle(1);
    core.post({ type: "Market", events: [aTick(NOON + 1_500, STRIKE, { receivedAtMs: NOON + 14_000 })] });
    silence(core, 15, 20);
    expect(core.openAlarms).toEqual([]);
  });
});

describe("missed cycles", () => {
  test("are counted, and raise one alarm until it is acknowledged", async () => {
    const core = await tradingCore();
    for (const count of [1, 3]) core.post({ type: "CyclesMissed", count, atMs: NOON });
    core.cycle(1);
    expect(core.engine.missed).toBe(4);
    expect(core.engine.alarms.open).toMatchObject([
      { id: 1, kind: "missed-cycles", message: "1 cycle was due and not run" },
    ]);
    core.configure({}, [{ id: "c1", kind: "ack-alarm", alarm: 1 }]);
    core.cycle(2);
    expect(core.openAlarms).toEqual([]);
    expect(core.engine.alarms.recent).toMatchObject([{ id: 1, clearedMs: NOON + 2_000 }]);
  });
});

describe("a settlement that is not what our own ticks say", () => {
  const endAt = async (price: number): Promise<Core> => {
    const core = await tradingCore();
    core.cycle(1);
    core.post({ type: "Market", events: [aTick(NOON + 300_000, price)] });
    core.cycle(306);
    return core;
  };

  test("raises an alarm", async () => {
    const core = await endAt(STRIKE - 0.01);
    core.resolve(MARKET, "up");
    expect(core.engine.alarms.open).toMatchObject([{ kind: "settlement-mismatch", scope: MARKET }]);
  });

  test("is settled as the venue says all the same", async () => {
    const core = await tradingCore();
    core.cycle(1, { [SLOT]: up() });
    core.fill();
    core.post({ type: "Market", events: [aTick(NOON + 300_000, STRIKE - 1)] });
    core.cycle(306);
    core.resolve(MARKET, "up");
    expect(core.engine.desk.position(SLOT, MARKET)).toMatchObject({ status: "settled", outcome: "up" });
  });

  test("raises none when both agree, nor when we do not know", async () => {
    const agreed = await endAt(STRIKE);
    agreed.resolve(MARKET, "up");
    expect(agreed.openAlarms).toEqual([]);
    const unknown = await tradingCore();
    unknown.cycle(310);
    unknown.resolve(MARKET, "down");
    expect(unknown.openAlarms).toEqual([]);
  });
});

describe("an alarm", () => {
  test("is told at once, as an error when it is critical", async () => {
    const core = await tradingCore();
    core.post({
      type: "AlarmRaised",
      kind: "worker-hung",
      severity: "critical",
      scope: "worker-1",
      message: "it hung",
      atMs: NOON,
    });
    expect(core.log.at(-1)).toMatchObject({
      level: "error",
      event: "alarm.worker-hung",
      message: "ALARM worker-hung: it hung",
    });
  });

  test("is handed on when it opens and when it clears, as the row that the ledger has", async () => {
    const core = await tradingCore();
    core.post(refused("it is torn"));
    core.post({ type: "AlarmCleared", kind: "control-unanswered", scope: "control.json", atMs: NOON + 5_000 });
    core.cycle(6);
    expect(core.log.filter(({ event }) => event.startsWith("alarm."))).toMatchObject([
      { level: "warn", event: "alarm.control-unanswered", message: "ALARM control-unanswered: it is torn" },
      { level: "info", event: "alarm.control-unanswered.cleared" },
    ]);
    expect(told(core)).toMatchObject([
      { kind: "control-unanswered", severity: "warning", scope: "control.json", clearedMs: null },
      { kind: "control-unanswered", clearedMs: NOON + 5_000 },
    ]);
    expect(core.rows("alarms")).toEqual(told(core));
    expect(core.engine.alarms.recent).toEqual([told(core)[1]]);
  });

  test("that is open stays open across a restart, and its number is not used again", async () => {
    const before = await tradingCore();
    before.post({ type: "CyclesMissed", count: 2, atMs: NOON });
    before.cycle(1);
    const core = await before.restart();
    core.post({ type: "CyclesMissed", count: 2, atMs: NOON });
    core.post({
      type: "AlarmRaised",
      kind: "worker-hung",
      severity: "critical",
      scope: "worker-1",
      message: "it hung",
      atMs: NOON,
    });
    expect(core.engine.alarms.open.map(({ id, kind }) => `${id} ${kind}`)).toEqual([
      "1 missed-cycles",
      "2 worker-hung",
    ]);
  });
});

describe("an acknowledged alarm", () => {
  const acknowledge = (core: Core, id: string, alarm = 1) => core.configure({}, [{ id, kind: "ack-alarm", alarm }]);

  test("whose cause lasts stays open as such, and goes when the cause does", async () => {
    const core = await tradingCore();
    core.cycle(1);
    silence(core, 2, 20);
    acknowledge(core, "c1");
    silence(core, 21, 40);
    expect(core.engine.alarms.open).toMatchObject([{ id: 1, kind: "stale-feed", acknowledgedMs: NOON + 21_000 }]);
    core.cycle(41);
    expect(core.openAlarms).toEqual([]);
    expect(core.rows("alarms").at(-1)).toMatchObject({
      id: 1,
      acknowledgedMs: NOON + 21_000,
      clearedMs: NOON + 41_000,
    });
    expect(told(core)).toHaveLength(2);
  });

  test("is acknowledged once, also across a restart", async () => {
    const before = await tradingCore();
    before.cycle(1);
    silence(before, 2, 20);
    acknowledge(before, "c1");
    silence(before, 21, 21);
    const core = await before.restart();
    acknowledge(core, "c2");
    acknowledge(core, "c3", 7);
    core.begin(22);
    expect(core.engine.alarms.open).toMatchObject([{ id: 1, acknowledgedMs: NOON + 21_000 }]);
    expect(core.engine.commandsDone.map(({ effect }) => effect)).toEqual([
      "alarm 1 acknowledged",
      "alarm 1 acknowledged",
      "no such alarm",
    ]);
  });

  test("of a full disk clears with the latch that it set", async () => {
    const core = await tradingCore();
    const full = {
      type: "Latched",
      kind: "disk-full",
      mode: "entries-stopped",
      reason: "no space",
      atMs: NOON,
    } as const;
    core.post(full);
    acknowledge(core, "c1");
    core.cycle(1);
    core.post(full);
    expect(core.openAlarms).toEqual(["disk-full bot"]);
    core.configure({}, [{ id: "c2", kind: "clear-latch", latch: "disk-full", reason: "made room" }]);
    core.cycle(2);
    expect(core.openAlarms).toEqual([]);
  });

  test("about one order or market is over: it does not come again", async () => {
    const alarms = new Alarms([], 0);
    for (const scope of ["bot", "BTC-5m-0"])
      alarms.raise({ kind: "ledger-mismatch", severity: "critical", scope, message: "", cycle: 1, atMs: 1 });
    for (const id of [1, 2]) alarms.acknowledge(id, 2);
    expect(alarms.open).toMatchObject([{ scope: "bot", acknowledgedMs: 2 }]);
    expect(alarms.recent).toMatchObject([{ scope: "BTC-5m-0", acknowledgedMs: 2, clearedMs: 2 }]);
  });
});

describe("an alarm that comes and goes", () => {
  const MINUTE_MS = 60_000;
  /** Opens and clears at each of these minutes. */
  function flap(core: Core, minutes: readonly number[]): void {
    for (const minute of minutes) {
      const atMs = NOON + minute * MINUTE_MS;
      core.post(refused("it is torn", atMs));
      core.post({ type: "AlarmCleared", kind: "control-unanswered", scope: "control.json", atMs: atMs + 1 });
    }
    core.cycle(1);
  }

  test("is announced five times an hour, and counted beyond that", async () => {
    const core = await tradingCore();
    flap(core, [0, 1, 2, 3, 4, 5, 6]);
    expect(core.engine.alarms.recent.map(({ message }) => message).slice(0, 3)).toEqual([
      "it is torn (2 more since)",
      "it is torn (1 more since)",
      "it is torn",
    ]);
    expect(core.rows("alarms")).toHaveLength(14);
    expect(told(core)).toHaveLength(2 * RAISES_MAX);
    expect(core.log.filter(({ event }) => event.startsWith("alarm."))).toHaveLength(2 * RAISES_MAX);
  });

  test("is announced again an hour after the first time, with how often it came meanwhile", async () => {
    const core = await tradingCore();
    flap(core, [0, 1, 2, 3, 4, 5, 6, 60]);
    expect(told(core).at(-1)).toMatchObject({ message: "it is torn (2 more since)", atMs: NOON + 60 * MINUTE_MS });
    core.post(refused("it is torn", NOON + 61 * MINUTE_MS));
    expect(told(core).at(-1)).toMatchObject({ message: "it is torn", clearedMs: null });
  });

  test("and then stays is announced as soon as it may be", async () => {
    const core = await tradingCore();
    flap(core, [0, 1, 2, 3, 4]);
    for (const minute of [5, 59]) core.post(refused("it is torn", NOON + minute * MINUTE_MS));
    expect(told(core).at(-1)?.clearedMs).not.toBeNull();
    core.post(refused("it is torn", NOON + 60 * MINUTE_MS));
    core.post(refused("it is torn", NOON + 61 * MINUTE_MS));
    expect(told(core).slice(2 * RAISES_MAX)).toMatchObject([
      { id: 6, message: "it is torn (1 more since)", atMs: NOON + 5 * MINUTE_MS, clearedMs: null },
    ]);
  });

  test("silences no other kind or scope", async () => {
    const core = await tradingCore();
    flap(core, [0, 1, 2, 3, 4, 5]);
    for (const scope of ["momentum", "trend"])
      core.post({ ...refused("no", NOON + 6 * MINUTE_MS), kind: "reload-rejected", scope });
    expect(told(core).slice(-2)).toMatchObject([{ scope: "momentum" }, { scope: "trend" }]);
  });
});

test("a fill of an order that nobody knows is alarmed and not booked", async () => {
  const core = await tradingCore();
  core.cycle(1, { [SLOT]: up() });
  const fill = core.fillOf(core.lastOrder);
  core.post({
    type: "Reported",
    report: { type: "OrderFilled", fill: { ...fill, clientOrderId: "who" as typeof fill.clientOrderId } },
  });
  expect(core.openAlarms).toEqual(["ledger-mismatch who"]);
  expect(core.engine.desk.openPositions).toEqual([]);
});
