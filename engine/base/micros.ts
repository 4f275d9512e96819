// Money, prices and shares are integers in micro-units (1 USDC = 1,000,000). No float ever holds money.
import { assert } from "./assert.ts";

export const MICROS = 1_000_000;

export type Rounding = "floor" | "ceil" | "half-even";

/** a × b ÷ c without overflow: the product lives in BigInt, the quotient must be a safe integer. */
export function mulDiv(a: number, b: number, c: number, rounding: Rounding): number {
  assert(Number.isSafeInteger(a) && Number.isSafeInteger(b) && Number.isSafeInteger(c), `mulDiv of ${a}, ${b}, ${c}`);
  return divide(BigInt(a) * BigInt(b), BigInt(c), rounding);
}

/** n ÷ d with a named rounding; d > 0. */
export function divide(n: bigint, d: bigint, rounding: Rounding): number {
  assert(d > 0n, `Cannot divide by ${d}: divisor must be positive`);
  let quotient = n / d;
  const remainder = n % d;
  if (remainder !== 0n) {
    const negative = n < 0n;
    if (rounding === "floor" && negative) quotient -= 1n;
    else if (rounding === "ceil" && !negative) quotient += 1n;
    else if (rounding === "half-even") {
      const twice = (negative ? -remainder : remainder) * 2n;
      if (twice > d || (twice === d && quotient % 2n !== 0n)) quotient += negative ? -1n : 1n;
    }
  }
  const result = Number(quotient);
  assert(Number.isSafeInteger(result), `Quotient ${quotient} is not a safe integer`);
  return result;
}

const DECIMAL = /^(-?)(\d{1,9})(?:\.(\d{1,6}))?$/;

/** Parses "5", "5.00" or "-0.015": at most 6 decimals. Returns null for anything else. */
export function parseMicros(text: string): number | null {
  const match = DECIMAL.exec(text);
  if (match === null) return null;
  const magnitude = Number(match[2]) * MICROS + Number((match[3] ?? "").padEnd(6, "0"));
  return match[1] === "-" && magnitude !== 0 ? -magnitude : magnitude;
}

/** Formats with a fixed number of decimals, rounded half to even at display only. */
export function formatMicros(micros: number, decimals = 2): string {
  const unit = 10 ** (6 - decimals);
  const scaled = divide(BigInt(micros), BigInt(unit), "half-even");
  const text = String(Math.abs(scaled)).padStart(decimals + 1, "0");
  const split = text.length - decimals;
  const body = decimals === 0 ? text : `${text.slice(0, split)}.${text.slice(split)}`;
  return scaled < 0 ? `-${body}` : body;
}
