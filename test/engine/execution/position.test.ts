// A position is what its fills made it: cost leaves with the shares, and no micro is lost to rounding.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  addBuy,
  addSell,
  openPosition,
  type Position,
  payoutMicros,
  positionOfRow,
  positionRow,
  settle,
} from "../../../engine/execution/position.ts";
import { aMarket, NOON, UNIT } from "../../support/a-market.ts";
import { aFill } from "../../support/an-order.ts";
import { SLOT } from "../../support/core.ts";
import { versionRef } from "../../support/version-facts.ts";

const empty = (): Position => openPosition(SLOT, aMarket().id, "up", versionRef(), 3, NOON);
const bought = (shares: number, priceMicros: number): Position =>
  addBuy(empty(), aFill("b", { sharesMicros: shares, priceMicros }));
const price = fc.integer({ min: 1_000, max: 999_000 });
const shares = fc.integer({ min: 1, max: 500 * UNIT });

test("a buy adds shares, cost and fee, and fees are not cost", () => {
  const position = addBuy(
    bought(4 * UNIT, 500_000),
    aFill("c", { sharesMicros: 6 * UNIT, priceMicros: 510_000, feeMicros: 104_950 }),
  );
  expect(position).toMatchObject({
    status: "open",
    sharesMicros: 10 * UNIT,
    boughtSharesMicros: 10 * UNIT,
    costMicros: 5_060_000,
    feesMicros: 104_950,
  });
});

test("a sell takes its part of the cost with it, and the last share takes the rest", () => {
  const first = addSell(bought(3, 333_333), aFill("s", { sharesMicros: 1, priceMicros: 900_000 }));
  expect(first).toMatchObject({
    proceedsMicros: 1,
    profitMicros: 1,
    position: { costMicros: 1, status: "open", closedAtMs: null },
  });
  const last = addSell(first.position, aFill("t", { sharesMicros: 2, priceMicros: 900_000 }));
  expect(last).toMatchObject({
    proceedsMicros: 2,
    profitMicros: 1,
    position: { costMicros: 0, sharesMicros: 0, status: "closed", realisedMicros: 2 },
  });
});

test("cost is never negative and is gone with the last share, however a position is sold", () => {
  fc.assert(
    fc.property(
      shares,
      price,
      fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), price), { maxLength: 8 }),
      price,
      (size, paid, sells, end) => {
        let position = bought(size, paid);
        const { costMicros } = position;
        let proceeds = 0;
        for (const [part, priceMicros] of [...sells, [1, end] as const]) {
          const sharesMicros = Math.ceil(position.sharesMicros * part);
          if (sharesMicros === 0) continue;
          const sold = addSell(position, aFill("s", { sharesMicros, priceMicros }));
          expect(sold.position.costMicros).toBeGreaterThanOrEqual(0);
          expect(sold.position.costMicros).toBeLessThanOrEqual(position.costMicros);
          proceeds += sold.proceedsMicros;
          position = sold.position;
        }
        expect(position).toMatchObject({
          sharesMicros: 0,
          costMicros: 0,
          status: "closed",
          realisedMicros: proceeds - costMicros,
        });
      },
    ),
  );
});

test("more than is held is never sold", () => {
  expect(() => addSell(bought(5, 500_000), aFill("s", { sharesMicros: 6 }))).toThrow("Sold 6 of 5");
});

describe("settlement", () => {
  test.each([
    ["up", "up", 9_000_001],
    ["up", "down", 0],
    ["down", "down", 9_000_001],
    ["up", "void", 4_500_000],
    ["down", "void", 4_500_000],
  ] as const)("pays %s in a market that ended %s: %i", (side, outcome, payout) => {
    expect(payoutMicros(side, 9_000_001, outcome)).toBe(payout);
  });

  test("realises payout less cost, and ends the position", () => {
    const settled = settle(bought(10 * UNIT, 510_000), "up", NOON + 1);
    expect(settled).toMatchObject({
      payoutMicros: 10 * UNIT,
      profitMicros: 4_900_000,
      position: {
        status: "settled",
        outcome: "up",
        sharesMicros: 0,
        costMicros: 0,
        realisedMicros: 4_900_000,
        closedAtMs: NOON + 1,
      },
    });
    expect(() => settle(settled.position, "up", NOON + 2)).toThrow("expected open");
    expect(() => addBuy(settled.position, aFill("late"))).toThrow("settled position");
  });
});

test("a stored position is the same position", () => {
  const position = settle(bought(10 * UNIT, 510_000), "void", NOON + 1).position;
  expect(positionOfRow(positionRow(position))).toEqual(position);
});
