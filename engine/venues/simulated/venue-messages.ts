// What the bot's thread and the exchange's thread say to each other. Messages are handled in the order they were posted.
import type { MarketEvent } from "../../market/event.ts";
import type { ExecutionReport, VenueCommand } from "../port.ts";
import type { ExchangeSettings } from "./simulated-exchange.ts";

/** Given to the worker at its start. */
export interface VenueWorkerData {
  readonly path: string;
  readonly settings: ExchangeSettings;
}

export type ToVenue =
  | { readonly type: "Send"; readonly command: VenueCommand }
  | { readonly type: "Observe"; readonly events: readonly MarketEvent[] }
  | { readonly type: "Advance"; readonly nowMs: number }
  | { readonly type: "Close" };

/** The answer to each message but Close: all that came of it. */
export interface FromVenue {
  readonly type: "Handled";
  readonly reports: readonly ExecutionReport[];
  readonly events: readonly MarketEvent[];
}
