// The simulated exchange in a thread of its own: what a live bot trades on, so that its disk never holds up a cycle.
import type { Worker } from "node:worker_threads";
import type { MarketEvent } from "../../market/event.ts";
import { startWorker } from "../../node/start-worker.ts";
import type { SimulatedExecutionClient, VenueCommand, VenueListener } from "../port.ts";
import type { FromVenue, ToVenue, VenueWorkerData } from "./venue-messages.ts";

/** Messages the exchange has not answered yet: minutes of a bot's traffic. More means that it hangs. */
const UNANSWERED_MAX = 10_000;

export interface VenueThreadOptions extends VenueWorkerData {
  readonly listener: VenueListener;
  /** Called once, when the thread dies or hangs; the venue does nothing more after it. */
  readonly onFailure: (error: unknown) => void;
}

export class VenueThread implements SimulatedExecutionClient {
  readonly #options: VenueThreadOptions;
  readonly #worker: Worker;
  readonly #exited: Promise<void>;
  #state: "open" | "closing" | "failed" = "open";
  #posted = 0;
  #answered = 0;
  #waiting: { readonly answers: number; readonly then: () => void } | null = null;

  constructor(options: VenueThreadOptions) {
    this.#options = options;
    const { path, settings } = options;
    const data: VenueWorkerData = { path, settings };
    this.#worker = startWorker(new URL("./venue-worker.ts", import.meta.url), data, { name: "venue" });
    this.#worker.on("message", (answer: FromVenue) => this.#hear(answer));
    this.#worker.on("error", (error) => this.#fail(error));
    this.#exited = new Promise((resolve) => {
      this.#worker.on("exit", (code) => {
        if (this.#state === "open") this.#fail(new Error(`Exchange thread ended with code ${code}`));
        resolve();
      });
    });
  }

  send(command: VenueCommand): void {
    this.#post({ type: "Send", command });
  }

  observe(events: readonly MarketEvent[]): void {
    this.#post({ type: "Observe", events });
  }

  advance(nowMs: number): void {
    this.#post({ type: "Advance", nowMs });
  }

  caughtUp(then: () => void): void {
    this.#waiting = { answers: this.#posted, then };
    this.#tellCaughtUp();
  }

  /** Resolves once everything sent before it is handled and reported, and the file is closed. */
  async close(): Promise<void> {
    if (this.#state === "open") {
      this.#post({ type: "Close" });
      this.#state = "closing";
    }
    await this.#exited;
  }

  #post(message: ToVenue): void {
    if (this.#state !== "open") return;
    this.#posted += 1;
    if (this.#posted - this.#answered > UNANSWERED_MAX) {
      this.#fail(new Error(`Exchange thread has not answered ${UNANSWERED_MAX} messages`));
      void this.#worker.terminate();
      return;
    }
    this.#worker.postMessage(message);
  }

  #hear({ reports, events }: FromVenue): void {
    this.#answered += 1;
    for (const report of reports) this.#options.listener.report(report);
    if (events.length > 0) this.#options.listener.market(events);
    this.#tellCaughtUp();
  }

  #tellCaughtUp(): void {
    const waiting = this.#waiting;
    if (waiting === null || this.#answered < waiting.answers) return;
    this.#waiting = null;
    waiting.then();
  }

  #fail(error: unknown): void {
    if (this.#state === "failed") return;
    this.#state = "failed";
    this.#options.onFailure(error);
  }
}
