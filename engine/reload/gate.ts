// The gate: what a candidate must pass before it trades. Steps are taken in order, at boundaries; windows are counted as they
// settle; an operator's word is for one code and one set of params.
import type { SlotId } from "../base/ids.ts";
import { shortVersion } from "../base/ids.ts";
import { type VersionKey, versionKey } from "../decide/version.ts";
import { type RehearsalReport, refusals } from "../rehearsal/port.ts";
import type { Turn } from "../turn.ts";
import { Candidacy, policyOf } from "./candidacy.ts";
import { predecessorOf, type ReloadDesk } from "./desk.ts";
import { type Promotion, type PromotionStep, stepText } from "./promotion.ts";
import type { GateProgress, Receipt } from "./receipt.ts";
import type { TrialState } from "./trial.ts";
import { judge, trouble } from "./verdict.ts";

export interface SlotVersion {
  readonly slot: SlotId;
  readonly key: VersionKey;
}

/** A shadow that trades differently in this part of so many windows is worth a look. */
const DIVERGES_SHARE = 1 / 2;
const DIVERGES_WINDOWS = 12;

export class Gate {
  readonly #desk: ReloadDesk;
  /** At the gate, or armed, by strategy. */
  readonly #waiting = new Map<string, Candidacy>();

  constructor(desk: ReloadDesk) {
    this.#desk = desk;
  }

