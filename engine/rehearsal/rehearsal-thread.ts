// Rehearsals in a thread of their own: the trading thread hands over an order and hears what was found. New requests come before
// the rest of older ones. One that hangs, or takes its thread down, costs itself: the others go on in a new thread.
import type { Worker } from "node:worker_threads";
import { assert } from "../base/assert.ts";
import { UserError } from "../base/errors.ts";
import { startWorker } from "../node/start-worker.ts";
import { THREAD_STACK_MB } from "../sandbox/instance.ts";
import { cancelled, type RehearsalOptions } from "./in-thread-rehearsal.ts";
import type { Rehearsal, RehearsalOrder, RehearsalReport, Rehearsing } from "./port.ts";
import type { RehearsalAnswer, RehearsalRequest } from "./rehearsal-messages.ts";

/** A request takes its budget, or a slice of time; the first reading of a long history some seconds. What takes longer is stuck in a native. */
const REQUEST_MS_MAX = 10_000;
/** A start has more urgent things to do than to read history for edits to come. */
const READ_AHEAD_AFTER_MS = 10_000;
/** Strategies that may be rehearsed at once. */
const REHEARSALS_MAX = 256;

interface Task {
  readonly id: number;
  readonly order: RehearsalOrder;
  readonly first: Deferred<RehearsalReport>;
  readonly rest: Deferred<RehearsalReport | null>;
  /** Whether `first` has been answered: the rest comes after what others wait for. */
  isBackground: boolean;
  /** Whether the thread knows of it. */
  hasBegun: boolean;
}

export class RehearsalThread implements Rehearsal {
  readonly #options: RehearsalOptions;
  readonly #requestMsMax: number;
  readonly #readAhead: NodeJS.Timeout;
  readonly #tasks = new Map<string, Task>();
  /** Tasks that are over, of which the thread is still to be told. */
  #ended: number[] = [];
  #worker: Worker | null = null;
  #busy: { readonly task: Task; readonly overdue: NodeJS.Timeout } | null = null;
  #lastId = 0;
  #closed = false;

  constructor(options: RehearsalOptions, requestMsMax = REQUEST_MS_MAX) {
    this.#options = options;
    this.#requestMsMax = requestMsMax;
    this.#readAhead = setTimeout(() => {
      this.#worker ??= this.#spawn();
    }, READ_AHEAD_AFTER_MS);
    this.#readAhead.unref();
  }

  rehearse(order: RehearsalOrder): Rehearsing {
    this.#cancel(this.#tasks.get(order.strategy));
    this.#lastId += 1;
    const task: Task = {
      id: this.#lastId,
      order,
      first: new Deferred(),
      rest: new Deferred(),
      isBackground: false,
      hasBegun: false,
    };
    if (this.#closed || this.#tasks.size === REHEARSALS_MAX) {
      task.first.reject(
        this.#closed
          ? closed()
          : new UserError("busy", `Cannot rehearse ${order.strategy}: ${REHEARSALS_MAX} rehearsals are under way`),
      );
      task.rest.resolve(null);
    } else {
      this.#tasks.set(order.strategy, task);
      this.#next();
    }
    return { first: task.first.promise, rest: task.rest.promise, cancel: () => this.#cancel(task) };
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#readAhead);
    for (const task of this.#tasks.values()) this.#cancel(task);
    if (this.#busy !== null) clearTimeout(this.#busy.overdue);
    const worker = this.#worker;
    this.#worker = null;
    await worker?.terminate();
  }

  #cancel(task: Task | undefined): void {
    if (task === undefined || !this.#isUnderWay(task)) return;
    task.first.reject(this.#closed ? closed() : cancelled(task.order.strategy));
    task.rest.resolve(null);
    this.#end(task);
  }

  /** False once it is over or cancelled. */
  #isUnderWay(task: Task): boolean {
    return this.#tasks.get(task.order.strategy) === task;
  }

  #end(task: Task): void {
    this.#tasks.delete(task.order.strategy);
    if (task.hasBegun) this.#ended.push(task.id);
    this.#next();
  }

  /** One request at a time, so that one which never ends can be told from those that wait behind it. */
  #next(): void {
    if (this.#busy !== null || this.#closed) return;
    const tasks = [...this.#tasks.values()];
    const task = tasks.find(({ isBackground }) => !isBackground) ?? tasks[0];
    if (task === undefined && this.#ended.length === 0) return;
    this.#worker ??= this.#spawn();
    for (const id of this.#ended.splice(0)) this.#post({ type: "End", id });
    if (task === undefined) return;
    const { id, order } = task;
    const overdue = setTimeout(() => {
      const hung = `Cannot rehearse ${order.strategy}: no answer within ${this.#requestMsMax} ms, it hangs when it decides`;
      this.#fail(new UserError("timeout", hung));
    }, this.#requestMsMax);
    this.#busy = { task, overdue };
    this.#post(task.hasBegun ? { type: "GoOn", id } : { type: "Begin", id, order });
    task.hasBegun = true;
  }

  #post(request: RehearsalRequest): void {
    this.#worker?.postMessage(request);
  }

  #spawn(): Worker {
    const worker = startWorker(new URL("./rehearsal-worker.ts", import.meta.url), this.#options, {
      name: "rehearsal",
      resourceLimits: { stackSizeMb: THREAD_STACK_MB },
    });
    worker.on("message", (answer: RehearsalAnswer) => {
      if (this.#worker === worker) this.#hear(answer);
    });
    const died = (error: unknown) => {
      if (this.#worker === worker) this.#fail(error);
    };
    worker.on("error", died);
    worker.on("exit", () => died(new Error("the rehearsal's thread ended")));
    return worker;
  }

  #hear(answer: RehearsalAnswer): void {
    const task = this.#settle();
    if (!this.#isUnderWay(task)) return this.#next();
    if (answer.type === "Failed") {
      const { code, message } = answer;
      this.#reject(task, code === null ? new Error(message) : new UserError(code, message));
    } else if (answer.report !== null) {
      task.first.resolve(answer.report);
      task.isBackground = true;
      if (answer.type === "WentOn" || answer.isOver) {
        task.rest.resolve(answer.report);
        this.#end(task);
      }
    }
    this.#next();
  }

  /** The task whose request is over. */
  #settle(): Task {
    assert(this.#busy !== null, "The rehearsal's thread answered, and was not asked");
    const { task, overdue } = this.#busy;
    clearTimeout(overdue);
    this.#busy = null;
    return task;
  }

  #reject(task: Task, error: unknown): void {
    task.first.reject(error);
    task.rest.reject(error);
    this.#end(task);
  }

  /** Gives up this thread, and the request that it was at. */
  #fail(error: unknown): void {
    const worker = this.#worker;
    this.#worker = null;
    void worker?.terminate();
    this.#ended = [];
    for (const task of this.#tasks.values()) task.hasBegun = false;
    const failed = this.#busy === null ? null : this.#settle();
    if (failed !== null && this.#isUnderWay(failed)) this.#reject(failed, error);
    this.#next();
  }
}

class Deferred<T> {
  readonly promise: Promise<T>;
  resolve: (value: T) => void = () => {};
  reject: (error: unknown) => void = () => {};

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.promise.catch(() => {}); // Whoever waits for it hears of a failure; nobody has to.
  }
}

const closed = (): Error => new Error("the rehearsal is closed");
