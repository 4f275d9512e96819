// How much: golden Kelly fractions net of fees, and never a hundredth of a share more than the stake buys.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Sizing } from "../../../engine/risk/settings.ts";
import { feePerShare, floorToStep, SHARE_STEP_MICROS, sharesFor, stakeMicros } from "../../../engine/risk/sizing.ts";
import { UNIT } from "../../support/a-market.ts";

const RATE_PPM = 70_000;
const BANKROLL = 1_000_000 * UNIT;

const kelly = (fractionPpm: number, capMicros = BANKROLL): Sizing => ({
  type: "fractionalKelly",
  fractionPpm,
  capMicros,
});
const stake = (
  probability: number,
  priceMicros: number,
  sizing: Sizing,
  { scalePpm = UNIT, feeMicros = feePerShare(priceMicros, RATE_PPM) } = {},
) =>
  stakeMicros({ sizing, scalePpm, priceMicros, feePerShareMicros: feeMicros, probability, bankrollMicros: BANKROLL });

describe("fractional Kelly", () => {
  test.each([
    [0.55, 500_000, 0.067358],
    [0.6, 500_000, 0.170984],
    [0.52, 500_000, 0.005181],
    [0.97, 940_000, 0.464783],
  ])("of %d at %i spends %d of the bankroll", (probability, priceMicros, fraction) => {
    expect(Math.abs(stake(probability, priceMicros, kelly(UNIT)) / BANKROLL - fraction)).toBeLessThan(2e-6);
    expect(Math.abs(stake(probability, priceMicros, kelly(200_000)) / BANKROLL - fraction / 5)).toBeLessThan(2e-6);
  });

  test.each([
    ["without an edge", 0.5175, 500_000],
    ["with an edge that the fee eats", 0.515, 500_000],
    ["where a share costs a dollar", 0.999, 1_000_000],
  ])("spends nothing %s", (_name, probability, priceMicros) => {
    expect(stake(probability, priceMicros, kelly(UNIT))).toBe(0);
  });

  test("is capped per order", () => {
    expect(stake(0.9, 500_000, kelly(UNIT, 25 * UNIT))).toBe(25 * UNIT);
  });

  test("of a maker has no fee to pay", () => {
    expect(stake(0.52, 500_000, kelly(UNIT), { feeMicros: 0 })).toBe(0.04 * BANKROLL);
  });
});

describe("a fixed stake", () => {
  const fixed: Sizing = { type: "fixedStake", stakeMicros: 5 * UNIT };

  test("does not depend on price or probability", () => {
    expect([stake(0.51, 500_000, fixed), stake(0.99, 20_000, fixed)]).toEqual([5 * UNIT, 5 * UNIT]);
  });

  test("is scaled by the operator, rounded down", () => {
    expect(stake(0.9, 500_000, fixed, { scalePpm: 333_333 })).toBe(1_666_665);
    expect(stake(0.9, 500_000, fixed, { scalePpm: 0 })).toBe(0);
  });
});

describe("shares", () => {
  test("are whole hundredths, fee reckoned in", () => {
    expect(sharesFor(5 * UNIT, 500_000, 17_500)).toBe(9_660_000);
    expect(sharesFor(5 * UNIT, 500_000, 0)).toBe(10 * UNIT);
  });

  test("are cut before they are rounded: a micro short of a hundredth is none", () => {
    expect(sharesFor(3_333, 333_333, 0)).toBe(0);
    expect(sharesFor(3_334, 333_333, 0)).toBe(10_000);
  });

  test("of no stake, or at no price, are none", () => {
    expect([sharesFor(0, 500_000, 0), sharesFor(-1, 500_000, 0), sharesFor(5 * UNIT, 0, 0)]).toEqual([0, 0, 0]);
  });

  test("are never rounded up, and never one step too few", () => {
    const price = fc.integer({ min: 1_000, max: 999_000 });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 * UNIT }),
        price,
        fc.integer({ min: 0, max: 20_000 }),
        (money, priceMicros, feeMicros) => {
          const shares = sharesFor(money, priceMicros, feeMicros);
          const costOf = (count: number): bigint => BigInt(count) * BigInt(priceMicros + feeMicros);
          const stakeOf = BigInt(money) * BigInt(UNIT);
          expect(shares % SHARE_STEP_MICROS).toBe(0);
          expect(costOf(shares) <= stakeOf).toBe(true);
          expect(costOf(shares + SHARE_STEP_MICROS) > stakeOf).toBe(true);
        },
      ),
    );
  });
});

test("the fee of one share is rounded up to the micro", () => {
  expect(feePerShare(500_000, RATE_PPM)).toBe(17_500);
  expect(feePerShare(510_000, RATE_PPM)).toBe(17_493);
  expect(feePerShare(333_000, RATE_PPM)).toBe(15_548); // 15,547.77
  expect(feePerShare(500_000, 0)).toBe(0);
});

test("a price is cut to its step", () => {
  expect([floorToStep(519_999, 10_000), floorToStep(510_000, 10_000), floorToStep(9_999, 10_000)]).toEqual([
    510_000, 510_000, 0,
  ]);
});
