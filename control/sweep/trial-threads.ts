// The threads of a sweep: each has its own sandbox and data, and is handed one trial at a time. A trial that fails, ends
// its thread or hangs costs that thread, and another takes its place: no trial depends on what ran before it.
import { availableParallelism } from "node:os";
import type { Worker } from "node:worker_threads";
import { assertNever } from "../../engine/base/assert.ts";
import { messageOf, UserError } from "../../engine/base/errors.ts";
import { startWorker } from "../../engine/node/start-worker.ts";
import { THREAD_STACK_MB } from "../../engine/sandbox/instance.ts";
import { receiveError } from "../../engine/versions/workshop-messages.ts";
import type { Opened, ThreadData, TrialAsked, TrialResult, TrialsOrder, TrialTold } from "./trial.ts";

const THREADS_MAX = 16;
/** Each holds all of the data. */
export const THREADS = Math.min(availableParallelism(), THREADS_MAX);
/** A trial says now and then how many bars it has done; fuel does not bound natives, so a strategy may hang. */
const SILENCE_MS_MAX = 60_000;
const LOOKS_PER_SILENCE = 20;

export interface TrialThreadsOptions {
  /** Their module. */
  readonly entry: URL;
  readonly threads: number;
  readonly silenceMsMax?: number;
}

interface Thread {
  readonly worker: Worker;
  readonly bars: Float64Array;
  isOpen: boolean;
  /** Null while it is opening its data, and when nothing is left to do. */
  asked: TrialAsked | null;
  heardMs: number;
  barsHeard: number;
}

interface Work {
  readonly left: TrialAsked[];
  readonly done: (result: TrialResult) => void;
  readonly finished: () => void;
}

class Deferred<Value> {
  resolve!: (value: Value) => void;
  reject!: (error: Error) => void;
  readonly promise = new Promise<Value>((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });
}

export class TrialThreads {
  readonly count: number;
  readonly #entry: URL;
  readonly #order: TrialsOrder;
  readonly #silenceMsMax: number;
  readonly #threads = new Set<Thread>();
  readonly #stop = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  readonly #opened = new Deferred<Opened | null>();
  readonly #failed = new Deferred<never>();
  readonly #watchdog: NodeJS.Timeout;
  #code: string | null = null;
  #barsOfEnded = 0;
  #work: Work | null = null;

  constructor(order: TrialsOrder, { entry, threads, silenceMsMax = SILENCE_MS_MAX }: TrialThreadsOptions) {
    this.#entry = entry;
    this.#order = order;
    this.#silenceMsMax = silenceMsMax;
    this.count = threads;
    this.#failed.promise.catch(() => {});
    for (let i = 0; i < threads; i++) this.#start();
    this.#watchdog = setInterval(() => this.#endSilent(), silenceMsMax / LOOKS_PER_SILENCE);
  }

  /** As the first thread that is ready found it; null when it was stopped before. Throws a UserError where it cannot be opened. */
  open(): Promise<Opened | null> {
    return Promise.race([this.#opened.promise, this.#failed.promise]);
  }

  /** Bars done by all threads. */
  get bars(): number {
    return [...this.#threads].reduce((sum, { bars }) => sum + bars[0]!, this.#barsOfEnded);
  }

  /** Ends when every trial is done or failed, or when it was stopped. */
  async run(trials: readonly TrialAsked[], done: (result: TrialResult) => void): Promise<void> {
    const finished = new Deferred<void>();
    this.#work = { left: trials.toReversed(), done, finished: () => finished.resolve() };
    for (const thread of this.#threads) this.#hand(thread);
    this.#finishWhenIdle();
    await Promise.race([finished.promise, this.#failed.promise]);
  }

  /** Trials that run are given up. */
  stop(): void {
    Atomics.store(this.#stop, 0, 1);
    this.#opened.resolve(null);
    this.#finishWhenIdle();
  }

  async close(): Promise<void> {
    clearInterval(this.#watchdog);
    const threads = [...this.#threads];
    this.#threads.clear();
    await Promise.all(threads.map(({ worker }) => worker.terminate()));
  }

  get #isStopped(): boolean {
    return Atomics.load(this.#stop, 0) > 0;
  }

  #start(): void {
    const bars = new Float64Array(new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT));
    const data: ThreadData = { order: this.#order, stop: this.#stop, bars };
    const worker = startWorker(this.#entry, data, {
      name: "sweep",
      resourceLimits: { stackSizeMb: THREAD_STACK_MB },
    });
    const thread: Thread = { worker, bars, isOpen: false, asked: null, heardMs: performance.now(), barsHeard: 0 };
    this.#threads.add(thread);
    worker.on("message", (told: TrialTold) => this.#hear(thread, told));
    worker.on("error", (error) => this.#ended(thread, messageOf(error)));
    worker.on("exit", () => this.#ended(thread, "its thread ended"));
  }

  #hear(thread: Thread, told: TrialTold): void {
    // What was on its way from a thread that is given up.
    if (!this.#threads.has(thread)) return;
    switch (told.type) {
      case "CannotOpen":
        return this.#failed.reject(receiveError(told.error));
      case "Opened":
        this.#code ??= told.opened.code;
        if (told.opened.code !== this.#code) {
          return this.#failed.reject(new UserError("rejected", "The strategy was changed while it was swept"));
        }
        thread.isOpen = true;
        this.#opened.resolve(told.opened);
        return this.#hand(thread);
      case "Ran":
        thread.asked = null;
        if (told.result !== null) this.#tell(told.result);
        this.#hand(thread);
        return this.#finishWhenIdle();
      default:
        assertNever(told, "word of a sweep's thread");
    }
  }

  #hand(thread: Thread): void {
    if (this.#work === null || this.#isStopped || !thread.isOpen || thread.asked !== null) return;
    thread.asked = this.#work.left.pop() ?? null;
    thread.heardMs = performance.now();
    if (thread.asked !== null) thread.worker.postMessage(thread.asked);
  }

  #finishWhenIdle(): void {
    const isIdle = [...this.#threads].every(({ asked }) => asked === null);
    if (isIdle && this.#work !== null && (this.#isStopped || this.#work.left.length === 0)) this.#work.finished();
  }

  #ended(thread: Thread, why: string): void {
    if (!this.#threads.delete(thread)) return;
    this.#barsOfEnded += thread.bars[0]!;
    void thread.worker.terminate();
    if (thread.asked === null) return this.#failed.reject(new Error(`a thread of the sweep ended: ${why}`));
    this.#tell({ ...thread.asked, error: why });
    if (this.#work !== null && this.#work.left.length > 0 && !this.#isStopped) this.#start();
    this.#finishWhenIdle();
  }

  /** Where it cannot be kept, for want of room on the disk, the sweep ends. */
  #tell(result: TrialResult): void {
    try {
      this.#work?.done(result);
    } catch (error) {
      this.#failed.reject(error instanceof Error ? error : new Error(messageOf(error)));
    }
  }

  #endSilent(): void {
    const nowMs = performance.now();
    for (const thread of this.#threads) {
      if (thread.asked === null || thread.bars[0] !== thread.barsHeard) thread.heardMs = nowMs;
      thread.barsHeard = thread.bars[0]!;
      if (nowMs - thread.heardMs > this.#silenceMsMax) {
        this.#ended(thread, `no sign of life for ${this.#silenceMsMax / 1000} s: it hangs`);
      }
    }
  }
}
