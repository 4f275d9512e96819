// The candles of one interval on its UTC grid: what has closed, what is forming, and what a hole in the data means.
import type { Candle, CandleInterval } from "../../dsl/candle.ts";
import { CANDLE_MS } from "../../dsl/candle.ts";
import type { Tick } from "./event.ts";
import { priceOfE18 } from "./market.ts";

/** Closed candles kept per interval; the oldest give way. */
export const CANDLES_MAX = 1_500;
/** A hole of at most this many candles is filled with flat ones; a longer one stays, and estimators start anew behind it. */
export const FILL_CANDLES_MAX = 5;

/** Closed candles, newest first: `at(0)` closed last. */
export interface CandleView {
  readonly length: number;
  at(back: number): Candle | undefined;
}

export interface CandleCounters {
  /** Ticks of a candle that had closed before they came; dropped. */
  late: number;
  /** Ticks stamped further ahead than any clock error; rejected. */
  future: number;
  /** Holes too long to fill, over all intervals. */
  gaps: number;
  /** Flat candles put in for holes. */
  synthetic: number;
}

/** Funding (8 h) and open interest (coins) as last heard, shared by all intervals of an asset; NaN when unknown. */
export interface AsOf {
  fundingRate8h: number;
  openInterest: number;
}

export class IntervalCandles implements CandleView {
  readonly interval: CandleInterval;
  readonly #lengthMs: number;
  readonly #asOf: AsOf;
  readonly #counters: CandleCounters;
  readonly #closed: (candle: Candle) => void;
  readonly #ring: Candle[] = [];
  #newest = -1;
  /** Open of the candle that forms, or of the one expected next; everything older is closed. */
  #openMs: number | null = null;
  #draft: Candle | null = null;
  /** The draft without its newest tick, and that tick: a correction is laid on the former in place of the latter. */
  #before: Candle | null = null;
  #last: Tick | null = null;

  constructor(interval: CandleInterval, asOf: AsOf, counters: CandleCounters, closed: (candle: Candle) => void) {
    this.interval = interval;
    this.#lengthMs = CANDLE_MS[interval];
    this.#asOf = asOf;
    this.#counters = counters;
    this.#closed = closed;
  }

  get length(): number {
    return this.#ring.length;
  }

