// Kill and start again: what was durable goes on, what is uncertain is asked for, and nothing is done twice.
import { describe, expect, test } from "vitest";
import type { ClientOrderId } from "../../engine/base/ids.ts";
import type { VenueOrderState } from "../../engine/venues/port.ts";
import { NOON, UNIT } from "../support/a-market.ts";
import { CASH, type Core, exit, hold, marketOf, SLOT, tradingCore, up } from "../support/core.ts";
import { versionFacts } from "../support/version-facts.ts";

const MARKET = marketOf();
const ENTRY = `${SLOT}/${NOON / 1_000}/1/entry` as ClientOrderId;

const asked = (core: Core) => core.engine.reconcileCommand();

async function withSentEntry(limit: number | null = null): Promise<Core> {
  const core = await tradingCore();
  core.cycle(1, { [SLOT]: up(0.7, limit) });
  return core;
}

test("a restart goes on with the same positions, orders, cash, cycle number, window, version and memory", async () => {
  const memory = { initial: { seen: 0 }, migrates: false };
  const before = await tradingCore({}, versionFacts({ memory }));
  before.cycle(1, { [SLOT]: { signal: up(), memory: '{"seen":1}' } });
  before.fill(before.lastOrder, { sharesMicros: 6 * UNIT, feeMicros: 100 });
  before.cycle(2, { [SLOT]: { signal: hold, memory: '{"seen":2}' } });
  const core = await before.restart();
  expect(core.engine.desk.openPositions).toEqual(before.engine.desk.openPositions);
  expect(core.engine.desk.liveOrders).toEqual(before.engine.desk.liveOrders);
  expect(core.engine.desk.ledger.balance("cash")).toBe(before.engine.desk.ledger.balance("cash"));
  expect(core.engine.cycle).toBe(2);
  expect(core.engine.market.window(MARKET)).toMatchObject({ market: { id: MARKET }, strikeE18: 65_000n * 10n ** 18n });

  core.reconcile({
    orders: [{ clientOrderId: ENTRY, status: "canceled", venueOrderId: "v", reason: "killed", fills: [] }],
  });
  core.arm(versionFacts({ memory }));
  core.cycle(3, { [SLOT]: exit });
  expect(core.requests).toMatchObject([{ memory: '{"seen":2}', version: { ordinal: 1 } }]);
  expect(core.rows("activations")).toEqual([]);
  expect(core.lastOrder).toMatchObject({ action: "sell", sharesMicros: 6 * UNIT });
});

test("a cycle number is not used again, even if its own row never became durable", async () => {
  const before = await tradingCore();
  before.feed(1);
  before.begin(1);
  before.heartbeat();
  const core = await before.restart();
  expect(core.engine.cycle).toBe(1);
});

test("the result of the day is remembered, so that a restart does not reset the daily loss limit", async () => {
  const before = await withSentEntry();
  before.fill(before.lastOrder, { sharesMicros: 2 * UNIT, priceMicros: 500_000, feeMicros: 1_000 });
  before.resolve(MARKET, "down");
  before.cycle(2);
  const core = await before.restart();
  expect(core.engine.desk.today.at(NOON)).toBe(-UNIT - 1_000);
  expect(core.engine.desk.today.at(NOON + 12 * 3_600_000)).toBe(0);
});

describe("nothing is traded before the venue has answered", () => {
  test("no entry", async () => {
    const before = await tradingCore();
    before.cycle(1);
    const core = await before.restart();
    core.arm(versionFacts());
    core.cycle(2, { [SLOT]: up() });
    expect(core.submitted).toEqual([]);
    core.reconcile();
    core.cycle(3, { [SLOT]: up() });
    expect(core.submitted).toHaveLength(1);
  });

  test("no forced sell", async () => {
    const before = await withSentEntry();
    before.fill();
    before.cycle(2);
    const core = await before.restart();
    core.configure({ mode: "flatten" });
    core.cycle(3);
    expect(core.submitted).toEqual([]);
    core.reconcile();
    core.cycle(4);
    expect(core.lastOrder.action).toBe("sell");
  });
});

