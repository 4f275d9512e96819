// Silent failure is an incident: what raises an alarm, what clears it, and that quiet times raise none.
import { describe, expect, test } from "vitest";
import { aTick, NOON, STRIKE } from "../support/a-market.ts";
import { type Core, marketOf, SLOT, tradingCore, up } from "../support/core.ts";

const MARKET = marketOf();

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
    core.post({ type: "AlarmRaised", kind: "worker-hung", scope: "worker-1", message: "it hung", atMs: NOON });
    expect(core.log.at(-1)).toMatchObject({
      level: "error",
      event: "alarm.worker-hung",
      message: "ALARM worker-hung: it hung",
    });
  });

  test("that is open stays open across a restart, and its number is not used again", async () => {
    const before = await tradingCore();
    before.post({ type: "CyclesMissed", count: 2, atMs: NOON });
    before.cycle(1);
    const core = await before.restart();
    core.post({ type: "CyclesMissed", count: 2, atMs: NOON });
    core.post({ type: "AlarmRaised", kind: "worker-hung", scope: "worker-1", message: "it hung", atMs: NOON });
    expect(core.engine.alarms.open.map(({ id, kind }) => `${id} ${kind}`)).toEqual([
      "1 missed-cycles",
      "2 worker-hung",
    ]);
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
