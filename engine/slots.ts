// The slots and which version decides each. Versions change only here, only at a boundary, and all slots of an arming together.
import { assert } from "./base/assert.ts";
import { canonicalJson } from "./base/canonical-json.ts";
import type { MarketId, SlotId } from "./base/ids.ts";
import type { Signal } from "./decide/decision.ts";
import { type VersionFacts, type VersionKey, type VersionRef, versionKey } from "./decide/version.ts";
import type { SlotSettings } from "./risk/settings.ts";
import type { ActivationRow, MemoryRow, VersionRow } from "./store/tables.ts";
import type { Turn } from "./turn.ts";

export interface Slot {
  settings: SlotSettings;
  /** Decides the next entry. */
  running: VersionFacts | null;
  /** Takes over at the next boundary. */
  armed: VersionFacts | null;
  /** What decided here before, the latest first: stays loaded, and the slot goes back to it when what runs is quarantined. */
  lastGood: readonly VersionFacts[];
  /** What runs has decided here at least once. */
  hasDecided: boolean;
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

export class Slots {
  readonly #slots = new Map<SlotId, Slot>();
  readonly #facts = new Map<VersionKey, VersionFacts>();
  readonly #ordinals = new Map<string, number>();
  readonly #activated = new Map<SlotId, ActivationRow>();
  /** What ran before that, as recovered. */
  readonly #before = new Map<SlotId, ActivationRow>();
  readonly #memories = new Map<string, string>();
  readonly #sampledMemories = new Map<SlotId, { readonly key: string; readonly memory: string }>();

  constructor(versions: readonly VersionRow[], activations: readonly ActivationRow[], memories: readonly MemoryRow[]) {
    for (const row of versions) this.#ordinals.set(`${row.strategy} ${row.code}`, row.ordinal);
    for (const row of activations) {
      const before = this.#activated.get(row.slot);
      if (before !== undefined && versionKey(before) !== versionKey(row)) this.#before.set(row.slot, before);
      this.#activated.set(row.slot, row);
    }
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
    for (const { lastGood } of this.#slots.values()) for (const { ref } of lastGood) keys.add(versionKey(ref));
    for (const key of this.#facts.keys()) if (!keys.has(key)) this.#facts.delete(key);
  }

  arm(id: SlotId, key: VersionKey): Slot | null {
    const slot = this.#slots.get(id);
    const facts = this.#facts.get(key);
    assert(facts !== undefined, `Version ${key} is armed for ${id} and was never loaded`);
    if (slot === undefined) return null;
    slot.armed = isOf(slot.running, key) ? null : facts;
    return slot;
  }

  /**
   * Takes a version away from every slot, at once. At the boundary what waits there already takes over, else the last known
   * good, else nothing. Returns the slots that ran it, or were about to.
   */
  withdraw(key: VersionKey): Slot[] {
    const bereft: Slot[] = [];
    for (const [id, before] of this.#before) if (versionKey(before) === key) this.#before.delete(id);
    for (const slot of this.#slots.values()) {
      slot.lastGood = slot.lastGood.filter((facts) => !isOf(facts, key));
      if (!isOf(slot.running, key) && !isOf(slot.armed, key)) continue;
      if (isOf(slot.armed, key)) slot.armed = null;
      if (isOf(slot.running, key)) slot.running = null;
      if (slot.running === null) slot.armed ??= slot.lastGood[0] ?? null;
      bereft.push(slot);
    }
    return bereft;
  }

  /** The last activation of the slot, which outlives what it activated; null before the first. */
  activated(id: SlotId): ActivationRow | null {
    return this.#activated.get(id) ?? null;
  }

  /** The boundary: one pointer a slot. */
  activate(turn: Turn): void {
    const live = new Map<string, { readonly ref: VersionRef; readonly slots: SlotId[] }>();
    for (const slot of this.#slots.values()) {
      if (slot.armed === null) continue;
      const { ref } = slot.armed;
      keepLastGood(slot, versionKey(ref));
      slot.running = slot.armed;
      slot.armed = null;
      this.#record(slot, turn);
      const group = live.get(ref.code) ?? { ref, slots: [] };
      group.slots.push(slot.settings.id);
      live.set(ref.code, group);
    }
    for (const { ref, slots } of live.values()) {
      turn.outputs.push({ type: "Activated", cycle: turn.cycle, version: ref, slots });
    }
  }

  #record(slot: Slot, turn: Turn): void {
    const facts = slot.running;
    assert(facts !== null, `Slot ${slot.settings.id} was activated without a version`);
    const before = this.#activated.get(slot.settings.id);
    if (before !== undefined && before.code === facts.ref.code && before.params === facts.ref.params) return; // A restart on the same version.
    const { strategy, code, params, ordinal } = facts.ref;
    const row: ActivationRow = {
      cycle: turn.cycle,
      slot: slot.settings.id,
      strategy,
      code,
      params,
      ordinal,
      paramsJson: canonicalJson(facts.params),
      atMs: turn.nowMs,
    };
    this.#activated.set(slot.settings.id, row);
    turn.write({ table: "activations", row });
  }

  memory(id: SlotId, facts: VersionFacts): string {
    if (facts.manifest.memory === null) return "null";
    return this.#memories.get(`${id} ${versionKey(facts.ref)}`) ?? canonicalJson(facts.manifest.memory.initial);
  }

  /** What it remembers, for rehearsals: where that has changed since it was last kept. */
  sampleMemory(id: SlotId, facts: VersionFacts, turn: Turn): void {
    if (facts.manifest.memory === null) return;
    const key = `${id} ${versionKey(facts.ref)}`;
    const memory = this.memory(id, facts);
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

/** Remembers what is replaced, if it ever decided; what takes over is not its own predecessor. */
function keepLastGood(slot: Slot, next: VersionKey): void {
  const replaced = slot.running !== null && slot.hasDecided ? [slot.running] : [];
  slot.lastGood = [...replaced, ...slot.lastGood].filter((facts) => !isOf(facts, next)).slice(0, LAST_GOOD_MAX);
  slot.hasDecided = false;
}

const isOf = (facts: VersionFacts | null, key: VersionKey): boolean => facts !== null && versionKey(facts.ref) === key;
