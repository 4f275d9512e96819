import { describe, expect, test } from "vitest";
import type { ClientOrderId } from "../../../../engine/base/ids.ts";
import { takerFeeMicros } from "../../../../engine/execution/fees.ts";
import type { VenueOrder } from "../../../../engine/venues/port.ts";
import { MemoryJournal } from "../../../../engine/venues/simulated/memory-journal.ts";
import { SimulatedExchange } from "../../../../engine/venues/simulated/simulated-exchange.ts";
import {
  buyTen,
  CLOSE_MS,
  NOW_MS,
  OPEN_MS,
  opening,
  openWorld,
  order,
  quoteOf,
  type Recorder,
  SETTINGS,
  STRIKE,
  snapshotOf,
  submit,
  tick,
  USDC,
  type World,
} from "./world.ts";

const setSpot = ({ exchange }: World, atMs: number, price: number): void => {
  exchange.observe([tick(atMs, price)]);
  exchange.advance(atMs);
};

describe("an immediate order", () => {
  test("is accepted after 20 to 80 ms and filled 150 ms later, at the asked price, with the taker's fee", () => {
    const world = openWorld();
    const { up } = quoteOf(world);
    const { clientOrderId } = submit(world);
    expect(world.recorder.news()).toBe("");
    world.exchange.advance(NOW_MS + 19);
    expect(world.recorder.news()).toBe("");
    world.exchange.advance(NOW_MS + 80);
    expect(world.recorder.news()).toBe("OrderAccepted");
    world.exchange.advance(NOW_MS + 230);
    expect(world.recorder.news()).toBe("OrderFilled");
    const [accepted] = world.recorder.of("OrderAccepted");
    const [filled] = world.recorder.of("OrderFilled");
    expect(accepted!.venueOrderId).toMatch(/^0x[0-9a-f]{32}$/);
    expect(filled!.fill).toEqual({
      tradeId: `${clientOrderId}#0`,
      clientOrderId,
      priceMicros: up.askMicros,
      sharesMicros: 10 * USDC,
      feeMicros: takerFeeMicros(10 * USDC, up.askMicros, 70_000),
      liquidity: "taker",
      atMs: accepted!.atMs + 150,
    });
    expect(snapshotOf(world).cashMicros).toBe(1_000 * USDC - 10 * up.askMicros - filled!.fill.feeMicros);
  });

  test("walks the depth level by level and is killed where it ends", () => {
    const world = openWorld({ openingCashMicros: 100_000 * USDC });
    submit(world, { sharesMicros: 20_000 * USDC });
    world.exchange.advance(NOW_MS + 500);
    const prices = world.recorder.of("OrderFilled").map(({ fill }) => fill.priceMicros);
    expect(prices.length).toBe(5);
    expect(prices).toEqual([...new Set(prices)].sort((a, b) => a - b));
    expect(world.recorder.reports.at(-1)).toMatchObject({ type: "OrderCanceled", reason: "killed" });
  });

  test("that reaches nothing is killed at once", () => {
    const world = openWorld();
    submit(world, { limitMicros: 10_000 });
    world.exchange.advance(NOW_MS + 80);
    expect(world.recorder.news()).toBe("OrderAccepted OrderCanceled");
    expect(snapshotOf(world).cashMicros).toBe(1_000 * USDC);
  });

  test("finds depth that another took gone until the next second", () => {
    const world = openWorld({ openingCashMicros: 100_000 * USDC });
    submit(world, { sharesMicros: 20_000 * USDC });
    world.exchange.advance(NOW_MS + 300);
    world.recorder.news();
    submit(world);
    world.exchange.advance(NOW_MS + 900);
    expect(world.recorder.news()).toBe("OrderAccepted OrderCanceled");
    world.exchange.advance(NOW_MS + 1_000);
    submit(world);
    world.exchange.advance(NOW_MS + 1_500);
    expect(world.recorder.news()).toBe("OrderAccepted OrderFilled");
  });

  test("to buy Down takes Up's bids at the complement", () => {
    const world = openWorld();
    const { down } = quoteOf(world);
    submit(world, { side: "down", sharesMicros: 5 * USDC });
    world.exchange.advance(NOW_MS + 500);
    expect(world.recorder.of("OrderFilled")[0]!.fill.priceMicros).toBe(down.askMicros);
  });

  test("to sell brings the bid less the fee", () => {
    const world = openWorld();
    buyTen(world);
    const before = snapshotOf(world).cashMicros;
    submit(world, { action: "sell", limitMicros: 10_000, sharesMicros: 5 * USDC });
    world.exchange.advance(NOW_MS + 900);
    const { fill } = world.recorder.of("OrderFilled").at(-1)!;
    expect(snapshotOf(world).cashMicros).toBe(before + 5 * fill.priceMicros - fill.feeMicros);
    expect(snapshotOf(world).holdings[0]!.sharesMicros).toBe(5 * USDC);
  });
});

