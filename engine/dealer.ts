// Asks the slots' versions what to do, and does it: from windows to frames before the decisions, from signals to orders after.
import type { Asset } from "../dsl/asset.ts";
import { assert } from "./base/assert.ts";
import type { MarketId, SlotId } from "./base/ids.ts";
import type { DecisionRequest, DecisionResult } from "./decide/decision.ts";
import { type VersionFacts, type VersionKey, type VersionRef, versionKey } from "./decide/version.ts";
import type { Desk } from "./execution/desk.ts";
import { Trader } from "./execution/trader.ts";
import type { FrameBuilder } from "./frame/frame-builder.ts";
import type { MarketState, WindowState } from "./market/market-state.ts";
import { MarketSampler } from "./market-sampler.ts";
import type { Bars } from "./reload/bars.ts";
import type { Performance } from "./reload/performance.ts";
import type { TrialMoment } from "./reload/trial.ts";
import { otherArm } from "./reload/trial.ts";
import { ALLOWED, stricter } from "./risk/mode.ts";
import type { Mode, Settings } from "./risk/settings.ts";
import type { Shadow, Slot, Slots, SlotTrial } from "./slots.ts";
import type { Turn } from "./turn.ts";
import { watchDecisions } from "./watches.ts";

/** What is in force at the moment of asking, and again at the moment of acting. */
export interface DealContext {
  readonly settings: Settings;
  readonly mode: Mode;
  /** False until the venue has said what became of everything. */
  readonly mayTrade: boolean;
}

type Faulted = Extract<DecisionResult, { readonly type: "Faulted" }>;

interface AskedShadow {
  readonly slot: Slot;
  readonly window: WindowState;
  readonly entry: SlotTrial;
  readonly shadow: Shadow;
}

interface Dealt {
  readonly market: MarketState;
  readonly desk: Desk;
  readonly slots: Slots;
  readonly bars: Bars;
  readonly performance: Performance;
}

export class Dealer {
  readonly #core: Dealt;
  readonly #frames: FrameBuilder;
  readonly #trader: Trader;
  readonly #sampler: MarketSampler;
  /** The windows that were asked about, until the answers are in. */
  #windows = new Map<SlotId, WindowState>();
  readonly #cycleMs: number;
  /** Of these, and of those that nothing decides yet, the ones where a version may be compared with what runs. */
  #comparable = new Map<SlotId, WindowState>();
  /** The trials whose shadows were asked, in the order of the questions. */
  #shadows: { readonly cycle: number; readonly asked: readonly AskedShadow[] } = { cycle: 0, asked: [] };
  /** Live decisions that faulted in this cycle. */
  readonly #faulted = new Map<SlotId, Faulted>();

  constructor(core: Dealt, frames: FrameBuilder, cycleMs: number) {
    this.#core = core;
    this.#frames = frames;
    this.#trader = new Trader(core.desk, core.market);
    this.#sampler = new MarketSampler(core.market, cycleMs);
    this.#cycleMs = cycleMs;
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
    this.#comparable = new Map();
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
      const isAsked = ALLOWED[mode].decides && isConcerned;
      const request = isAsked ? this.#request(slot, window, settings, turn) : null;
      watchDecisions(slot, turn);
      if (isAsked && keyOf(request?.version) === keyOf(slot.running?.ref)) this.#comparable.set(id, window);
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

  /** What sits beside the slots that are decided in this cycle: it sees the same market, and what it would hold itself. */
  askShadows({ settings }: DealContext, turn: Turn): DecisionRequest[] {
    const { slots } = this.#core;
    const requests: DecisionRequest[] = [];
    const asked: AskedShadow[] = [];
    this.#faulted.clear();
    for (const [id, window] of this.#comparable) {
      const slot = slots.get(id)!;
      for (const entry of slot.trials) {
        const { shadow, trial, live } = entry;
        if (shadow === null) continue;
        const { facts, frame } = shadow;
        const position = trial.position(otherArm(live), id, window);
        this.#frames.build(facts, window, position, turn.nowMs, settings.risk.staleAfterMs, frame);
        const before = live === "running" ? (slot.running?.ref ?? null) : null;
        const given = shadow.memory === null ? slots.memory(id, facts, before) : { memory: shadow.memory };
        requests.push({ slot: id, version: facts.ref, frame, ...given });
        asked.push({ slot, window, entry, shadow });
      }
    }
    this.#shadows = { cycle: turn.cycle, asked };
    return requests;
  }

  /** Nothing is traded on these: they are scored. Those that the next cycle has overtaken are not heard. */
  hearShadows(cycle: number, results: readonly DecisionResult[], context: DealContext, turn: Turn): void {
    if (this.#shadows.cycle !== cycle) return;
    const { asked } = this.#shadows;
    this.#shadows = { cycle, asked: [] };
    assert(asked.length === results.length, `${results.length} shadows answered, ${asked.length} were asked`);
    for (const [index, result] of results.entries()) {
      const { slot, window, entry, shadow } = asked[index]!;
      const { trial, candidacy, live } = entry;
      const { id } = slot.settings;
      shadow.isDeciding = result.type === "Decided";
      if (result.type === "Decided") shadow.memory = result.memory;
      else if (result.fault.kind === "overdue") continue; // There was no time for it, which says nothing.
      const arm = otherArm(live);
      const moment = this.#moment(slot, window, context, turn);
      trial.heard(arm, id, window, result.type === "Decided" ? result.signal : null, moment);
      const beside = result.type === "Faulted" ? result : null;
      const faulted = this.#faulted.get(id) ?? null;
      // What both cannot decide is not the candidate's doing, and what comes late may be another's.
      const [its, theirs] = arm === "candidate" ? [beside, faulted] : [faulted, beside];
      if (its !== null && theirs === null && its.fault.kind !== "overdue") candidacy.faulted(faultIn(its, cycle));
      if (arm === "candidate") candidacy.fuel.add(result.fuel);
    }
  }

  #act(slot: Slot, window: WindowState, result: DecisionResult, context: DealContext, turn: Turn): void {
    const { version } = result;
    const { cycle } = turn;
    this.#tell(slot, window, result, context, turn);
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

  /** The trials of the slot hear what was decided for it, where that was not by code that an older position is pinned to. */
  #tell(slot: Slot, window: WindowState, result: DecisionResult, context: DealContext, turn: Turn): void {
    const { id } = slot.settings;
    if (result.type === "Faulted") this.#faulted.set(id, result);
    if (slot.trials.length === 0 || slot.running === null) return;
    if (versionKey(slot.running.ref) !== versionKey(result.version)) return;
    const moment = this.#moment(slot, window, context, turn);
    for (const { trial, live, candidacy } of slot.trials) {
      trial.heard(live, id, window, result.type === "Decided" ? result.signal : null, moment);
      if (live === "candidate") candidacy.fuel.add(result.fuel);
    }
  }

  #moment(slot: Slot, window: WindowState, { settings }: DealContext, { nowMs }: Turn): TrialMoment {
    const { desk, market } = this.#core;
    const terms = {
      sizing: settings.sizing,
      scalePpm: settings.scalePpm,
      limits: settings.risk,
      bankrollMicros: desk.ledger.balance("cash"),
    };
    const isFirst = nowMs - window.market.openMs < this.#cycleMs;
    return { terms, spotAtMs: market.asset(slot.settings.asset).lastTick?.receivedAtMs ?? null, nowMs, isFirst };
  }

