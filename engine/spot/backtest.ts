// Goes through the candles of one asset, one by one: fills at the open what was ordered before, looks at the candle once it has
// closed, decides. Nothing of a candle is known before its close but the open, and that only to what was ordered before it.
import type { Asset } from "../../dsl/asset.ts";
import type { Candle, CandleInterval } from "../../dsl/candle.ts";
import { assert } from "../base/assert.ts";
import type { DecisionResult, Fault, Signal } from "../decide/decision.ts";
import type { VersionFacts } from "../decide/version.ts";
import { type EntryWords, SpotAccount, type SpotTerms } from "./account.ts";
import { SpotFrames } from "./frames.ts";

/** Columns of one entry a candle, ascending in time. */
export interface SpotCandles {
  readonly interval: CandleInterval;
  readonly stepMs: number;
  readonly openMs: ArrayLike<number>;
  readonly open: ArrayLike<number>;
  readonly high: ArrayLike<number>;
  readonly low: ArrayLike<number>;
  readonly close: ArrayLike<number>;
  readonly volume: ArrayLike<number>;
  /** NaN where unknown. */
  readonly fundingRate8h: ArrayLike<number>;
  readonly openInterest: ArrayLike<number>;
}

/** Who decides: on `frame` as it is when asked. */
export interface SpotDecider {
  readonly frame: Float64Array;
  decide(): Signal["kind"] | "fault";
  /** All of the last decision. */
  result(): DecisionResult;
}

export interface SpotOrder {
  readonly candles: SpotCandles;
  readonly asset: Asset;
  readonly facts: VersionFacts;
  readonly terms: SpotTerms;
  readonly decider: SpotDecider;
  /** Candles [first, end) are decided on; those before warm the inputs up. */
  readonly first: number;
  readonly end: number;
  /** Called before anything of a candle is known, when it opens. */
  readonly opening?: (atMs: number) => void;
}

export class SpotBacktest {
  readonly account: SpotAccount;
  readonly #order: SpotOrder;
  readonly #frames: SpotFrames;
  #next = 0;
  #faults = 0;
  #firstFault: (Fault & { readonly bar: number }) | null = null;
  readonly #words = (): EntryWords => wordsOf(this.#order.decider.result());

  constructor(order: SpotOrder) {
    const { facts, asset, candles, terms } = order;
    this.account = new SpotAccount(terms);
    this.#order = order;
    this.#frames = new SpotFrames(facts, asset, candles.interval, terms.feePpm);
  }

  /** Candles that were decided on. */
  get bars(): number {
    return Math.max(0, this.#next - this.#order.first);
  }

  get atMs(): number {
    const { openMs, stepMs } = this.#order.candles;
    return this.#next === 0 ? openMs[0]! : openMs[this.#next - 1]! + stepMs;
  }

  get faults(): number {
    return this.#faults;
  }

  /** Bars are numbered from 1, those that warm up included. */
  get firstFault(): (Fault & { readonly bar: number }) | null {
    return this.#firstFault;
  }

  /** At the last close. */
  get equityMicros(): number {
    return this.account.equityMicros(this.#order.candles.close[this.#next - 1] ?? 0);
  }

  /** Inputs without a value at the last close: short of candles, or of what candles do not have. */
  get notReady(): readonly string[] {
    const { decider, facts } = this.#order;
    const isNone = (offset: number): boolean => Number.isNaN(decider.frame[offset]);
    return facts.layout.fields.flatMap(({ name, offset }) => (isNone(offset) ? [name] : []));
  }

  /** Goes on for at most so many candles; false when there are no more. */
  advance(bars: number): boolean {
    const { candles, decider, first, end, opening } = this.#order;
    const frames = this.#frames;
    const account = this.account;
    for (const stop = Math.min(end, this.#next + bars); this.#next < stop; ) {
      const index = this.#next;
      const openMs = candles.openMs[index]!;
      opening?.(openMs);
      account.open(candles.open[index]!, openMs);
      frames.add(candleAt(candles, index));
      frames.write(account.position, decider.frame);
      this.#next = index + 1;
      if (index < first) continue;
      const kind = decider.decide();
      if (kind === "fault") this.#fault();
      else account.decided(kind, this.#next, this.#words);
    }
    return this.#next < end;
  }

  /** A fault is never an opinion: it changes nothing. */
  #fault(): void {
    this.#faults += 1;
    if (this.#firstFault !== null) return;
    const result = this.#order.decider.result();
    assert(result.type === "Faulted", "What is told as a fault has one");
    this.#firstFault = { ...result.fault, bar: this.#next };
  }
}

function wordsOf(result: DecisionResult): EntryWords {
  assert(result.type === "Decided" && result.signal.kind === "up", "Only what says up is bought");
  return result.signal;
}

function candleAt(candles: SpotCandles, index: number): Candle {
  return {
    openMs: candles.openMs[index]!,
    open: candles.open[index]!,
    high: candles.high[index]!,
    low: candles.low[index]!,
    close: candles.close[index]!,
    volume: candles.volume[index]!,
    synthetic: false,
    fundingRate8h: candles.fundingRate8h[index]!,
    openInterest: candles.openInterest[index]!,
  };
}
