// One rehearsal: the candidate decides what was recorded, in the order of time and once more shuffled, its sandbox going on from
// one decision to the next; what differs outlived a decision. Beside it stands what the running version answers.
import { shortVersion } from "../base/ids.ts";
import { hash32 } from "../base/prng.ts";
import type { DecisionRequest, DecisionResult } from "../decide/decision.ts";
import type { LoadedVersion } from "../decide/port.ts";
import { type VersionKey, versionKey } from "../decide/version.ts";
import { faulted } from "../sandbox/decision-result.ts";
import type { AnswerCache, Answers } from "./answers.ts";
import { estimate } from "./estimate.ts";
import { difference, Findings, isSame, said } from "./findings.ts";
import type { History } from "./history.ts";
import type { Memories } from "./memories.ts";
import type { DecisionObserver } from "./observer.ts";
import { type Occasion, Plan } from "./plan.ts";
import type { ChangedDecision, RehearsalOrder, RehearsalReport } from "./port.ts";
import type { RecordedFrames } from "./recorded-frames.ts";
import type { Stage } from "./stage.ts";

const SHUFFLE_SEED = 20_240_607;
/** Decided in order, and then shuffled, before the next ones are: so that a rehearsal may end between them. */
const BATCH_OCCASIONS = 512;
/** 4 MB of frames. */
const BATCH_DOUBLES = 524_288;
/** The clock is read once for so many decisions. */
const CLOCK_DECISIONS = 16;
/** More than these tell nothing new. */
const FAULTS_MAX = 32;

export interface RehearsalParts {
  readonly history: History;
  readonly frames: RecordedFrames;
  readonly answers: AnswerCache;
  readonly memories: Memories;
  readonly stage: Stage;
  /** Told each decision of the candidate, once. */
  readonly observe: DecisionObserver;
  /** Time for budgets alone: nothing that is found depends on it. */
  readonly monotonicMs: () => number;
}

interface Asked {
  readonly occasion: Occasion;
  readonly request: DecisionRequest;
  readonly result: DecisionResult;
}

export class RehearsalRun {
  readonly order: RehearsalOrder;
  readonly plan: Plan;
  readonly findings = new Findings();
  readonly #parts: RehearsalParts;
  readonly #arms: readonly LoadedVersion[];
  readonly #candidates: readonly Answers[];
  readonly #frames = new Map<number, Float64Array[]>();
  readonly #rest: Generator<Occasion>;
  #queue: Occasion[];
  #isComplete = false;
  /** The running version took its sandbox down: it is asked nothing more. */
  #againstFailed = false;