describe("an order whose fate is unknown", () => {
  test("is asked for by its id, with its market", async () => {
    const core = await (await withSentEntry()).restart();
    expect(asked(core)).toEqual({ type: "Reconcile", orders: [ENTRY], markets: [MARKET] });
  });

  test("that the venue never had is Expired, and the slot may try again", async () => {
    const core = await (await withSentEntry()).restart();
    core.arm(versionFacts());
    core.reconcile({ orders: [{ clientOrderId: ENTRY, status: "unknown" }] });
    core.cycle(2, { [SLOT]: up() });
    expect(core.rows("orders")[0]).toMatchObject({ clientOrderId: ENTRY, status: "Expired" });
    expect(core.submitted).toMatchObject([{ clientOrderId: `${SLOT}/${NOON / 1_000}/2/entry` }]);
  });

  test("that was refused is Rejected with the venue's reason", async () => {
    const core = await (await withSentEntry()).restart();
    core.reconcile({ orders: [{ clientOrderId: ENTRY, status: "rejected", reason: "no money" }] });
    core.cycle(2);
    expect(core.rows("orders").at(-1)).toMatchObject({ status: "Rejected", statusReason: "no money" });
  });

  test("whose fills were missed is booked, each fill once", async () => {
    const before = await withSentEntry();
    const first = before.fill(before.lastOrder, { sharesMicros: 2 * UNIT, priceMicros: 500_000 });
    const second = before.fillOf(before.lastOrder, { sharesMicros: 3 * UNIT, priceMicros: 510_000 });
    before.cycle(2);
    const core = await before.restart();
    const state: VenueOrderState = {
      clientOrderId: ENTRY,
      status: "canceled",
      venueOrderId: "v",
      reason: "killed",
      fills: [first, second],
    };
    core.reconcile({
      orders: [state],
      cashMicros: CASH - 2_530_000,
      holdings: [{ market: MARKET, side: "up", sharesMicros: 5 * UNIT }],
    });
    expect(core.engine.venueAgrees).toBe(true);
    expect(core.engine.desk.position(SLOT, MARKET)).toMatchObject({ sharesMicros: 5 * UNIT, costMicros: 2_530_000 });
    core.cycle(3);
    expect(core.rows("fills").map(({ tradeId }) => tradeId)).toEqual([second.tradeId]);
    expect(core.rows("orders").at(-1)).toMatchObject({ status: "Canceled", filledSharesMicros: 5 * UNIT });
  });

  test("that still rests is kept", async () => {
    const core = await (await withSentEntry(0.4)).restart();
    core.reconcile({ orders: [{ clientOrderId: ENTRY, status: "open", venueOrderId: "v", fills: [] }] });
    expect(core.engine.desk.liveOrders).toMatchObject([{ clientOrderId: ENTRY, status: "Accepted" }]);
  });

  test("that still rests although its cancel was asked for is cancelled again", async () => {
    const before = await withSentEntry(0.4);
    before.cycle(2, { [SLOT]: hold });
    before.cycle(3);
    expect(before.engine.desk.liveOrders).toMatchObject([{ status: "PendingCancel" }]);
    const core = await before.restart();
    core.reconcile({ orders: [{ clientOrderId: ENTRY, status: "open", venueOrderId: "v", fills: [] }] });
    core.arm(versionFacts());
    core.cycle(4, { [SLOT]: hold });
    expect(core.sent).toEqual([{ type: "Cancel", clientOrderId: ENTRY }]);
  });
});

describe("what happened at the venue while the bot was down", () => {
  test("a resolution settles the position and its win is claimed", async () => {
    const before = await withSentEntry();
    const { sharesMicros } = before.fill();
    before.cycle(2);
    const core = await before.restart();
    expect(asked(core)).toMatchObject({ markets: [MARKET] });
    core.reconcile({ resolutions: [{ market: MARKET, outcome: "up" }] });
    core.cycle(401);
    expect(core.sent).toEqual([{ type: "Claim", market: MARKET }]);
    expect(core.engine.desk.ledger.balance("claims")).toBe(sharesMicros);
  });

  test("a win is owed until it is paid, and paid once, however long ago the window closed", async () => {
    const before = await withSentEntry();
    const { sharesMicros } = before.fill();
    before.cycle(2);
    const late = await before.restart();
    late.reconcile({ resolutions: [{ market: MARKET, outcome: "up" }] });
    late.cycle(8 * 3_600);

    const later = await late.restart();
    expect(asked(later)).toMatchObject({ markets: [MARKET] });
    const claims = [{ market: MARKET, amountMicros: sharesMicros }];
    later.reconcile({ claims, cashMicros: later.engine.desk.ledger.balance("cash") + sharesMicros });
    later.cycle(8 * 3_600 + 1);
    expect(later.engine.venueAgrees).toBe(true);
    expect(asked(await later.restart())).toEqual({ type: "Reconcile", orders: [], markets: [] });
  });

  test("a resolution that comes long after the close is not lost in the next kill", async () => {
    const before = await withSentEntry();
    before.fill();
    before.cycle(2);
    const late = await before.restart();
    late.reconcile();
    late.cycle(8 * 3_600);
    late.resolve(MARKET, "up");
    late.cycle(8 * 3_600 + 1);
    expect(asked(await late.restart())).toMatchObject({ markets: [MARKET] });
  });

  test("a claim that was paid is booked, not asked for again", async () => {
    const before = await withSentEntry();
    const { sharesMicros } = before.fill();
    before.resolve(MARKET, "up");
    before.cycle(301);
    const cash = before.engine.desk.ledger.balance("cash");
    const core = await before.restart();
    core.reconcile({
      cashMicros: cash + sharesMicros,
      resolutions: [{ market: MARKET, outcome: "up" }],
      claims: [{ market: MARKET, amountMicros: sharesMicros }],
    });
    expect(core.openAlarms).toEqual([]);
    expect(core.engine.venueAgrees).toBe(true);
    core.cycle(360);
    expect(core.sent).toEqual([]);
  });
});

