// A log price at every second of time, computable at any second without those before it: Lévy's construction of Brownian
// motion (each midpoint is the mean of its ends plus a hashed displacement), with the displacements scaled by a
// multiplicative cascade of log-normal volatilities, so that calm and stormy stretches cluster on all time scales.
import { gaussian } from "../../base/prng.ts";

/** A block of 2^17 s (36 h) hangs between two hashed levels. They are independent, so the price never drifts away. */
const LEVELS = 17;
const LENGTHS_SECONDS = Array.from({ length: LEVELS + 1 }, (_, depth) => 2 ** (LEVELS - depth));
/** Standard deviation of the log volatility that a block, and each halving of it, adds. */
const BLOCK_LOG_VOLATILITY = 0.25;
const CELL_LOG_VOLATILITY = 0.12;

const STREAM = { end: 1, middle: 2, volatility: 3 } as const;

interface Node {
  cell: number;
  left: number;
  middle: number;
  right: number;
  /** Multiplier of volatility in this cell; its square has mean 1. */
  volatility: number;
}

export class PricePath {
  readonly #seed: number;
  readonly #volatilityPerRootSecond: number;
  /** The cells that contain the last second asked for, from the block down to that second: neighbours share most of them. */
  readonly #nodes: readonly Node[] = LENGTHS_SECONDS.map(() => ({
    cell: -1,
    left: 0,
    middle: 0,
    right: 0,
    volatility: 1,
  }));

  constructor(seed: number, volatilityPerRootSecond: number) {
    this.#seed = seed;
    this.#volatilityPerRootSecond = volatilityPerRootSecond;
  }

  /** Log price relative to the base, at a whole second since 1970. */
  at(second: number): number {
    const nodes = this.#nodes;
    let depth = LEVELS;
    while (depth >= 0 && nodes[depth]!.cell !== Math.floor(second / LENGTHS_SECONDS[depth]!)) depth--;
    if (depth < 0) {
      const block = Math.floor(second / LENGTHS_SECONDS[0]!);
      this.#enter(0, block, this.#end(block), this.#end(block + 1), 1);
      depth = 0;
    }
    for (; depth < LEVELS; depth++) {
      const { cell, left, middle, right, volatility } = nodes[depth]!;
      const child = Math.floor(second / LENGTHS_SECONDS[depth + 1]!);
      if (child === 2 * cell) this.#enter(depth + 1, child, left, middle, volatility);
      else this.#enter(depth + 1, child, middle, right, volatility);
    }
    return nodes[LEVELS]!.left;
  }

  /** Independent ends of variance σ²·length/2 give the block's increment the variance σ²·length of Brownian motion. */
  #end(block: number): number {
    const deviation = this.#volatilityPerRootSecond * Math.sqrt(LENGTHS_SECONDS[0]! / 2);
    return deviation * gaussian(this.#seed, block, 0, STREAM.end);
  }

  #enter(depth: number, cell: number, left: number, right: number, parentVolatility: number): void {
    const node = this.#nodes[depth]!;
    const deviation = depth === 0 ? BLOCK_LOG_VOLATILITY : CELL_LOG_VOLATILITY;
    node.cell = cell;
    node.left = left;
    node.right = right;
    const draw = deviation * gaussian(this.#seed, cell, depth, STREAM.volatility);
    node.volatility = parentVolatility * Math.exp(draw - deviation * deviation);
    // The middle of a bridge of this length has variance σ²·length/4.
    const spread = (node.volatility * this.#volatilityPerRootSecond * Math.sqrt(LENGTHS_SECONDS[depth]!)) / 2;
    node.middle = (left + right) / 2 + spread * gaussian(this.#seed, cell, depth, STREAM.middle);
  }
}