describe("a resting order", () => {
  const rest = (world: World, changes: Partial<VenueOrder> = {}): VenueOrder => {
    const resting = submit(world, { timeInForce: "GTC", limitMicros: 200_000, ...changes });
    world.exchange.advance(NOW_MS + 400);
    expect(world.recorder.news()).toBe("OrderAccepted");
    return resting;
  };

  test("is filled as maker, without a fee, at its own price once the market goes through it", () => {
    const world = openWorld();
    rest(world, { sharesMicros: 100 * USDC });
    setSpot(world, NOW_MS + 2_000, STRIKE * 0.99);
    world.exchange.advance(NOW_MS + 60_000);
    const fills = world.recorder.of("OrderFilled").map(({ fill }) => fill);
    expect(fills.length).toBeGreaterThan(1);
    expect(fills.reduce((sum, { sharesMicros }) => sum + sharesMicros, 0)).toBe(100 * USDC);
    for (const fill of fills) expect(fill).toMatchObject({ priceMicros: 200_000, feeMicros: 0, liquidity: "maker" });
    expect(snapshotOf(world).cashMicros).toBe(980 * USDC);
  });

  test("holds back its cost, and its shares, from other orders", () => {
    const world = openWorld({ openingCashMicros: 10 * USDC });
    rest(world, { sharesMicros: 40 * USDC });
    submit(world, { limitMicros: 500_000, sharesMicros: 5 * USDC });
    world.exchange.advance(NOW_MS + 500);
    expect(world.recorder.of("OrderRejected")[0]!.reason).toBe(
      "not enough balance / allowance: the balance is not enough -> balance: 10000000, sum of active orders: 8000000, order amount (inc. fees): 2587510",
    );
  });

  test("is cancelled on request", () => {
    const world = openWorld();
    const { clientOrderId } = rest(world);
    world.exchange.handle({ type: "Cancel", clientOrderId });
    world.exchange.advance(NOW_MS + 500);
    expect(world.recorder.reports.at(-1)).toMatchObject({ type: "OrderCanceled", reason: "requested" });
  });

  test("ends with its market", () => {
    const world = openWorld();
    rest(world);
    world.exchange.advance(CLOSE_MS - 1);
    expect(world.recorder.news()).toBe("");
    world.exchange.advance(CLOSE_MS);
    expect(world.recorder.reports.at(-1)).toMatchObject({
      type: "OrderCanceled",
      reason: "market-closed",
      atMs: CLOSE_MS,
    });
  });

  test("that is marketable takes first and rests with what is left", () => {
    const world = openWorld();
    const { up } = quoteOf(world);
    const submitted = submit(world, { timeInForce: "GTC", limitMicros: up.askMicros, sharesMicros: 500 * USDC });
    world.exchange.advance(NOW_MS + 300);
    expect(world.recorder.news()).toBe("OrderAccepted OrderFilled");
    expect(world.recorder.of("OrderFilled")[0]!.fill.sharesMicros).toBe(up.askSizeMicros);
    expect(snapshotOf(world, [submitted.clientOrderId]).orders[0]!.status).toBe("open");
  });
});

