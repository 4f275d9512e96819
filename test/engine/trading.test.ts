// From a signal to money: what is durable before what, and what every report does to orders, positions and the ledger.
import { describe, expect, test } from "vitest";
import type { ClientOrderId } from "../../engine/base/ids.ts";
import { NOON, UNIT } from "../support/a-market.ts";
import { CASH, down, exit, hold, marketOf, SLOT, tradingCore, up } from "../support/core.ts";

const MARKET = marketOf();
const ENTRY = `${SLOT}/${NOON / 1_000}/1/entry` as ClientOrderId;

describe("an entry", () => {
  test("is durable before it is sent", async () => {
    const core = await tradingCore();
    core.diskIsFast = false;
    core.cycle(1, { [SLOT]: up() });
    expect(core.trace).toEqual(["Commit"]);
    expect(core.rows("orders")).toMatchObject([{ clientOrderId: ENTRY, status: "Initialized" }]);
    core.flush();
    expect(core.trace).toEqual(["Commit", "Durable", "Submit"]);
  });

  test("is named by slot, window, cycle and leg, and says which code, params and cycle made it", async () => {
    const core = await tradingCore();
    core.cycle(1, { [SLOT]: up() });
    expect(core.lastOrder.clientOrderId).toBe(ENTRY);
    expect(core.rows("orders")[0]).toMatchObject({
      code: "a".repeat(64),
      params: "0".repeat(64),
      cycle: 1,
      ordinal: 1,
      reason: "edge",
    });
  });

  test("spends the stake on the side of the signal", async () => {
    const core = await tradingCore();
    core.cycle(1, { [SLOT]: down() });
    // Down is offered at 0.50; the fee there is 0.07 × 0.25 = 0.0175 a share: 5 ÷ 0.5175 = 9.66 shares.
    expect(core.lastOrder).toMatchObject({ action: "buy", side: "down", sharesMicros: 9_660_000, timeInForce: "FAK" });
  });

  test("is not sent again while the first is out, nor once there is a position", async () => {
    const core = await tradingCore();
    core.cycle(1, { [SLOT]: up() });
    core.cycle(2, { [SLOT]: up() });
    core.fill();
    core.cycle(3, { [SLOT]: up() });
    expect(core.submitted).toHaveLength(1);
  });

  test("is tried again after the venue killed it without a fill", async () => {
    const core = await tradingCore();
    core.cycle(1, { [SLOT]: up() });
    core.cancelled(ENTRY);
    core.cycle(2, { [SLOT]: up() });
    expect(core.submitted.map(({ clientOrderId }) => clientOrderId)).toEqual([
      ENTRY,
      `${SLOT}/${NOON / 1_000}/2/entry`,
    ]);
  });

  test("is not made twice in a window, also after the position was sold", async () => {
    const core = await tradingCore();
    core.cycle(1, { [SLOT]: up() });
    core.fill();
    core.cycle(2, { [SLOT]: exit });
    core.fill();
    core.cycle(3, { [SLOT]: up() });
    expect(core.submitted.map(({ action }) => action)).toEqual(["buy", "sell"]);
  });

  test("that a limit forbids is recorded as Denied once, and nothing is sent", async () => {
    const core = await tradingCore();
    core.cycle(1, { [SLOT]: up(0.5) });
    core.cycle(2, { [SLOT]: up(0.5) });
    expect(core.rows("orders")).toMatchObject([
      { status: "Denied", statusReason: "the edge after fees is below the minimum" },
    ]);
    expect(core.submitted).toEqual([]);
  });
});

describe("a resting entry", () => {
  test("stands while the strategy asks for the same, and is cancelled when it does not", async () => {
    const core = await tradingCore();
    core.cycle(1, { [SLOT]: up(0.7, 0.4) });
    expect(core.lastOrder).toMatchObject({ timeInForce: "GTC", limitMicros: 400_000 });
    core.cycle(2, { [SLOT]: up(0.7, 0.4) });
    expect(core.sent.filter(({ type }) => type === "Cancel")).toEqual([]);
    core.cycle(3, { [SLOT]: hold });
    core.cycle(4, { [SLOT]: hold });
    expect(core.sent.filter(({ type }) => type === "Cancel")).toEqual([{ type: "Cancel", clientOrderId: ENTRY }]);
  });

  test("of a slot that the operator disables is cancelled", async () => {
    const core = await tradingCore();
    core.cycle(1, { [SLOT]: up(0.7, 0.4) });
    core.configure({ disabledSlots: new Set([SLOT]) });
    core.cycle(2);
    expect(core.requests).toEqual([]);
    expect(core.sent).toContainEqual({ type: "Cancel", clientOrderId: ENTRY });
  });
});

