import { expect, test } from "vitest";
import type { VenueOrder } from "../../../../engine/venues/port.ts";
import { marketRejection, meansRejection } from "../../../../engine/venues/simulated/order-check.ts";
import { CLOSE_MS, market, OPEN_MS, order, USDC } from "./world.ts";

const ID = "BTC-5m-test/1/1/entry" as VenueOrder["clientOrderId"];

test.each<{ name: string; changes: Partial<VenueOrder>; atMs?: number; says: string | null }>([
  { name: "a plain order", changes: {}, says: null },
  { name: "the lowest price", changes: { limitMicros: 10_000 }, says: null },
  { name: "a price of 0", changes: { limitMicros: 0 }, says: "Invalid order payload" },
  { name: "a price of 1", changes: { limitMicros: 1_000_000 }, says: "Invalid order payload" },
  { name: "a price that is no number", changes: { limitMicros: Number.NaN }, says: "Invalid order payload" },
  { name: "a fraction of a micro share", changes: { sharesMicros: 5_000_000.5 }, says: "Invalid order payload" },
  { name: "more shares than there can be", changes: { sharesMicros: 2_000_000 * USDC }, says: "Invalid order payload" },
  {
    name: "a price below the first tick",
    changes: { limitMicros: 5_000 },
    says: "invalid price (0.005), min: 0.01 - max: 0.99",
  },
  {
    name: "a price above the last tick",
    changes: { limitMicros: 995_000 },
    says: "invalid price (0.995), min: 0.01 - max: 0.99",
  },
  {
    name: "a price off the grid",
    changes: { limitMicros: 525_000 },
    says: `order ${ID} is invalid. Price (0.525) breaks minimum tick size rule: 0.01`,
  },
  {
    name: "a size off the grid",
    changes: { sharesMicros: 5_005_000 },
    says: `order ${ID} is invalid. Size (5.005) breaks minimum step size rule: 0.01`,
  },
  {
    name: "a buy below the minimum",
    changes: { sharesMicros: 4_990_000 },
    says: `order ${ID} is invalid. Size (4.99) lower than the minimum: 5`,
  },
  { name: "a sale of a hundredth of a share", changes: { action: "sell", sharesMicros: 10_000 }, says: null },
  {
    name: "an order before the open",
    changes: {},
    atMs: OPEN_MS - 1,
    says: "the market is not yet ready to process new orders",
  },
  { name: "an order in the last millisecond", changes: {}, atMs: CLOSE_MS - 1, says: null },
  {
    name: "an order at the close",
    changes: {},
    atMs: CLOSE_MS,
    says: "the market is closed and does not process new orders",
  },
])("$name: $says", ({ changes, atMs = OPEN_MS, says }) => {
  expect(marketRejection(order({ clientOrderId: ID, ...changes }), market(), atMs)).toBe(says);
});

test("an unknown market has no book", () => {
  expect(marketRejection(order(), null, OPEN_MS)).toBe(`the orderbook ${market().id} does not exist`);
});

const means = {
  cashMicros: 10_000_000,
  reservedCashMicros: 4_000_000,
  heldMicros: 0,
  reservedSharesMicros: 0,
  costMicros: 6_000_000,
  openOrders: 0,
};

test("a buy may cost all of the free cash and no micro more", () => {
  expect(meansRejection(order(), means)).toBe(null);
  expect(meansRejection(order(), { ...means, costMicros: 6_000_001 })).toBe(
    "not enough balance / allowance: the balance is not enough -> balance: 10000000, sum of active orders: 4000000, order amount (inc. fees): 6000001",
  );
});

test("a sale may deliver all of the free shares and no hundredth more", () => {
  const holder = { ...means, heldMicros: 10_000_000, reservedSharesMicros: 1_000_000 };
  expect(meansRejection(order({ action: "sell", sharesMicros: 9_000_000 }), holder)).toBe(null);
  expect(meansRejection(order({ action: "sell", sharesMicros: 9_010_000 }), holder)).toMatch(
    /^not enough balance \/ allowance/,
  );
});

test("open orders are limited", () => {
  expect(meansRejection(order(), { ...means, openOrders: 10_000 })).toMatch(/^Too many open orders: 10000/);
});
