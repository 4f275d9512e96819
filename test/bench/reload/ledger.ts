// What the ledger of a reloaded bot says: receipts as they come, and at the end what every cycle was decided by.

import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { DecisionResult } from "../../../engine/decide/decision.ts";
import { JournalReader } from "../../../engine/journal/journal-reader.ts";
import type { Receipt } from "../../../engine/reload/receipt.ts";
import { markOf } from "./workspace.ts";

export class ReloadLedger {
  readonly #db: DatabaseSync;

  constructor(folder: string) {
    this.#db = new DatabaseSync(join(folder, ".underway/underway.db"), { readOnly: true, timeout: 5_000 });
  }

  /** Receipts that are new or have changed to a state that counts, since the last call. */
  receiptsAfter(number: number): Receipt[] {
    const rows = this.#db.prepare("SELECT body FROM receipts WHERE number > ? ORDER BY number").all(number);
    return rows.map(({ body }) => JSON.parse(String(body)) as Receipt);
  }

  lastReceipt(): number {
    return Number(this.#db.prepare("SELECT coalesce(max(number), 0) AS n FROM receipts").get()!.n);
  }

  lastCycle(): number {
    return Number(this.#db.prepare("SELECT coalesce(max(cycle), 0) AS n FROM cycles").get()!.n);
  }

  /**
   * Every decision after `fromCycle` against the activations: how many cycles had two versions among the slots of one strategy
   * that no position pins, and how many reasons were not those of the version that the cycle names.
   */
  judge(
    fromCycle: number,
    editOf: ReadonlyMap<string, number>,
  ): { cycles: number; mixed: number; foreign: number; faults: number } {
    const activations = this.#activations();
    const positions = this.#pins();
    const older = new Set(
      [...activations.values()]
        .flatMap((list) => list.filter(({ cycle }) => cycle <= fromCycle))
        .map(({ code }) => code),
    );
    let [cycles, mixed, foreign, faults] = [0, 0, 0, 0];
    for (const { cycle, atMs, results } of this.#decided(fromCycle)) {
      cycles += 1;
      const running = new Map<string, string>();
      let isMixed = false;
      for (const result of results) {
        const { slot, version } = result;
        const { strategy, code } = version;
        const edit = editOf.get(code);
        if (result.type === "Faulted") faults += 1;
        else if (edit === undefined ? !older.has(code) : !result.signal.reason.startsWith(markOf(edit))) foreign += 1;
        if (positions.has(`${slot} ${marketOf(slot, atMs)} ${code}`)) continue;
        if (activeAt(activations.get(slot) ?? [], cycle) !== code) isMixed = true;
        const other = running.get(strategy);
        if (other !== undefined && other !== code) isMixed = true;
        running.set(strategy, code);
      }
      if (isMixed) mixed += 1;
    }
    return { cycles, mixed, foreign, faults };
  }

  close(): void {
    this.#db.close();
  }

  /** What the journal has, cycle by cycle. */
  *#decided(fromCycle: number): Generator<{ cycle: number; atMs: number; results: readonly DecisionResult[] }> {
    for (const { atMs, events } of new JournalReader(this.#db).rows({ fromCycle: fromCycle + 1 })) {
      for (const event of events) {
        if (event.type !== "Decided" || event.cycle <= fromCycle) continue;
        yield { cycle: event.cycle, atMs, results: event.decisions.map(({ result }) => result) };
      }
    }
  }

  #activations(): Map<string, { readonly cycle: number; readonly code: string }[]> {
    const bySlot = new Map<string, { readonly cycle: number; readonly code: string }[]>();
    for (const { cycle, slot, code } of this.#db
      .prepare("SELECT cycle, slot, code FROM activations ORDER BY rowid")
      .all()) {
      const list = bySlot.get(String(slot)) ?? [];
      list.push({ cycle: Number(cycle), code: String(code) });
      bySlot.set(String(slot), list);
    }
    return bySlot;
  }

  /** Slot, market and code of everything that was ever ordered. */
  #pins(): Set<string> {
    const rows = this.#db.prepare("SELECT DISTINCT slot, market, code FROM orders").all();
    return new Set(rows.map(({ slot, market, code }) => `${slot} ${market} ${code}`));
  }
}

/** The last activation at or before the cycle: the lists are in order, and asked in order, but long. */
function activeAt(list: readonly { readonly cycle: number; readonly code: string }[], cycle: number): string | null {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle]!.cycle <= cycle) low = middle + 1;
    else high = middle;
  }
  return list[low - 1]?.code ?? null;
}

function marketOf(slot: string, atMs: number): string {
  const [asset, interval] = slot.split("-") as [string, string];
  const lengthMs = interval === "5m" ? 300_000 : 900_000;
  return `${asset.toLowerCase()}-updown-${interval}-${(atMs - (atMs % lengthMs)) / 1000}`;
}
