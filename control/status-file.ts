// Writes status.json while the bot runs: at most four times a second of real time, always the newest state, never in the
// way of trading. A status that cannot be written is reported and forgotten; the next one tries again.
import { writeFileAtomic } from "../engine/node/atomic-file.ts";
import type { Status } from "./status.ts";

export const STATUS_GAP_MS_MIN = 250;

/** Monotonic real time, as the writer needs it. */
export interface WriterTime {
  nowMs(): number;
  /** Runs once, later; the returned function calls it off. */
  after(delayMs: number, run: () => void): () => void;
}

const realTime: WriterTime = {
  nowMs: () => performance.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};

export interface StatusWriterOptions {
  readonly onError: (error: unknown) => void;
  readonly time?: WriterTime;
  readonly write?: (text: string) => Promise<void>;
}

export class StatusWriter {
  readonly #onError: (error: unknown) => void;
  readonly #time: WriterTime;
  readonly #write: (text: string) => Promise<void>;
  #pending: (() => Status) | null = null;
  #writing: Promise<void> | null = null;
  #callOff: (() => void) | null = null;
  #lastMs = Number.NEGATIVE_INFINITY;
  #closing = false;

  constructor(path: string, options: StatusWriterOptions) {
    this.#onError = options.onError;
    this.#time = options.time ?? realTime;
    this.#write = options.write ?? ((text) => writeFileAtomic(path, text, { durable: false }));
  }

  /** Takes the newest state's maker; it is only called when a write is due, so offering is free on a fast loop. */
  offer(make: () => Status): void {
    this.#pending = make;
    this.#schedule();
  }

  /** Writes what is still pending, at once. Nothing may be offered afterwards. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#callOff?.();
    this.#callOff = null;
    this.#schedule();
    while (this.#writing !== null) await this.#writing;
  }

  #schedule(): void {
    if (this.#pending === null || this.#writing !== null || this.#callOff !== null) return;
    const waitMs = this.#closing ? 0 : this.#lastMs + STATUS_GAP_MS_MIN - this.#time.nowMs();
    if (waitMs <= 0) this.#start(this.#pending);
    else {
      this.#callOff = this.#time.after(waitMs, () => {
        this.#callOff = null;
        this.#schedule();
      });
    }
  }

  #start(make: () => Status): void {
    this.#pending = null;
    this.#lastMs = this.#time.nowMs();
    this.#writing = this.#save(make).finally(() => {
      this.#writing = null;
      this.#schedule();
    });
  }

  async #save(make: () => Status): Promise<void> {
    try {
      await this.#write(`${JSON.stringify(make(), null, 1)}\n`);
    } catch (error) {
      this.#onError(error);
    }
  }
}
