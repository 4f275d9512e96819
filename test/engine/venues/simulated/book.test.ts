import { expect, test } from "vitest";
import { type Book, mirror, quoteOf, without } from "../../../../engine/venues/simulated/book.ts";
import { sharesIn, take } from "../../../../engine/venues/simulated/matching.ts";

const level = (priceMicros: number, sharesMicros: number) => ({ priceMicros, sharesMicros });
const BOOK: Book = {
  bids: [level(500_000, 10_000_000), level(490_000, 20_000_000)],
  asks: [level(520_000, 5_000_000), level(530_000, 15_000_000)],
};

test.each([
  {
    name: "a buy takes the best ask first, at the ask's price",
    terms: ["buy", 990_000, 4_000_000],
    taken: [[520_000, 4_000_000]],
  },
  {
    name: "a buy walks to its limit",
    terms: ["buy", 530_000, 12_000_000],
    taken: [
      [520_000, 5_000_000],
      [530_000, 7_000_000],
    ],
  },
  { name: "a buy stops at its limit", terms: ["buy", 520_000, 12_000_000], taken: [[520_000, 5_000_000]] },
  { name: "a buy below the ask takes nothing", terms: ["buy", 510_000, 12_000_000], taken: [] },
  {
    name: "a buy takes no more than there is",
    terms: ["buy", 990_000, 90_000_000],
    taken: [
      [520_000, 5_000_000],
      [530_000, 15_000_000],
    ],
  },
  {
    name: "a sell takes the best bid first",
    terms: ["sell", 490_000, 11_000_000],
    taken: [
      [500_000, 10_000_000],
      [490_000, 1_000_000],
    ],
  },
  { name: "a sell stops at its limit", terms: ["sell", 500_000, 11_000_000], taken: [[500_000, 10_000_000]] },
  { name: "a sell above the bid takes nothing", terms: ["sell", 510_000, 11_000_000], taken: [] },
] as const)("$name", ({ terms: [action, limitMicros, sharesMicros], taken }) => {
  expect(take(BOOK, { action, limitMicros, sharesMicros })).toEqual(
    taken.map(([price, shares]) => level(price, shares)),
  );
});

test("buying Down takes Up's bids at the complement", () => {
  expect(take(mirror(BOOK), { action: "buy", limitMicros: 500_000, sharesMicros: 15_000_000 })).toEqual([
    level(500_000, 10_000_000),
  ]);
  expect(quoteOf(mirror(BOOK))).toEqual({
    bidMicros: 480_000,
    bidSizeMicros: 5_000_000,
    askMicros: 500_000,
    askSizeMicros: 10_000_000,
  });
});

test("mirroring twice gives the book again", () => {
  expect(mirror(mirror(BOOK))).toEqual(BOOK);
});

test("what was taken is missing from the best end", () => {
  expect(without(BOOK.asks, 7_000_000)).toEqual([level(530_000, 13_000_000)]);
  expect(sharesIn(without(BOOK.bids, 30_000_000))).toBe(0);
});

test("an empty side quotes price 0 or 1 with size 0", () => {
  expect(quoteOf({ bids: [], asks: [] })).toEqual({
    bidMicros: 0,
    bidSizeMicros: 0,
    askMicros: 1_000_000,
    askSizeMicros: 0,
  });
});
