// The live sandbox host: strategies decide in a worker thread, beside it stands a spare with the same versions. A worker
// that stops answering is given up: what it answered stands, the spare decides the rest of the same cycle, and only the
// slot it hung in has no decision. Real time exists here and nowhere in a decision.
import type { DecisionRequest, DecisionResult, Fault } from "../decide/decision.ts";
import type { DecisionRole, LoadedVersion, SandboxCounters, SandboxHost } from "../decide/port.ts";
import { type VersionKey, versionKey } from "../decide/version.ts";
import { DecisionJob, type InstalledVersion } from "./decision-job.ts";
import { noPlace } from "./decision-result.ts";
import type { EngineParts } from "./engine.ts";
import { readEngine } from "./engine-file.ts";
import { DEFAULT_VARIANT, type EngineVariant } from "./engine-module.ts";
import { imageFor, imageOf, type SandboxImage } from "./image.ts";
import { monotonicMs } from "./monotonic.ts";
import { Tally } from "./tally.ts";
import { WorkerLink } from "./worker-link.ts";

const JOBS_MAX = 8;
/** A worker that is at one decision for this part of the deadline is given up, so that the spare has the rest of the time … */
const PATIENCE = 1 / 4;
/** … but not before a decision could have spent all its fuel … */
const PATIENCE_MS_MIN = 100;
/** … unless cycles are so short that nothing would be left for the spare. */
const PATIENCE_MAX = 7 / 10;
/** Looks within that time, at what the worker is at and since when. */
const LOOKS = 4;
/** Workers that die before they are ready, in a row, until no more are started. */
const FAILED_STARTS_MAX = 3;

type Installed = SandboxImage & InstalledVersion;
interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}
interface QueuedJob {
  readonly job: DecisionJob;
  readonly patienceMs: number;
  readonly deadlineMs: number;
  readonly deadline: NodeJS.Timeout;
}
/** One batch under way. */
interface Round {
  /** One of shadows may have been handed over meanwhile, and its versions be retired. */
  readonly job: DecisionJob;
  readonly link: WorkerLink;
  readonly stamp: number;
  patienceMs: number;
  readonly startedMs: number;
  watch: NodeJS.Timeout;
}

export class WorkerHost implements SandboxHost {
  readonly #engine: EngineParts;
  readonly #installed = new Map<VersionKey, Installed>();
  readonly #retiring = new Set<VersionKey>();
  /** Versions that a worker hung in and that have not answered since: asked last, if there is a spare and the time for it. */
  readonly #suspects = new Set<VersionKey>();
  readonly #queue: QueuedJob[] = [];
  readonly #tally: Tally;
  #live: WorkerLink;
  /** Null from the moment it took over until there is time to start another. */
  #spare: WorkerLink | null;
  #round: Round | null = null;
  #installs: (Waiting & { readonly number: number })[] = [];
  #starts: Waiting[] = [];
  #versions = 0;
  #stamps = 0;
  #replaced = 0;
  #failedStarts = 0;
  /** Why nothing can be waited for any more: closed, or workers cannot be started. */
  #failure: Error | null = null;

