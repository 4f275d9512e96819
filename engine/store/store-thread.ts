// The store in a thread of its own, for live trading: the loop never waits for the disk, it is told when a batch is durable.
import { once } from "node:events";
import type { Worker } from "node:worker_threads";
import { AssertionFailed, assert, assertNever } from "../base/assert.ts";
import { messageOf } from "../base/errors.ts";
import { startWorker } from "../node/start-worker.ts";
import type { Batch, LedgerTotals, Recovered, Store, StoreListener } from "./port.ts";
import { STORE_QUEUE_MAX } from "./sqlite-store.ts";
import {
  receivedError,
  type StoreAnswer,
  type StoreCommand,
  type StoreQuestion,
  type StoreReport,
} from "./store-messages.ts";

/** Questions in flight: recovery, totals, exports. */
const QUESTIONS_MAX = 64;

interface Asked {
  answer(answer: StoreAnswer): void;
  fail(error: Error): void;
}

type Unnumbered = StoreQuestion extends infer Q ? (Q extends StoreQuestion ? Omit<Q, "id"> : never) : never;

export class StoreThread implements Store {
  readonly #worker: Worker;
  readonly #listener: StoreListener;
  readonly #asked = new Map<number, Asked>();
  readonly #exited: Promise<unknown>;
  #lastId = 0;
  #lastSeq = 0;
  #durableSeq = 0;
  #state: "open" | "closing" | "closed" = "open";

  /** Rejects with a UserError when the ledger cannot be opened. */
  static async open(options: { readonly dir: string }, listener: StoreListener): Promise<StoreThread> {
    const worker = startWorker(new URL("./store-worker.ts", import.meta.url), options, { name: "store" });
    const [first]: StoreReport[] = await once(worker, "message");
    if (first?.type === "NotOpened") throw receivedError(first.error);
    assert(first?.type === "Opened", `The store's thread began with ${first?.type}`);
    return new StoreThread(worker, listener);
  }

  private constructor(worker: Worker, listener: StoreListener) {
    this.#worker = worker;
    this.#listener = listener;
    this.#exited = new Promise((resolve) => worker.once("exit", resolve));
    worker.on("message", (report: StoreReport) => this.#receive(report));
    worker.on("error", (error) => this.#lost(`The store's thread failed: ${messageOf(error)}`));
    worker.on("exit", () => this.#lost("The store's thread ended by itself"));
  }

  commit(batch: Batch): void {
    assert(batch.seq === this.#lastSeq + 1, `Batch ${batch.seq} came after batch ${this.#lastSeq}`);
    assert(batch.seq - this.#durableSeq <= STORE_QUEUE_MAX, `${STORE_QUEUE_MAX} batches wait for the store's thread`);
    this.#lastSeq = batch.seq;
    this.#send({ type: "Commit", batch });
  }

  recover(): Promise<Recovered> {
    return this.#ask({ type: "Recover" }, (answer) => (answer.type === "Recovered" ? answer.recovered : null));
  }

  keepJournal(ms: number): void {
    this.#send({ type: "KeepJournal", ms });
  }

  totals(): Promise<LedgerTotals> {
    return this.#ask({ type: "Totals" }, (answer) => (answer.type === "Totaled" ? answer.totals : null));
  }

  exportTo(path: string): Promise<{ readonly rows: number }> {
    return this.#ask({ type: "Export", path }, (answer) => (answer.type === "Exported" ? { rows: answer.rows } : null));
  }

  /** Waits until the thread has written everything and ended by itself. */
  async close(): Promise<void> {
    if (this.#state === "open") {
      this.#send({ type: "Close" });
      this.#state = "closing";
    }
    await this.#exited;
  }

  #ask<T>(question: Unnumbered, pick: (answer: StoreAnswer) => T | null): Promise<T> {
    assert(this.#asked.size < QUESTIONS_MAX, `${QUESTIONS_MAX} questions wait for the store's thread`);
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise<T>((resolve, reject) => {
      this.#send({ ...question, id });
      const answer = (given: StoreAnswer): void => {
        const picked = pick(given);
        if (picked !== null) resolve(picked);
        else
          reject(
            given.type === "Refused" ? receivedError(given.error) : new Error(`${question.type} got ${given.type}`),
          );
      };
      this.#asked.set(id, { answer, fail: reject });
    });
  }

  #send(command: StoreCommand): void {
    assert(this.#state === "open", `Cannot send ${command.type}: the store is ${this.#state}`);
    this.#worker.postMessage(command);
  }

  #receive(report: StoreReport): void {
    switch (report.type) {
      case "Durable":
        assert(
          report.seq > this.#durableSeq && report.seq <= this.#lastSeq,
          `Batch ${report.seq} cannot be durable now`,
        );
        this.#durableSeq = report.seq;
        this.#listener.durable(report.seq, report.head);
        break;
      case "Failed":
        this.#listener.failed(report.failure);
        break;
      case "Recovered":
      case "Totaled":
      case "Exported":
      case "Refused":
        this.#asked.get(report.id)?.answer(report);
        this.#asked.delete(report.id);
        break;
      case "Closed":
        this.#state = "closed";
        break;
      case "Opened":
      case "NotOpened":
        throw new AssertionFailed(`The store's thread said ${report.type} twice`);
      default:
        assertNever(report, "store report");
    }
  }

  /** The thread is gone before it said that everything is written. */
  #lost(message: string): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    for (const asked of this.#asked.values()) asked.fail(new Error(message));
    this.#asked.clear();
    this.#listener.failed({ kind: "bug", message });
  }
}
