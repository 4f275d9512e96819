// Keeps what decisions were made on, sparsely: every 10 s of each window, and each time a slot acted. A rehearsal recomputes
// whatever inputs an edit declares as of these moments.
import { assetSample, isSampleDue, quoteSample } from "./market/history.ts";
import type { MarketState, WindowState } from "./market/market-state.ts";
import type { Turn } from "./turn.ts";

export class MarketSampler {
  readonly #market: MarketState;
  readonly #cycleMs: number;
  #cycle = 0;
  /** Sampled in this cycle: windows and assets. */
  readonly #sampled = new Set<string>();

  constructor(market: MarketState, cycleMs: number) {
    this.#market = market;
    this.#cycleMs = cycleMs;
  }

  isDue(turn: Turn): boolean {
    return isSampleDue(turn.nowMs, this.#cycleMs);
  }

  /** Once a cycle and window, however many slots ask for it. */
  sample(window: WindowState, turn: Turn): void {
    if (turn.cycle !== this.#cycle) this.#sampled.clear();
    this.#cycle = turn.cycle;
    const { id, asset } = window.market;
    if (this.#isNew(id)) turn.write(quoteSample(window, turn.nowMs));
    if (this.#isNew(asset)) turn.write(assetSample(this.#market.asset(asset), turn.cycle, turn.nowMs));
  }

  #isNew(name: string): boolean {
    if (this.#sampled.has(name)) return false;
    this.#sampled.add(name);
    return true;
  }
}
