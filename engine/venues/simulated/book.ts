// An order book of one outcome token, and its mirror: buying Up at p is selling Down at 1 − p, so one book serves both tokens.
import { MICROS } from "../../base/micros.ts";
import type { TokenQuote } from "../../market/market.ts";

/** Shares trade in hundredths. */
export const SHARE_STEP_MICROS = 10_000;

export interface Level {
  readonly priceMicros: number;
  readonly sharesMicros: number;
}

/** Best level first on both sides. */
export interface Book {
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
}

export const EMPTY_BOOK: Book = { bids: [], asks: [] };

const complement = (level: Level): Level => ({ ...level, priceMicros: MICROS - level.priceMicros });

/** The other token's book. */
export const mirror = (book: Book): Book => ({ bids: book.asks.map(complement), asks: book.bids.map(complement) });

/** What is left of a side once so many shares have been taken from its best end. */
export function without(levels: readonly Level[], takenMicros: number): readonly Level[] {
  if (takenMicros === 0) return levels;
  const left: Level[] = [];
  let taken = takenMicros;
  for (const level of levels) {
    const gone = Math.min(taken, level.sharesMicros);
    taken -= gone;
    if (gone < level.sharesMicros) left.push({ ...level, sharesMicros: level.sharesMicros - gone });
  }
  return left;
}

export function quoteOf(book: Book): TokenQuote {
  const bid = book.bids[0];
  const ask = book.asks[0];
  return {
    bidMicros: bid?.priceMicros ?? 0,
    bidSizeMicros: bid?.sharesMicros ?? 0,
    askMicros: ask?.priceMicros ?? MICROS,
    askSizeMicros: ask?.sharesMicros ?? 0,
  };
}
