// What a host has done so far, for the status.
import type { DecisionResult } from "../decide/decision.ts";
import type { SandboxCounters } from "../decide/port.ts";

const FUELS_MAX = 1024;

export class Tally {
  #decisions = 0;
  #faults = 0;
  #lastFault: SandboxCounters["lastFault"] = null;
  /** Of the latest decisions, oldest overwritten first. */
  readonly #fuels: number[] = [];

  add(cycle: number, results: readonly DecisionResult[]): void {
    for (const result of results) {
      this.#fuels[this.#decisions++ % FUELS_MAX] = result.fuel;
      if (result.type === "Decided") continue;
      this.#faults++;
      this.#lastFault = { strategy: result.version.strategy, slot: result.slot, fault: result.fault, cycle };
    }
  }

  counters(worker: SandboxCounters["worker"], replaced: number): SandboxCounters {
    const fuels = this.#fuels.toSorted((a, b) => a - b);
    return {
      decisions: this.#decisions,
      faults: this.#faults,
      fuelP99: fuels[Math.max(0, Math.ceil(fuels.length * 0.99) - 1)] ?? 0,
      replaced,
      worker,
      lastFault: this.#lastFault,
    };
  }
}
