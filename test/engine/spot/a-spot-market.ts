// Candles as columns, and deciders without a sandbox: told what to say, or made of what they see.
import { CANDLE_MS, type Candle, type CandleInterval } from "../../../dsl/candle.ts";
import type { SlotId } from "../../../engine/base/ids.ts";
import type { Signal } from "../../../engine/decide/decision.ts";
import { SpotBacktest, type SpotCandles, type SpotDecider, type SpotOrder } from "../../../engine/spot/backtest.ts";
import { versionFacts } from "../../support/version-facts.ts";

export const START_MS = 1_735_689_600_000;

export const aCandle = (openMs: number, open: number, close: number): Candle => ({
  openMs,
  open,
  high: Math.max(open, close),
  low: Math.min(open, close),
  close,
  volume: 1,
  synthetic: false,
  fundingRate8h: Number.NaN,
  openInterest: Number.NaN,
});

/** Candles of a minute, `[open, close]` each. */
export const minutes = (prices: readonly (readonly [open: number, close: number])[]): Candle[] =>
  prices.map(([open, close], index) => aCandle(START_MS + index * CANDLE_MS["1m"], open, close));

function columnsOf(candles: readonly Candle[], interval: CandleInterval = "1m"): SpotCandles {
  const of = (name: keyof Candle) => candles.map((candle) => Number(candle[name]));
  return {
    interval,
    stepMs: CANDLE_MS[interval],
    openMs: of("openMs"),
    open: of("open"),
    high: of("high"),
    low: of("low"),
    close: of("close"),
    volume: of("volume"),
    fundingRate8h: of("fundingRate8h"),
    openInterest: of("openInterest"),
  };
}

type Kind = Signal["kind"] | "fault";

/** Decides what `say` makes of the frame and of how often it was asked before. */
class FakeDecider implements SpotDecider {
  readonly frame: Float64Array;
  /** Every frame it was asked on. */
  readonly frames: Float64Array[] = [];
  readonly #say: (frame: Float64Array, asked: number) => Kind;
  #said: Kind = "hold";

  constructor(size: number, say: (frame: Float64Array, asked: number) => Kind) {
    this.frame = new Float64Array(size);
    this.#say = say;
  }

  decide(): Kind {
    this.#said = this.#say(this.frame, this.frames.length);
    this.frames.push(this.frame.slice());
    return this.#said;
  }

  result(): ReturnType<SpotDecider["result"]> {
    const asked = { slot: "BTC-1m-fake" as SlotId, version: versionFacts().ref, fuel: 1 };
    const kind = this.#said;
    if (kind === "fault") {
      return { type: "Faulted", ...asked, fault: { kind: "threw", message: "no", where: null, frame: null } };
    }
    const words = { kind, probability: 0.6, limit: null, reason: `${kind} at ${this.frames.length}` } as Signal;
    return { type: "Decided", ...asked, signal: words, memory: "null" };
  }
}

/** Run to its end. */
export function ran(
  candles: readonly Candle[],
  say: (frame: Float64Array, asked: number) => Kind,
  changes: Partial<SpotOrder> = {},
) {
  const { facts = versionFacts() } = changes;
  const decider = new FakeDecider(facts.layout.size, say);
  const spot = new SpotBacktest({
    candles: columnsOf(candles),
    asset: "btc",
    facts,
    terms: { cashMicros: 1_000_000_000, sizeMicros: 1_000_000, feePpm: 0 },
    decider,
    first: 0,
    end: candles.length,
    ...changes,
  });
  while (spot.advance(7));
  return { spot, decider, trades: spot.account.trades.rows() };
}

/** Says one kind after the other, then holds. */
export const saying =
  (...kinds: readonly Kind[]) =>
  (_: Float64Array, asked: number): Kind =>
    kinds[asked] ?? "hold";
