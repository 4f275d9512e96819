// The last minutes of exact prices of one asset: what settlement reads. A correction (same event time, received later) wins.
import type { Tick } from "./event.ts";

/** Long enough for the longest TWAP lookback and a late boundary tick; about one tick a second. */
const KEPT_MS = 600_000;
const TICKS_MAX = 4_096;

interface Print {
  readonly eventAtMs: number;
  receivedAtMs: number;
  priceE18: bigint;
}

export class TickTape {
  /** In order of event time. */
  readonly #prints: Print[] = [];

  add(tick: Tick): void {
    const prints = this.#prints;
    let index = prints.length;
    while (index > 0 && prints[index - 1]!.eventAtMs > tick.eventAtMs) index--;
    const before = prints[index - 1];
    if (before !== undefined && before.eventAtMs === tick.eventAtMs) {
      if (tick.receivedAtMs >= before.receivedAtMs) {
        before.priceE18 = tick.priceE18;
        before.receivedAtMs = tick.receivedAtMs;
      }
      return;
    }
    prints.splice(index, 0, { eventAtMs: tick.eventAtMs, receivedAtMs: tick.receivedAtMs, priceE18: tick.priceE18 });
    const newest = prints[prints.length - 1]!.eventAtMs;
    // In pieces, never one by one: what is left has to be moved each time.
    if (prints.length >= TICKS_MAX) prints.splice(0, TICKS_MAX / 4);
    else if (newest - prints[0]!.eventAtMs > 2 * KEPT_MS)
      prints.splice(
        0,
        prints.findIndex((print) => print.eventAtMs >= newest - KEPT_MS),
      );
  }

  /**
   * The price that settles at `atMs`: the tick of that very instant, or with a lookback the mean of the ticks in
   * (atMs − lookback, atMs]. Null when there is no tick at the instant: settlement never guesses.
   */
  settlementPrice(atMs: number, lookbackMs: number): bigint | null {
    const last = this.#prints.findLast((print) => print.eventAtMs <= atMs);
    if (last === undefined || last.eventAtMs !== atMs) return null;
    if (lookbackMs === 0) return last.priceE18;
    return this.meanSince(atMs - lookbackMs, atMs);
  }

  /** Mean of the ticks in (fromMs, toMs]; null when there is none. */
  meanSince(fromMs: number, toMs: number): bigint | null {
    let sum = 0n;
    let count = 0n;
    for (let i = this.#prints.length - 1; i >= 0; i--) {
      const print = this.#prints[i]!;
      if (print.eventAtMs <= fromMs) break;
      if (print.eventAtMs > toMs) continue;
      sum += print.priceE18;
      count += 1n;
    }
    return count === 0n ? null : sum / count;
  }
}