  constructor(order: RehearsalOrder, parts: RehearsalParts) {
    const { history, answers, frames, stage } = parts;
    this.order = order;
    this.#parts = parts;
    answers.begin(order.strategy);
    const known = new Map<VersionKey, Answers>();
    const know = ({ facts }: LoadedVersion, isFresh: boolean): Answers => {
      const key = versionKey(facts.ref);
      known.set(key, answers.of(key, facts, isFresh));
      return known.get(key)!;
    };
    const running = order.against.map(({ version }) => ({ version, isKept: know(version, false).isPure }));
    this.#arms = order.candidate.map(({ version }) => version);
    this.#candidates = this.#arms.map((version) => know(version, true));
    for (const { version, slots } of [...order.against, ...order.candidate]) {
      for (const { asset } of slots) frames.prepare(version.facts, asset);
    }
    stage.enter(this, [...running, ...this.#arms.map((version) => ({ version, isKept: true }))]);
    this.plan = new Plan(order, history, ({ facts }) => known.get(versionKey(facts.ref))!);
    this.#queue = this.plan.sampled();
    this.#rest = this.plan.rest();
  }

  /** Nothing is left to be found: all is decided, or it would be refused anyway. */
  get isOver(): boolean {
    return this.#isComplete || this.isRefused;
  }

  get isRefused(): boolean {
    return this.findings.impure !== null || this.findings.faults > 0;
  }

  end(): void {
    this.#parts.stage.leave(this);
  }

  /** Decides the moments that tell most, as many as there is time for; at least some. */
  async sample(untilMs: number): Promise<void> {
    while (this.#queue.length > 0 && this.findings.impure === null && !this.#hasFaultedEnough()) {
      await this.#batch(untilMs);
      if (this.#parts.monotonicMs() >= untilMs) return;
    }
  }

  #hasFaultedEnough(): boolean {
    const { faults, firstFault } = this.findings;
    return faults >= FAULTS_MAX || firstFault?.kind === "hung" || firstFault?.kind === "host";
  }

  /** Decides what is left, until then. */
  async goOn(untilMs: number): Promise<void> {
    while (!this.isOver) {
      if (this.#queue.length === 0) this.#refill();
      if (this.#queue.length === 0) this.#complete();
      else await this.#batch(untilMs);
      if (this.#parts.monotonicMs() >= untilMs) return;
    }
  }

  #refill(): void {
    while (this.#queue.length < BATCH_OCCASIONS) {
      const next = this.#rest.next();
      if (next.done) return;
      this.#queue.push(next.value);
    }
  }

  #complete(): void {
    this.#isComplete = true;
    for (const answers of this.#candidates) answers.isPure = true;
  }

  async #batch(untilMs: number): Promise<void> {
    const startedMs = this.#parts.monotonicMs();
    const size = Math.max(...this.#arms.map(({ facts }) => facts.layout.size));
    const count = Math.max(CLOCK_DECISIONS, Math.min(BATCH_OCCASIONS, Math.floor(BATCH_DOUBLES / size)));
    // In the order of time, each version's together.
    const occasions = this.#queue.splice(0, count).sort((a, b) => a.scene.arm - b.scene.arm || a.atMs - b.atMs);
    await this.#ready();
    const asked = this.#decideInOrder(occasions, startedMs + (untilMs - startedMs) / 2);
    this.#queue.unshift(...occasions.slice(asked.length));
    await this.#compare(asked);
    await this.#ready();
    this.#decideShuffled(asked);
  }

  async #ready(): Promise<void> {
    await this.#parts.stage.ready();
    await this.#parts.memories.ready(this.#arms);
  }

  #decideInOrder(occasions: readonly Occasion[], untilMs: number): Asked[] {
    const asked: Asked[] = [];
    let faults = 0;
    for (const occasion of occasions) {
      const { scene, row } = occasion;
      const { request, result } = this.#decide(scene.candidate, occasion, this.#frame(scene.candidate, asked.length));
      asked.push({ occasion, request, result });
      scene.after.put(row, result);
      this.#tell(occasion, request, result);
      if (result.type === "Faulted") faults += 1;
      if (!this.#parts.stage.isReady || faults === FAULTS_MAX) break;
      if (asked.length % CLOCK_DECISIONS === 0 && this.#parts.monotonicMs() >= untilMs) break;
    }
    return asked;
  }

  #tell({ scene, row, atMs }: Occasion, { frame, memory }: DecisionRequest, result: DecisionResult): void {
    const { window, slot, candidate } = scene;
    const where = { cycle: window.cycle(row), atMs, slot: slot.id, window: window.id };
    this.#parts.observe({ ...where, facts: candidate.facts, frame, memory, result });
  }

  #decide(version: LoadedVersion, { scene, row, atMs }: Occasion, frame: Float64Array) {
    const { frames, memories, stage } = this.#parts;
    const slot = scene.slot.id;
    const start = memories.of(version, slot, atMs);
    const request = { slot, version: version.facts.ref, frame, memory: "memory" in start ? start.memory : "null" };
    if ("fault" in start) return { request, result: faulted(request, start.fault) };
    frames.write(version.facts, scene.window, row, slot, this.order.terms.limits.staleAfterMs, frame);
    return { request, result: stage.decide(request) };
  }

  /** What the running version answers, from memory where it has been asked before. */
  async #compare(asked: readonly Asked[]): Promise<void> {
    for (const { occasion, result } of asked) {
      const { running } = occasion.scene;
      if (running !== null && !this.#againstFailed && !running.before.isKnown(occasion.row)) {
        await this.#ready();
        const answer = this.#decide(running.version, occasion, this.#frame(running.version, asked.length));
        running.before.put(occasion.row, answer.result);
        this.#againstFailed = !this.#parts.stage.isReady;
      }
      this.findings.add(occasion, result, running?.before.isKnown(occasion.row) ? running.before : null);
    }
  }

  /** The same frames with the same memories once more. */
  #decideShuffled(asked: readonly Asked[]): void {
    const turns = asked.map((one, index) => ({ one, turn: hash32(SHUFFLE_SEED, index) }));
    turns.sort((a, b) => a.one.occasion.scene.arm - b.one.occasion.scene.arm || a.turn - b.turn);
    for (const { one } of turns) {
      const { request, result, occasion } = one;
      if (result.type === "Faulted" && result.fuel === 0) continue; // It was never asked, or took its sandbox down.
      const again = this.#parts.stage.decide(request);
      if (isSame(again, result)) continue;
      const { window, slot } = occasion.scene;
      const moment = `cycle ${window.cycle(occasion.row)} of ${slot.id}`;
      this.findings.impure = `decides differently after other decisions: ${moment} gave ${difference(again, result)}`;
      return;
    }
  }