  at(back: number): Candle | undefined {
    if (back < 0 || back >= this.#ring.length) return undefined;
    return this.#ring[(this.#newest - back + CANDLES_MAX) % CANDLES_MAX];
  }

  /**
   * A second tick with the same eventAtMs is a correction and replaces the first: exactly while the first is the newest
   * of the forming candle; otherwise the range keeps the corrected price too. An older tick of the forming candle
   * changes its range and volume, never its close. False: the tick's candle had closed.
   */
  addTick(tick: Tick): boolean {
    if (!this.roll(tick.eventAtMs)) return false;
    const last = this.#draft === null ? null : this.#last;
    if (last === null) this.#before = null;
    else if (tick.eventAtMs > last.eventAtMs) this.#before = this.#draft;
    else if (tick.eventAtMs < last.eventAtMs) this.#before = this.#withTick(this.#before, tick);
    if (last === null || tick.eventAtMs > last.eventAtMs || isCorrection(tick, last)) this.#last = tick;
    this.#draft = this.#withTick(this.#before, this.#last!);
    return true;
  }

  /** Adds a closed candle of a shorter interval; `endMs` is that candle's end. Ignored for a stretch that has closed. */
  addPart(part: Candle, endMs: number): void {
    if (!this.roll(part.openMs)) return;
    this.#draft = this.including(part);
    if (endMs === this.#openMs! + this.#lengthMs) this.#close(this.#draft!);
  }

  /** Adds a closed candle of this interval, in place of what was forming there. Ignored for a stretch that has closed. */
  addClosed(candle: Candle): void {
    if (this.roll(candle.openMs)) this.#close(candle);
  }

  /** The draft as it would be with this shorter candle in it, without keeping that. */
  including(part: Candle | null): Candle | null {
    if (part === null || part.openMs < this.#openMs!) return this.forming();
    return this.#draft === null ? { ...part, openMs: this.#openOf(part.openMs) } : joined(this.#draft, part);
  }

  forming(): Candle | null {
    return this.#draft === null ? null : this.#sealed(this.#draft);
  }

  /**
   * The candle that holds `atMs` is now the forming one: closes the one before it, then fills the hole between them or
   * leaves it. Holes are judged only here, when their length is known, so that it makes no difference
   * whether a clock or a tick closed the candle before. False: that candle had closed.
   */
  roll(atMs: number): boolean {
    const openMs = this.#openOf(atMs);
    this.#openMs ??= openMs;
    if (openMs < this.#openMs) return false;
    if (openMs === this.#openMs) return true;
    if (this.#draft !== null) this.#close(this.#draft);
    const previous = this.at(0);
    const missing = (openMs - this.#openMs) / this.#lengthMs;
    if (previous !== undefined && missing > FILL_CANDLES_MAX) {
      this.#counters.gaps++;
    } else if (previous !== undefined) {
      for (; this.#openMs < openMs; this.#counters.synthetic++) this.#close(flatAfter(previous, this.#openMs));
    }
    this.#openMs = openMs;
    return true;
  }

  /** Closes the forming candle if it ended at or before `endedMs`. */
  closeEnded(endedMs: number): void {
    if (this.#draft !== null && this.#openMs! + this.#lengthMs <= endedMs) this.#close(this.#draft);
  }

  #close(candle: Candle): void {
    const sealed = this.#sealed(candle);
    this.#draft = null;
    this.#openMs = candle.openMs + this.#lengthMs;
    this.#newest = (this.#newest + 1) % CANDLES_MAX;
    this.#ring[this.#newest] = sealed;
    this.#closed(sealed);
  }

  /** Funding and open interest of a candle that brings its own stay as they are. */
  #sealed(candle: Candle): Candle {
    const fundingRate8h = either(candle.fundingRate8h, this.#asOf.fundingRate8h);
    const openInterest = either(candle.openInterest, this.#asOf.openInterest);
    if (Object.is(fundingRate8h, candle.fundingRate8h) && Object.is(openInterest, candle.openInterest)) return candle;
    return { ...candle, fundingRate8h, openInterest };
  }

  #openOf(atMs: number): number {
    return Math.floor(atMs / this.#lengthMs) * this.#lengthMs;
  }

  #withTick(candle: Candle | null, tick: Tick): Candle {
    const price = priceOfE18(tick.priceE18);
    return {
      openMs: this.#openMs!,
      open: candle === null ? price : candle.open,
      high: candle === null ? price : Math.max(candle.high, price),
      low: candle === null ? price : Math.min(candle.low, price),
      close: price,
      volume: (candle === null ? 0 : candle.volume) + tick.volume,
      synthetic: false,
      fundingRate8h: Number.NaN,
      openInterest: Number.NaN,
    };
  }
}

const isCorrection = (tick: Tick, last: Tick): boolean =>
  tick.eventAtMs === last.eventAtMs && tick.receivedAtMs >= last.receivedAtMs;

const either = (own: number, asOf: number): number => (Number.isNaN(own) ? asOf : own);

const joined = (first: Candle, second: Candle): Candle => ({
  openMs: first.openMs,
  open: first.open,
  high: Math.max(first.high, second.high),
  low: Math.min(first.low, second.low),
  close: second.close,
  volume: first.volume + second.volume,
  synthetic: first.synthetic && second.synthetic,
  fundingRate8h: second.fundingRate8h,
  openInterest: second.openInterest,
});

const flatAfter = (previous: Candle, openMs: number): Candle => ({
  ...previous,
  openMs,
  open: previous.close,
  high: previous.close,
  low: previous.close,
  volume: 0,
  synthetic: true,
});