  get waiting(): Candidacy[] {
    return [...this.#waiting.values()];
  }

  of(strategy: string): Candidacy | null {
    return this.#waiting.get(strategy) ?? null;
  }

  /** What waits here, or did before a restart and was not offered again yet. */
  left(strategy: string): Candidacy | null {
    const interrupted = this.#desk.core.receipts.interrupted(strategy);
    const waiting = this.of(strategy);
    if (waiting !== null || interrupted === null) return waiting;
    return new Candidacy(interrupted, policyOf(interrupted), this.#ran(interrupted));
  }

  /** A candidate that was rehearsed. One that a restart interrupted goes on where it was. */
  offered(offer: Receipt, versions: readonly SlotVersion[], turn: Turn): void {
    const { strategy } = offer;
    const waiting = this.#waiting.get(strategy);
    const before = waiting?.receipt ?? this.#desk.core.receipts.interrupted(strategy);
    const isElsewhere = versions.some(({ slot, key }) => (waiting?.wanted.get(slot) ?? key) !== key);
    const isSame = before !== null && !isElsewhere && this.#isSame(before, offer, versions);
    if (isSame && waiting !== undefined) return this.#again(waiting, offer, turn);
    if (!isSame) this.superseded(strategy, offer.to ?? "a newer save", turn);
    turn.clearAlarm("reload-rejected", strategy);
    // What already decides a slot is neither tried there nor taken back from there.
    const changes = versions.filter((each) => (isSame ? before.slots.includes(each.slot) : !this.#stands(each)));
    if (changes.length === 0) return;
    const wanted = new Map(changes.map(({ slot, key }) => [slot, key]));
    const refusal = this.#unadoptable(strategy, wanted);
    if (refusal !== null)
      return this.refused({ ...offer, state: "rejected", stage: "loaded", reasons: [refusal] }, turn);
    const receipt: Receipt = isSame ? before : { ...offer, state: "gated", slots: [...wanted.keys()] };
    const candidacy = new Candidacy(receipt, isSame ? policyOf(before) : this.#policyOf(strategy), wanted);
    this.#waiting.set(strategy, candidacy);
    this.#enter(candidacy, turn, isSame ? this.#trialOf(receipt) : null);
    this.#again(candidacy, offer, turn);
  }

  /** The same version, saved again: what is found of it from now on is found by the newer rehearsal. */
  #again(candidacy: Candidacy, { id, rehearsal }: Receipt, turn: Turn): void {
    candidacy.attempt = id;
    if (candidacy.receipt.rehearsal?.complete !== true) candidacy.receipt = { ...candidacy.receipt, rehearsal };
    this.#advance(candidacy, turn);
  }

  /** The same code and params, for the same slots. */
  #isSame(before: Receipt, offer: Receipt, versions: readonly SlotVersion[]): boolean {
    if (before.code !== offer.code || before.params.join() !== offer.params.join()) return false;
    return versions.every((each) => before.slots.includes(each.slot) || this.#stands(each));
  }

  /** Whether it decides the slot, or is about to. */
  #stands({ slot: id, key }: SlotVersion): boolean {
    const slot = this.#desk.core.slots.get(id);
    const ref = (slot?.armed ?? slot?.running)?.ref;
    return ref !== undefined && versionKey(ref) === key;
  }

  /** What never came to the gate, with its reasons. */
  refused(receipt: Receipt, turn: Turn): void {
    const { strategy, stage, reasons } = receipt;
    this.superseded(strategy, "a newer save", turn);
    this.#desk.core.receipts.put(receipt, null, turn);
    turn.clearAlarm("reload-rejected", strategy);
    const what = `What is saved as ${strategy} was refused at ${stage}: ${reasons[0] ?? ""}`;
    turn.alarm("reload-rejected", "warning", strategy, what);
  }

  /** Something newer was saved, or what runs was saved again: what waits here does not come any more. */
  superseded(strategy: string, by: string, turn: Turn): void {
    const candidacy = this.left(strategy);
    if (candidacy === null) return;
    this.#waiting.delete(strategy);
    this.#takeBack(candidacy, false);
    this.#desk.end(candidacy, "superseded", [`superseded by ${by}`], turn);
  }

  /** The rest of a rehearsal is in. Returns false when the receipt is not one of those that wait. */
  rehearsed(id: string, report: RehearsalReport, turn: Turn): boolean {
    const candidacy = this.waiting.find((each) => each.isOf(id));
    if (candidacy === undefined) return false;
    const reasons = refusals(report, this.#desk.core.settings.reload.rehearsalWindowsMin);
    candidacy.receipt = { ...candidacy.receipt, rehearsal: report };
    if (reasons.length > 0) this.fail(candidacy, reasons.join("; "), turn);
    else this.#advance(candidacy, turn);
    return true;
  }

  advance(turn: Turn): void {
    for (const candidacy of this.waiting) this.#advance(candidacy, turn);
  }

  /** Those whose slots all decide with them since this boundary: they wait no more. */
  takeActivated(): Candidacy[] {
    const { slots } = this.#desk.core;
    const active = this.waiting.filter(({ receipt, wanted }) => {
      if (receipt.state !== "armed") return false;
      return [...wanted].every(([id, key]) => {
        const slot = slots.get(id);
        return slot === null || (slot.running !== null && versionKey(slot.running.ref) === key);
      });
    });
    for (const { receipt } of active) this.#waiting.delete(receipt.strategy);
    return active;
  }

  /** The versions of its slots have changed: whoever is compared with them is compared anew. */
  runningChanged(strategy: string, turn: Turn): void {
    const candidacy = this.#waiting.get(strategy);
    if (candidacy === undefined || candidacy.receipt.state !== "gated") return;
    if (candidacy.canary.length > 0 && candidacy.step?.type !== "shadow") this.#seatCanary(candidacy);
    else if (candidacy.trial !== null && candidacy.against !== this.#standing(candidacy)) {
      this.#enter(candidacy, turn, null);
    }
  }

  /** The versions that decide its slots, or will from the next boundary on. */
  #standing({ wanted }: Candidacy): string {
    const refs = [...wanted.keys()].map((id) => {
      const slot = this.#desk.core.slots.get(id);
      return (slot?.running ?? slot?.armed)?.ref;
    });
    return refs.map((ref) => (ref === undefined ? "none" : versionKey(ref))).join();
  }

  settled(candidacy: Candidacy, turn: Turn): void {
    if (candidacy.step?.type === "shadow") this.#watchDivergence(candidacy, candidacy.step.windows, turn);
    this.#desk.save(candidacy, this.#waitsFor(candidacy), turn);
  }

  approve(strategy: string, code: string, params: string, author: string, turn: Turn): string {
    const candidacy = this.#named(strategy, code, params);
    if (typeof candidacy === "string") return candidacy;
    if (!candidacy.asksApproval) return `refused: ${this.#desk.named(candidacy)} needs no approval`;
    const { rehearsal } = candidacy.receipt;
    if (rehearsal?.complete === false) {
      return `refused: ${this.#desk.named(candidacy)} is still rehearsed, ${rehearsal.frames} of ${rehearsal.sampledOf} decisions so far`;
    }
    candidacy.approvedBy = author;
    this.#advance(candidacy, turn);
    return `${this.#desk.named(candidacy)} is approved, by ${author}`;
  }

  reject(strategy: string, code: string, params: string, author: string, turn: Turn): string {
    const candidacy = this.#named(strategy, code, params);
    if (typeof candidacy === "string") return candidacy;
    const reason = `rejected by ${author}`;
    this.#desk.bar("rejected", candidacy, author, reason, turn);
    this.#fail(candidacy, [reason], turn);
    return `${this.#desk.named(candidacy)} is rejected`;
  }

  promote(strategy: string, turn: Turn): string {
    const candidacy = this.#waiting.get(strategy);
    if (candidacy?.receipt.state !== "gated") return `refused: nothing of ${strategy} waits at the gate`;
    if (candidacy.step === null) return `refused: ${this.#desk.named(candidacy)} waits for its strategy to be unpinned`;
    const skipped: string[] = [];
    while (candidacy.step !== null && candidacy.step.type !== "approve") {
      skipped.push(stepText(candidacy.step));
      candidacy.passed += 1;
    }
    if (skipped.length === 0)
      return `refused: ${this.#desk.named(candidacy)} waits for an approval, which is given by approve`;
    this.#enter(candidacy, turn, null);
    this.#advance(candidacy, turn);
    return `${this.#desk.named(candidacy)} goes past ${skipped.join(" and ")}`;
  }

  /** A version that was barred from outside: its slots have been taken from it already. */
  barred(key: VersionKey, reason: string, turn: Turn): void {
    for (const candidacy of this.waiting) if (candidacy.keys.has(key)) this.#fail(candidacy, [reason], turn);
  }

  /** Not armed any more, and out of its canary slots. `isBad`: it is not gone back to either. */
  #takeBack(candidacy: Candidacy, isBad: boolean): void {
    const canary = new Set(candidacy.canary);
    for (const key of candidacy.keys) {
      if (canary.size > 0) this.#desk.core.slots.withdraw(key, canary, isBad);
      if (candidacy.receipt.state === "armed") this.#desk.core.slots.disarm(key);
    }
  }

  /** It ends at the gate, by what it did or by an operator. */
  #fail(candidacy: Candidacy, reasons: readonly string[], turn: Turn): void {
    const { strategy } = candidacy.receipt;
    this.#waiting.delete(strategy);
    const canary = candidacy.canary.length > 0;
    this.#takeBack(candidacy, true);
    this.#desk.end(candidacy, canary ? "rolled-back" : "rejected", reasons, turn);
    const message = `${this.#desk.named(candidacy)} did not pass its gate: ${reasons.join("; ")}`;
    turn.alarm(canary ? "rolled-back" : "reload-rejected", canary ? "critical" : "warning", strategy, message);
  }

  /** A version that failed on evidence may not come back by itself. */
  fail(candidacy: Candidacy, reason: string, turn: Turn): void {
    const kind = candidacy.canary.length > 0 ? "rolled-back" : "rejected";
    this.#desk.bar(kind, candidacy, "underway", reason, turn);
    if (kind === "rolled-back") for (const key of candidacy.keys) this.#desk.core.slots.withdraw(key);
    this.#fail(candidacy, [reason], turn);
  }

  #advance(candidacy: Candidacy, turn: Turn): void {
    const barred = [...candidacy.keys].flatMap((key) => this.#refusal(key) ?? []);
    if (barred.length > 0) return this.#fail(candidacy, barred, turn);
    if (candidacy.receipt.state !== "gated") return this.#arm(candidacy, turn); // A slot of it may be there only now.
    const wrong = candidacy.trial === null ? null : trouble(candidacy);
    if (wrong !== null) return this.fail(candidacy, wrong, turn);
    if (candidacy.step?.type === "canary" && candidacy.trial === null) this.#enter(candidacy, turn, null);
    for (let { step } = candidacy; step !== null; step = candidacy.step) {
      if (!this.#hasPassed(candidacy, step, turn)) return;
      candidacy.passed += 1;
      turn.log("info", "gate.passed", `${this.#desk.named(candidacy)} has passed ${stepText(step)}`, {
        strategy: candidacy.receipt.strategy,
      });
      this.#enter(candidacy, turn, null);
    }
    if (this.#waitsFor(candidacy) !== null) return this.#desk.save(candidacy, this.#waitsFor(candidacy), turn);
    candidacy.receipt = { ...candidacy.receipt, state: "armed" };
    this.#desk.save(candidacy, null, turn);
    this.#arm(candidacy, turn);
  }

  #arm({ wanted }: Candidacy, turn: Turn): void {
    for (const [slot, key] of wanted) this.#desk.core.arm(slot, key, turn);
  }

  /** False: it waits, or it has failed. */
  #hasPassed(candidacy: Candidacy, step: PromotionStep, turn: Turn): boolean {
    if (step.type === "approve") {
      if (candidacy.approvedBy !== null) return true;
    } else if (candidacy.trial !== null) {
      const verdict = judge(candidacy.trial, step.windows, this.#desk.isAsked);
      if (verdict.type === "Pass") return true;
      if (verdict.type === "Fail") {
        const { strategy } = candidacy.receipt;
        this.fail(candidacy, verdict.reason, turn);
        if (step.type === "shadow") turn.alarm("shadow-divergence", "critical", strategy, verdict.reason);
        return false;
      }
    }
    this.#desk.save(candidacy, this.#waitsFor(candidacy), turn);
    return false;
  }

  /** Begins the step that is next. */
  #enter(candidacy: Candidacy, turn: Turn, state: TrialState | null): void {
    const { step, wanted, canary } = candidacy;
    const isOver = step === null || step.type === "approve";
    if (isOver && canary.length > 0 && candidacy.trial !== null) return; // What trades is watched until it is everywhere.
    const ids = [...wanted.keys()];
    candidacy.trial = null;
    this.#desk.seat(candidacy, [], "running", () => null);
    candidacy.against = this.#standing(candidacy);
    if (step?.type === "shadow") {
      candidacy.beginTrial(ids, state);
      this.#desk.seat(candidacy, ids, "running", ({ settings }) => wanted.get(settings.id) ?? null);
      return;
    }
    if (step?.type === "canary") {
      if (canary.length === 0 && this.#isHeld(candidacy)) return;
      const size = Math.max(step.slots, canary.length);
      candidacy.canary = [...new Set([...canary, ...ids.filter(this.#desk.isAsked), ...ids])].slice(0, size);
      for (const id of candidacy.canary) {
        const slot = this.#desk.core.slots.get(id);
        if (slot !== null) slot.hasDecided = true; // What runs everywhere else is what it goes back to, whatever it did here.
        this.#desk.core.arm(id, wanted.get(id)!, turn);
      }
    }
    if (candidacy.canary.length === 0) return;
    candidacy.beginTrial(candidacy.canary, state);
    this.#seatCanary(candidacy);
  }

  /** Where it trades, what ran there before sits beside. */
  #seatCanary(candidacy: Candidacy): void {
    this.#desk.seat(candidacy, this.#desk.live(candidacy, candidacy.canary), "candidate", predecessorOf);
  }

  #watchDivergence(candidacy: Candidacy, windows: number, turn: Turn): void {
    const { compared, differing } = candidacy.trial!.state;
    if (compared < Math.min(windows, DIVERGES_WINDOWS) || differing < compared * DIVERGES_SHARE) return;
    const message = `${this.#desk.named(candidacy)} in shadow trades differently in ${differing} of ${compared} windows`;
    turn.alarm("shadow-divergence", "warning", candidacy.receipt.strategy, message);
  }

  #waitsFor(candidacy: Candidacy): GateProgress["waitsFor"] {
    const { step, receipt, trial, approvedBy } = candidacy;
    if (step?.type === "approve")
      return approvedBy === null && receipt.rehearsal?.complete === false ? "rehearsal" : "approve";
    const isNext = step === null || (step.type === "canary" && trial === null);
    return isNext && this.#isHeld(candidacy) ? "unpin" : (step?.type ?? null);
  }

  /** Its strategy is pinned to another version. */
  #isHeld({ receipt: { strategy, code } }: Candidacy): boolean {
    const pin = this.#desk.core.settings.reload.pins.get(strategy);
    return pin !== undefined && code !== null && pin !== shortVersion(strategy, code);
  }

  #refusal(key: VersionKey): string | null {
    const { bars, slots } = this.#desk.core;
    return bars.refusal(slots.facts(key)?.ref ?? null);
  }

  #named(strategy: string, code: string, params: string): Candidacy | string {
    const candidacy = this.#waiting.get(strategy);
    if (candidacy?.receipt.state !== "gated") return `refused: nothing of ${strategy} waits at the gate`;
    const { receipt } = candidacy;
    if (receipt.code === code && receipt.params.join("+") === params) return candidacy;
    return `refused: the candidate of ${strategy} is now ${this.#desk.named(candidacy)}, ${receipt.code} with params ${receipt.params.join("+")}`;
  }

