// Fuel that rises and rises is a leak; fuel that comes and goes with the market or the clock is not.
import { describe, expect, test } from "vitest";
import { FuelGrowth } from "../../../engine/reload/fuel-growth.ts";

/** What so many decisions show whose fuel is `ticksOf(n)`. */
function spent(decisions: number, ticksOf: (n: number) => number): string | null {
  const fuel = new FuelGrowth();
  for (let n = 0; n < decisions; n++) fuel.add(ticksOf(n));
  return fuel.grown;
}

describe("fuel", () => {
  test("that rises with every decision has grown", () => {
    expect(spent(256 * 8, (n) => 100 + n * 10)).toBe(
      "a decision takes 19295 ticks, and took 1375 before it began to rise",
    );
  });

  test.each([
    ["is even", 256 * 20, () => 5_000],
    ["is noisy", 256 * 50, (n: number) => 1_000 + ((n * 7_919) % 13) * 1_000],
    ["is spent late in every window only", 300 * 50, (n: number) => (n % 300 < 270 ? 50 : 100_000)],
    ["rises in every window", 900 * 30, (n: number) => (n % 900) * 100],
    ["jumps with the market, and stays", 256 * 30, (n: number) => (n < 256 * 10 ? 50 : 50_000)],
    ["rises by next to nothing", 256 * 30, (n: number) => 10 + Math.floor(n / 256)],
    ["rises slowly against what it was", 256 * 30, (n: number) => 100_000 + n],
    ["has not risen long", 256 * 6, (n: number) => 100 + n * 100],
  ])("that %s has not", (_, decisions, ticksOf) => {
    expect(spent(decisions, ticksOf)).toBeNull();
  });
});
