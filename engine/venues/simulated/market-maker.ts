// The rest of the market: quotes around the model's price on the tick grid, drawn afresh every second from the seed, so any
// second of any market can be drawn again.
import { MICROS } from "../../base/micros.ts";
import { gaussian, uniform } from "../../base/prng.ts";
import type { Market } from "../../market/market.ts";
import { type Book, type Level, SHARE_STEP_MICROS } from "./book.ts";

const LEVELS_PER_SIDE = 5;
/** Opinion of the crowd: how far its price strays from the model's at even odds, and how long a straying lasts. */
const NOISE_SIGMA = 0.008;
const NOISE_KNOT_SECONDS = 10;
/** Half of the seconds have a spread of one tick, half of two; each of these adds one. */
const OPENING_SECONDS = 10;
const WIDE_MOVE_PER_SECOND = 0.05;
const SIZE_MEDIAN_SHARES = 40;
const SIZE_SIGMA = 0.7;
const SIZE_MAX_SHARES = 1_000;

/** Streams of draws for one market and second. */
const SPREAD = 1;
const BID_SIZE = 16;
const ASK_SIZE = 32;

/** The Up token's book at a whole second of epoch time; `fair` is the model's probability of Up, `seed` the market's own. */
export function drawBook(market: Market, second: number, fair: number, seed: number): Book {
  const odds = fair * (1 - fair);
  const believed = fair + NOISE_SIGMA * 4 * odds * noise(seed, second);
  const center = (believed * MICROS) / market.tickMicros;
  const spread = spreadTicks(market, second, odds, seed);
  const bestBid = Math.floor(center - (spread - 1) / 2);
  return {
    bids: ladder(market, bestBid, -1, (level) => drawSize(seed, second, BID_SIZE, level)),
    asks: ladder(market, bestBid + spread, 1, (level) => drawSize(seed, second, ASK_SIZE, level)),
  };
}

/** Drifts from one hashed knot to the next, so that the crowd's opinion lasts for some seconds. */
function noise(seed: number, second: number): number {
  const knot = Math.floor(second / NOISE_KNOT_SECONDS);
  const share = second / NOISE_KNOT_SECONDS - knot;
  return gaussian(seed, knot) * (1 - share) + gaussian(seed, knot + 1) * share;
}

/** Makers step back just after the open, and when the price may move several ticks before they can react. */
function spreadTicks(market: Market, second: number, odds: number, seed: number): number {
  const isOpening = second < market.openMs / 1_000 + OPENING_SECONDS;
  const secondsLeft = Math.max(1, market.closeMs / 1_000 - second);
  const movePerSecond = (1.6 * odds) / Math.sqrt(secondsLeft);
  const drawn = uniform(seed, second, SPREAD) < 0.5 ? 1 : 2;
  return drawn + (isOpening ? 1 : 0) + (movePerSecond > WIDE_MOVE_PER_SECOND ? 1 : 0);
}

function ladder(market: Market, best: number, step: 1 | -1, size: (level: number) => number): Level[] {
  const levels: Level[] = [];
  for (let level = 0; level < LEVELS_PER_SIDE; level++) {
    const priceMicros = (best + step * level) * market.tickMicros;
    if (priceMicros > 0 && priceMicros < MICROS) levels.push({ priceMicros, sharesMicros: size(level) });
  }
  return levels;
}

/** Log-normal, deeper away from the best price. */
function drawSize(seed: number, second: number, side: number, level: number): number {
  const shares = SIZE_MEDIAN_SHARES * (1 + level / 2) * Math.exp(SIZE_SIGMA * gaussian(seed, second, side + level));
  return Math.max(1, Math.round((Math.min(SIZE_MAX_SHARES, shares) * MICROS) / SHARE_STEP_MICROS)) * SHARE_STEP_MICROS;
}