  /** What an interrupted canary left running. */
  #ran({ code, params, gate }: Receipt): Map<SlotId, VersionKey> {
    const ran = new Map<SlotId, VersionKey>();
    for (const id of gate?.canary ?? []) {
      const slot = this.#desk.core.slots.get(id);
      const ref = (slot?.armed ?? slot?.running)?.ref;
      if (ref !== undefined && ref.code === code && params.includes(ref.params)) ran.set(id, versionKey(ref));
    }
    return ran;
  }

  #trialOf(receipt: Receipt): TrialState | null {
    const state = this.#desk.core.receipts.trial(receipt.id);
    return state === null ? null : (JSON.parse(state) as TrialState | null);
  }

  #policyOf(strategy: string): Promotion {
    const { promotion, promotions } = this.#desk.core.settings.reload;
    return promotions.get(strategy) ?? promotion;
  }

  /** Why it cannot take over what older code holds, where that is wanted; null when it can. */
  #unadoptable(strategy: string, wanted: ReadonlyMap<SlotId, VersionKey>): string | null {
    const { slots, settings } = this.#desk.core;
    if (settings.reload.onReload !== "adopt") return null;
    const remembers = this.#desk.slotsOf(strategy).some(({ running }) => running?.manifest.memory != null);
    const migrates = [...wanted.values()].every((key) => slots.facts(key)?.manifest.memory?.migrates === true);
    if (!remembers || migrates) return null;
    return `onReload is "adopt" and what runs remembers, expected memory with migrate(memory, from) in ${strategy}.ts`;
  }
}
