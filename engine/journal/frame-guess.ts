// What the facts at the head of a frame are likely to be: they follow from the market events that were told before, and from the
// slot's frame before. A guess may be wrong, which costs bytes; it must be the same when it is read.
import { type Asset, WINDOW_MS, type WindowInterval, windowOpenMs } from "../../dsl/asset.ts";
import { marketId } from "../base/ids.ts";
import { MICROS } from "../base/micros.ts";
import { assetIndex, HEADER, HEADER_INDEX, intervalIndex } from "../frame/layout.ts";
import type { MarketMemory } from "./market-memory.ts";

/** One for all: it is used before the next is made. */
const guess = new Float64Array(HEADER.length);
const guessBits = new Uint32Array(guess.buffer);

export class FrameGuess {
  readonly #asset: string;
  readonly #interval: WindowInterval | null;
  #openMs = Number.NaN;
  #market = "";
  #frameAtMs = Number.NaN;

  /** A slot is named after its asset and its interval. */
  constructor(slot: string) {
    const [asset = "", interval = ""] = slot.split("-");
    this.#asset = asset.toLowerCase();
    this.#interval = interval in WINDOW_MS ? (interval as WindowInterval) : null;
  }

  /**
   * The halves of the bits of each fact at `nowMs`. `before`: those of the slot's last frame; empty for none. Called once a
   * frame. Bits are copied as bits: as numbers, two kinds of NaN might become one.
   */
  at(nowMs: number, before: Uint32Array, memory: MarketMemory): Uint32Array {
    const H = HEADER_INDEX;
    guess.fill(Number.NaN);
    guessBits.set(before.subarray(0, guessBits.length));
    if (this.#interval === null) return guessBits;
    guess[H.assetIndex] = assetIndex(this.#asset as Asset);
    guess[H.intervalIndex] = intervalIndex(this.#interval);
    guess[H.spot] = memory.spot(this.#asset);
    const openMs = windowOpenMs(nowMs, this.#interval);
    if (openMs !== this.#openMs) this.#market = marketId(this.#asset, this.#interval, openMs);
    this.#openMs = openMs;
    guess[H.secondsLeft] = (openMs + WINDOW_MS[this.#interval] - nowMs) / 1000;
    const quote = memory.quote(this.#market);
    if (quote !== null) {
      const { up, down } = quote;
      guess[H.upBid] = up.bidMicros / MICROS;
      guess[H.upAsk] = up.askMicros / MICROS;
      guess[H.upBidSize] = up.bidSizeMicros / MICROS;
      guess[H.upAskSize] = up.askSizeMicros / MICROS;
      guess[H.downBid] = down.bidMicros / MICROS;
      guess[H.downAsk] = down.askMicros / MICROS;
      guess[H.downBidSize] = down.bidSizeMicros / MICROS;
      guess[H.downAskSize] = down.askSizeMicros / MICROS;
    }
    const held = guess[H.positionSecondsHeld]!;
    if (held > 0) guess[H.positionSecondsHeld] = (Math.round(held * 1000) + nowMs - this.#frameAtMs) / 1000;
    this.#frameAtMs = nowMs;
    return guessBits;
  }
}
