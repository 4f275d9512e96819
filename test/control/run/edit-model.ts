// What must run where, told without any of the product's code: versions are names like "b1" (code and params), a strategy has
// something on disk and at most one candidate, and a slot has what runs, what is about to, and what it can go back to.
import {
  BROKEN,
  type Candidate,
  GOOD_MAX,
  type Kept,
  POLICIES,
  type Policy,
  SETTLES_AFTER,
  type SlotModel,
  type Step,
  UNPROVEN,
  WINDOW,
  type Wish,
} from "./edit-terms.ts";

/** What became of one version that was tried; barred or running already, there is nothing to do. */
type Outcome = "goes on" | "refused" | "nothing to do";

export class StrategyModel {
  readonly name: string;
  readonly slots: readonly SlotModel[];
  disk: string;
  /** What the bot knows to be on disk: null for what it refused, undefined for nothing yet. */
  seen: string | null | undefined;
  wish: Wish = { size: null, policy: "auto" };
  /** In force since the last boundary. */
  policy: Policy = "auto";
  candidate: Candidate | null = null;
  readonly barred = new Set<string>();
  #kept: Kept = { candidate: null, running: [], wish: this.wish };
  /** What is on disk is to be looked at once this cycle is over. */
  isDue = false;
  /** What stands on disk was refused, and whoever saved it may believe that it decides. */
  isRefused = false;

  constructor(name: string, disk: string, slots: readonly { readonly id: string; readonly size: number }[]) {
    this.name = name;
    this.disk = disk;
    this.slots = slots.map((slot) => ({
      ...slot,
      running: null,
      armed: null,
      good: [],
      hasDecided: false,
      activated: null,
      resumed: null,
      pin: null,
    }));
  }

  save(disk: string): void {
    this.disk = disk;
    this.look();
  }

  /** Saved, and soon saved over: one look at the disk may tell what becomes of it, and nothing comes after that. */
  savePassing(disk: string): void {
    if (BROKEN.includes(disk)) {
      this.seen = null;
      this.#supersede(true);
    } else if (this.#isPlain(disk)) this.save(disk);
  }

  /** What is on disk is looked at. */
  look(): void {
    if (this.#lookOnce() === "refused") this.#tryOther();
  }

  #lookOnce(): Outcome {
    const isBroken = BROKEN.includes(this.disk);
    this.seen = isBroken ? null : this.disk;
    return isBroken ? this.#refuse() : this.#try(this.disk, false);
  }

  /** New params are tried on what runs, where that is not what is on disk. */
  resize(size: number | null): void {
    if (this.wish.size === size) return;
    this.wish = { ...this.wish, size };
    const outcome = this.#tryOther();
    if (outcome === null) this.look();
    else if (outcome !== "goes on") this.#lookOnce();
  }

  /** Null when there is nothing else to try. */
  #tryOther(): Outcome | null {
    const code = this.#otherCode();
    return code === null ? null : this.#try(code, true);
  }

