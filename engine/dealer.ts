// Asks the slots' versions what to do, and does it: from windows to frames before the decisions, from signals to orders after.
import type { Asset } from "../dsl/asset.ts";
import { assert } from "./base/assert.ts";
import type { MarketId, SlotId } from "./base/ids.ts";
import type { DecisionRequest, DecisionResult } from "./decide/decision.ts";
import { type VersionFacts, type VersionRef, versionKey } from "./decide/version.ts";
import type { Desk } from "./execution/desk.ts";
import { Trader } from "./execution/trader.ts";
import type { FrameBuilder } from "./frame/frame-builder.ts";
import type { MarketState, WindowState } from "./market/market-state.ts";
import { MarketSampler } from "./market-sampler.ts";
import type { Quarantine } from "./quarantine.ts";
import { ALLOWED, stricter } from "./risk/mode.ts";
import type { Mode, Settings } from "./risk/settings.ts";
import type { Slot, Slots } from "./slots.ts";
import type { Turn } from "./turn.ts";
import { watchDecisions } from "./watches.ts";

/** What is in force at the moment of asking, and again at the moment of acting. */
export interface DealContext {
  readonly settings: Settings;
  readonly mode: Mode;
  /** False until the venue has said what became of everything. */
  readonly mayTrade: boolean;
}

interface Dealt {
  readonly market: MarketState;
  readonly desk: Desk;
  readonly slots: Slots;
  readonly quarantine: Quarantine;
}

export class Dealer {
  readonly #core: Dealt;
  readonly #frames: FrameBuilder;
  readonly #trader: Trader;
  readonly #sampler: MarketSampler;
  /** The windows that were asked about, until the answers are in. */
  #windows = new Map<SlotId, WindowState>();

  constructor(core: Dealt, frames: FrameBuilder, cycleMs: number) {
    this.#core = core;
    this.#frames = frames;
    this.#trader = new Trader(core.desk, core.market);
    this.#sampler = new MarketSampler(core.market, cycleMs);
  }

  /** Makes a version's inputs ready before it takes over. */
  prepare(facts: VersionFacts, asset: Asset): void {
    this.#frames.prepare(facts, asset);
  }

  /** Cancels and sells what the mode wants, and gives the questions of this cycle. */
  ask(context: DealContext, turn: Turn): DecisionRequest[] {
    const { mode, settings, mayTrade } = context;
    const { market, desk, slots } = this.#core;
    const requests: DecisionRequest[] = [];
    this.#windows = new Map();
    for (const slot of slots.all) {
      const { id, asset, interval } = slot.settings;
      const window = market.current(asset, interval, turn.nowMs);
      if (window === null) continue;
      if (this.#sampler.isDue(turn)) this.#sampler.sample(window, turn);
      const isOn = isEnabled(slot, settings);
      if (ALLOWED[mode].cancelsEntryOrders || !isOn) this.#trader.cancelEntries(slot, turn);
      if (mayTrade) this.#trader.force(slot, window, context, turn);
      // A slot that was switched off still looks after what it holds.
      const isConcerned = isOn || desk.position(id, window.market.id)?.status === "open";
      const request = ALLOWED[mode].decides && isConcerned ? this.#request(slot, window, settings, turn) : null;
      watchDecisions(slot, turn);
      if (request === null) continue;
      this.#windows.set(id, window);
      requests.push(request);
    }
    return requests;
  }

  /** Takes the answers, one per question: a fault holds its slot and no other. */
  hear(results: readonly DecisionResult[], context: DealContext, turn: Turn): void {
    for (const result of results) {
      const window = this.#windows.get(result.slot);
      assert(window !== undefined, `Slot ${result.slot} was not asked in cycle ${turn.cycle}`);
      const slot = this.#core.slots.get(result.slot);
      if (slot !== null) this.#act(slot, window, result, context, turn);
    }
  }

  #act(slot: Slot, window: WindowState, result: DecisionResult, context: DealContext, turn: Turn): void {
    const { version } = result;
    const { cycle } = turn;
    if (result.type === "Faulted") {
      slot.faults += 1;
      slot.undecided += 1;
      slot.last = { signal: { kind: "hold", reason: `fault: ${result.fault.kind}` }, cycle, version };
      turn.outputs.push({ type: "FaultSeen", cycle, slot: result.slot, version, fault: result.fault });
      return;
    }
    const { slots } = this.#core;
    slot.undecided = 0;
    if (slot.running !== null && versionKey(slot.running.ref) === versionKey(version)) slot.hasDecided = true;
    slot.last = { signal: result.signal, cycle, version };
    const facts = slots.facts(versionKey(version));
    if (facts?.manifest.memory != null) slots.remember(result.slot, version, result.memory, turn);
    if (!ALLOWED[context.mode].decides || !context.mayTrade) return;
    const mode = isEnabled(slot, context.settings) ? context.mode : stricter(context.mode, "entries-stopped");
    const acted = this.#trader.act(slot, window, version, result.signal, { ...context, mode }, turn);
    if (acted) this.#sampler.sample(window, turn);
  }

  #request(slot: Slot, window: WindowState, settings: Settings, turn: Turn): DecisionRequest | null {
    const { id } = slot.settings;
    const facts = this.#deciderOf(slot, window.market.id);
    if (facts === null) {
      // What it holds is pinned to a version that could not be resumed, or may not decide any more.
      if (this.#pinnedVersion(id, window.market.id) !== null) slot.undecided += 1;
      return null;
    }
    if (slot.frame.length !== facts.layout.size) slot.frame = new Float64Array(facts.layout.size);
    const position = this.#core.desk.position(id, window.market.id);
    this.#frames.build(facts, window, position, turn.nowMs, settings.risk.staleAfterMs, slot.frame);
    if (this.#sampler.isDue(turn)) this.#core.slots.sampleMemory(id, facts, turn);
    return { slot: id, version: facts.ref, frame: slot.frame, memory: this.#core.slots.memory(id, facts) };
  }

  /** A window is decided to its end by the version that entered it: its position and orders are pinned to that version. */
  #deciderOf(slot: Slot, market: MarketId): VersionFacts | null {
    const { slots, quarantine } = this.#core;
    const pinned = this.#pinnedVersion(slot.settings.id, market);
    if (pinned === null) return slot.running;
    return quarantine.has(pinned) ? null : slots.facts(versionKey(pinned));
  }

  #pinnedVersion(id: SlotId, market: MarketId): VersionRef | null {
    const { desk } = this.#core;
    const position = desk.position(id, market);
    if (position !== null && position.status === "open") return position.version;
    return desk.liveOrdersOf(id).find((order) => order.market === market)?.version ?? null;
  }

  /** Lets go of versions, and of inputs, that nothing decides with any more. */
  forget(nowMs: number): void {
    const { market, slots } = this.#core;
    const inUse = [...slots.all].flatMap((slot) => {
      const { asset, interval } = slot.settings;
      const window = market.current(asset, interval, nowMs);
      const deciding = window === null ? null : this.#deciderOf(slot, window.market.id);
      return [slot.running, slot.armed, deciding].flatMap((facts) => (facts === null ? [] : [{ facts, asset }]));
    });
    this.#frames.retain(inUse);
    slots.forget(inUse.map(({ facts }) => facts.ref));
  }
}

const isEnabled = ({ settings: { id, strategy } }: Slot, settings: Settings): boolean =>
  !settings.disabledSlots.has(id) && !settings.disabledStrategies.has(strategy);
