// Rehearsals in a thread of their own: fuel does not bound natives, so a strategy may hang whoever decides with it. A thread that
// has told nothing for too long is ended, and the one that waits for it is told why.
import type { Worker } from "node:worker_threads";
import { assertNever } from "../../engine/base/assert.ts";
import { UserError } from "../../engine/base/errors.ts";
import { startWorker } from "../../engine/node/start-worker.ts";
import { THREAD_STACK_MB } from "../../engine/sandbox/instance.ts";
import { receiveError } from "../../engine/versions/workshop-messages.ts";
import type { DryRunListener, DryRunOrder, DryRunOutcome } from "./dry-run.ts";
import type { Job, Told } from "./dry-run-messages.ts";
import type { VersionDiff, VersionDiffOrder } from "./version-diff.ts";

/** A stage takes seconds on a busy machine, reading a large recording some more. */
const SILENCE_MS_MAX = 30_000;

export class DryRunThread {
  readonly #silenceMsMax: number;
  #worker: Worker | null = null;

  constructor(silenceMsMax = SILENCE_MS_MAX) {
    this.#silenceMsMax = silenceMsMax;
  }

  dryRun(order: DryRunOrder, listener: DryRunListener): Promise<DryRunOutcome> {
    return this.#run({ type: "DryRun", order }, listener) as Promise<DryRunOutcome>;
  }

  diffVersions(order: VersionDiffOrder, listener: DryRunListener): Promise<VersionDiff> {
    return this.#run({ type: "VersionDiff", order }, listener) as Promise<VersionDiff>;
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
    this.#worker = null;
  }

  #run(job: Job, listener: DryRunListener): Promise<unknown> {
    const worker = startWorker(new URL("./dry-run-worker.ts", import.meta.url), job, {
      name: "dry-run",
      resourceLimits: { stackSizeMb: THREAD_STACK_MB },
    });
    this.#worker = worker;
    return new Promise((resolve, reject) => {
      const silence = setTimeout(() => {
        const after = `${this.#silenceMsMax / 1000} s`;
        reject(
          new UserError(
            "rejected",
            `Cannot rehearse it: no sign of life for ${after}, it hangs when it is loaded or decides`,
          ),
        );
        void worker.terminate();
      }, this.#silenceMsMax);
      worker.on("message", (told: Told) => {
        silence.refresh();
        switch (told.type) {
          case "Stage":
            return listener.stage(told.result);
          case "Walking":
            return listener.walking(told.fromMs, told.toMs, told.atMs);
          case "Alive":
            return listener.alive();
          case "Done":
            return resolve(told.value);
          case "Failed":
            return reject(receiveError(told.error));
          default:
            assertNever(told, "word of a rehearsal");
        }
      });
      worker.on("error", reject);
      worker.on("exit", () => {
        clearTimeout(silence);
        reject(new Error("the thread of rehearsals ended"));
      });
    });
  }
}
