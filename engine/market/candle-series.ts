// All candles of one asset. 10s and 1m are built from ticks by event time, each longer interval from the closed candles
// of the one below it (5m from 1m, 15m from 5m, 1h from 15m), so that the same minute is never counted twice.
import { CANDLE_INTERVALS, CANDLE_MS, type Candle, type CandleInterval } from "../../dsl/candle.ts";
import type { Tick } from "./event.ts";
import { type AsOf, type CandleCounters, type CandleView, IntervalCandles } from "./interval-candles.ts";

/** A candle whose next tick does not come is closed this long after its end; ticks that are later still are dropped. */
export const CLOSE_GRACE_MS = 5_000;
/** A tick may be stamped one shortest interval after its receipt (clock error), not more. */
const FUTURE_MS_MAX = CANDLE_MS["10s"];

export interface ClosedCandle {
  readonly interval: CandleInterval;
  readonly candle: Candle;
}

const LONG_INTERVALS = ["5m", "15m", "1h"] as const;
const BUILDS: Readonly<Partial<Record<CandleInterval, (typeof LONG_INTERVALS)[number]>>> = {
  "1m": "5m",
  "5m": "15m",
  "15m": "1h",
};

export class AssetCandles {
  readonly counters: CandleCounters = { late: 0, future: 0, gaps: 0, synthetic: 0 };
  readonly #grain: "ticks" | "candles";
  readonly #asOf: AsOf = { fundingRate8h: Number.NaN, openInterest: Number.NaN };
  readonly #series: Readonly<Record<CandleInterval, IntervalCandles>>;
  #longestMs = CANDLE_MS["1h"];
  #closed: ClosedCandle[] = [];

  /** "candles": the feed sends whole candles and its ticks only mark their opens, so nothing is built from ticks. */
  constructor(grain: "ticks" | "candles" = "ticks") {
    this.#grain = grain;
    const series = (interval: CandleInterval): IntervalCandles =>
      new IntervalCandles(interval, this.#asOf, this.counters, (candle) => this.#onClosed(interval, candle));
    this.#series = {
      "10s": series("10s"),
      "1m": series("1m"),
      "5m": series("5m"),
      "15m": series("15m"),
      "1h": series("1h"),
    };
  }

  /** No longer interval than this is built, for whoever knows that nobody will ask. */
  buildUpTo(interval: CandleInterval): void {
    this.#longestMs = CANDLE_MS[interval];
  }

  addTick(tick: Tick): void {
    if (this.#grain === "candles") return;
    if (tick.eventAtMs > tick.receivedAtMs + FUTURE_MS_MAX) {
      this.counters.future++;
      return;
    }
    const inTenSeconds = this.#series["10s"].addTick(tick);
    const inMinute = this.#series["1m"].addTick(tick);
    if (!inTenSeconds || !inMinute) this.counters.late++;
    if (inMinute) for (const interval of LONG_INTERVALS) this.#series[interval].roll(tick.eventAtMs);
  }

  /**
   * History and candle files. A closed candle also builds the longer ones, except where those were added before it:
   * so add the longest interval first, each oldest first. A candle older than a closed one of its interval is ignored.
   */
  addClosed(interval: CandleInterval, candle: Candle): void {
    this.#series[interval].addClosed(candle);
  }

  /** Funding rate normalised to 8 hours, as of now: the candles that close from now on carry it. */
  setFunding(rate8h: number): void {
    this.#asOf.fundingRate8h = rate8h;
  }

  /** Open interest in coins, as of now. */
  setOpenInterest(coins: number): void {
    this.#asOf.openInterest = coins;
  }

  /** Closes every candle that ended CLOSE_GRACE_MS or longer before `nowMs`. */
  advance(nowMs: number): void {
    for (const interval of CANDLE_INTERVALS) this.#series[interval].closeEnded(nowMs - CLOSE_GRACE_MS);
  }

  closed(interval: CandleInterval): CandleView {
    return this.#series[interval];
  }

  /** The candle that is still open, with everything known of it; null before its first tick. */
  forming(interval: CandleInterval): Candle | null {
    switch (interval) {
      case "10s":
      case "1m":
        return this.#series[interval].forming();
      case "5m":
        return this.#series[interval].including(this.forming("1m"));
      case "15m":
        return this.#series[interval].including(this.forming("5m"));
      case "1h":
        return this.#series[interval].including(this.forming("15m"));
    }
  }

  /** What closed since the last call, in the order of closing: per interval the oldest first, a minute before its hour. */
  drainClosed(): readonly ClosedCandle[] {
    const closed = this.#closed;
    this.#closed = [];
    return closed;
  }

  #onClosed(interval: CandleInterval, candle: Candle): void {
    this.#closed.push({ interval, candle });
    const longer = BUILDS[interval];
    if (longer !== undefined && CANDLE_MS[longer] <= this.#longestMs)
      this.#series[longer].addPart(candle, candle.openMs + CANDLE_MS[interval]);
  }
}
