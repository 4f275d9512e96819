// What a run is worth: cash, won money that is not redeemed yet, and what is held at what it would fetch.

import { MICROS } from "../../engine/base/micros.ts";
import type { Engine } from "../../engine/engine.ts";
import { notionalMicros } from "../../engine/execution/position.ts";
import { computedOutcome } from "../../engine/market/market-state.ts";

/** Micro-USDC. A window that has ended is worth what it will pay; one that nobody bids for, what was paid. */
export function equityMicros({ desk, market }: Engine): number {
  let micros = desk.ledger.balance("cash") + desk.ledger.balance("claims");
  for (const position of desk.openPositions) {
    const window = market.window(position.market);
    const outcome = window === null ? null : computedOutcome(window);
    const bidMicros = window?.quote?.[position.side].bidMicros ?? null;
    if (outcome !== null) micros += notionalMicros(position.sharesMicros, outcome === position.side ? MICROS : 0);
    else if (bidMicros !== null) micros += notionalMicros(position.sharesMicros, bidMicros);
    else micros += position.costMicros;
  }
  return micros;
}

const DAY_MS = 86_400_000;

/** Equity at the end of each UTC day. */
export class DailyEquity {
  readonly #micros: number[];
  readonly #equity: () => number;
  #day: number;

  constructor(startMs: number, startMicros: number, equity: () => number) {
    this.#micros = [startMicros];
    this.#equity = equity;
    this.#day = Math.floor(startMs / DAY_MS);
  }

  /** Before anything of this instant is known. */
  before(atMs: number): void {
    const day = Math.floor(atMs / DAY_MS);
    if (day <= this.#day) return;
    const micros = this.#equity();
    for (; this.#day < day; this.#day++) this.#micros.push(micros);
  }

  /** The last day ends where the run does. */
  end(): Float64Array {
    return Float64Array.of(...this.#micros, this.#equity());
  }
}