describe("ledger and venue", () => {
  test("that disagree stop entries until someone looked, with an alarm", async () => {
    const core = await tradingCore();
    core.reconcile({ cashMicros: CASH - 1 });
    expect(core.engine.mode).toBe("entries-stopped");
    expect(core.openAlarms).toEqual(["ledger-mismatch bot"]);
    expect(core.engine.latches.standing[0]?.reason).toBe(
      "Ledger and venue disagree: cash is 1000.000000 in the ledger and 999.999999 at the venue",
    );
    core.reconcile();
    expect(core.openAlarms).toEqual([]);
    expect(core.engine.mode).toBe("entries-stopped");
  });

  test.each([
    [3 * UNIT, "3.00 at the venue"],
    [30 * UNIT, "30.00 at the venue"],
    [0, "none at the venue"],
  ])("are compared per token: %i", async (sharesMicros, told) => {
    const core = await withSentEntry();
    core.fill();
    core.reconcile({ holdings: sharesMicros === 0 ? [] : [{ market: MARKET, side: "up", sharesMicros }] });
    expect(core.engine.latches.standing[0]?.reason).toContain(told);
  });

  test("are not compared while an order or a claim is on its way", async () => {
    const core = await withSentEntry();
    core.reconcile({ cashMicros: 1 });
    expect(core.engine.mode).toBe("active");
    core.fill();
    core.resolve(MARKET, "up");
    core.reconcile({ cashMicros: 1 });
    expect(core.engine.mode).toBe("active");
  });

  test("are compared again at every heartbeat", async () => {
    const core = await tradingCore();
    core.heartbeat();
    expect(core.sent).toEqual([{ type: "Reconcile", orders: [], markets: [] }]);
    expect(core.rows("bot_state")).toMatchObject([{ seq: 1, cashMicros: CASH, mode: "active" }]);
  });
});

test("what is known of a market's end stays, though a start hears once more that the market is listed", async () => {
  const before = await withSentEntry();
  before.fill(before.lastOrder, { sharesMicros: 2 * UNIT });
  before.cycle(310); // It has closed.
  before.resolve(MARKET, "down");
  before.cycle(311);
  const core = await before.restart();
  core.reconcile();
  core.listWindows(NOON);
  core.cycle(312);
  const rows = core.rows("markets").filter(({ market }) => market === MARKET);
  expect(rows.at(-1)).toMatchObject({ venueOutcome: "down" });
});

test("what the venue says before it has said what became of everything waits: a sale in a market that has resolved since is a sale", async () => {
  const before = await withSentEntry();
  before.fill(before.lastOrder, { sharesMicros: 6 * UNIT });
  before.cancelled(ENTRY);
  before.cycle(2, { [SLOT]: exit });
  const { lastOrder } = before;
  const fill = before.fillOf(lastOrder, { sharesMicros: 6 * UNIT, priceMicros: 900_000 });
  const core = await before.restart();
  core.resolve(MARKET, "down");
  expect(core.engine.desk.openPositions).toHaveLength(1);
  const { clientOrderId } = lastOrder;
  core.reconcile({
    cashMicros: core.engine.desk.ledger.balance("cash") + 5_400_000,
    holdings: [],
    orders: [{ clientOrderId, status: "filled", venueOrderId: "v", fills: [fill] }],
    resolutions: [{ market: MARKET, outcome: "down" }],
  });
  expect(core.engine.desk.openPositions).toEqual([]);
  expect(core.engine.desk.position(SLOT, MARKET)).toMatchObject({ status: "closed", outcome: null });
  expect(core.engine.venueAgrees).toBe(true);
});
