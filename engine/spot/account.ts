// The rules of a spot backtest: cash, and at most one position, long. What a signal orders is filled at the open of the next
// candle. Whoever decides, and however fast, it is this account that trades.
import { MICROS, mulDiv } from "../base/micros.ts";
import type { Signal } from "../decide/decision.ts";
import type { HeldPosition } from "../frame/held-position.ts";
import { SpotTrades } from "./trades.ts";

export interface SpotTerms {
  readonly cashMicros: number;
  /** Bought at a time, in millionths of a unit. */
  readonly sizeMicros: number;
  /** Of what is traded, on both sides; parts per million, below a million. */
  readonly feePpm: number;
}

/** What was said when it was ordered. */
export interface EntryWords {
  readonly probability: number;
  readonly reason: string;
}

interface Entry extends EntryWords {
  /** Number of the candle after which it was decided. */
  readonly bar: number;
}

export class SpotAccount {
  readonly trades = new SpotTrades();
  readonly #terms: SpotTerms;
  #cashMicros: number;
  #position: HeldPosition | null = null;
  #ordered: Entry | "sell" | null = null;
  #denied = 0;

  constructor(terms: SpotTerms) {
    this.#terms = terms;
    this.#cashMicros = terms.cashMicros;
  }

  get position(): HeldPosition | null {
    return this.#position;
  }

  /** Buys that were not filled for lack of cash. */
  get denied(): number {
    return this.#denied;
  }

  /** A candle opens: what was ordered after the one before is filled, or denied and forgotten. */
  open(price: number, atMs: number): void {
    const ordered = this.#ordered;
    if (ordered === null) return;
    this.#ordered = null;
    if (ordered === "sell") this.#sell(microsOf(price), atMs);
    else this.#buy(ordered, microsOf(price), atMs);
  }

  /**
   * A candle has closed, and this was decided on it. Up stays long where it is long, down and exit stay flat where it is flat: each
   * says what is to be, not what is to be done. `words` is asked only for what becomes an order.
   */
  decided(kind: Signal["kind"], bar: number, words: () => EntryWords): void {
    if (kind === "hold") return;
    if (kind === "up") {
      if (this.#position === null) this.#ordered = { bar, ...words() };
    } else if (this.#position !== null) this.#ordered = "sell";
  }

  /** Cash, and what is held at this price. */
  equityMicros(price: number): number {
    return this.#cashMicros + (this.#position === null ? 0 : this.#worth(microsOf(price)));
  }

  /** What is paid is rounded up and what is received is rounded down: a fraction of a micro-USDC is never the account's. */
  #buy(entry: Entry, priceMicros: number, atMs: number): void {
    const { sizeMicros } = this.#terms;
    const costMicros = mulDiv(priceMicros, sizeMicros, MICROS, "ceil");
    const feeMicros = this.#fee(costMicros);
    if (costMicros + feeMicros > this.#cashMicros) {
      this.#denied += 1;
      return;
    }
    this.#cashMicros -= costMicros + feeMicros;
    this.#position = { side: "up", sharesMicros: sizeMicros, costMicros, openedAtMs: atMs };
    this.trades.open({ ...entry, atMs, priceMicros, feeMicros });
  }

  #sell(priceMicros: number, atMs: number): void {
    const worthMicros = this.#worth(priceMicros);
    const feeMicros = this.#fee(worthMicros);
    this.#cashMicros += worthMicros - feeMicros;
    this.trades.close({ atMs, feeMicros, gainMicros: worthMicros - this.#position!.costMicros });
    this.#position = null;
  }

  #worth(priceMicros: number): number {
    return mulDiv(priceMicros, this.#terms.sizeMicros, MICROS, "floor");
  }

  #fee(tradedMicros: number): number {
    return mulDiv(tradedMicros, this.#terms.feePpm, MICROS, "ceil");
  }
}

/** Prices of candles are floats; money begins here. */
const microsOf = (price: number): number => Math.round(price * MICROS);
