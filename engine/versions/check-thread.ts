// The check in a thread of its own. Fuel does not bound natives: a strategy that loops over them would hang whoever loads it
// or decides with it. Here it costs its own report, and the next strategy gets a new thread.
import { once } from "node:events";
import type { Worker } from "node:worker_threads";
import { startWorker } from "../node/start-worker.ts";
import type { EngineVariant } from "../sandbox/engine-module.ts";
import { THREAD_STACK_MB } from "../sandbox/instance.ts";
import { sourceError } from "./source-error.ts";
import { DiskFolder, fileName } from "./source-folder.ts";
import type { CheckReport } from "./strategy-check.ts";

export interface CheckStart {
  readonly engine: EngineVariant;
}

export interface CheckOrder {
  /** The strategies folder; `entry` is relative to it. */
  readonly root: string;
  readonly entry: string;
}

/** A check takes a second, the compiler's start included; a busy machine may need several. */
const CHECK_MS_MAX = 20_000;

export class CheckThread {
  readonly #start: CheckStart;
  #worker: Worker | null = null;

  constructor(engine: EngineVariant) {
    this.#start = { engine };
  }

  /** One at a time. Rejects only for a bug. */
  async check(order: CheckOrder, msMax = CHECK_MS_MAX): Promise<CheckReport> {
    this.#worker ??= startWorker(new URL("./check-worker.ts", import.meta.url), this.#start, {
      name: "check",
      resourceLimits: { stackSizeMb: THREAD_STACK_MB },
    });
    const overdue = AbortSignal.timeout(msMax);
    const answer = once(this.#worker, "message", { signal: overdue });
    this.#worker.postMessage(order);
    try {
      const [report] = await answer;
      return report as CheckReport;
    } catch (error) {
      await this.close();
      if (!overdue.aborted) throw error;
      return hung(order, msMax);
    }
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
    this.#worker = null;
  }
}

function hung({ root, entry }: CheckOrder, msMax: number): CheckReport {
  const file = fileName(new DiskFolder(root), entry);
  const message = `Cannot check the strategy: no answer within ${msMax / 1000} s, it hangs when it is loaded or decides`;
  const errors = [{ stage: "loaded" as const, ...sourceError(file, 1, 1, message, null) }];
  return { file, version: null, pure: null, impure: [], inputs: null, errors };
}
