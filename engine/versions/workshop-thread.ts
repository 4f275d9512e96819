// The workshop in a thread of its own: compiling and loading never delay a cycle. A request that hangs or a thread that dies
// costs that request; the next one gets a new thread.
import type { Worker } from "node:worker_threads";
import { canonicalJson } from "../base/canonical-json.ts";
import { UserError } from "../base/errors.ts";
import type { CodeVersion } from "../base/ids.ts";
import type { Params } from "../frame/manifest.ts";
import { startWorker } from "../node/start-worker.ts";
import { THREAD_STACK_MB } from "../sandbox/instance.ts";
import type { EvaluatedConfig, Prepared, Workshop } from "./port.ts";
import { RequestQueue } from "./request-queue.ts";
import type { WorkshopOptions } from "./workshop.ts";
import { receiveError, type WorkshopAnswer, type WorkshopRequest } from "./workshop-messages.ts";

/** A load takes milliseconds, the first of a busy machine a second: what takes longer is stuck in a native. */
const REQUEST_MS_MAX = 10_000;

export class WorkshopThread implements Workshop {
  readonly #options: WorkshopOptions;
  readonly #requestMsMax: number;
  readonly #queue = new RequestQueue();
  #worker: Worker | null = null;
  #pending: { readonly resolve: (value: unknown) => void; readonly reject: (error: unknown) => void } | null = null;
  #closed = false;

  constructor(options: WorkshopOptions, requestMsMax = REQUEST_MS_MAX) {
    this.#options = options;
    this.#requestMsMax = requestMsMax;
    this.#worker = this.#spawn();
  }

  prepare(strategy: string, overrides: readonly Params[]): Promise<Prepared> {
    return this.#ask(`strategy ${strategy}`, { type: "Prepare", strategy, overrides }) as Promise<Prepared>;
  }

  restore(code: CodeVersion, overrides: readonly Params[]): Promise<Prepared> {
    const key = `version ${code} ${canonicalJson(overrides)}`;
    return this.#ask(key, { type: "Restore", code, overrides }) as Promise<Prepared>;
  }

  evaluateConfig(file: string): Promise<EvaluatedConfig> {
    const key = `configuration ${file}`;
    return this.#ask(key, { type: "EvaluateConfig", file }) as Promise<EvaluatedConfig>;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#pending?.reject(closed());
    await this.#worker?.terminate();
  }

  // The queue is kept on this side, so that a request which never ends can be told from those that wait behind it.
  #ask(key: string, request: WorkshopRequest): Promise<unknown> {
    return this.#queue.run(key, async () => {
      if (this.#closed) throw closed();
      this.#worker ??= this.#spawn();
      const overdue = setTimeout(() => {
        this.#fail(new UserError("timeout", `Cannot load ${key}: no answer within ${this.#requestMsMax} ms`));
      }, this.#requestMsMax);
      const answer = new Promise((resolve, reject) => {
        this.#pending = { resolve, reject };
      });
      this.#worker.postMessage(request);
      return answer.finally(() => {
        clearTimeout(overdue);
        this.#pending = null;
      });
    });
  }

  #spawn(): Worker {
    const worker = startWorker(new URL("./workshop-worker.ts", import.meta.url), this.#options, {
      name: "workshop",
      resourceLimits: { stackSizeMb: THREAD_STACK_MB },
    });
    worker.on("message", (answer: WorkshopAnswer) => {
      if (this.#worker !== worker) return;
      if (answer.type === "Done") this.#pending?.resolve(answer.value);
      else this.#pending?.reject(receiveError(answer.error));
    });
    const died = (error: unknown) => {
      if (this.#worker === worker) this.#fail(error);
    };
    worker.on("error", died);
    worker.on("exit", () => died(new Error("the workshop's thread ended")));
    return worker;
  }

  /** Gives up this thread, and the request it was at. */
  #fail(error: unknown): void {
    const worker = this.#worker;
    this.#worker = null;
    this.#pending?.reject(error);
    void worker?.terminate();
  }
}

const closed = (): Error => new Error("the workshop is closed");