describe("money", () => {
  test("goes from cash through the position and a claim back to cash, and nothing is lost on the way", async () => {
    const core = await tradingCore();
    const { desk } = core.engine;
    core.cycle(1, { [SLOT]: up() });
    core.fill(core.lastOrder, { priceMicros: 510_000, sharesMicros: 9_000_000, feeMicros: 157_430 });
    expect(desk.position(SLOT, MARKET)).toMatchObject({
      sharesMicros: 9_000_000,
      costMicros: 4_590_000,
      feesMicros: 157_430,
    });
    expect(desk.ledger.balance("cash")).toBe(CASH - 4_590_000 - 157_430);

    core.cancelled(ENTRY);
    core.resolve(MARKET, "up");
    expect(desk.ledger.balance("claims")).toBe(9 * UNIT);
    expect(core.trace.at(-1)).not.toBe("Claim");
    core.cycle(301);
    expect(core.trace.slice(-3)).toEqual(["Commit", "Durable", "Claim"]);

    core.post({
      type: "Reported",
      report: { type: "Claimed", market: MARKET, amountMicros: 9 * UNIT, atMs: NOON + 302_000 },
    });
    expect(desk.ledger.balance("cash")).toBe(CASH - 4_590_000 - 157_430 + 9 * UNIT);
    expect(desk.ledger.balance("claims")).toBe(0);
    expect(desk.ledger.profitMicros(SLOT)).toBe(9 * UNIT - 4_590_000 - 157_430);
  });

  test("of a lost position is not claimed", async () => {
    const core = await tradingCore();
    core.cycle(1, { [SLOT]: up() });
    const { sharesMicros, priceMicros } = core.fill();
    core.resolve(MARKET, "down");
    core.cycle(301);
    expect(core.sent.map(({ type }) => type)).toEqual(["Submit"]);
    expect(core.engine.desk.ledger.profitMicros(SLOT)).toBe(-(sharesMicros * priceMicros) / UNIT);
  });

  test("of a void market is half a dollar a share", async () => {
    const core = await tradingCore();
    core.cycle(1, { [SLOT]: up() });
    core.fill(core.lastOrder, { sharesMicros: 9_000_001 });
    core.resolve(MARKET, "void");
    expect(core.engine.desk.ledger.balance("claims")).toBe(4_500_000);
  });

  test("is booked once, however often a fill, a resolution or a claim is reported", async () => {
    const core = await tradingCore();
    core.cycle(1, { [SLOT]: up() });
    const fill = core.fill();
    core.post({ type: "Reported", report: { type: "OrderFilled", fill } });
    const claimed = { type: "Claimed", market: MARKET, amountMicros: fill.sharesMicros, atMs: NOON } as const;
    for (let time = 0; time < 2; time++) core.resolve(MARKET, "up");
    for (let time = 0; time < 2; time++) core.post({ type: "Reported", report: claimed });
    core.cycle(301);
    expect(core.rows("transfers").map(({ kind }) => kind)).toEqual(["deposit", "buy", "payout", "profit", "claim"]);
    expect(core.openAlarms).toEqual([]);
  });

  test("that arrives before the order is known as accepted is booked all the same", async () => {
    const core = await tradingCore();
    core.cycle(1, { [SLOT]: up() });
    core.fill(core.lastOrder, { sharesMicros: UNIT });
    core.post({
      type: "Reported",
      report: { type: "OrderAccepted", clientOrderId: ENTRY, venueOrderId: "v1", atMs: NOON },
    });
    expect(core.engine.desk.liveOrders).toMatchObject([
      { status: "PartiallyFilled", filledSharesMicros: UNIT, venueOrderId: "v1" },
    ]);
  });

  test("of an overfill is booked and alarmed", async () => {
    const core = await tradingCore();
    core.cycle(1, { [SLOT]: up() });
    core.fill(core.lastOrder, { sharesMicros: core.lastOrder.sharesMicros + 1_000 });
    expect(core.openAlarms).toEqual([`overfill ${ENTRY}`]);
    expect(core.engine.desk.position(SLOT, MARKET)?.sharesMicros).toBe(core.lastOrder.sharesMicros + 1_000);
    core.cycle(2);
  });

  test("that a claim brings in another amount than was owed raises an alarm", async () => {
    const core = await tradingCore();
    core.cycle(1, { [SLOT]: up() });
    core.fill();
    core.resolve(MARKET, "up");
    core.post({ type: "Reported", report: { type: "Claimed", market: MARKET, amountMicros: 1, atMs: NOON } });
    expect(core.openAlarms).toEqual([`ledger-mismatch ${MARKET}`]);
  });
});

describe("a claim", () => {
  test("that is not answered is asked for again each minute, and alarmed after ten", async () => {
    const core = await tradingCore();
    core.cycle(1, { [SLOT]: up() });
    core.fill();
    core.resolve(MARKET, "up");
    for (let cycle = 0; cycle < 660; cycle++) core.cycle(301 + cycle);
    const claims = core.sent.filter(({ type }) => type === "Claim");
    expect(claims.length).toBeGreaterThanOrEqual(10);
    expect(claims.length).toBeLessThanOrEqual(12);
    expect(core.openAlarms).toContain(`claim-stuck ${MARKET}`);
    core.post({
      type: "Reported",
      report: { type: "Claimed", market: MARKET, amountMicros: core.lastOrder.sharesMicros, atMs: NOON },
    });
    expect(core.openAlarms).toEqual([]);
  });
});

describe("an exit", () => {
  test("sells what is held at the bid, reaching no further than the collar", async () => {
    const core = await tradingCore();
    core.cycle(1, { [SLOT]: up() });
    const { sharesMicros } = core.fill();
    core.cycle(2, { [SLOT]: exit });
    expect(core.lastOrder).toMatchObject({
      action: "sell",
      side: "up",
      sharesMicros,
      limitMicros: 450_000,
      timeInForce: "FAK",
    });
    core.fill();
    expect(core.engine.desk.openPositions).toEqual([]);
    expect(core.rows("positions").at(-1)).toMatchObject({ status: "open" });
    core.cycle(3);
    expect(core.rows("positions").at(-1)).toMatchObject({ status: "closed", sharesMicros: 0, costMicros: 0 });
  });

  test("without a position is nothing", async () => {
    const core = await tradingCore();
    core.cycle(1, { [SLOT]: exit });
    expect(core.submitted).toEqual([]);
  });
});