describe("a cancel", () => {
  test("that comes during the taker delay waits for the match and ends what is left", () => {
    const world = openWorld();
    const { up } = quoteOf(world);
    const { clientOrderId } = submit(world, {
      timeInForce: "GTC",
      limitMicros: up.askMicros,
      sharesMicros: 500 * USDC,
    });
    world.exchange.handle({ type: "Cancel", clientOrderId });
    world.exchange.advance(NOW_MS + 500);
    expect(world.recorder.news()).toBe("OrderAccepted OrderFilled OrderCanceled");
  });

  test("is rejected once its order is filled, or was never known", () => {
    const world = openWorld();
    const { clientOrderId } = submit(world);
    world.exchange.handle({ type: "Cancel", clientOrderId });
    world.exchange.handle({ type: "Cancel", clientOrderId: "BTC-5m-test/1/1/entry" as ClientOrderId });
    world.exchange.advance(NOW_MS + 500);
    expect(world.recorder.of("CancelRejected").length).toBe(2);
    expect(world.recorder.of("OrderCanceled")).toEqual([]);
  });
});

test("an order still on its way when its market closes is accepted and cancelled", () => {
  const world = openWorld();
  world.exchange.advance(CLOSE_MS - 5);
  submit(world);
  world.exchange.advance(CLOSE_MS + 500);
  expect(world.recorder.news()).toBe("OrderAccepted OrderCanceled");
  expect(world.recorder.reports.map((report) => "atMs" in report && report.atMs)).toEqual([CLOSE_MS, CLOSE_MS]);
});

test("a refused order is told after the latency, and again when it is sent again", () => {
  const world = openWorld();
  const refused = submit(world, { limitMicros: 525_000 });
  world.exchange.advance(NOW_MS + 80);
  world.exchange.handle({ type: "Submit", order: refused });
  const [first, second] = world.recorder.of("OrderRejected");
  expect(second).toEqual(first);
  expect(snapshotOf(world, [refused.clientOrderId])).toMatchObject({
    orders: [{ status: "rejected" }],
    totals: { orders: 0 },
  });
});

test("a seeded share of orders is refused for no fault of theirs", () => {
  const world = openWorld({ rejectPpm: 100_000 });
  for (let i = 0; i < 200; i++) submit(world, { limitMicros: 10_000, sharesMicros: 5 * USDC });
  world.exchange.advance(NOW_MS + 500);
  const reasons = world.recorder.of("OrderRejected").map(({ reason }) => reason);
  expect(new Set(reasons)).toEqual(new Set(["order match delayed due to market conditions"]));
  expect(reasons.length).toBeGreaterThan(5);
  expect(reasons.length).toBeLessThan(50);
});

test("an order sent again trades once and tells its whole story again", () => {
  const world = openWorld();
  const sent = submit(world, { limitMicros: 990_000, sharesMicros: 20 * USDC });
  world.exchange.handle({ type: "Submit", order: sent });
  world.exchange.advance(NOW_MS + 500);
  const story = [...world.recorder.reports];
  world.exchange.handle({ type: "Submit", order: sent });
  expect(world.recorder.reports).toEqual([...story, ...story]);
  expect(snapshotOf(world).holdings[0]!.sharesMicros).toBe(20 * USDC);
  expect(snapshotOf(world).totals).toEqual({ orders: 1, fills: world.recorder.of("OrderFilled").length / 2 });
});

test("time that goes back is ignored", () => {
  const world = openWorld();
  submit(world);
  world.exchange.advance(NOW_MS + 500);
  const said = world.recorder.reports.length;
  world.exchange.advance(NOW_MS);
  submit(world, { limitMicros: 10_000 });
  world.exchange.advance(NOW_MS + 400);
  expect(world.recorder.reports.length).toBe(said);
});