  #request(slot: Slot, window: WindowState, settings: Settings, turn: Turn): DecisionRequest | null {
    const { id } = slot.settings;
    const facts = this.#deciderOf(slot, window.market.id, settings);
    if (facts === null) {
      // What it holds is pinned to a version that could not be resumed, or may not decide any more.
      if (this.#pinnedVersion(id, window.market.id) !== null) slot.undecided += 1;
      return null;
    }
    if (slot.frame.length !== facts.layout.size) slot.frame = new Float64Array(facts.layout.size);
    const { desk, slots, performance } = this.#core;
    const position = desk.position(id, window.market.id);
    if (position !== null) performance.see(position);
    this.#frames.build(facts, window, position, turn.nowMs, settings.risk.staleAfterMs, slot.frame);
    if (this.#sampler.isDue(turn)) slots.sampleMemory(id, facts, turn);
    const before = slots.predecessor(slot);
    return { slot: id, version: facts.ref, frame: slot.frame, ...slots.memory(id, facts, before) };
  }

  /**
   * A window is decided to its end by the version that entered it: its position and orders are pinned to that version, but
   * where new code is to adopt them.
   */
  #deciderOf(slot: Slot, market: MarketId, { reload }: Settings): VersionFacts | null {
    const { slots, bars } = this.#core;
    const pinned = this.#pinnedVersion(slot.settings.id, market);
    if (pinned === null || (reload.onReload === "adopt" && slot.running !== null)) return slot.running;
    return bars.isQuarantined(pinned) ? null : slots.facts(versionKey(pinned));
  }

  #pinnedVersion(id: SlotId, market: MarketId): VersionRef | null {
    const { desk } = this.#core;
    const position = desk.position(id, market);
    if (position !== null && position.status === "open") return position.version;
    return desk.liveOrdersOf(id).find((order) => order.market === market)?.version ?? null;
  }

  /** Lets go of versions, and of inputs, that nothing decides with any more; `waiting` may decide yet. */
  forget(settings: Settings, waiting: readonly VersionRef[], nowMs: number): void {
    const { market, slots } = this.#core;
    const inUse = [...slots.all].flatMap((slot) => {
      const { asset, interval } = slot.settings;
      const window = market.current(asset, interval, nowMs);
      const deciding = window === null ? null : this.#deciderOf(slot, window.market.id, settings);
      const shadows = slot.trials.map(({ shadow }) => shadow?.facts ?? null);
      return [slot.running, slot.armed, deciding, ...shadows].flatMap((facts) =>
        facts === null ? [] : [{ facts, asset }],
      );
    });
    this.#frames.retain(inUse);
    slots.forget([...inUse.map(({ facts }) => facts.ref), ...waiting]);
  }
}

const keyOf = (ref: VersionRef | undefined): VersionKey | null => (ref === undefined ? null : versionKey(ref));

const faultIn = ({ slot, fault }: Faulted, cycle: number): string =>
  `in ${slot} at cycle ${cycle} (${fault.kind}): ${fault.where === null ? "" : `${fault.where} `}${fault.message}`;

const isEnabled = ({ settings: { id, strategy } }: Slot, settings: Settings): boolean =>
  !settings.disabledSlots.has(id) && !settings.disabledStrategies.has(strategy);
