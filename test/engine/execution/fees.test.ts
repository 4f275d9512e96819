import { describe, expect, it, test } from "vitest";
import { takerFeeMicros } from "../../../engine/execution/fees.ts";

const CRYPTO_PPM = 70_000;

describe("takerFeeMicros", () => {
  // Fill events on chain, September 2026: each agrees with flooring to 5 decimals, several contradict rounding half up.
  test.each([
    { shares: 2_083_334, price: 480_000, ratePpm: CRYPTO_PPM, fee: 36_400 },
    { shares: 1_219_511, price: 820_000, ratePpm: CRYPTO_PPM, fee: 12_590 },
    { shares: 5_149_310, price: 971_000, ratePpm: CRYPTO_PPM, fee: 10_140 },
    { shares: 5_140_000, price: 965_000, ratePpm: CRYPTO_PPM, fee: 12_150 },
    { shares: 5_000_000, price: 310_000, ratePpm: 50_000, fee: 53_470 },
  ])("$shares shares at $price pay $fee, as on chain", ({ shares, price, ratePpm, fee }) => {
    expect(takerFeeMicros(shares, price, ratePpm)).toBe(fee);
  });

  test.each([
    [10_000, 69_300],
    [50_000, 332_500],
    [100_000, 630_000],
    [200_000, 1_120_000],
    [300_000, 1_470_000],
    [400_000, 1_680_000],
    [500_000, 1_750_000],
    [600_000, 1_680_000],
    [990_000, 69_300],
  ])("100 shares at %i pay %i, as the venue's table says", (price, fee) => {
    expect(takerFeeMicros(100_000_000, price, CRYPTO_PPM)).toBe(fee);
  });

  it("is exact where the product passes 2^53", () => {
    expect(takerFeeMicros(1_000_000_000_000, 500_000, CRYPTO_PPM)).toBe(17_500_000_000);
  });
});
