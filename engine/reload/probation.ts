// A version that has just become active stays on trial: what it replaced decides beside it, and takes over again by itself when
// the new one faults, falls silent, spends ever more or loses money that the old one would not have lost.
import type { SlotId } from "../base/ids.ts";
import { shortVersion } from "../base/ids.ts";
import { type VersionKey, versionKey } from "../decide/version.ts";
import { type RehearsalReport, refusals } from "../rehearsal/port.ts";
import type { Slot } from "../slots.ts";
import type { Turn } from "../turn.ts";
import { UNDECIDED_ALARM } from "../watches.ts";
import type { Boundary } from "./boundary.ts";
import { Candidacy, policyOf } from "./candidacy.ts";
import { predecessorOf, type ReloadDesk } from "./desk.ts";
import type { Receipt } from "./receipt.ts";
import type { TrialState } from "./trial.ts";
import { judge, trouble } from "./verdict.ts";

export class Probation {
  readonly #desk: ReloadDesk;
  /** By strategy. */
  readonly #active = new Map<string, Candidacy>();

  constructor(desk: ReloadDesk) {
    this.#desk = desk;
  }

  get active(): Candidacy[] {
    return [...this.#active.values()];
  }

  of(strategy: string): Candidacy | null {
    return this.#active.get(strategy) ?? null;
  }

  /** What a restart found on probation goes on with it, once what ran is loaded again. */
  resume(turn: Turn): void {
    for (const receipt of this.#desk.core.receipts.underway) {
      if (receipt.state !== "active" || this.#active.has(receipt.strategy)) continue;
      const wanted = new Map<SlotId, VersionKey>();
      for (const { settings, armed, running } of this.#desk.slotsOf(receipt.strategy)) {
        const ref = (armed ?? running)?.ref;
        const isIts = ref !== undefined && ref.code === receipt.code && receipt.params.includes(ref.params);
        if (isIts && receipt.slots.includes(settings.id)) wanted.set(settings.id, versionKey(ref));
      }
      const candidacy = new Candidacy(receipt, policyOf(receipt), wanted);
      if (wanted.size === 0) this.#desk.end(candidacy, "superseded", ["it was not resumed after a restart"], turn);
      else this.#begin(candidacy, this.#trialOf(receipt));
    }
  }

  /** It decides since this boundary. What was on probation before it has been replaced. */
  activated(candidacy: Candidacy, boundary: Boundary, turn: Turn): void {
    const { strategy } = candidacy.receipt;
    const replaced = this.#active.get(strategy);
    this.#active.delete(strategy);
    if (replaced !== undefined) {
      // The same version in a slot that was added: where it decided before, it stays on probation.
      if ([...candidacy.keys].every((key) => replaced.keys.has(key)))
        candidacy.wanted = new Map([...replaced.wanted, ...candidacy.wanted]);
      this.#desk.end(replaced, "superseded", [`replaced by ${this.#desk.named(candidacy)}`], turn);
    }
    candidacy.receipt = {
      ...candidacy.receipt,
      state: "active",
      slots: [...candidacy.wanted.keys()],
      boundaryCycle: turn.cycle,
      boundaryUs: boundary.micros,
      coreBefore: boundary.before,
      coreAfter: boundary.after,
    };
    candidacy.trial = null;
    turn.clearAlarm("rolled-back", strategy);
    turn.clearAlarm("shadow-divergence", strategy);
    this.#desk.save(candidacy, null, turn);
    if (candidacy.promotion.type === "ungated") this.#makePermanent(candidacy, turn);
    else this.#begin(candidacy, null);
  }

  /** The pointers of a strategy have changed under it, by a canary or a slot that was added: its arms are seated again. */
  runningChanged(strategy: string): void {
    const candidacy = this.#active.get(strategy);
    if (candidacy !== undefined) this.#seat(candidacy);
  }

  judge(turn: Turn): void {
    const { settings } = this.#desk.core;
    for (const candidacy of this.active) {
      if (candidacy.trial === null) continue;
      const reason = trouble(candidacy) ?? this.#silence(candidacy);
      if (reason !== null && this.canGoBack(candidacy)) {
        this.rollBack(candidacy, "underway", reason, turn);
        continue;
      }
      const verdict = judge(candidacy.trial, settings.reload.probationWindows, this.#desk.isAsked);
      if (verdict.type === "Fail" && this.canGoBack(candidacy))
        this.rollBack(candidacy, "underway", verdict.reason, turn);
      else if (verdict.type !== "Wait") this.#makePermanent(candidacy, turn);
    }
  }

  settled(candidacy: Candidacy, turn: Turn): void {
    this.#desk.save(candidacy, null, turn);
  }

  /** The rest of its rehearsal is in. Returns false when the receipt is not one of those on probation. */
  rehearsed(id: string, report: RehearsalReport, turn: Turn): boolean {
    const candidacy = this.active.find((each) => each.isOf(id));
    if (candidacy === undefined) return false;
    candidacy.receipt = { ...candidacy.receipt, rehearsal: report };
    this.#desk.save(candidacy, null, turn);
    const [reason] = refusals(report, 0);
    if (reason === undefined) return true;
    if (this.canGoBack(candidacy)) this.rollBack(candidacy, "underway", reason, turn);
    else
      turn.alarm(
        "reload-rejected",
        "warning",
        candidacy.receipt.strategy,
        `${this.#desk.named(candidacy)} decides, but ${reason}`,
      );
    return true;
  }

  /** Back to what decided before. What is rolled back may not return by itself. */
  rollBack(candidacy: Candidacy, by: string, reason: string, turn: Turn): void {
    const { strategy } = candidacy.receipt;
    const named = this.#desk.named(candidacy);
    const active = this.#active.get(strategy);
    this.#active.delete(strategy);
    if (active !== undefined && active !== candidacy) this.#desk.end(active, "rolled-back", [reason], turn);
    this.#desk.bar("rolled-back", candidacy, by, reason, turn);
    const bereft = [...candidacy.keys].flatMap((key) => this.#desk.core.slots.withdraw(key));
    this.#desk.end(candidacy, "rolled-back", [reason], turn);
    turn.alarm(
      "rolled-back",
      "critical",
      strategy,
      `${named} was rolled back, by ${by}: ${reason}. ${whatFollows(bereft)}`,
    );
  }

  /** A version that was barred from outside: its slots have been taken from it already. */
  barred(key: VersionKey, reason: string, turn: Turn): void {
    for (const candidacy of this.active) {
      if (!candidacy.keys.has(key)) continue;
      this.#active.delete(candidacy.receipt.strategy);
      this.#desk.end(candidacy, "rolled-back", [reason], turn);
    }
  }

  #begin(candidacy: Candidacy, state: TrialState | null): void {
    this.#active.set(candidacy.receipt.strategy, candidacy);
    candidacy.beginTrial([...candidacy.wanted.keys()], state);
    this.#seat(candidacy);
  }

  /** A canary of the next one may trade in some of its slots. */
  #seat(candidacy: Candidacy): void {
    this.#desk.seat(candidacy, this.#desk.live(candidacy), "candidate", predecessorOf);
  }

  #makePermanent(candidacy: Candidacy, turn: Turn): void {
    const { strategy } = candidacy.receipt;
    this.#active.delete(strategy);
    candidacy.receipt = { ...candidacy.receipt, state: "permanent" };
    this.#desk.save(candidacy, null, turn);
    this.#desk.seat(candidacy, [], "candidate", () => null);
    turn.log("info", "version.permanent", `${this.#desk.named(candidacy)} is permanent`, { strategy });
  }

  canGoBack({ receipt, wanted }: Candidacy): boolean {
    const slots = this.#desk.slotsOf(receipt.strategy).filter(({ settings }) => wanted.has(settings.id));
    return slots.some((slot) => predecessorOf(slot) !== null);
  }

  /** A slot that does not decide while the other version does; null when there is none. */
  #silence(candidacy: Candidacy): string | null {
    for (const { settings, undecided, trials } of this.#desk.slotsOf(candidacy.receipt.strategy)) {
      const isAlone = trials.some(({ candidacy: its, shadow }) => its === candidacy && shadow?.isDeciding === true);
      if (isAlone && undecided >= UNDECIDED_ALARM) return `${settings.id} has not decided for ${undecided} cycles`;
    }
    return null;
  }

  #trialOf(receipt: Receipt): TrialState | null {
    const state = this.#desk.core.receipts.trial(receipt.id);
    return state === null ? null : (JSON.parse(state) as TrialState | null);
  }
}

function whatFollows(bereft: readonly Slot[]): string {
  const [armed] = bereft.flatMap((slot) => (slot.armed === null ? [] : [slot.armed.ref]));
  return armed === undefined
    ? "Nothing is left to go back to: its slots stand still"
    : `${shortVersion(armed.strategy, armed.code)} (v${armed.ordinal}) decides again from the next cycle on`;
}
