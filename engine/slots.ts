// The slots and which version decides each. Versions change only here, only at a boundary, and all slots of an arming together.
import { assert } from "./base/assert.ts";
import { canonicalJson } from "./base/canonical-json.ts";
import { type CodeVersion, type MarketId, type SlotId, shortVersion } from "./base/ids.ts";
import type { Signal } from "./decide/decision.ts";
import { type VersionFacts, type VersionKey, type VersionRef, versionKey } from "./decide/version.ts";
import type { Candidacy } from "./reload/candidacy.ts";
import type { Trial, TrialArm } from "./reload/trial.ts";
import type { SlotSettings } from "./risk/settings.ts";
import type { Recovered } from "./store/port.ts";
import type { ActivationRow } from "./store/tables.ts";
import type { Turn } from "./turn.ts";

/** What decides beside the version that trades, and trades nothing. Its memory is its own, and ends with the trial. */
export interface Shadow {
  readonly facts: VersionFacts;
  readonly frame: Float64Array;
  /** Null before its first decision. */
  memory: string | null;
  /** Its last answer was a decision. */
  isDeciding: boolean;
}

/** A trial that goes on in a slot: which arm of it the slot's own decisions are, and what decides the other one. */
export interface SlotTrial {
  readonly candidacy: Candidacy;
  readonly trial: Trial;
  readonly live: TrialArm;
  readonly shadow: Shadow | null;
}

/** A memory to decide with, or another version's to be migrated first. */
export interface GivenMemory {
  readonly memory: string;
  readonly migrateFrom?: CodeVersion;
}

export interface Slot {
  settings: SlotSettings;
  /** Decides the next entry. */
  running: VersionFacts | null;
  /** Takes over at the next boundary. */
  armed: VersionFacts | null;
  /** What decided here before, the latest first: stays loaded, and the slot goes back to it when what runs is quarantined. */
  lastGood: readonly VersionFacts[];
  /** What runs has decided here at least once, now or when it ran before. */
  hasDecided: boolean;
  /** What runs was good here before it took over, as a canary of what ran before is. */
  wasGood: boolean;
  trials: readonly SlotTrial[];
  frame: Float64Array;
  last: { readonly signal: Signal; readonly cycle: number; readonly version: VersionRef } | null;
  faults: number;
  /** Cycles in a row that should have been decided and were not. */
  undecided: number;
  /** The last denial, so that the same one is recorded once a window and not every second. */
  denied: { readonly market: MarketId; readonly reason: string } | null;
  /** A sell that the core wants, whatever the strategy says: for an operator's command, or for a mode as long as it lasts. */
  forced: { readonly market: MarketId; readonly command: string | null; readonly triesLeft: number } | null;
}

/** One to go back to, and another should that one prove no better. */
const LAST_GOOD_MAX = 2;
/** Of the note that says what each slot goes back to: what merely ran before, as a canary does, is not it. */
const LAST_GOOD = "last-good ";

type Kept = Pick<Recovered, "versions" | "activations" | "memories" | "meta">;

export class Slots {
  readonly #slots = new Map<SlotId, Slot>();
  readonly #facts = new Map<VersionKey, VersionFacts>();
  readonly #ordinals = new Map<string, number>();
  readonly #activated = new Map<SlotId, ActivationRow>();
  /** What ran before that, as recovered. */
  readonly #before = new Map<SlotId, ActivationRow>();
  readonly #memories = new Map<string, string>();
  readonly #sampledMemories = new Map<SlotId, { readonly key: string; readonly memory: string }>();

