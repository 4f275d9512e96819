// Seeded random frames that a strategy may meet: every fact of the window and every reading drawn from a plausible range,
// some of them missing. Drawn with integer arithmetic and the four operations only, which no two Nodes do differently.
import { ASSETS, WINDOW_INTERVALS } from "../../dsl/asset.ts";
import type { Json } from "../../engine/base/canonical-json.ts";
import type { SlotId } from "../../engine/base/ids.ts";
import { seedOf, uniform } from "../../engine/base/prng.ts";
import type { DecisionRequest } from "../../engine/decide/decision.ts";
import type { VersionFacts } from "../../engine/decide/version.ts";
import { HEADER_INDEX, type HeaderField } from "../../engine/frame/layout.ts";

type Range = readonly [min: number, max: number];

const CHANCE_MISSING = 0.06;
const CHANCE_EMPTY_BOOK = 0.1;
const PRICES: Range = [0.5, 90_000];
/** Scores and deviations. */
const SCORES: Range = [-4, 4];
const RANGES: { readonly [kind: string]: Range } = {
  "market.probabilityUp": [0.01, 0.99],
  "ta.rsi": [0, 100],
  "ta.stochastic": [0, 100],
  "ta.adx": [0, 60],
  "overreaction.relativeVolume": [0, 5],
};
/** As large as the price itself. */
const PRICED = new Set(["candles", "ta.sma", "ta.ema", "ta.bollinger"]);

export function randomRequests({ ref, layout, manifest }: VersionFacts, count: number): DecisionRequest[] {
  return Array.from({ length: count }, (_, index) => {
    const draw = new Draw(seedOf(ref.strategy), index);
    const frame = new Float64Array(layout.size);
    const spot = draw.within(PRICES);
    const header = randomHeader(draw, spot);
    for (const [name, value] of Object.entries(header)) frame[HEADER_INDEX[name as HeaderField]] = value;
    layout.fields.forEach((field, position) => {
      const { kind } = manifest.inputs[field.name]!;
      const end = layout.fields[position + 1]?.offset ?? layout.size;
      const range = RANGES[kind] ?? SCORES;
      const next = () => (PRICED.has(kind) ? spot * draw.within([0.99, 1.01]) : draw.within(range));
      // Nothing of an input is there as long as it warms up.
      const isMissing = draw.chance(CHANCE_MISSING);
      for (let at = field.offset; at < end; at++) frame[at] = isMissing ? Number.NaN : draw.orMissing(next());
    });
    const memory = manifest.memory === null ? null : randomLike(manifest.memory.initial, draw);
    return { slot: "BTC-5m-random" as SlotId, version: ref, frame, memory: JSON.stringify(memory) };
  });
}

function randomHeader(draw: Draw, spot: number): Record<HeaderField, number> {
  const [up, down] = [randomQuote(draw), randomQuote(draw)];
  const positionSide = draw.chance(0.6) ? 0 : 1 + draw.below(2);
  const header = {
    spot,
    open: spot * draw.within([0.99, 1.01]),
    secondsLeft: draw.chance(0.1) ? draw.below(10) : draw.below(901),
    upBid: up.bid,
    upAsk: up.ask,
    upBidSize: up.bidSize,
    upAskSize: up.askSize,
    downBid: down.bid,
    downAsk: down.ask,
    downBidSize: down.bidSize,
    downAskSize: down.askSize,
    feeRate: draw.chance(0.3) ? 0 : draw.within([0, 0.1]),
    positionShares: positionSide === 0 ? 0 : draw.within([1, 500]),
    positionAveragePrice: positionSide === 0 ? 0 : draw.within([0.01, 0.99]),
    positionSecondsHeld: positionSide === 0 ? 0 : draw.below(900),
  };
  return {
    ...(Object.fromEntries(
      Object.entries(header).map(([name, value]) => [name, draw.orMissing(value)]),
    ) as typeof header),
    assetIndex: draw.below(ASSETS.length),
    intervalIndex: draw.below(WINDOW_INTERVALS.length),
    positionSide,
  };
}

function randomQuote(draw: Draw) {
  const bid = draw.below(98) / 100;
  const side = (price: number): readonly [price: number, size: number] =>
    draw.chance(CHANCE_EMPTY_BOOK) ? [0, 0] : [price, draw.within([1, 1_000])];
  const [[bidPrice, bidSize], [askPrice, askSize]] = [side(bid), side(bid + 0.01 + draw.below(3) / 100)];
  return { bid: bidPrice, bidSize, ask: askPrice, askSize };
}

/** The same shape with other numbers, or now and then as it is. */
function randomLike(initial: Json, draw: Draw): Json {
  if (draw.chance(0.1)) return initial;
  if (typeof initial === "number") return draw.within(SCORES);
  if (initial === null || typeof initial !== "object") return initial;
  if (Array.isArray(initial)) return initial.map((value) => randomLike(value, draw));
  return Object.fromEntries(Object.entries(initial).map(([name, value]) => [name, randomLike(value, draw)]));
}

class Draw {
  readonly #seed: number;
  readonly #frame: number;
  #draws = 0;

  constructor(seed: number, frame: number) {
    this.#seed = seed;
    this.#frame = frame;
  }

  within([min, max]: Range): number {
    return min + (max - min) * uniform(this.#seed, this.#frame, this.#draws++);
  }

  below(count: number): number {
    return Math.floor(this.within([0, count]));
  }

  chance(share: number): boolean {
    return this.within([0, 1]) < share;
  }

  orMissing(value: number): number {
    return this.chance(CHANCE_MISSING) ? Number.NaN : value;
  }
}
