// Every entry at the moment it was made: what the operator allowed then, which latches stood, and how much money was out. The
// journal has all of that in order; the ledger only how it ended.
import type { RecordedEvent } from "../../../engine/journal/port.ts";
import { orderCost } from "../../../engine/risk/entry-check.ts";
import { ALLOWED } from "../../../engine/risk/mode.ts";
import type { Mode, Settings } from "../../../engine/risk/settings.ts";
import type { LatchRow, OrderRow, PositionRow } from "../../../engine/store/tables.ts";
import { type Invariant, Tally } from "../invariant.ts";
import type { JournalWatch } from "../journal-walk.ts";

/** Money that is out: in a position, or in an order that is under way. */
interface Committed {
  readonly slot: string;
  readonly market: string;
  readonly micros: number;
}

const LIVE = new Set<OrderRow["status"]>(["Initialized", "Submitted", "Accepted", "PartiallyFilled", "PendingCancel"]);

export class EntryWatch implements JournalWatch {
  readonly #limits = new Tally({
    id: "exposure-within-limits",
    name: "no entry took a slot, an asset or all of them beyond the limits that were in force",
  });
  readonly #latched = new Tally({
    id: "entries-were-allowed",
    name: "no entry was made while the mode, a latch or a switch held entries back",
  });
  readonly #feeRateOf: (market: string) => number;
  /** Of live orders by id, and of open positions by slot and market. */
  readonly #committed = new Map<string, Committed>();
  readonly #standing = new Map<string, LatchRow>();
  #settings: Settings | null = null;
  #pending: Settings | null = null;
  #openedCycle = 0;

  constructor(feeRateOf: (market: string) => number) {
    this.#feeRateOf = feeRateOf;
  }

  event(event: RecordedEvent): void {
    if (event.type === "Started") [this.#settings, this.#pending] = [event.settings, null];
    else if (event.type === "SettingsAccepted") this.#pending = event.settings;
    else if (event.type === "CycleOpened" || event.type === "BoundaryDue" || event.type === "CycleDue") {
      if (event.cycle <= this.#openedCycle) return;
      this.#openedCycle = event.cycle;
      [this.#settings, this.#pending] = [this.#pending ?? this.#settings, null];
    }
  }

  latch(row: LatchRow): void {
    const id = `${row.kind}:${row.scope}`;
    if (row.clearedMs === null) this.#standing.set(id, row);
    else this.#standing.delete(id);
  }

  position({ slot, market, status, costMicros }: PositionRow): void {
    const key = `${slot} ${market}`;
    if (status === "open") this.#committed.set(key, { slot, market, micros: costMicros });
    else this.#committed.delete(key);
  }

  order(row: OrderRow, isNew: boolean, isWithin: boolean): void {
    const { clientOrderId, slot, market, action, status, limitMicros } = row;
    if (action === "sell") return;
    if (LIVE.has(status)) {
      const left = Math.max(0, row.sharesMicros - row.filledSharesMicros);
      this.#committed.set(clientOrderId, {
        slot,
        market,
        micros: orderCost(left, limitMicros, this.#feeRateOf(market)),
      });
    } else this.#committed.delete(clientOrderId);
    if (!isNew || !isWithin || status === "Denied" || this.#settings === null) return;
    this.#latched.see(this.#refusal(row, this.#settings));
    this.#limits.see(this.#excess(row, this.#settings));
  }

  end(note: string | null): Invariant[] {
    return [this.#limits.end(note), this.#latched.end(note)];
  }

  #refusal(
    { clientOrderId, slot, strategy }: OrderRow,
    { mode, disabledSlots, disabledStrategies }: Settings,
  ): string | null {
    if (!ALLOWED[mode].newEntries) return `${clientOrderId} was made in mode ${mode}`;
    if (disabledSlots.has(slot) || disabledStrategies.has(strategy))
      return `${clientOrderId} was made while it was switched off`;
    for (const { kind, mode } of this.#standing.values())
      if (!ALLOWED[mode as Mode].newEntries) return `${clientOrderId} was made while the latch ${kind} stood`;
    return null;
  }

  #excess({ clientOrderId, slot, market }: OrderRow, { risk }: Settings): string | null {
    const asset = market.slice(0, market.indexOf("-") + 1);
    const limits = [
      ["its slot", risk.perSlotMicros, (of: Committed) => of.slot === slot],
      ["its asset", risk.perAssetMicros, (of: Committed) => of.market.startsWith(asset)],
      ["all slots", risk.totalMicros, () => true],
    ] as const;
    for (const [what, limitMicros, counts] of limits) {
      let sum = 0;
      for (const each of this.#committed.values()) if (counts(each)) sum += each.micros;
      if (sum > limitMicros) return `${clientOrderId} brought ${what} to ${sum}, the limit was ${limitMicros}`;
    }
    return null;
  }
}