  constructor({ versions, activations, memories, meta }: Kept) {
    for (const row of versions) this.#ordinals.set(`${row.strategy} ${row.code}`, row.ordinal);
    for (const row of activations) {
      const before = this.#activated.get(row.slot);
      if (before !== undefined && versionKey(before) !== versionKey(row)) this.#before.set(row.slot, before);
      this.#activated.set(row.slot, row);
    }
    const good = new Map(meta.map(({ name, value }) => [name, value]));
    for (const [id, before] of this.#before)
      if ((good.get(LAST_GOOD + id) ?? versionKey(before)) !== versionKey(before)) this.#before.delete(id);
    for (const row of memories) this.#memories.set(`${row.slot} ${versionKey(row)}`, row.memory);
  }

  get all(): IterableIterator<Slot> {
    return this.#slots.values();
  }

  get(id: SlotId): Slot | null {
    return this.#slots.get(id) ?? null;
  }

  facts(key: VersionKey): VersionFacts | null {
    return this.#facts.get(key) ?? null;
  }

  /** The ordinal of a code version: given once per strategy, for ever. */
  admit(strategy: string, code: VersionRef["code"], turn: Turn): number {
    const key = `${strategy} ${code}`;
    const known = this.#ordinals.get(key);
    if (known !== undefined) return known;
    let ordinal = 1;
    for (const [other, taken] of this.#ordinals)
      if (other.startsWith(`${strategy} `)) ordinal = Math.max(ordinal, taken + 1);
    this.#ordinals.set(key, ordinal);
    turn.write({ table: "versions", row: { strategy, code, ordinal, firstSeenMs: turn.nowMs } });
    return ordinal;
  }

  /** Follows the configuration. A slot that left it is gone from the next boundary on; its positions live on at the desk. */
  configure(settings: readonly SlotSettings[]): void {
    const wanted = new Set(settings.map((slot) => slot.id));
    for (const id of this.#slots.keys()) if (!wanted.has(id)) this.#slots.delete(id);
    for (const slot of settings) {
      const present = this.#slots.get(slot.id);
      if (present !== undefined) present.settings = slot;
      else {
        const fresh = {
          running: null,
          armed: null,
          lastGood: [],
          hasDecided: false,
          wasGood: false,
          trials: [],
          frame: new Float64Array(0),
          last: null,
          faults: 0,
          undecided: 0,
          denied: null,
          forced: null,
        };
        this.#slots.set(slot.id, { settings: slot, ...fresh });
      }
    }
  }

  /** What ran before a restart can be gone back to, unless it is barred. */
  loaded(versions: readonly VersionFacts[], isBarred: (ref: VersionRef) => boolean): void {
    for (const facts of versions) this.#facts.set(versionKey(facts.ref), facts);
    for (const [id, before] of this.#before) {
      const slot = this.#slots.get(id);
      const facts = this.#facts.get(versionKey(before));
      if (slot === undefined || facts === undefined) continue;
      this.#before.delete(id);
      if (slot.lastGood.length === 0 && !isBarred(facts.ref)) slot.lastGood = [facts];
    }
  }

  /** Lets go of versions that neither decide, nor are pinned, nor can be gone back to. What they remembered stays. */
  forget(inUse: readonly VersionRef[]): void {
    const keys = new Set(inUse.map(versionKey));
    for (const { lastGood, trials } of this.#slots.values()) {
      for (const { ref } of lastGood) keys.add(versionKey(ref));
      for (const { shadow } of trials) if (shadow !== null) keys.add(versionKey(shadow.facts.ref));
    }
    for (const key of this.#facts.keys()) if (!keys.has(key)) this.#facts.delete(key);
  }

  arm(id: SlotId, key: VersionKey): Slot | null {
    const slot = this.#slots.get(id);
    const facts = this.#facts.get(key);
    assert(facts !== undefined, `Version ${key} is armed for ${id} and was never loaded`);
    if (slot === undefined) return null;
    if (!isOf(slot.armed, key)) this.#keepResumed(slot);
    slot.armed = isOf(slot.running, key) ? null : facts;
    return slot;
  }

  /** What ran before a restart, and now gives way before it has decided again, is still what the slot goes back to. */
  #keepResumed(slot: Slot): void {
    const { armed, running, settings } = slot;
    const ran = this.#activated.get(settings.id);
    if (running !== null || armed === null || ran === undefined || !isOf(armed, versionKey(ran))) return;
    const others = slot.lastGood.filter((facts) => !isOf(facts, versionKey(ran)));
    slot.lastGood = [armed, ...others].slice(0, LAST_GOOD_MAX);
  }

  /**
   * Takes a version away from every slot, or from those given, at once. At the boundary what waits there already takes over,
   * else the last known good, else nothing. `isBad`: false where it only is not wanted any more: what was good stays good.
   * Returns the slots that ran it, or were about to.
   */
  withdraw(key: VersionKey, among?: ReadonlySet<SlotId>, isBad = true): Slot[] {
    const bereft: Slot[] = [];
    for (const [id, before] of this.#before)
      if (versionKey(before) === key && among?.has(id) !== false) this.#before.delete(id);
    for (const slot of this.#slots.values()) {
      if (among?.has(slot.settings.id) === false) continue;
      slot.lastGood = slot.lastGood.filter((facts) => !isOf(facts, key));
      if (!isOf(slot.running, key) && !isOf(slot.armed, key)) continue;
      if (isOf(slot.armed, key)) slot.armed = null;
      const good = isOf(slot.running, key) && slot.wasGood && !isBad ? slot.running : null;
      if (isOf(slot.running, key)) slot.running = null;
      if (slot.running === null) slot.armed ??= slot.lastGood[0] ?? null;
      if (good !== null) slot.lastGood = [...slot.lastGood, good].slice(0, LAST_GOOD_MAX);
      bereft.push(slot);
    }
    return bereft;
  }

  /** Whatever was armed with it keeps what it runs, or ran before a restart. */
  disarm(key: VersionKey): void {
    for (const slot of this.#slots.values()) {
      if (!isOf(slot.armed, key)) continue;
      slot.armed = slot.running === null ? (slot.lastGood.find((facts) => !isOf(facts, key)) ?? null) : null;
    }
  }

  /** No slot goes back to it. */
  neverGood(key: VersionKey): void {
    for (const slot of this.#slots.values()) slot.lastGood = slot.lastGood.filter((facts) => !isOf(facts, key));
  }

  /** A code version by the name that people use; null when it never was admitted. */
  codeOf(strategy: string, name: string): CodeVersion | null {
    for (const known of this.#ordinals.keys()) {
      const code = known.slice(strategy.length + 1) as CodeVersion;
      if (known.startsWith(`${strategy} `) && shortVersion(strategy, code) === name) return code;
    }
    return null;
  }

  /** The last activation of the slot, which outlives what it activated; null before the first. */
  activated(id: SlotId): ActivationRow | null {
    return this.#activated.get(id) ?? null;
  }

  get isArmed(): boolean {
    for (const { armed } of this.#slots.values()) if (armed !== null) return true;
    return false;
  }

  /** The boundary: one pointer a slot. Returns the slots whose pointers changed. */
  swap(): readonly Slot[] {
    const swapped: Slot[] = [];
    for (const slot of this.#slots.values()) {
      const { armed } = slot;
      if (armed === null) continue;
      keepLastGood(slot, armed);
      slot.running = armed;
      slot.armed = null;
      swapped.push(slot);
    }
    return swapped;
  }

  /** Returns what decides since, and where. */
  recordActivations(
    swapped: readonly Slot[],
    turn: Turn,
  ): readonly { readonly version: VersionRef; readonly slots: readonly SlotId[] }[] {
    const byCode = new Map<string, { readonly version: VersionRef; readonly slots: SlotId[] }>();
    for (const slot of swapped) {
      this.#record(slot, turn);
      const version = slot.running!.ref;
      const group = byCode.get(version.code) ?? { version, slots: [] };
      group.slots.push(slot.settings.id);
      byCode.set(version.code, group);
    }
    const activated = [...byCode.values()];
    for (const { version, slots } of activated)
      turn.outputs.push({ type: "Activated", cycle: turn.cycle, version, slots });
    return activated;
  }

  #record(slot: Slot, turn: Turn): void {
    const { id } = slot.settings;
    const { running, lastGood } = slot;
    assert(running !== null, `Slot ${id} was activated without a version`);
    const before = this.#activated.get(id);
    if (before !== undefined && isOf(running, versionKey(before))) {
      slot.hasDecided = true; // Before a restart.
      return;
    }
    // Where the version before was taken back, the slot goes back past it; so it does after a restart, which finds rows.
    const [good] = lastGood;
    if (before !== undefined && good !== undefined && !isOf(good, versionKey(before))) this.#write(id, good, turn);
    this.#write(id, running, turn);
    const value = good === undefined ? "" : versionKey(good.ref);
    turn.write({ table: "meta", row: { name: LAST_GOOD + id, value } });
  }

  #write(slot: SlotId, facts: VersionFacts, turn: Turn): void {
    const { strategy, code, params, ordinal } = facts.ref;
    const row: ActivationRow = {
      cycle: turn.cycle,
      slot,
      strategy,
      code,
      params,
      ordinal,
      paramsJson: canonicalJson(facts.params),
      atMs: turn.nowMs,
    };
    this.#activated.set(slot, row);
    turn.write({ table: "activations", row });
  }

  /**
   * What the version starts its decision from: what it remembers here itself; else, where it can migrate it, what the one
   * before it remembers; else what it declares.
   */
  memory(id: SlotId, facts: VersionFacts, before: VersionRef | null): GivenMemory {
    const declared = facts.manifest.memory;
    if (declared === null) return { memory: "null" };
    const own = this.#memories.get(`${id} ${versionKey(facts.ref)}`);
    if (own !== undefined) return { memory: own };
    const theirs = before === null ? undefined : this.#memories.get(`${id} ${versionKey(before)}`);
    if (declared.migrates && before !== null && theirs !== undefined)
      return { memory: theirs, migrateFrom: before.code };
    return { memory: canonicalJson(declared.initial) };
  }

  /** What ran in the slot before what runs now, as far back as this bot knows. */
  predecessor(slot: Slot): VersionRef | null {
    return slot.lastGood[0]?.ref ?? this.#before.get(slot.settings.id) ?? null;
  }

  /** What it remembers, for rehearsals: where that has changed since it was last kept. */
  sampleMemory(id: SlotId, facts: VersionFacts, turn: Turn): void {
    if (facts.manifest.memory === null) return;
    const key = `${id} ${versionKey(facts.ref)}`;
    const { memory } = this.memory(id, facts, null);
    if (this.#sampledMemories.get(id)?.key === key && this.#sampledMemories.get(id)?.memory === memory) return;
    this.#sampledMemories.set(id, { key, memory });
    const { strategy, code, params } = facts.ref;
    turn.write({ table: "memory_samples", row: { slot: id, strategy, code, params, atMs: turn.nowMs, memory } });
  }

  remember(id: SlotId, ref: VersionRef, memory: string, turn: Turn): void {
    const key = `${id} ${versionKey(ref)}`;
    if (this.#memories.get(key) === memory) return;
    this.#memories.set(key, memory);
    const { strategy, code, params } = ref;
    turn.write({ table: "memories", row: { slot: id, strategy, code, params, memory } });
  }
}

/**
 * Remembers what is replaced, if it ever decided or nothing else is left; what takes over is not its own predecessor, and may
 * have been good before.
 */
function keepLastGood(slot: Slot, next: VersionFacts): void {
  const { running, lastGood, hasDecided } = slot;
  const kept: VersionFacts[] = [];
  if (running !== null && hasDecided && !isSame(running, next)) kept.push(running);
  slot.wasGood = lastGood.some((facts) => isSame(facts, next));
  slot.hasDecided = slot.wasGood;
  for (const facts of lastGood) {
    if (isSame(facts, next)) continue;
    if (kept.length < LAST_GOOD_MAX) kept.push(facts);
  }
  if (kept.length === 0 && running !== null && !isSame(running, next)) kept.push(running);
  slot.lastGood = kept;
}

const isSame = ({ ref: a }: VersionFacts, { ref: b }: VersionFacts): boolean =>
  a.code === b.code && a.params === b.params;
const isOf = (facts: VersionFacts | null, key: VersionKey): boolean => facts !== null && versionKey(facts.ref) === key;
