// What gate and probation share: the slots they arm, the receipts they write, and how a candidacy ends.
import type { Asset } from "../../dsl/asset.ts";
import { type SlotId, shortVersion } from "../base/ids.ts";
import { type VersionFacts, type VersionKey, versionKey } from "../decide/version.ts";
import type { Latches } from "../latches.ts";
import type { Settings } from "../risk/settings.ts";
import type { Shadow, Slot, Slots, SlotTrial } from "../slots.ts";
import type { Turn } from "../turn.ts";
import type { Bars } from "./bars.ts";
import type { Candidacy } from "./candidacy.ts";
import type { Ending, GateProgress } from "./receipt.ts";
import type { Receipts } from "./receipts.ts";

export interface ReloadCore {
  readonly slots: Slots;
  readonly bars: Bars;
  readonly latches: Latches;
  readonly receipts: Receipts;
  readonly settings: Settings;
  /** Lets a version take over at the next boundary. */
  readonly arm: (slot: SlotId, key: VersionKey, turn: Turn) => void;
  /** Makes a version's inputs ready before it decides. */
  readonly prepare: (facts: VersionFacts, asset: Asset) => void;
}

export class ReloadDesk {
  readonly core: ReloadCore;

  constructor(core: ReloadCore) {
    this.core = core;
  }

  slotsOf(strategy: string): Slot[] {
    return [...this.core.slots.all].filter(({ settings }) => settings.strategy === strategy);
  }

  /** Whether windows of this slot can be waited for: one that is switched off, or gone, has none. */
  readonly isAsked = (id: SlotId): boolean => {
    const { slots, settings } = this.core;
    const slot = slots.get(id);
    if (slot === null) return false;
    return !settings.disabledSlots.has(id) && !settings.disabledStrategies.has(slot.settings.strategy);
  };

  /** Writes the receipt as the candidacy stands. */
  save(candidacy: Candidacy, waitsFor: GateProgress["waitsFor"], turn: Turn): void {
    const { approvedBy, trial } = candidacy;
    const gate = candidacy.progress(waitsFor, this.isAsked);
    const receipt = { ...candidacy.receipt, approvedBy, gate };
    candidacy.receipt = receipt;
    const written = this.core.receipts.get(receipt.id);
    const isSame =
      written?.state === receipt.state &&
      written.approvedBy === approvedBy &&
      written.rehearsal === receipt.rehearsal &&
      written.boundaryUs === receipt.boundaryUs &&
      JSON.stringify(written.gate) === JSON.stringify(gate);
    if (isSame) return;
    this.core.receipts.put(receipt, trial === null ? null : JSON.stringify(trial.state), turn);
  }

  end(candidacy: Candidacy, ending: Ending, reasons: readonly string[], turn: Turn): void {
    const { receipt, trial } = candidacy;
    for (const slot of this.slotsOf(receipt.strategy))
      slot.trials = slot.trials.filter((entry) => entry.candidacy !== candidacy);
    candidacy.receipt = { ...receipt, state: ending, stage: stageOf(receipt.state), reasons };
    this.core.receipts.put(candidacy.receipt, trial === null ? null : JSON.stringify(trial.state), turn);
    turn.clearAlarm("shadow-divergence", receipt.strategy);
    const message = `${this.named(candidacy)} is ${ending}: ${reasons.join("; ")}`;
    if (receipt.state === "active" && ending === "superseded") return; // What replaced it says so.
    const level = ending === "superseded" ? "info" : "error";
    turn.log(level, `reload.${ending}`, message, { strategy: receipt.strategy, receipt: receipt.id });
  }

  /** It may not return by itself, nor be gone back to. What was refused here is no reason to bar what other slots trade with. */
  bar(kind: "rolled-back" | "rejected", candidacy: Candidacy, by: string, reason: string, turn: Turn): void {
    const { slots, bars } = this.core;
    for (const key of candidacy.keys) {
      const facts = slots.facts(key);
      const others = [...slots.all].filter(({ settings }) => !candidacy.canary.includes(settings.id));
      const isTrading = others.some(({ running }) => running !== null && versionKey(running.ref) === key);
      if (facts === null || (kind === "rejected" && isTrading)) continue;
      bars.set(kind, facts.ref, by, reason, turn);
      slots.neverGood(key);
      this.unseat(key);
    }
  }

  /** It sits beside nothing any more: there the windows of a trial count on, and are not compared. */
  unseat(key: VersionKey): void {
    for (const slot of this.core.slots.all)
      slot.trials = slot.trials.map((entry) => {
        const { shadow } = entry;
        return shadow !== null && versionKey(shadow.facts.ref) === key ? { ...entry, shadow: null } : entry;
      });
  }

  /** Of these slots, those that decide with what the candidacy wants there. */
  live({ wanted }: Candidacy, ids: Iterable<SlotId> = wanted.keys()): SlotId[] {
    return [...ids].filter((id) => {
      const running = this.core.slots.get(id)?.running;
      return running != null && versionKey(running.ref) === wanted.get(id);
    });
  }

  /** Puts its trial into these slots: what decides there is one arm of it, and the other one sits beside, as before if it did. */
  seat(
    candidacy: Candidacy,
    ids: readonly SlotId[],
    live: SlotTrial["live"],
    shadowOf: (slot: Slot) => VersionKey | null,
  ) {
    const { trial } = candidacy;
    for (const slot of this.slotsOf(candidacy.receipt.strategy)) {
      const others = slot.trials.filter((entry) => entry.candidacy !== candidacy);
      if (trial === null || !ids.includes(slot.settings.id)) {
        slot.trials = others;
        continue;
      }
      const key = shadowOf(slot);
      const facts = key === null ? null : this.core.slots.facts(key);
      const before = slot.trials.find((entry) => entry.trial === trial)?.shadow ?? null;
      const shadow = before !== null && before.facts === facts ? before : this.#shadow(facts, slot);
      slot.trials = [...others, { candidacy, trial, live, shadow }];
    }
  }

  #shadow(facts: VersionFacts | null, { settings }: Slot): Shadow | null {
    if (facts === null) return null;
    this.core.prepare(facts, settings.asset);
    return { facts, frame: new Float64Array(facts.layout.size), memory: null, isDeciding: false };
  }

  named({ receipt: { strategy, code, ordinal } }: Candidacy): string {
    return code === null ? strategy : `${shortVersion(strategy, code)} (v${ordinal})`;
  }
}

const stageOf = (state: Candidacy["receipt"]["state"]) => {
  switch (state) {
    case "rejected":
    case "superseded":
    case "rolled-back":
      return null;
    default:
      return state;
  }
};

/** What the slot goes back to; null for nothing. */
export function predecessorOf({ lastGood, running }: Slot): VersionKey | null {
  const before = lastGood[0];
  return before === undefined || running === null ? null : versionKey(before.ref);
}
