// Strikes against versions that take their sandbox down, and what the last one brings: the version decides nothing more until an
// operator clears its latch, and every slot that ran it goes back to what it ran before.
import { type MarketId, type SlotId, shortVersion } from "./base/ids.ts";
import type { DecisionResult, FaultKind } from "./decide/decision.ts";
import { type VersionKey, type VersionRef, versionKey } from "./decide/version.ts";
import type { Desk } from "./execution/desk.ts";
import type { MarketState } from "./market/market-state.ts";
import { type Bars, howToClear, scopeOf } from "./reload/bars.ts";
import type { Slot, Slots } from "./slots.ts";
import { madeBy, type Turn } from "./turn.ts";

export const STRIKES_MAX = 3;
/** A strike counts for this long: an hour of cycles of a second. */
export const STRIKE_CYCLES = 3_600;

/** Only what takes a worker down endangers the other slots. A throw is its own slot's affair; a late answer may be another's fault. */
const IS_STRIKE: Readonly<Record<FaultKind, boolean>> = {
  threw: false,
  fuel: false,
  memory: false,
  output: false,
  overdue: false,
  hung: true,
  host: true,
};

type Faulted = Extract<DecisionResult, { type: "Faulted" }>;

interface Judged {
  readonly slots: Slots;
  readonly desk: Desk;
  readonly market: MarketState;
  readonly bars: Bars;
}

export class Quarantine {
  readonly #core: Judged;
  /** The cycles of each version's strikes, oldest first. Not kept across a restart: a quarantine is. */
  readonly #strikes = new Map<VersionKey, readonly number[]>();

  constructor(core: Judged) {
    this.#core = core;
  }

  /** Strikes that count against the version as of this cycle. */
  strikes(version: VersionRef, cycle: number): number {
    return this.#counting(versionKey(version), cycle).length;
  }

  /**
   * Counts the strikes among the answers of a cycle: one a version and cycle, because one stall may cost it several slots.
   * Returns the versions that are quarantined now, and why.
   */
  judge(results: readonly DecisionResult[], turn: Turn): { readonly key: VersionKey; readonly reason: string }[] {
    const quarantined: { readonly key: VersionKey; readonly reason: string }[] = [];
    const struck = new Map<VersionKey, Faulted>();
    for (const result of results) {
      if (result.type === "Faulted" && IS_STRIKE[result.fault.kind]) struck.set(versionKey(result.version), result);
    }
    if (struck.size > 0) this.#forget(turn.cycle);
    for (const [key, result] of struck) {
      const strikes = [...this.#counting(key, turn.cycle), turn.cycle];
      this.#strikes.set(key, strikes);
      if (strikes.length >= STRIKES_MAX) quarantined.push({ key, reason: this.#quarantine(key, result, turn) });
    }
    return quarantined;
  }

  #forget(cycle: number): void {
    for (const key of this.#strikes.keys()) if (this.#counting(key, cycle).length === 0) this.#strikes.delete(key);
  }

  #counting(key: VersionKey, cycle: number): readonly number[] {
    return (this.#strikes.get(key) ?? []).filter((struck) => cycle - struck < STRIKE_CYCLES);
  }

  #quarantine(key: VersionKey, { slot, version, fault }: Faulted, turn: Turn): string {
    const { bars, slots } = this.#core;
    this.#strikes.delete(key);
    const scope = scopeOf(version);
    const reason = `it took its sandbox down ${STRIKES_MAX} times, last in ${slot} at cycle ${turn.cycle}: ${fault.message}`;
    bars.set("quarantine", version, "underway", reason, turn);
    const bereft = slots.withdraw(key);
    const { strategy, ordinal } = version;
    const told = `${scope} (v${ordinal}) is quarantined`;
    const follows = whatFollows(bereft);
    const message = `${told}: ${reason}. ${follows}.${this.#whatIsLeft(key, turn)} ${howToClear("quarantine", scope)}`;
    turn.alarm("quarantined", "critical", scope, message);
    turn.log("error", "version.quarantined", `${told}: ${follows}`, { ...madeBy(slot, version), strategy });
    return reason;
  }

  /** Positions and orders stay pinned to the version, and nobody else may decide them. */
  #whatIsLeft(key: VersionKey, { nowMs }: Turn): string {
    const { desk, market } = this.#core;
    const isOpen = (id: MarketId) => (market.window(id)?.market.closeMs ?? 0) > nowMs;
    const left = [...desk.openPositions, ...desk.liveOrders].filter(
      (pinned) => versionKey(pinned.version) === key && isOpen(pinned.market),
    );
    const names = listed(left.map(({ slot }) => slot));
    return left.length === 0
      ? ""
      : ` What it holds or ordered in ${names} is decided by nothing until its window closes: sell with close <slot>.`;
  }
}

const listed = (slots: readonly SlotId[]): string => [...new Set(slots)].join(", ");

function whatFollows(bereft: readonly Slot[]): string {
  const replaced = new Map<string, SlotId[]>();
  for (const { armed, running, settings } of bereft) {
    const ref = (armed ?? running)?.ref;
    const by = ref === undefined ? "nothing" : `${shortVersion(ref.strategy, ref.code)} (v${ref.ordinal})`;
    replaced.set(by, [...(replaced.get(by) ?? []), settings.id]);
  }
  const parts = [...replaced].map(([by, ids]) => `${by} decides ${listed(ids)} from the next cycle on`);
  return parts.length === 0 ? "no slot ran it" : parts.join("; ");
}
