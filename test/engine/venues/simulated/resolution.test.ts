import { expect, test } from "vitest";
import { E18 } from "../../../../engine/market/market.ts";
import { EndSamples, payoutMicros } from "../../../../engine/venues/simulated/resolution.ts";
import { CLOSE_MS, market, STRIKE, tick } from "./world.ts";

const STRIKE_E18 = BigInt(STRIKE) * E18;

test("the tick at the close decides, to the last of 18 decimals, and a tie is Up", () => {
  const outcomeAt = (priceE18: bigint) => {
    const samples = new EndSamples(market());
    samples.accept({ ...tick(CLOSE_MS, 0), priceE18 });
    return samples.outcome(STRIKE_E18);
  };
  expect(outcomeAt(STRIKE_E18)).toBe("up");
  expect(outcomeAt(STRIKE_E18 - 1n)).toBe("down");
});

test("ticks before and after the close do not count", () => {
  const samples = new EndSamples(market());
  expect(samples.accept(tick(CLOSE_MS - 1_000, STRIKE + 1))).toBe(false);
  expect(samples.accept(tick(CLOSE_MS + 1, STRIKE + 1))).toBe(false);
  expect(samples.outcome(STRIKE_E18)).toBe("void");
});

test("of two ticks for the close the one received later wins, in whatever order they come", () => {
  const first = tick(CLOSE_MS, STRIKE + 1, CLOSE_MS + 1_400);
  const correction = tick(CLOSE_MS, STRIKE - 1, CLOSE_MS + 1_900);
  for (const ticks of [
    [first, correction],
    [correction, first],
  ]) {
    const samples = new EndSamples(market());
    for (const each of ticks) samples.accept(each);
    expect(samples.outcome(STRIKE_E18)).toBe("down");
  }
});

test("with averaging, the mean over (close − lookback, close] decides", () => {
  const samples = new EndSamples(market({ twapLookbackMs: 3_000 }));
  expect(samples.accept(tick(CLOSE_MS - 3_000, STRIKE - 1_000))).toBe(false);
  samples.accept(tick(CLOSE_MS - 2_000, STRIKE + 3));
  samples.accept(tick(CLOSE_MS - 1_000, STRIKE - 1));
  samples.accept(tick(CLOSE_MS, STRIKE - 2));
  expect(samples.mean).toBe(STRIKE);
  expect(samples.outcome(STRIKE_E18)).toBe("up");
  expect(samples.outcome(STRIKE_E18 + 1n)).toBe("down");
});

test("without a strike the market is void", () => {
  const samples = new EndSamples(market());
  samples.accept(tick(CLOSE_MS, STRIKE));
  expect(samples.outcome(null)).toBe("void");
});

test.each([
  ["up", 7_000_000],
  ["down", 3_000_000],
  ["void", 5_000_000],
] as const)("7 Up and 3 Down pay %s as %i", (outcome, amount) => {
  expect(payoutMicros({ up: 7_000_000, down: 3_000_000 }, outcome)).toBe(amount);
});

test("half of an odd micro is floored per outcome", () => {
  expect(payoutMicros({ up: 3, down: 3 }, "void")).toBe(2);
});
