// One request at a time, and the newest word on a strategy counts: a save that arrives while an older one of the same strategy
// still waits takes its place, and both callers get the newer result.
import { UserError } from "../base/errors.ts";

export const REQUESTS_WAITING_MAX = 256;

interface Waiting {
  readonly key: string;
  work: () => Promise<unknown>;
  readonly start: () => void;
  readonly result: Promise<unknown>;
}

export class RequestQueue {
  readonly #waiting: Waiting[] = [];
  #running = false;

  run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const older = this.#waiting.find((waiting) => waiting.key === key);
    if (older !== undefined) {
      older.work = work;
      return older.result as Promise<T>;
    }
    if (this.#waiting.length === REQUESTS_WAITING_MAX) {
      return Promise.reject(
        new UserError("busy", `Cannot prepare ${key}: ${REQUESTS_WAITING_MAX} requests are waiting`),
      );
    }
    let start = () => {};
    const turn = new Promise<void>((resolve) => {
      start = resolve;
    });
    const waiting: Waiting = { key, work, start, result: turn.then(() => waiting.work()) };
    this.#waiting.push(waiting);
    if (!this.#running) void this.#drain();
    return waiting.result as Promise<T>;
  }

  async #drain(): Promise<void> {
    this.#running = true;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      next.start();
      await next.result.catch(() => {}); // Its caller has the error; the next one has its turn.
    }
    this.#running = false;
  }
}
