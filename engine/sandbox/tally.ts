// What a host has decided so far, for the status: over all, of each strategy and of each slot. Adding a decision costs some
// tens of nanoseconds; sorting waits until somebody asks.
import { shortVersion } from "../base/ids.ts";
import type { DecisionResult } from "../decide/decision.ts";
import type { DecisionFigures, LastFault, SandboxCounters } from "../decide/port.ts";
import type { VersionRef } from "../decide/version.ts";
import type { EngineVariant } from "./engine-module.ts";
import { FUEL_MAX } from "./instance.ts";
import { percentile, Ring, sortedValues } from "./ring.ts";

/** Percentiles and the largest heap are over so many of the latest decisions, of one slot … */
const SLOT_LATEST = 128;
/** … and of a code version, or of all. */
const VERSION_LATEST = 1024;
/** So long after its last decision a code version still counts for its strategy: a minute at a cycle a second. */
const RUNNING_CYCLES = 60;
/** Slots and versions that decided nothing for so long are forgotten. */
const FORGOTTEN_AFTER_CYCLES = 900;
/** The log has the whole of a message; the status is written four times a second, with every slot's. */
const MESSAGE_CHARS_MAX = 200;

type Faulted = Extract<DecisionResult, { readonly type: "Faulted" }>;

class Figures {
  decisions = 0;
  faults = 0;
  lastCycle = 0;
  last: { readonly cycle: number; readonly result: Faulted } | null = null;
  readonly fuels: Ring;
  readonly heaps: Ring;

  constructor(latest: number) {
    this.fuels = new Ring(latest);
    this.heaps = new Ring(latest);
  }

  add(cycle: number, result: DecisionResult, heapBytes: number): void {
    this.decisions++;
    this.lastCycle = cycle;
    // What hung, or was never run, spent nothing that was measured.
    if (result.fuel > 0) this.fuels.add(result.fuel);
    if (heapBytes > 0) this.heaps.add(heapBytes);
    if (result.type === "Decided") return;
    this.faults++;
    this.last = { cycle, result };
  }
}

interface OfSlot {
  /** What it was decided by last, code and params. */
  readonly version: VersionRef;
  readonly own: Figures;
  readonly ofCode: Figures;
}

export class Tally {
  readonly #engine: EngineVariant;
  readonly #total = new Figures(VERSION_LATEST);
  readonly #slots = new Map<string, OfSlot>();
  /** Of each strategy, by code. */
  readonly #strategies = new Map<string, Map<string, Figures>>();
  #sweptAtCycle = 0;

  constructor(engine: EngineVariant) {
    this.#engine = engine;
  }

  /** `heapBytes` has one number for each result, 0 = not measured. */
  add(cycle: number, results: readonly DecisionResult[], heapBytes: readonly number[]): void {
    if (cycle - this.#sweptAtCycle >= FORGOTTEN_AFTER_CYCLES) this.#sweep(cycle);
    results.forEach((result, n) => {
      const { own, ofCode } = this.#ofSlot(result);
      own.add(cycle, result, heapBytes[n]!);
      ofCode.add(cycle, result, heapBytes[n]!);
      this.#total.add(cycle, result, heapBytes[n]!);
    });
  }

  counters(worker: SandboxCounters["worker"], replaced: number): SandboxCounters {
    return {
      engine: this.#engine,
      worker,
      fuelMax: FUEL_MAX,
      replaced,
      ...shown([this.#total]),
      strategies: [...this.#strategies].map(([name, codes]) => ({ name, ...shown(running([...codes.values()])) })),
      slots: new Map([...this.#slots].map(([slot, { own }]) => [slot, shown([own])])),
    };
  }

  #ofSlot({ slot, version }: DecisionResult): OfSlot {
    const known = this.#slots.get(slot);
    if (known?.version.code === version.code && known.version.params === version.params) return known;
    const codes = this.#strategies.get(version.strategy) ?? new Map<string, Figures>();
    const ofCode = codes.get(version.code) ?? new Figures(VERSION_LATEST);
    this.#strategies.set(version.strategy, codes.set(version.code, ofCode));
    const fresh = { version, own: new Figures(SLOT_LATEST), ofCode };
    this.#slots.set(slot, fresh);
    return fresh;
  }

  #sweep(cycle: number): void {
    this.#sweptAtCycle = cycle;
    const isGone = ({ lastCycle }: Figures) => lastCycle < cycle - FORGOTTEN_AFTER_CYCLES;
    for (const [slot, { own }] of this.#slots) if (isGone(own)) this.#slots.delete(slot);
    for (const [strategy, codes] of this.#strategies) {
      for (const [code, figures] of codes) if (isGone(figures)) codes.delete(code);
      if (codes.size === 0) this.#strategies.delete(strategy);
    }
  }
}

/** Without the versions that others have replaced. */
function running(codes: readonly Figures[]): Figures[] {
  const lastCycle = Math.max(...codes.map((code) => code.lastCycle));
  return codes.filter((code) => code.lastCycle > lastCycle - RUNNING_CYCLES);
}

function shown(parts: readonly Figures[]): DecisionFigures {
  const fuels = sortedValues(parts.map((part) => part.fuels));
  const last = parts.reduce<Figures["last"]>((newest, part) => {
    return (part.last?.cycle ?? -1) > (newest?.cycle ?? -1) ? part.last : newest;
  }, null);
  return {
    decisions: sum(parts.map((part) => part.decisions)),
    faults: sum(parts.map((part) => part.faults)),
    fuelP50: percentile(fuels, 0.5),
    fuelP99: percentile(fuels, 0.99),
    heapBytes: Math.max(...parts.map((part) => part.heaps.largest)),
    lastFault: last === null ? null : lastFault(last.cycle, last.result),
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0);

function lastFault(cycle: number, { slot, version, fault: { kind, message, where } }: Faulted): LastFault {
  const words = message.length > MESSAGE_CHARS_MAX ? `${message.slice(0, MESSAGE_CHARS_MAX - 1)}…` : message;
  const { strategy, code, ordinal } = version;
  return { kind, message: words, where, slot, version: shortVersion(strategy, code), ordinal, cycle };
}
