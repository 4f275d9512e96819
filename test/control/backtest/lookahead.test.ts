// What lies ahead cannot be seen: whatever is done to the rows after an instant, all that was decided before it stays.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { NOON } from "../../support/a-market.ts";
import { backtestOn, barsOf, candleFile, ledgerOf, MINUTES, tickFile, walk } from "./a-backtest.ts";

const scale = fc.double({ min: 0.5, max: 2, noNaN: true });

/** Another future: the prices from `from` on in another order, and of another size. */
function altered(prices: readonly number[], from: number, factor: number): number[] {
  const future = prices.slice(from).toReversed();
  return [...prices.slice(0, from), ...future.map((price) => price * factor)];
}

describe("altering all rows from an instant on changes nothing that happened before it", () => {
  const prices = walk(MINUTES, 3);

  test("on candles", async () => {
    const untouched = await ledgerOf(await backtestOn(candleFile(barsOf(prices))));
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 3, max: MINUTES - 3 }), scale, async (from, factor) => {
        const T = NOON + from * 60_000;
        const other = await ledgerOf(await backtestOn(candleFile(barsOf(altered(prices, from, factor)))));
        expect(other(T)).toEqual(untouched(T));
      }),
      { numRuns: 10 },
    );
    const { fills, decisions } = untouched();
    expect([fills.length > 10, decisions.length > MINUTES - 2]).toEqual([true, true]);
  });

  test("on ticks", async () => {
    const seconds = walk(660, 4, 4);
    const untouched = await ledgerOf(await backtestOn(tickFile(seconds)));
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 60, max: 650 }), scale, async (from, factor) => {
        const T = NOON + from * 1_000 + 900;
        const other = await ledgerOf(await backtestOn(tickFile(altered(seconds, from, factor))));
        expect(other(T)).toEqual(untouched(T));
      }),
      { numRuns: 6 },
    );
    expect(untouched().orders.length).toBeGreaterThan(1);
  });
});
