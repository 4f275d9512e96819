// Who won: the exchange's own reading of the oracle, from exact 1e18 prices. Recorded outcomes are never looked at.

import type { Tick } from "../../market/event.ts";
import { type Market, type Outcome, outcomeOf, priceOfE18 } from "../../market/market.ts";

export interface EndSample {
  readonly eventAtMs: number;
  readonly receivedAtMs: number;
  readonly priceE18: bigint;
}

/** The oracle's prices that count for one market's end: the tick at the close, or all of the averaging stretch before it. */
export class EndSamples {
  readonly #market: Market;
  readonly #samples = new Map<number, EndSample>();

  constructor(market: Market, samples: readonly EndSample[] = []) {
    this.#market = market;
    for (const sample of samples) this.#samples.set(sample.eventAtMs, sample);
  }

  get all(): readonly EndSample[] {
    return [...this.#samples.values()];
  }

  /** Whether the tick counts; of two for one instant the one received later is a correction and wins. */
  accept(tick: Tick): boolean {
    const { closeMs, twapLookbackMs } = this.#market;
    const isWithin = tick.eventAtMs <= closeMs && tick.eventAtMs > closeMs - Math.max(1, twapLookbackMs);
    const known = this.#samples.get(tick.eventAtMs);
    if (!isWithin || (known !== undefined && known.receivedAtMs > tick.receivedAtMs)) return false;
    const { eventAtMs, receivedAtMs, priceE18 } = tick;
    this.#samples.set(eventAtMs, { eventAtMs, receivedAtMs, priceE18 });
    return true;
  }

  /** Mean so far, for quoting only; null before the first sample. */
  get mean(): number | null {
    return this.#samples.size === 0 ? null : priceOfE18(this.#sumE18()) / this.#samples.size;
  }

  /** Compares the mean with the strike without dividing: sum ≥ strike × count. */
  outcome(strikeE18: bigint | null): Outcome {
    if (strikeE18 === null || this.#samples.size === 0) return "void";
    return outcomeOf(strikeE18 * BigInt(this.#samples.size), this.#sumE18());
  }

  #sumE18(): bigint {
    return this.all.reduce((sum, { priceE18 }) => sum + priceE18, 0n);
  }
}

/** Micro-USDC for shares of both outcomes: a winner pays 1, a loser nothing, each share of a void market half. */
export function payoutMicros(holding: { readonly up: number; readonly down: number }, outcome: Outcome): number {
  if (outcome === "void") return Math.floor(holding.up / 2) + Math.floor(holding.down / 2);
  return holding[outcome];
}
