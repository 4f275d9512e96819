// Feeds events to the core one at a time and performs what it asks for. Callbacks only enqueue: the core never re-enters itself.

import { assert, assertNever } from "../../engine/base/assert.ts";
import type { CodeVersion } from "../../engine/base/ids.ts";
import type { DecisionRequest, DecisionResult } from "../../engine/decide/decision.ts";
import type { SandboxHost } from "../../engine/decide/port.ts";
import type { Engine } from "../../engine/engine.ts";
import type { EngineEvent, EngineOutput } from "../../engine/event.ts";
import type { Recorder } from "../../engine/journal/recorder.ts";
import type { Store } from "../../engine/store/port.ts";
import type { ExecutionClient } from "../../engine/venues/port.ts";

/** More waiting events than this means that the core is not keeping up by orders of magnitude. */
const EVENTS_MAX = 100_000;

export interface LoopParts {
  readonly engine: Engine;
  readonly host: SandboxHost;
  readonly store: Store;
  readonly venue: ExecutionClient;
  /** Null: nothing of this run is evidence. */
  readonly recorder: Recorder | null;
  /** How long the decisions of this cycle may take, real ms. */
  deadlineMs(): number;
  observe(output: Extract<EngineOutput, { type: "Logged" | "AlarmChanged" | "FaultSeen" | "Activated" }>): void;
  decided(cycle: number): void;
  monotonicMs(): number;
}

export class Loop {
  readonly #parts: LoopParts;
  readonly #queue: EngineEvent[] = [];
  #running = false;

  constructor(parts: LoopParts) {
    this.#parts = parts;
  }

  post(event: EngineEvent): void {
    assert(this.#queue.length < EVENTS_MAX, `${EVENTS_MAX} events wait for the core`);
    this.#queue.push(event);
    if (this.#running) return;
    this.#running = true;
    try {
      // An index instead of shift(): a burst of events must not cost its square.
      for (let next = 0; next < this.#queue.length; next++) {
        for (const output of this.#process(this.#queue[next]!)) this.#perform(output);
      }
    } finally {
      this.#queue.length = 0;
      this.#running = false;
    }
  }

  /** The ordinal of a code version, given now if it is new. */
  admit(strategy: string, code: CodeVersion): number {
    this.#parts.recorder?.saw({ type: "Admitted", strategy, code });
    return this.#parts.engine.admit(strategy, code);
  }

  /** The id of a reload that begins. */
  nextReceiptId(strategy: string): string {
    this.#parts.recorder?.saw({ type: "ReceiptBegun", strategy });
    return this.#parts.engine.receipts.nextId(strategy);
  }

  /** After the live ones, with the time that is left. */
  #decideShadows(cycle: number, shadows: readonly DecisionRequest[]): void {
    const done = (results: readonly DecisionResult[]) => this.post({ type: "ShadowsDecided", cycle, results });
    this.#parts.host.decide(cycle, shadows, this.#parts.deadlineMs(), done, "shadow");
  }

  #process(event: EngineEvent): readonly EngineOutput[] {
    this.#parts.recorder?.saw(event);
    if (event.type !== "BoundaryDue") return this.#parts.engine.process(event);
    const startedMs = this.#parts.monotonicMs();
    const outputs = this.#parts.engine.process(event);
    const micros = Math.round((this.#parts.monotonicMs() - startedMs) * 1_000);
    this.post({ type: "BoundaryMeasured", cycle: event.cycle, micros });
    return outputs;
  }

  #perform(output: EngineOutput): void {
    const { host, store, venue, recorder } = this.#parts;
    switch (output.type) {
      case "DecisionsWanted": {
        const { cycle, requests, shadows } = output;
        recorder?.asked(requests);
        host.decide(cycle, requests, this.#parts.deadlineMs(), (results) => {
          this.post({ type: "DecisionsMade", cycle, results });
          this.#parts.decided(cycle);
          if (shadows.length > 0) this.#decideShadows(cycle, shadows);
        });
        return;
      }
      case "Commit":
        return store.commit(recorder === null ? output.batch : { ...output.batch, journal: recorder.take() });
      case "Send":
        return venue.send(output.command);
      case "Logged":
      case "AlarmChanged":
      case "FaultSeen":
      case "Activated":
        return this.#parts.observe(output);
      default:
        assertNever(output, "engine output");
    }
  }
}
