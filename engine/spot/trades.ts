// Round trips as rows of numbers: a strategy that trades at every candle of a year makes a quarter of a million of them.

export interface SpotTrade {
  /** Number of the candle after which it was decided. */
  readonly bar: number;
  readonly openedAtMs: number;
  /** Null while it is open. */
  readonly closedAtMs: number | null;
  readonly entryPriceMicros: number;
  readonly feesMicros: number;
  /** Realised, fees paid: while it is open, what the entry's fee has cost. */
  readonly pnlMicros: number;
  readonly probability: number;
  readonly reason: string;
}

interface Opening {
  readonly bar: number;
  readonly atMs: number;
  readonly priceMicros: number;
  readonly feeMicros: number;
  readonly probability: number;
  readonly reason: string;
}

interface Closing {
  readonly atMs: number;
  readonly feeMicros: number;
  /** Before fees. */
  readonly gainMicros: number;
}

const COLUMNS = ["bar", "openedAtMs", "closedAtMs", "entryPriceMicros", "feesMicros", "pnlMicros", "probability"];
const [BAR, OPENED, CLOSED, PRICE, FEES, PNL, PROBABILITY] = [...COLUMNS.keys()] as [0, 1, 2, 3, 4, 5, 6];
const ROWS_INITIAL = 256;

export class SpotTrades {
  #numbers = new Float64Array(ROWS_INITIAL * COLUMNS.length);
  readonly #reasons: string[] = [];
  #isOpen = false;

  /** Those that were closed. */
  get closed(): number {
    return this.#reasons.length - (this.#isOpen ? 1 : 0);
  }

  /** At most one is open. */
  open({ bar, atMs, priceMicros, feeMicros, probability, reason }: Opening): void {
    const at = this.#reasons.push(reason) * COLUMNS.length - COLUMNS.length;
    if (at === this.#numbers.length) {
      const grown = new Float64Array(2 * at);
      grown.set(this.#numbers);
      this.#numbers = grown;
    }
    this.#numbers.set([bar, atMs, Number.NaN, priceMicros, feeMicros, -feeMicros, probability], at);
    this.#isOpen = true;
  }

  close({ atMs, feeMicros, gainMicros }: Closing): void {
    const at = (this.#reasons.length - 1) * COLUMNS.length;
    const numbers = this.#numbers;
    numbers[at + CLOSED] = atMs;
    numbers[at + FEES]! += feeMicros;
    numbers[at + PNL]! += gainMicros - feeMicros;
    this.#isOpen = false;
  }

  /** Oldest first. */
  rows(): readonly SpotTrade[] {
    return this.#reasons.map((reason, index) => {
      const of = (column: number): number => this.#numbers[index * COLUMNS.length + column]!;
      const closedAtMs = of(CLOSED);
      return {
        bar: of(BAR),
        openedAtMs: of(OPENED),
        closedAtMs: Number.isNaN(closedAtMs) ? null : closedAtMs,
        entryPriceMicros: of(PRICE),
        feesMicros: of(FEES),
        pnlMicros: of(PNL),
        probability: of(PROBABILITY),
        reason,
      };
    });
  }
}
