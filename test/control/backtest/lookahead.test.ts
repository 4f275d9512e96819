// What lies ahead cannot be seen: whatever is done to the rows after an instant, all that was decided before it stays.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { NOON } from "../../support/a-market.ts";
import { ALL, backtestOn, barsOf, candleFile, historyOf, MINUTES, tickFile, walk } from "./a-backtest.ts";

const scale = fc.double({ min: 0.5, max: 2, noNaN: true });

/** Another future: the prices from `from` on in another order, and of another size. */
function altered(prices: readonly number[], from: number, factor: number): number[] {
  const future = prices.slice(from).toReversed();
  return [...prices.slice(0, from), ...future.map((price) => price * factor)];
}

describe("altering all rows from an instant on changes nothing that happened before it", () => {
  const prices = walk(MINUTES, 3);

  test("on candles", async () => {
    const untouched = await backtestOn(candleFile(barsOf(prices)));
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 3, max: MINUTES - 3 }), scale, async (from, factor) => {
        const T = NOON + from * 60_000;
        const other = await backtestOn(candleFile(barsOf(altered(prices, from, factor))));
        const before = await historyOf(untouched, ALL, T);
        expect(await historyOf(other, ALL, T)).toEqual(before);
      }),
      { numRuns: 8 },
    );
    const { fills, decisions } = await historyOf(untouched);
    expect([fills.length > 10, decisions.length > MINUTES - 2]).toEqual([true, true]);
  });

  test("on ticks", async () => {
    const seconds = walk(660, 4, 4);
    const untouched = await backtestOn(tickFile(seconds));
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 60, max: 650 }), scale, async (from, factor) => {
        const receivedMs = NOON + from * 1_000 + 900;
        const other = await backtestOn(tickFile(altered(seconds, from, factor)));
        expect(await historyOf(other, ALL, receivedMs)).toEqual(await historyOf(untouched, ALL, receivedMs));
      }),
      { numRuns: 6 },
    );
    const { orders } = await historyOf(untouched);
    expect(orders.length).toBeGreaterThan(1);
  });
});
