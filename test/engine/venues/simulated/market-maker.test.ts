import fc from "fast-check";
import { expect, test } from "vitest";
import { drawBook } from "../../../../engine/venues/simulated/market-maker.ts";
import { market, OPEN_MS } from "./world.ts";

const SECOND = OPEN_MS / 1_000;
const draws = fc.record({
  second: fc.integer({ min: SECOND, max: SECOND + 299 }),
  fair: fc.double({ min: 0.01, max: 0.99, noNaN: true }),
  seed: fc.integer(),
  tickMicros: fc.constantFrom(10_000, 1_000),
});

test("every level is on the tick grid, inside (0, 1), best first, in whole hundredths of a share", () => {
  fc.assert(
    fc.property(draws, ({ second, fair, seed, tickMicros }) => {
      const { bids, asks } = drawBook(market({ tickMicros }), second, fair, seed);
      for (const { priceMicros, sharesMicros } of [...bids, ...asks]) {
        expect(priceMicros % tickMicros).toBe(0);
        expect(priceMicros).toBeGreaterThanOrEqual(tickMicros);
        expect(priceMicros).toBeLessThanOrEqual(1_000_000 - tickMicros);
        expect(sharesMicros % 10_000).toBe(0);
        expect(sharesMicros).toBeGreaterThan(0);
      }
      const upwards = [...bids.toReversed(), ...asks].map(({ priceMicros }) => priceMicros);
      expect(upwards).toEqual([...new Set(upwards)].sort((a, b) => a - b));
    }),
  );
});

test("in calm seconds the spread is one or two ticks around the fair price", () => {
  const spreads = new Set<number>();
  for (let second = SECOND + 20; second < SECOND + 200; second++) {
    const { bids, asks } = drawBook(market(), second, 0.5, 3);
    const [bid, ask] = [bids[0]!.priceMicros, asks[0]!.priceMicros];
    spreads.add(ask - bid);
    expect(Math.abs((bid + ask) / 2 - 500_000)).toBeLessThan(60_000);
    expect([bids.length, asks.length]).toEqual([5, 5]);
  }
  expect([...spreads].sort()).toEqual([10_000, 20_000]);
});

test("makers step back just after the open", () => {
  const spreadAt = (second: number): number => {
    const { bids, asks } = drawBook(market(), second, 0.5, 3);
    return asks[0]!.priceMicros - bids[0]!.priceMicros;
  };
  for (let second = SECOND; second < SECOND + 10; second++) expect(spreadAt(second)).toBeGreaterThanOrEqual(20_000);
});

test("a second can be drawn again, and another seed draws another book", () => {
  expect(drawBook(market(), SECOND + 50, 0.4, 1)).toEqual(drawBook(market(), SECOND + 50, 0.4, 1));
  expect(drawBook(market(), SECOND + 50, 0.4, 1)).not.toEqual(drawBook(market(), SECOND + 50, 0.4, 2));
});
