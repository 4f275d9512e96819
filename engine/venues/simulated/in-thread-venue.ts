// The simulated exchange in the caller's own thread: for virtual time and tests. Reports come while it is being called.
import type { MarketEvent } from "../../market/event.ts";
import type { SimulatedExecutionClient, VenueCommand } from "../port.ts";
import type { SimulatedExchange } from "./simulated-exchange.ts";

export interface InThreadVenueOptions {
  readonly exchange: SimulatedExchange;
  /** Gives back what the journal holds. */
  readonly release?: () => void;
  /** Called once, when the exchange or its journal fails; the venue does nothing more after it. */
  readonly onFailure: (error: unknown) => void;
}

export class InThreadVenue implements SimulatedExecutionClient {
  readonly #options: InThreadVenueOptions;
  #isUsable = true;

  constructor(options: InThreadVenueOptions) {
    this.#options = options;
  }

  send(command: VenueCommand): void {
    this.#try(() => this.#options.exchange.handle(command));
  }

  observe(events: readonly MarketEvent[]): void {
    this.#try(() => this.#options.exchange.observe(events));
  }

  advance(nowMs: number): void {
    this.#try(() => this.#options.exchange.advance(nowMs));
  }

  caughtUp(then: () => void): void {
    then();
  }

  async close(): Promise<void> {
    this.#try(() => this.#options.release?.());
    this.#isUsable = false;
  }

  #try(action: () => void): void {
    if (!this.#isUsable) return;
    try {
      action();
    } catch (error) {
      this.#isUsable = false;
      this.#options.onFailure(error);
    }
  }
}
