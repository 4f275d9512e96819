// The trading thread's end of one sandbox worker.
import type { Worker } from "node:worker_threads";
import { assertNever } from "../base/assert.ts";
import { messageOf } from "../base/errors.ts";
import { startWorker } from "../node/start-worker.ts";
import type { EngineParts } from "./engine.ts";
import type { SandboxImage } from "./image.ts";
import { THREAD_STACK_MB } from "./instance.ts";
import { SharedCells } from "./shared-cells.ts";
import type { FromWorker, Images, ToWorker, WorkerStart } from "./worker-messages.ts";

export interface LinkEvents {
  readonly onReady: (link: WorkerLink) => void;
  readonly onInstalled: () => void;
  readonly onDecided: (link: WorkerLink, stamp: number) => void;
  /** It died by itself; never after `discard`. */
  readonly onDied: (link: WorkerLink, reason: string, wasReady: boolean) => void;
}

export class WorkerLink {
  readonly cells = new SharedCells();
  readonly #worker: Worker;
  readonly #versions: Set<number>;
  #state: "starting" | "ready" | "gone" = "starting";

  constructor(engine: EngineParts, images: Images, events: LinkEvents) {
    this.#versions = new Set(images.keys());
    const start: WorkerStart = { engine, cells: this.cells.buffer, images: new Map(images) };
    this.#worker = startWorker(new URL("./sandbox-worker.ts", import.meta.url), start, {
      name: "sandbox",
      env: {},
      stdout: true,
      stderr: true,
      resourceLimits: { stackSizeMb: THREAD_STACK_MB },
    });
    // What it would print goes nowhere; how it ends is told by its events.
    this.#worker.stdout.resume();
    this.#worker.stderr.resume();
    this.#worker.on("message", (message: FromWorker) => {
      if (this.#state === "gone") return;
      switch (message.type) {
        case "Ready":
          this.#state = "ready";
          return events.onReady(this);
        case "Installed":
          this.#versions.add(message.version);
          return events.onInstalled();
        case "Decided":
          return events.onDecided(this, message.stamp);
        default:
          assertNever(message);
      }
    });
    const died = (reason: string) => {
      if (this.#state === "gone") return;
      const wasReady = this.ready;
      this.#state = "gone";
      events.onDied(this, reason, wasReady);
    };
    this.#worker.on("error", (error) => died(messageOf(error)));
    this.#worker.on("exit", (code) => died(`exit code ${code}`));
  }

  get ready(): boolean {
    return this.#state === "ready";
  }

  /** Its thread has the version's bytes; a starting one counts only once it is ready. */
  has(version: number): boolean {
    return this.ready && this.#versions.has(version);
  }

  install(version: number, image: SandboxImage): void {
    this.#post({ type: "Install", version, image });
  }

  retire(version: number): void {
    this.#versions.delete(version);
    this.#post({ type: "Retire", version });
  }

  /** Decides the first `count` requests packed in `cells`. */
  decide(stamp: number, count: number): void {
    this.#post({ type: "Decide", stamp, count });
  }

  /** Ends the thread whatever it does; resolves when it is gone, which nobody needs to wait for. */
  async discard(): Promise<void> {
    this.#state = "gone";
    await this.#worker.terminate();
  }

  #post(message: ToWorker): void {
    this.#worker.postMessage(message);
  }
}
