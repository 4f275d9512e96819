// The receipts of all reloads: what each strategy was told last, and every change of one written down as it happens.
import { assert } from "../base/assert.ts";
import type { ReceiptRow } from "../store/tables.ts";
import type { Turn } from "../turn.ts";
import { isEnding, mayFollow, type Receipt } from "./receipt.ts";

export class Receipts {
  /** By id: those under way, and the last one of each strategy. */
  readonly #known = new Map<string, Receipt>();
  readonly #lastOf = new Map<string, Receipt>();
  /** What the gate of each has counted, as JSON, from before a restart. */
  readonly #trials = new Map<string, string>();
  #number: number;
  #last: Receipt | null = null;

  constructor(rows: readonly ReceiptRow[], lastNumber: number) {
    this.#number = lastNumber;
    for (const { id, body, trial } of rows) {
      const receipt = JSON.parse(body) as Receipt;
      // Armed, and its boundary never came: it is back at the gate, with everything passed.
      this.#keep(receipt.state === "armed" ? { ...receipt, state: "gated" } : receipt);
      if (trial !== null) this.#trials.set(id, trial);
    }
  }

  /** The newest word on any strategy; null before the first. */
  get last(): Receipt | null {
    return this.#last;
  }

  /** The newest word on this strategy; null before the first. */
  of(strategy: string): Receipt | null {
    return this.#lastOf.get(strategy) ?? null;
  }

  /** As it stands; null for one that is over and not its strategy's last. */
  get(id: string): Receipt | null {
    return this.#known.get(id) ?? null;
  }

  /** Those that a restart found under way, oldest first. */
  get underway(): readonly Receipt[] {
    return [...this.#known.values()].filter(({ state }) => !isEnding(state) && state !== "permanent");
  }

  /** What stood at the gate of this strategy when the bot stopped, and was not offered again yet. */
  interrupted(strategy: string): Receipt | null {
    return this.underway.find((receipt) => receipt.strategy === strategy && receipt.state === "gated") ?? null;
  }

  /** What its gate had counted before a restart. */
  trial(id: string): string | null {
    return this.#trials.get(id) ?? null;
  }

  nextId(strategy: string): string {
    this.#number += 1;
    return `${strategy}-${this.#number}`;
  }

  put(receipt: Receipt, trial: string | null, turn: Turn): Receipt {
    const before = this.#known.get(receipt.id);
    assert(
      before === undefined || before.state === receipt.state || mayFollow(before.state, receipt.state),
      `Receipt ${receipt.id} goes from ${before?.state} to ${receipt.state}`,
    );
    this.#keep(receipt);
    const { id, strategy, state } = receipt;
    const number = numberOf(receipt);
    turn.write({
      table: "receipts",
      row: { id, number, strategy, state, body: JSON.stringify(receipt), trial, atMs: turn.nowMs },
    });
    return receipt;
  }

  #keep(receipt: Receipt): void {
    const last = this.#lastOf.get(receipt.strategy);
    this.#known.set(receipt.id, receipt);
    if (this.#last === null || numberOf(receipt) >= numberOf(this.#last)) this.#last = receipt;
    const isOlder = last !== undefined && numberOf(receipt) < numberOf(last);
    const [newest, other] = isOlder ? [last, receipt] : [receipt, last];
    this.#lastOf.set(receipt.strategy, newest);
    if (other !== undefined && other.id !== newest.id && isOver(other)) this.#known.delete(other.id);
  }
}

const numberOf = ({ id, strategy }: Receipt): number => Number(id.slice(strategy.length + 1));

const isOver = ({ state }: Receipt): boolean => isEnding(state) || state === "permanent";