  /** Resolves once decisions can be made; the spare may still be starting. */
  static async create(variant: EngineVariant = DEFAULT_VARIANT): Promise<WorkerHost> {
    const host = new WorkerHost(await readEngine(variant));
    await new Promise<void>((resolve, reject) => host.#starts.push({ resolve, reject }));
    return host;
  }

  private constructor(engine: EngineParts) {
    this.#engine = engine;
    this.#tally = new Tally(engine.variant);
    this.#live = this.#start();
    this.#spare = this.#start();
  }

  install(version: LoadedVersion): Promise<void> {
    const key = versionKey(version.facts.ref);
    this.#retiring.delete(key);
    let installed = this.#installed.get(key);
    if (installed === undefined) {
      installed = { ...imageOf(version), number: this.#versions++, declared: version.facts.manifest.memory };
      this.#installed.set(key, installed);
      for (const link of this.#links) link.install(installed.number, forWorker(installed));
    }
    const { number } = installed;
    return new Promise((resolve, reject) => {
      this.#installs.push({ number, resolve, reject });
      this.#settle();
    });
  }

  retire(key: VersionKey): void {
    this.#retiring.add(key);
    if (this.#queue.length === 0) this.#retireNow();
  }

  decide(
    cycle: number,
    requests: readonly DecisionRequest[],
    deadlineMs: number,
    done: (results: readonly DecisionResult[]) => void,
    role: DecisionRole = "live",
  ): void {
    const patienceMs = Math.min(Math.max(PATIENCE_MS_MIN, deadlineMs * PATIENCE), deadlineMs * PATIENCE_MAX);
    const job = new DecisionJob(cycle, requests, (request) => imageFor(this.#installed, request), done, role);
    if (role === "live") this.#endShadows(patienceMs);
    if (this.#queue.length === JOBS_MAX) return this.#finish(job, overdue("too many cycles are waiting for decisions"));
    const deadline = setTimeout(() => this.#expire(job), deadlineMs);
    this.#queue.push({ job, patienceMs, deadlineMs: monotonicMs() + deadlineMs, deadline });
    this.#advance();
  }

  counters(): SandboxCounters {
    return this.#tally.counters(this.#live.ready ? "ready" : "starting", this.#replaced);
  }

  async close(): Promise<void> {
    if (this.#round !== null) clearTimeout(this.#round.watch);
    for (const { deadline } of this.#queue.splice(0)) clearTimeout(deadline);
    this.#fail(new Error("The sandbox host is closed"));
    await Promise.all(this.#links.map((link) => link.discard()));
  }

  get #links(): readonly WorkerLink[] {
    return this.#spare === null ? [this.#live] : [this.#live, this.#spare];
  }

  /** Starts the next batch, when there is one and a worker is free for it. */
  #advance(): void {
    const head = this.#queue[0];
    if (head === undefined || this.#round !== null) return;
    if (head.job.complete) return this.#complete(head.job);
    if (!this.#live.ready) return;
    // A shadow that hangs must find a spare for the live decisions after it.
    if (head.job.role === "shadow" && !this.#spare?.ready) return this.#haveSpare();
    const link = this.#live;
    const { job, patienceMs } = head;
    const startedMs = monotonicMs();
    const mayHang = this.#spare?.ready === true && startedMs + patienceMs < head.deadlineMs;
    const count = job.pack(link.cells, this.#suspects, mayHang);
    if (count === 0) return this.#haveSpare(); // Once it is ready, or at the deadline, it goes on.
    const stamp = ++this.#stamps;
    this.#round = { job, link, stamp, patienceMs, startedMs, watch: this.#watchAfter(patienceMs / LOOKS) };
    link.decide(stamp, count);
  }

  #watchAfter(ms: number): NodeJS.Timeout {
    return setTimeout(() => {
      const round = this.#round!;
      const missing = round.job.collect(round.link.cells, round.stamp);
      if (missing === 0 || round.link.cells.stopped) return; // its message is on the way
      this.#haveSpare();
      const sinceMs = round.link.cells.begunMs ?? round.startedMs;
      const leftMs = round.patienceMs - (monotonicMs() - sinceMs);
      if (leftMs <= 0 && this.#spare?.ready) return this.#giveUp(noPlace("hung", "the decision never ended"));
      const lookMs = round.patienceMs / LOOKS;
      round.watch = this.#watchAfter(leftMs > 0 ? Math.min(lookMs, leftMs) : lookMs);
    }, ms);
  }

  #decided(link: WorkerLink, stamp: number): void {
    const round = this.#round;
    if (round === null || round.link !== link || round.stamp !== stamp) return;
    clearTimeout(round.watch);
    this.#round = null;
    round.job.collect(link.cells, stamp);
    this.#advance();
  }

  /** The live worker hung or died in a batch. */
  #giveUp(fault: Fault): void {
    const { job, link, stamp, watch } = this.#round!;
    clearTimeout(watch);
    this.#round = null;
    job.collect(link.cells, stamp);
    const suspect = job.giveUp(link.cells.current, fault);
    if (suspect !== null && this.#installed.has(suspect)) this.#suspects.add(suspect);
    this.#replaceLive();
    this.#advance();
  }

  /** Live decisions wait for no shadow but the one that the worker is at, and for that not longer than for one of their own. */
  #endShadows(patienceMs: number): void {
    const shadow = this.#queue.find(({ job }) => job.role === "shadow");
    if (shadow !== undefined) {
      this.#expire(shadow.job);
      return this.#endShadows(patienceMs);
    }
    const round = this.#round;
    if (round?.job.role !== "shadow") return;
    round.patienceMs = Math.min(round.patienceMs, patienceMs);
    clearTimeout(round.watch);
    round.watch = this.#watchAfter(round.patienceMs / LOOKS);
  }

  #expire(job: DecisionJob): void {
    const round = this.#round?.job === job ? this.#round : null;
    if (round !== null && job.role === "shadow") {
      // It may just be slow, which is no reason to lose a worker. Its watch goes on.
      job.collect(round.link.cells, round.stamp);
      round.link.cells.stop();
    } else if (round !== null) {
      clearTimeout(round.watch);
      this.#round = null;
      if (job.collect(round.link.cells, round.stamp) > 0) {
        // Too soon to say that it hangs; enough to be careful.
        const suspect = job.versionAt(round.link.cells.current);
        if (suspect !== null) this.#suspects.add(suspect);
        this.#replaceLive();
      }
    }
    this.#complete(job);
  }

  #complete(job: DecisionJob): void {
    const index = this.#queue.findIndex((queued) => queued.job === job);
    clearTimeout(this.#queue[index]!.deadline);
    this.#queue.splice(index, 1);
    if (this.#queue.length === 0) this.#retireNow();
    this.#finish(job, overdue("no answer by the deadline"));
    this.#haveSpare();
    this.#advance();
  }

  #finish(job: DecisionJob, fault: Fault): void {
    if (this.#suspects.size > 0) job.acquit(this.#suspects);
    job.finish(fault, this.#tally);
  }

  #start(): WorkerLink {
    const images = new Map([...this.#installed.values()].map((version) => [version.number, forWorker(version)]));
    return new WorkerLink(this.#engine, images, {
      onReady: () => {
        this.#failedStarts = 0;
        this.#settle();
        this.#advance();
      },
      onInstalled: () => this.#settle(),
      onDecided: (link, stamp) => this.#decided(link, stamp),
      onDied: (link, reason, wasReady) => this.#died(link, reason, wasReady),
    });
  }

  #died(link: WorkerLink, reason: string, wasReady: boolean): void {
    if (!wasReady && ++this.#failedStarts >= FAILED_STARTS_MAX) {
      return this.#fail(new Error(`Cannot start a sandbox worker: ${reason}`));
    }
    if (this.#round?.link === link) return this.#giveUp(noPlace("host", `the sandbox worker died: ${reason}`));
    if (link === this.#live) this.#replaceLive();
    else {
      this.#spare = null;
      this.#replaced++;
    }
    this.#haveSpare();
    this.#settle();
    this.#advance();
  }

  #fail(error: Error): void {
    this.#failure = error;
    this.#settle();
  }

  /** The spare takes over; while it has decisions to make, nothing is started beside it. */
  #replaceLive(): void {
    void this.#live.discard();
    this.#replaced++;
    this.#live = this.#spare ?? this.#start();
    this.#spare = null;
  }

  #haveSpare(): void {
    if (this.#failure === null) this.#spare ??= this.#start();
  }

  /** Ends the waits that are over. */
  #settle(): void {
    const failure = this.#failure;
    const starts = this.#live.ready || failure !== null ? this.#starts.splice(0) : [];
    const isDone = ({ number }: { readonly number: number }) =>
      failure !== null || (this.#live.has(number) && this.#spare?.has(number) === true);
    const installs = this.#installs.filter(isDone);
    this.#installs = this.#installs.filter((install) => !isDone(install));
    for (const { resolve, reject } of [...starts, ...installs]) failure === null ? resolve() : reject(failure);
  }

  #retireNow(): void {
    for (const key of this.#retiring) {
      const installed = this.#installed.get(key);
      if (installed === undefined) continue;
      this.#installed.delete(key);
      this.#suspects.delete(key);
      for (const link of this.#links) link.retire(installed.number);
    }
    this.#retiring.clear();
  }
}

const overdue = (message: string): Fault => noPlace("overdue", message);

/** Errors are explained on this side: a worker needs no source map. */
const forWorker = ({ number: _, declared: __, ...image }: Installed): SandboxImage => ({
  ...image,
  origin: { sourceMap: "", shifts: [] },
});
