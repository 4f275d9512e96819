// What a walk through a feed found, as it goes: what the candidate decided otherwise, where it faulted, what it cost and
// earned; and afterwards whether it decides the same again, alone and in another order.
import { assert } from "../base/assert.ts";
import { shortVersion } from "../base/ids.ts";
import { hash32 } from "../base/prng.ts";
import type { DecisionRequest, DecisionResult } from "../decide/decision.ts";
import { BatchHost } from "../sandbox/batch-host.ts";
import type { EngineVariant } from "../sandbox/engine-module.ts";
import { difference, isSame, said } from "./findings.ts";
import type { Decided } from "./observer.ts";
import {
  CHANGED_LISTED_MAX,
  type ChangedDecision,
  REHEARSED_WINDOWS,
  type RehearsalOrder,
  type RehearsalReport,
  type RehearsedFault,
} from "./port.ts";

/** Decisions made once more; more of them would find what these do not only in code that the analysis should have seen. */
const REDECIDED_MAX = 512;
const SHUFFLE_SEED = 20_240_607;

export class FeedFindings {
  readonly #order: RehearsalOrder;
  readonly #windows = new Set<string>();
  readonly #changedWindows = new Set<string>();
  readonly #fuel = new Map<number, number>();
  readonly #kept: Decided[] = [];
  #impure: string | null;
  #stride = 1;
  #frames = 0;
  #changed: ChangedDecision[] = [];
  #changedDecisions = 0;
  #reworded = 0;
  #faults = 0;
  #firstFault: RehearsedFault | null = null;
  #pnl: RehearsalReport["pnl"] = null;

  constructor(order: RehearsalOrder, impure: string | null) {
    this.#order = order;
    this.#impure = impure;
  }

  add(decided: Decided, before: DecisionResult | null): void {
    const { cycle, slot, window, result, atMs } = decided;
    if (this.#frames++ % this.#stride === 0) this.#keep(decided);
    this.#windows.add(`${slot} ${window}`);
    this.#fuel.set(result.fuel, (this.#fuel.get(result.fuel) ?? 0) + 1);
    if (result.type === "Faulted" && before?.type !== "Faulted") {
      this.#faults += 1;
      this.#firstFault ??= { ...result.fault, slot, window, cycle };
    }
    if (before === null) return;
    const [was, is] = [said(before), said(result)];
    if (was.kind === is.kind && was.probability === is.probability && was.limit === is.limit) {
      if (was.reason !== is.reason) this.#reworded += 1;
      return;
    }
    this.#changedDecisions += 1;
    const key = `${slot} ${window}`;
    // Where a window is changed, most of its decisions are: the first of them tells why.
    if (!this.#changedWindows.has(key)) {
      const at = new Date(atMs).toISOString();
      this.#changed.push({ window, cycle, slot, at, before: was, after: is });
      if (this.#changed.length > CHANGED_LISTED_MAX) this.#changed.shift();
    }
    this.#changedWindows.add(key);
  }

  settled(beforeMicros: number, afterMicros: number): void {
    const sum = this.#pnl ?? { windows: 0, beforeMicros: 0, afterMicros: 0 };
    this.#pnl = {
      windows: sum.windows + 1,
      beforeMicros: sum.beforeMicros + beforeMicros,
      afterMicros: sum.afterMicros + afterMicros,
    };
  }

  /** Evenly spaced over all there are, however many that will be. */
  #keep(decided: Decided): void {
    if (this.#kept.length === REDECIDED_MAX) {
      const every = this.#kept.filter((_, index) => index % 2 === 0);
      this.#kept.splice(0, REDECIDED_MAX, ...every);
      this.#stride *= 2;
      if ((this.#frames - 1) % this.#stride !== 0) return;
    }
    this.#kept.push({ ...decided, frame: decided.frame.slice() });
  }

  /** Some of what was decided, once more and in another order: whatever differs outlived a decision. */
  async redecide(variant: EngineVariant): Promise<void> {
    if (this.#impure !== null) return;
    const host = await BatchHost.create({ variant });
    for (const { version } of this.#order.candidate) await host.install(version, { pure: true });
    const shuffled = this.#kept
      .map((decided, index) => ({ decided, turn: hash32(SHUFFLE_SEED, index) }))
      .sort((a, b) => a.turn - b.turn);
    for (const { decided } of shuffled) {
      const { slot, facts, frame, memory, cycle, result } = decided;
      const again = decideOnce(host, cycle, { slot, version: facts.ref, frame, memory });
      if (isSame(again, result)) continue;
      this.#impure = `decides differently after other decisions: cycle ${cycle} of ${slot} gave ${difference(again, result)}`;
      break;
    }
    await host.close();
  }

  report(notes: readonly string[], elapsedMs: number): RehearsalReport {
    const { candidate, against } = this.#order;
    const [other] = against;
    const slots = candidate.reduce((sum, arm) => sum + arm.slots.length, 0);
    const seen = this.#windows.size;
    return {
      against:
        other === undefined ? null : shortVersion(other.version.facts.ref.strategy, other.version.facts.ref.code),
      frames: this.#frames,
      sampledOf: this.#frames,
      windows: { seen, wanted: Math.max(seen, slots * REHEARSED_WINDOWS) },
      complete: true,
      pure: this.#impure === null,
      impure: this.#impure,
      faults: this.#faults,
      firstFault: this.#firstFault,
      fuel: fuelOf(this.#fuel),
      changed: this.#changed.toReversed(),
      changedDecisions: this.#changedDecisions,
      changedWindows: this.#changedWindows.size,
      reworded: this.#reworded,
      pnl: this.#pnl,
      notes,
      elapsedMs,
    };
  }
}

function decideOnce(host: BatchHost, cycle: number, request: DecisionRequest): DecisionResult {
  let result: DecisionResult | undefined;
  host.decide(cycle, [request], Number.POSITIVE_INFINITY, (results) => ([result] = results));
  assert(result !== undefined, "A host in this thread answers before it returns");
  return result;
}

function fuelOf(counts: ReadonlyMap<number, number>): RehearsalReport["fuel"] {
  const sorted = [...counts].sort(([a], [b]) => a - b);
  const total = sorted.reduce((sum, [, count]) => sum + count, 0);
  const quantile = (share: number): number => {
    let seen = 0;
    for (const [fuel, count] of sorted) {
      seen += count;
      if (seen >= share * total) return fuel;
    }
    return 0;
  };
  return { p50: quantile(0.5), p99: quantile(0.99), max: sorted.at(-1)?.[0] ?? 0 };
}
