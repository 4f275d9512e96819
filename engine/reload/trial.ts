// Two versions side by side in the same windows: one trades, the other decides beside it. Both are scored by imagined trades on
// the same quotes, so what differs between them is what they decided. A window counts when it was seen from its first cycle on.
import type { SlotId } from "../base/ids.ts";
import type { Signal } from "../decide/decision.ts";
import type { HeldPosition } from "../frame/held-position.ts";
import { computedOutcome, type WindowState } from "../market/market-state.ts";
import { PairedTest, type PairedTestState } from "./paired-test.ts";
import { type BookTerms, type PaperResult, PaperTrade } from "./paper-trade.ts";

export type TrialArm = "candidate" | "running";
export const otherArm = (arm: TrialArm): TrialArm => (arm === "candidate" ? "running" : "candidate");

/** A window whose price at the close has not come by then never counts. */
const SETTLE_MS_MAX = 10 * 60_000;

export interface TrialState {
  /** Windows settled, by slot. */
  readonly windows: { readonly [slot: string]: number };
  readonly compared: number;
  readonly differing: number;
  readonly candidateMicros: number;
  readonly runningMicros: number;
  readonly test: PairedTestState;
  /** Most evidence of harm that there ever was: once is enough. */
  readonly harm: number;
}

/** What a decision was made on, besides its window. */
export interface TrialMoment {
  readonly terms: BookTerms;
  readonly spotAtMs: number | null;
  readonly nowMs: number;
  /** It is the window's first cycle. */
  readonly isFirst: boolean;
}

interface Comparison {
  readonly slot: SlotId;
  readonly window: WindowState;
  readonly trades: { readonly [arm in TrialArm]: PaperTrade };
  /** Where nothing ran before, the candidate is the only one: its windows count, and nothing is compared. */
  readonly heard: Set<TrialArm>;
}

export interface SettledComparison {
  readonly slot: SlotId;
  readonly window: WindowState;
  readonly candidate: PaperResult;
  readonly running: PaperResult;
  /** Both decided in it. */
  readonly isPaired: boolean;
}

export class Trial {
  readonly slots: readonly SlotId[];
  readonly #windows: Map<SlotId, number>;
  readonly #test: PairedTest;
  /** By slot and market: a window waits for the price at its close while the next one runs. */
  readonly #open = new Map<string, Comparison>();
  /** Differences of windows that closed together: they count as one, for their assets move together. */
  readonly #closing = new Map<number, number[]>();
  #compared: number;
  #differing: number;
  #candidateMicros: number;
  #runningMicros: number;
  #harm: number;

  constructor(slots: readonly SlotId[], state: TrialState | null = null) {
    this.slots = slots;
    this.#windows = new Map(slots.map((slot) => [slot, state?.windows[slot] ?? 0]));
    this.#test = new PairedTest(state?.test);
    this.#compared = state?.compared ?? 0;
    this.#differing = state?.differing ?? 0;
    this.#candidateMicros = state?.candidateMicros ?? 0;
    this.#runningMicros = state?.runningMicros ?? 0;
    this.#harm = state?.harm ?? 1;
  }

  get state(): TrialState {
    return {
      windows: Object.fromEntries(this.#windows),
      compared: this.#compared,
      differing: this.#differing,
      candidateMicros: this.#candidateMicros,
      runningMicros: this.#runningMicros,
      test: this.#test.state,
      harm: this.#harm,
    };
  }

  get harm(): number {
    return this.#harm;
  }

  /** Settled windows of the slot that has fewest, of those still asked for. */
  least(isAsked: (slot: SlotId) => boolean): number {
    const counts = this.slots.filter(isAsked).map((slot) => this.#windows.get(slot) ?? 0);
    return counts.length === 0 ? 0 : Math.min(...counts);
  }

  /** What this arm would hold in the window by now, for its next decision; null for nothing. */
  position(arm: TrialArm, slot: SlotId, window: WindowState): HeldPosition | null {
    return this.#open.get(keyOf(slot, window))?.trades[arm].position ?? null;
  }

  /** A decision of one arm. Null is a fault: nothing was decided, and the window counts all the same. */
  heard(arm: TrialArm, slot: SlotId, window: WindowState, signal: Signal | null, moment: TrialMoment): void {
    const comparison = this.#comparison(slot, window, moment);
    if (comparison === null) return;
    comparison.heard.add(arm);
    if (signal !== null) comparison.trades[arm].act(signal, window, moment.spotAtMs, moment.nowMs);
  }

  /** Windows whose end price has become known: those of this trial that it decides something about. */
  settled(windows: readonly WindowState[], nowMs: number): readonly SettledComparison[] {
    const done: SettledComparison[] = [];
    for (const [key, { slot, window, trades, heard }] of this.#open) {
      const isOver = nowMs > window.market.closeMs + SETTLE_MS_MAX;
      const outcome = windows.includes(window) ? computedOutcome(window) : null;
      if (outcome === null && !isOver) continue;
      this.#open.delete(key);
      if (outcome === null || !heard.has("candidate")) continue;
      const [candidate, running] = [trades.candidate.settle(outcome), trades.running.settle(outcome)];
      done.push({ slot, window, candidate, running, isPaired: heard.has("running") });
    }
    for (const each of done) this.#count(each);
    this.#weigh();
    return done;
  }

  #count({ slot, window, candidate, running, isPaired }: SettledComparison): void {
    this.#windows.set(slot, (this.#windows.get(slot) ?? 0) + 1);
    this.#candidateMicros += candidate.pnlMicros;
    if (!isPaired) return;
    this.#runningMicros += running.pnlMicros;
    this.#compared += 1;
    if (candidate.pnlMicros !== running.pnlMicros || candidate.entry?.side !== running.entry?.side)
      this.#differing += 1;
    const { closeMs } = window.market;
    const differences = this.#closing.get(closeMs) ?? [];
    differences.push(candidate.perShareMicros - running.perShareMicros);
    this.#closing.set(closeMs, differences);
  }

  /** A close is weighed once every window of it has settled. */
  #weigh(): void {
    const waiting = new Set([...this.#open.values()].map(({ window }) => window.market.closeMs));
    for (const [closeMs, differences] of this.#closing) {
      if (waiting.has(closeMs)) continue;
      this.#closing.delete(closeMs);
      this.#test.add(differences);
      this.#harm = Math.max(this.#harm, this.#test.harm);
    }
  }

  #comparison(slot: SlotId, window: WindowState, { terms, isFirst }: TrialMoment): Comparison | null {
    const key = keyOf(slot, window);
    const open = this.#open.get(key);
    if (open !== undefined) return open;
    if (!isFirst) return null;
    const trades = { candidate: new PaperTrade(terms), running: new PaperTrade(terms) };
    const fresh = { slot, window, trades, heard: new Set<TrialArm>() };
    this.#open.set(key, fresh);
    return fresh;
  }
}

const keyOf = (slot: SlotId, { market }: WindowState): string => `${slot} ${market.id}`;
