// Money arithmetic against exact rationals: no rounding but the one that was named.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { divide, formatMicros, mulDiv, parseMicros, type Rounding } from "../../../engine/base/micros.ts";

const ROUNDINGS: readonly Rounding[] = ["floor", "ceil", "half-even"];
const rounding = fc.constantFrom(...ROUNDINGS);
const divisor = fc.bigInt({ min: 1n, max: 10n ** 19n });

/** quotient × d is n, but for a remainder whose size and sign the rounding allows. */
function isRounded(n: bigint, d: bigint, quotient: bigint, how: Rounding): boolean {
  const rest = n - quotient * d;
  if (how === "floor") return rest >= 0n && rest < d;
  if (how === "ceil") return rest <= 0n && rest > -d;
  const twice = (rest < 0n ? -rest : rest) * 2n;
  return twice < d || (twice === d && quotient % 2n === 0n);
}

describe("divide", () => {
  test("rounds as named, for either sign", () => {
    const table = [
      [7n, 2n, 3, 4, 4],
      [5n, 2n, 2, 3, 2],
      [-5n, 2n, -3, -2, -2],
      [-7n, 2n, -4, -3, -4],
      [6n, 3n, 2, 2, 2],
      [0n, 3n, 0, 0, 0],
    ] as const;
    for (const [n, d, ...expected] of table) expect(ROUNDINGS.map((how) => divide(n, d, how))).toEqual(expected);
  });

  test("is the exact quotient, rounded", () => {
    const property = (quotient: bigint, d: bigint, offset: bigint, how: Rounding) => {
      const n = quotient * d + (offset % d);
      expect(isRounded(n, d, BigInt(divide(n, d, how)), how)).toBe(true);
    };
    const quotient = fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n });
    const offset = fc.oneof(fc.bigInt({ min: 0n, max: 10n ** 19n }), fc.constant(1n));
    fc.assert(fc.property(quotient, divisor, offset, rounding, property));
    fc.assert(
      fc.property(
        quotient,
        divisor.map((d) => d * 2n),
        rounding,
        (q, d, how) => property(q, d, d / 2n, how),
      ),
    );
  });

  test("refuses a divisor that is not positive, and a quotient that no double holds", () => {
    expect(() => divide(1n, 0n, "floor")).toThrow("divisor must be positive");
    expect(() => divide(10n ** 17n, 1n, "floor")).toThrow("not a safe integer");
  });
});

describe("mulDiv", () => {
  test("never loses the product, however large", () => {
    const whole = fc.maxSafeInteger();
    fc.assert(
      fc.property(whole, fc.integer({ min: 0, max: 1_000_000 }), rounding, (a, b, how) => {
        const n = BigInt(a) * BigInt(b);
        expect(isRounded(n, 1_000_000n, BigInt(mulDiv(a, b, 1_000_000, how)), how)).toBe(true);
      }),
    );
  });

  test("refuses what is not a whole number", () => {
    for (const bad of [0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
      expect(() => mulDiv(bad, 1, 1, "floor")).toThrow("mulDiv of");
    }
  });
});

describe("decimals", () => {
  test("that are formatted with six places parse to what they were", () => {
    const micros = fc.integer({ min: -999_999_999_999_999, max: 999_999_999_999_999 });
    fc.assert(fc.property(micros, (value) => parseMicros(formatMicros(value, 6)) === value));
  });

  test.each([
    ["5", 5_000_000],
    ["5.00", 5_000_000],
    ["-0.015", -15_000],
    ["0.000001", 1],
    ["-0", 0],
    ["999999999.999999", 999_999_999_999_999],
  ])("%s is read exactly", (text, micros) => {
    expect(parseMicros(text)).toBe(micros);
    expect(Object.is(parseMicros(text), -0)).toBe(false);
  });

  test.each([
    "",
    " 5",
    "5 ",
    ".5",
    "5.",
    "+5",
    "5e3",
    "0x5",
    "5.0000001",
    "1234567890",
    "NaN",
    "٥",
    "5\n",
  ])("%j is refused", (text) => expect(parseMicros(text)).toBeNull());

  test.each([
    [1_234_567, 2, "1.23"],
    [1_235_000, 2, "1.24"],
    [1_225_000, 2, "1.22"],
    [-5_000, 2, "0.00"],
    [-15_000, 2, "-0.02"],
    [999_999, 0, "1"],
    [7, 6, "0.000007"],
  ])("%i micros with %i places is %s", (micros, places, text) => expect(formatMicros(micros, places)).toBe(text));
});
