// Double entry over micro-USDC: money only ever moves from one account to another, so all balances sum to zero by construction.
//   cash           what the venue holds for us         position:<slot>  cost of shares held
//   claims         won, not yet redeemed               pnl:<slot>, fees:<slot>  results, fees kept apart
//   equity         what was put in
import { assert } from "../base/assert.ts";
import type { MarketId, SlotId } from "../base/ids.ts";
import type { VersionRef } from "../decide/version.ts";
import type { TransferRow, Write } from "../store/tables.ts";

export type Account = "cash" | "claims" | "equity" | `${"position" | "pnl" | "fees"}:${SlotId}`;

/** What a transfer was for: the trade it belongs to and the code that made it. */
export interface Cause {
  readonly market: MarketId | null;
  readonly slot: SlotId | null;
  readonly version: VersionRef | null;
  readonly reference: string | null;
}

export class Ledger {
  readonly #balances = new Map<string, number>();
  #lastId: number;

  constructor(
    balances: readonly { readonly account: string; readonly balanceMicros: number }[],
    lastTransferId: number,
  ) {
    for (const { account, balanceMicros } of balances) this.#balances.set(account, balanceMicros);
    this.#lastId = lastTransferId;
  }

  /** Debits minus credits. */
  balance(account: Account): number {
    return this.#balances.get(account) ?? 0;
  }

  /** What the slot has earned since the ledger began, fees taken off. Results are credits, hence the sign. */
  profitMicros(slot: SlotId): number {
    return -(this.balance(`pnl:${slot}`) + this.balance(`fees:${slot}`));
  }

  /** True before the first transfer ever: the opening deposit is still to be booked. */
  get isEmpty(): boolean {
    return this.#lastId === 0;
  }

  /** Moves `amountMicros` from `credit` to `debit` and returns the row to be written; null for nothing to move. */
  transfer(
    kind: TransferRow["kind"],
    debit: Account,
    credit: Account,
    amountMicros: number,
    cause: Cause,
    at: { readonly cycle: number; readonly atMs: number },
  ): Write | null {
    assert(Number.isSafeInteger(amountMicros) && amountMicros >= 0, `Transfer ${kind} of ${amountMicros}`);
    assert(debit !== credit, `Transfer ${kind} from ${credit} to itself`);
    if (amountMicros === 0) return null;
    this.#balances.set(debit, this.balance(debit) + amountMicros);
    this.#balances.set(credit, this.balance(credit) - amountMicros);
    this.#lastId += 1;
    return {
      table: "transfers",
      row: {
        id: this.#lastId,
        kind,
        debit,
        credit,
        amountMicros,
        market: cause.market,
        slot: cause.slot,
        strategy: cause.version?.strategy ?? null,
        code: cause.version?.code ?? null,
        params: cause.version?.params ?? null,
        reference: cause.reference,
        cycle: at.cycle,
        atMs: at.atMs,
      },
    };
  }
}