  /** The code that runs, where something else is on disk and a slot does not run it with the params that are wanted. */
  #otherCode(): string | null {
    const code = this.slots.flatMap((slot) => this.standing(slot) ?? [])[0]?.[0] ?? null;
    if (code === null || this.seen === code) return null;
    const size = (slot: SlotModel) => String(this.wish.size ?? slot.size);
    return this.slots.some((slot) => this.standing(slot)?.[1] !== size(slot)) ? code : null;
  }

  /** What would decide the slot, were nothing tried. */
  standing(slot: SlotModel): string | null {
    const { candidate } = this;
    const tried = candidate?.wanted.get(slot);
    const isTried = candidate !== null && (candidate.isArmed || candidate.canary.includes(slot));
    if (slot.armed !== null && !(isTried && slot.armed === tried)) return slot.armed;
    const isCanary = candidate?.canary.includes(slot) === true;
    if (slot.running !== null && !(isCanary && slot.running === tried)) return slot.running;
    return slot.good[0] ?? null;
  }

  #refuse(): Outcome {
    this.#supersede(true);
    return "refused";
  }

  #try(code: string, isStored: boolean): Outcome {
    const wanted = this.#versionsOf(code);
    const stands = ([slot, name]: readonly [SlotModel, string]) => this.standing(slot) === name;
    const isBarred = this.#isBarred(wanted);
    if (isBarred || [...wanted].every(stands)) {
      this.#supersede(isBarred);
      return "nothing to do";
    }
    if (this.candidate !== null && this.#waits(wanted)) return this.#goOn(this.candidate, isStored);
    if (UNPROVEN.includes(code)) return this.#refuse();
    this.#supersede();
    this.candidate = {
      versions: [...new Set(wanted.values())],
      wanted: new Map([...wanted].filter((each) => !stands(each))),
      steps: POLICIES[this.policy],
      isStored,
      passed: 0,
      isApproved: false,
      isArmed: false,
      isInterrupted: false,
      canary: [],
      trial: null,
      against: "",
    };
    this.#enter(this.candidate);
    this.#advance();
    return "goes on";
  }

  #versionsOf(code: string): ReadonlyMap<SlotModel, string> {
    return new Map(this.slots.map((slot) => [slot, `${code}${this.wish.size ?? slot.size}`]));
  }

  #isBarred(wanted: ReadonlyMap<SlotModel, string>): boolean {
    return [...wanted.values()].some((name) => this.barred.has(name));
  }

  #waits(wanted: ReadonlyMap<SlotModel, string>): boolean {
    const { candidate } = this;
    if (candidate === null) return false;
    return [...wanted].every(([slot, name]) => (candidate.wanted.get(slot) ?? this.standing(slot)) === name);
  }

  #isPlain(code: string): boolean {
    const wanted = this.#versionsOf(code);
    const stands = [...wanted].every(([slot, name]) => this.standing(slot) === name);
    return this.#isBarred(wanted) || stands || this.#waits(wanted);
  }

  #goOn(candidate: Candidate, isStored: boolean): Outcome {
    candidate.isStored = isStored;
    if (!candidate.isInterrupted) return "goes on";
    candidate.isInterrupted = false;
    for (const slot of candidate.canary) this.#arm(slot, candidate.wanted.get(slot)!);
    this.#advance();
    return "goes on";
  }

  #supersede(isRefused = false): void {
    if (this.candidate !== null) this.#takeBack(this.candidate);
    this.candidate = null;
    this.isRefused = isRefused;
  }

  #takeBack({ wanted, canary, isArmed }: Candidate): void {
    for (const [slot, name] of wanted) {
      const isCanary = canary.includes(slot) && [slot.running, slot.armed].includes(name);
      if (isCanary) slot.good = slot.good.filter((good) => good !== name);
      if (isCanary && slot.running === name) slot.running = null;
      if ((isCanary || isArmed) && slot.armed === name) slot.armed = null;
      if (slot.running === null) slot.armed ??= slot.good.find((good) => good !== name) ?? null;
    }
  }

  #arm(slot: SlotModel, name: string): void {
    // What ran before a restart has not run yet, and is gone back to all the same.
    if (slot.running === null && slot.armed !== null && slot.armed !== name)
      slot.good = [slot.armed, ...slot.good.filter((good) => good !== slot.armed)].slice(0, GOOD_MAX);
    slot.armed = slot.running === name ? null : name;
  }

  #enter(candidate: Candidate): void {
    const { steps, passed, wanted } = candidate;
    const step = steps[passed];
    if ((step === undefined || step.type === "approve") && candidate.canary.length > 0) return;
    candidate.trial = null;
    candidate.against = this.#ran(candidate);
    if (step?.type === "canary") {
      candidate.canary = [...wanted.keys()].slice(0, step.slots);
      for (const slot of candidate.canary) this.#arm(slot, wanted.get(slot)!);
    }
    if (step === undefined || step.type === "approve") return;
    const slots = step.type === "canary" ? candidate.canary : [...wanted.keys()];
    candidate.trial = { slots, open: new Map(), settled: new Map() };
  }

  #ran({ wanted }: Candidate): string {
    return [...wanted.keys()].map(({ running, armed }) => running ?? armed).join();
  }

  #advance(): void {
    const { candidate } = this;
    if (candidate === null) return;
    while (!candidate.isArmed) {
      const step = candidate.steps[candidate.passed];
      if (step === undefined) candidate.isArmed = true;
      else if (!hasPassed(candidate, step)) return;
      else {
        candidate.passed += 1;
        this.#enter(candidate);
      }
    }
    for (const [slot, name] of candidate.wanted) this.#arm(slot, name);
  }

  approve(versions: string): void {
    const { candidate } = this;
    const asks = candidate?.steps.some(({ type }) => type === "approve");
    if (!asks || candidate!.isArmed || candidate!.versions.join() !== versions) return;
    candidate!.isApproved = true;
    this.#advance();
  }

  reject(versions: string): void {
    if (this.candidate === null || this.candidate.isArmed || this.candidate.versions.join() !== versions) return;
    this.#fail(this.candidate, false);
  }

  /** What was tried ends and may not come back, and what is on disk is looked at again. */
  #fail(candidate: Candidate, isRolledBack: boolean): void {
    for (const name of new Set(candidate.wanted.values())) {
      const elsewhere = this.slots.filter((slot) => !candidate.canary.includes(slot));
      // What decides elsewhere is not barred by not being wanted here; what is rolled back decides nowhere.
      if (isRolledBack || !elsewhere.some(({ running }) => running === name)) this.#bar(name);
      if (isRolledBack) this.#takeAway(name);
    }
    this.#supersede();
    this.isDue = true;
  }

  #takeAway(name: string): void {
    for (const slot of this.slots) {
      if (slot.running !== name && slot.armed !== name) continue;
      if (slot.running === name) slot.running = null;
      if (slot.armed === name) slot.armed = null;
      if (slot.running === null) slot.armed ??= slot.good[0] ?? null;
    }
  }

  #bar(name: string): void {
    this.barred.add(name);
    for (const slot of this.slots) slot.good = slot.good.filter((good) => good !== name);
  }

  promote(): void {
    const { candidate } = this;
    if (candidate === null || candidate.isArmed) return;
    const { steps, passed } = candidate;
    while (candidate.passed < steps.length && steps[candidate.passed]!.type !== "approve") candidate.passed += 1;
    if (candidate.passed === passed) return;
    this.#enter(candidate);
    this.#advance();
  }

  rollBack(): void {
    const { candidate } = this;
    if (candidate !== null && candidate.canary.length > 0) return this.#fail(candidate, true);
    const running = this.slots.filter((slot) => slot.running !== null);
    if (!running.some(({ good }) => good.length > 0)) return;
    this.isDue = true;
    for (const name of new Set(running.map((slot) => slot.running!))) {
      this.#bar(name);
      this.#takeAway(name);
    }
  }

  /** Something was taken from a slot, and what it ran before decides from the next boundary on. */
  get isTakingBack(): boolean {
    return this.slots.some(({ running, armed, resumed }) => running === null && armed !== resumed);
  }

  /** The boundary, once control's settings and commands are taken. */
  cross(): void {
    const { candidate } = this;
    if (candidate !== null && [...candidate.wanted.values()].some((name) => this.barred.has(name))) {
      this.#supersede();
      this.isDue = true;
    }
    this.#advance();
    let hasChanged = false;
    for (const slot of this.slots) {
      const { armed, running } = slot;
      if (armed === null) continue;
      hasChanged = true;
      // What never decided is no better than nothing: it is gone back to where that is all there is, and from a canary.
      const isAll = slot.good.every((name) => name === armed);
      const isKept = slot.hasDecided || isAll || this.candidate?.canary.includes(slot) === true;
      const replaced = running !== null && isKept ? [running] : [];
      // What it goes back to, and what ran here last, before a restart perhaps, is known to decide.
      slot.hasDecided = slot.good.includes(armed) || slot.activated === armed;
      slot.good = [...replaced, ...slot.good].filter((name) => name !== armed).slice(0, GOOD_MAX);
      [slot.running, slot.armed, slot.resumed] = [armed, null, null];
      slot.activated = armed;
    }
    if (this.candidate !== null) this.#tookOver(this.candidate, hasChanged);
  }

  #tookOver(candidate: Candidate, hasChanged: boolean): void {
    if (candidate.isArmed && [...candidate.wanted].every(([slot, name]) => slot.running === name)) {
      this.candidate = null;
      if (candidate.isStored) this.isDue = true;
    } else if (hasChanged && candidate.canary.length === 0 && candidate.against !== this.#ran(candidate)) {
      this.#enter(candidate);
    }
  }

  /** Who decides in this cycle, by slot; null for nobody. */
  deciders(cycle: number): Map<string, string | null> {
    for (const slot of this.slots) if (slot.pin?.window !== Math.floor(cycle / WINDOW)) slot.pin = null;
    return new Map(this.slots.map(({ id, pin, running }) => [id, pin?.name ?? running]));
  }

  /** A cycle in which slots were asked, or not: then nothing is seen of its window. */
  decided(cycle: number, wereAsked: boolean): void {
    const trial = this.candidate?.trial;
    const ended = cycle - SETTLES_AFTER;
    for (const slot of ended % WINDOW === 0 ? (trial?.open.get(ended / WINDOW) ?? []) : [])
      trial!.settled.set(slot, (trial!.settled.get(slot) ?? 0) + 1);
    if (!wereAsked) return;
    for (const slot of this.slots)
      if (slot.running !== null && (slot.pin?.name ?? slot.running) === slot.running) slot.hasDecided = true;
    if (trial == null || cycle % WINDOW !== 0) return;
    const { canary, wanted } = this.candidate!;
    const seated = trial.slots.filter((slot) => !canary.includes(slot) || slot.running === wanted.get(slot));
    trial.open.set(cycle / WINDOW, new Set(seated));
  }

  /** What would be there after a kill. */
  commit(): void {
    const { candidate, wish } = this;
    const { trial } = candidate ?? { trial: null };
    const kept = candidate === null ? null : { ...candidate, canary: [...candidate.canary] };
    const settled = new Map(trial?.settled);
    this.#kept = {
      candidate: kept === null ? null : { ...kept, trial: trial === null ? null : { ...trial, settled } },
      running: this.slots.map(({ running }) => running),
      wish,
    };
  }

  kill(): void {
    this.candidate = this.#kept.candidate;
    for (const [index, slot] of this.slots.entries())
      [slot.running, slot.armed] = [this.#kept.running[index] ?? null, null];
  }

  /** A process that starts: what ran is armed, and what was seen of a window is forgotten. `goodOf` is what can be gone back to. */
  restart(goodOf: (id: string) => string[]): void {
    this.seen = undefined;
    this.isRefused = false;
    this.wish = this.#kept.wish;
    const { candidate } = this;
    for (const slot of this.slots) {
      slot.resumed = slot.running ?? this.standing(slot);
      [slot.armed, slot.running] = [slot.resumed, null];
      slot.good = goodOf(slot.id);
    }
    if (candidate === null) return;
    candidate.trial?.open.clear();
    candidate.isArmed = false;
    candidate.isInterrupted = true;
  }
}

function hasPassed({ isApproved, trial }: Candidate, step: Step): boolean {
  if (step.type === "approve") return isApproved;
  const counts = trial!.slots.map((slot) => trial!.settled.get(slot) ?? 0);
  return Math.min(...counts) >= step.windows;
}
