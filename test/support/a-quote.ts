// A quote of both tokens: Up at 0.50 to 0.51 and Down at 0.49 to 0.50 with 100 shares on each level, unless told otherwise.
import type { MarketQuote, TokenQuote } from "../../engine/market/market.ts";

const aTokenQuote = (changes: Partial<TokenQuote> = {}): TokenQuote => ({
  bidMicros: 500_000,
  askMicros: 510_000,
  bidSizeMicros: 100_000_000,
  askSizeMicros: 100_000_000,
  ...changes,
});

export const aQuote = (atMs: number, up: Partial<TokenQuote> = {}, down: Partial<TokenQuote> = {}): MarketQuote => ({
  atMs,
  up: aTokenQuote(up),
  down: aTokenQuote({ bidMicros: 490_000, askMicros: 500_000, ...down }),
});
