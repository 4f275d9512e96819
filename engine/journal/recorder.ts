// Writes down what the core is told between two transactions. What is lost in a crash is what no transaction had taken yet:
// the ledger lost the same.
import { assert } from "../base/assert.ts";
import type { DecisionRequest } from "../decide/decision.ts";
import type { EngineEvent } from "../event.ts";
import type { JournalEntry, RecordedEvent, Started } from "./port.ts";

/** A transaction comes with every cycle; so many events without one mean that none comes any more. */
const EVENTS_MAX = 1_000_000;

export class Recorder {
  #events: RecordedEvent[];
  #asked: readonly DecisionRequest[] = [];

  constructor(started: Started) {
    this.#events = [started];
  }

  /** Before the core is told. */
  saw(event: EngineEvent | Extract<RecordedEvent, { type: "Admitted" | "ReceiptBegun" }>): void {
    assert(this.#events.length < EVENTS_MAX, `${EVENTS_MAX} events wait for a transaction`);
    if (event.type !== "DecisionsMade") {
      this.#events.push(event);
      return;
    }
    const { cycle, results } = event;
    assert(results.length === this.#asked.length, `${results.length} decisions came, ${this.#asked.length} were asked`);
    const decisions = results.map((result, index) => ({ request: this.#asked[index]!, result }));
    this.#events.push({ type: "Decided", cycle, decisions });
    this.#asked = [];
  }

  /** The questions of this cycle: their frames are read when the entry that has the answers is written. */
  asked(requests: readonly DecisionRequest[]): void {
    this.#asked = requests;
  }

  /** Everything since the last call. */
  take(): JournalEntry {
    const entry = this.#events;
    this.#events = [];
    return entry;
  }
}
