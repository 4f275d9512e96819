// Prices are read to their last digit, however many there are, from one file or several.
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseCandles } from "../../../../engine/feeds/replay/candle-file.ts";
import { CandleTrack } from "../../../../engine/feeds/replay/candle-track.ts";
import { joinCandles } from "../../../../engine/feeds/replay/join-candles.ts";
import { MINUTE, NOON_MS } from "./recordings.ts";

const digits = (maxLength: number) =>
  fc.array(fc.integer({ min: 0, max: 9 }), { maxLength }).map((each) => each.join(""));
/** From 1.000… to 39.999…: no row is another unit than the one before. */
const price = fc
  .record({ whole: fc.integer({ min: 1, max: 39 }), zeros: fc.integer({ min: 0, max: 3 }), fraction: digits(18) })
  .map(({ whole, zeros, fraction }) => `${"0".repeat(zeros)}${whole}${fraction && `.${fraction}`}`);

const e18Of = (text: string): bigint => {
  const [whole, fraction = ""] = text.split(".") as [string, string?];
  return BigInt(whole + fraction.padEnd(18, "0"));
};

test("opens are exact, other numbers the nearest that there are", () => {
  fc.assert(
    fc.property(fc.array(price, { minLength: 6, maxLength: 12 }), digits(20), (prices, volume) => {
      const cells = volume === "" ? "0" : volume;
      const part = (path: string, from: number, end: number) => {
        const rows = prices
          .slice(from, end)
          .map((text, n) => [NOON_MS + (from + n) * MINUTE, text, text, text, text, cells].join());
        const file = { path, text: `timestamp,open,high,low,close,volume\r\n${rows.join("\r\n")}\r\n` };
        return { file, columns: parseCandles(file) };
      };
      const columns = joinCandles([part("b", 3, prices.length), part("a", 0, 3)]);
      const track = new CandleTrack("btc", columns);
      expect(prices.map((_, n) => track.priceE18At(NOON_MS + n * MINUTE))).toEqual(prices.map(e18Of));
      expect([...columns.close]).toEqual(prices.map(Number));
      expect([...columns.volume]).toEqual(prices.map(() => Number(cells)));
    }),
    { numRuns: 300 },
  );
});

test("a time with a point is no time", () => {
  const text = `timestamp,open,high,low,close,volume\n${NOON_MS}.0,1,1,1,1,1\n`;
  expect(() => parseCandles({ path: "a", text })).toThrow(/timestamp is "1772366400000.0", expected a time in ms/);
});
