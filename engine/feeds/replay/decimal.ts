// Decimal text to the exact integer × 1e18 that settlement compares.

const DECIMAL = /^(\d{1,30})(?:\.(\d{1,30}))?(?:[eE]([+-]?\d{1,2}))?$/;

/** Null if it is no plain or scientific decimal, or has more than 18 decimals. */
export function e18OfDecimal(text: string): bigint | null {
  const match = DECIMAL.exec(text);
  if (match === null) return null;
  const fraction = match[2] ?? "";
  const zeros = 18 - fraction.length + Number(match[3] ?? 0);
  return zeros < 0 ? null : BigInt(match[1]! + fraction + "0".repeat(zeros));
}