test("a listener may send while it is being told, and is answered after what is being told", () => {
  const journal = new MemoryJournal();
  const told: string[] = [];
  const exchange: SimulatedExchange = new SimulatedExchange(SETTINGS, journal, {
    report: (report) => {
      told.push(report.type);
      if (report.type === "OrderAccepted") exchange.handle({ type: "Reconcile", orders: [], markets: [] });
    },
    market: () => {},
  });
  exchange.advance(OPEN_MS - 1_000);
  exchange.observe(opening());
  exchange.advance(NOW_MS);
  exchange.handle({ type: "Submit", order: order() });
  exchange.advance(NOW_MS + 500);
  expect(told).toEqual(["OrderAccepted", "OrderFilled", "Reconciled"]);
});

test("a group is durable before any of its reports leaves, and a failed journal lets none of them leave", () => {
  const journal = new MemoryJournal();
  const steps: string[] = [];
  let isBroken = false;
  const exchange = new SimulatedExchange(
    SETTINGS,
    {
      load: () => null,
      findOrder: (id) => journal.findOrder(id),
      findResolution: (id) => journal.findResolution(id),
      append: (records) => {
        if (isBroken) throw new Error("disk is gone");
        steps.push(`wrote ${records.map(({ type }) => type).join("+")}`);
      },
    },
    { report: (report) => steps.push(report.type), market: () => {} },
  );
  exchange.advance(OPEN_MS - 1_000);
  exchange.observe(opening());
  exchange.advance(NOW_MS);
  exchange.handle({ type: "Submit", order: order() });
  exchange.advance(NOW_MS + 500);
  expect(steps).toEqual([
    "wrote Market+Order+Account",
    "wrote Order+Holding+Fill+Order+Account",
    "OrderAccepted",
    "OrderFilled",
  ]);
  isBroken = true;
  expect(() => exchange.handle({ type: "Submit", order: order() })).toThrow("disk is gone");
  expect(steps.length).toBe(4);
});

describe("determinism", () => {
  /** A minute of orders on a moving price, in steps of so many milliseconds. */
  function run(seed: number, stepMs: number): Recorder {
    const { exchange, recorder } = openWorld({ seed, rejectPpm: 50_000 });
    for (let second = 2; second < 300; second++) {
      const atMs = OPEN_MS + second * 1_000;
      exchange.observe([tick(atMs - 900, STRIKE + 40 * Math.sin(second / 7), atMs - 300)]);
      for (let at = atMs - 1_000 + stepMs; at < atMs; at += stepMs) exchange.advance(at);
      exchange.advance(atMs);
      if (second % 5 !== 0) continue;
      const clientOrderId = `BTC-5m-test/1/${second}/entry` as ClientOrderId;
      const timeInForce = second % 2 === 0 ? "FAK" : "GTC";
      const side = second % 3 === 0 ? "down" : "up";
      const limitMicros = 10_000 * (30 + (second % 40));
      exchange.handle({ type: "Submit", order: order({ clientOrderId, timeInForce, side, limitMicros }) });
    }
    exchange.observe([tick(CLOSE_MS, STRIKE)]);
    exchange.advance(CLOSE_MS + 150_000);
    return recorder;
  }

  test("the same seed and inputs give the same reports and quotes", () => {
    const [first, again] = [run(1, 1_000), run(1, 1_000)];
    expect(first.reports.length).toBeGreaterThan(100);
    expect(again.reports).toEqual(first.reports);
    expect(again.batches).toEqual(first.batches);
  });

  test("reports do not depend on how often the exchange is told the time", () => {
    expect(run(1, 70).reports).toEqual(run(1, 1_000).reports);
  });

  test("another seed gives other reports", () => {
    expect(run(2, 1_000).reports).not.toEqual(run(1, 1_000).reports);
  });
});
