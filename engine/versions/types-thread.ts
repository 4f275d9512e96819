// The type check in a thread of its own, warm before the first save. Types can be written that keep the compiler busy for minutes
// or fill its memory: that costs the check, and the next one gets a new thread.
import { once } from "node:events";
import type { Worker } from "node:worker_threads";
import { startWorker } from "../node/start-worker.ts";
import { THREAD_STACK_MB } from "../sandbox/instance.ts";
import type { Sources } from "./dsl-sources.ts";
import type { SourceError, TypeCheck } from "./port.ts";
import { type TypeOrder, TypeVerdicts } from "./type-verdicts.ts";

/** A check takes tens of milliseconds, the first one of a busy machine a few seconds. */
const CHECK_MS_MAX = 10_000;
/** The compiler needs a quarter of this for the DSL and a strategy. */
const HEAP_MB_MAX = 512;
/** A warm compiler weighs 150 MB: when nobody has saved for so long, it is let go. */
const IDLE_MS_MAX = 10 * 60_000;
const CLOSED = "the type check is closed";

export class TypesThread implements TypeCheck {
  readonly #checkMsMax: number;
  readonly #idleMsMax: number;
  readonly #verdicts = new TypeVerdicts((order) => this.#ask(order));
  readonly #closing = new AbortController();
  /** Started by the first check: a restart has other things to do first. */
  #worker: Worker | null = null;
  #idle: NodeJS.Timeout | undefined;

  constructor(checkMsMax = CHECK_MS_MAX, idleMsMax = IDLE_MS_MAX) {
    this.#checkMsMax = checkMsMax;
    this.#idleMsMax = idleMsMax;
  }

  check(folder: string, entry: string, sources: Sources): Promise<readonly SourceError[]> {
    return this.#verdicts.check({ folder, entry, sources });
  }

  async close(): Promise<void> {
    this.#closing.abort();
    clearTimeout(this.#idle);
    await this.#worker?.terminate();
  }

  async #ask(order: TypeOrder): Promise<readonly SourceError[]> {
    const closed = this.#closing.signal;
    if (closed.aborted) throw new Error(CLOSED);
    clearTimeout(this.#idle);
    this.#worker ??= this.#spawn();
    const worker = this.#worker;
    const overdue = AbortSignal.timeout(this.#checkMsMax);
    const answer = once(worker, "message", { signal: AbortSignal.any([overdue, closed]) });
    worker.postMessage(order);
    try {
      const [errors] = await answer;
      this.#idle = setTimeout(() => this.#giveUp(worker), this.#idleMsMax).unref();
      return errors as readonly SourceError[];
    } catch (error) {
      this.#giveUp(worker);
      if (closed.aborted) throw new Error(CLOSED);
      throw overdue.aborted ? new Error(`no answer within ${this.#checkMsMax} ms`) : error;
    }
  }

  #spawn(): Worker {
    const worker = startWorker(new URL("./types-worker.ts", import.meta.url), null, {
      name: "types",
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB_MAX, stackSizeMb: THREAD_STACK_MB },
    });
    // One that dies while nobody waits is nobody's error.
    worker.on("error", () => this.#giveUp(worker));
    return worker;
  }

  #giveUp(worker: Worker): void {
    if (this.#worker === worker) this.#worker = null;
    void worker.terminate();
  }
}