  /** What it found. Words of what changed are asked for again. */
  async report(): Promise<Omit<RehearsalReport, "elapsedMs">> {
    const { findings, plan, order } = this;
    const against = order.against[0]?.version.facts.ref;
    const pnl = estimate(plan.scenes, order.terms);
    return {
      against: against === undefined ? null : shortVersion(against.strategy, against.code),
      frames: findings.frames,
      sampledOf: plan.occasions,
      windows: { seen: plan.scenes.length, wanted: plan.windowsWanted },
      complete: this.#isComplete,
      pure: findings.impure === null,
      impure: findings.impure,
      faults: findings.faults,
      firstFault: findings.firstFault,
      fuel: findings.fuel(),
      changed: await this.#changed(),
      changedDecisions: findings.changedDecisions,
      changedWindows: findings.changedWindows,
      reworded: findings.reworded,
      pnl,
      notes: this.#notes(pnl !== null),
    };
  }

  async #changed(): Promise<ChangedDecision[]> {
    const changed: ChangedDecision[] = [];
    for (const occasion of this.findings.newestChanged()) {
      const { scene, row, atMs } = occasion;
      await this.#ready();
      const [before, after] = [scene.running!.version, scene.candidate].map((version) =>
        said(this.#decide(version, occasion, this.#frame(version, 0)).result),
      );
      const where = { window: scene.window.id, cycle: scene.window.cycle(row), slot: scene.slot.id };
      changed.push({ ...where, at: new Date(atMs).toISOString(), before: before!, after: after! });
    }
    return changed;
  }

  #notes(hasEstimate: boolean): string[] {
    const { scenes, windowsWanted } = this.plan;
    const usesMean = ({ candidate, window }: (typeof scenes)[number]) =>
      window.market.twapLookbackMs > 0 &&
      Object.values(candidate.facts.manifest.inputs).some(({ kind }) => kind === "market.probabilityUp");
    return [
      `history has ${grouped(scenes.length)} of ${grouped(windowsWanted)} windows`,
      "positions and memory are as recorded: other code made them",
      ...(hasEstimate ? ["the estimate of profit acts on the sampled cycles only"] : []),
      ...(scenes.some(usesMean) ? ["means that settle a market are of the closes of candles, not of every price"] : []),
      ...(this.#againstFailed ? ["the running version takes its sandbox down: it was compared with up to there"] : []),
    ];
  }

  /** The nth frame of this version, filled anew with each batch. */
  #frame({ facts }: LoadedVersion, n: number): Float64Array {
    const { size } = facts.layout;
    const frames = this.#frames.get(size) ?? [];
    this.#frames.set(size, frames);
    frames[n] ??= new Float64Array(size);
    return frames[n];
  }
}

const grouped = (count: number): string => count.toLocaleString("en-US");
