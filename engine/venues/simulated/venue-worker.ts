// The exchange's own thread: it has the file and the waiting for the disk. Whatever goes wrong ends the thread, which its
// owner sees.
import { parentPort } from "node:worker_threads";
import { assert, assertNever } from "../../base/assert.ts";
import type { MarketEvent } from "../../market/event.ts";
import { bootData } from "../../node/start-worker.ts";
import type { ExecutionReport } from "../port.ts";
import { SimulatedExchange } from "./simulated-exchange.ts";
import { VenueFile } from "./venue-file.ts";
import type { FromVenue, ToVenue, VenueWorkerData } from "./venue-messages.ts";

assert(parentPort !== null, "venue-worker.ts runs in a worker thread");
const port = parentPort;
const { path, settings } = bootData<VenueWorkerData>();

let reports: ExecutionReport[] = [];
let events: MarketEvent[] = [];
const file = new VenueFile(path);
const exchange = new SimulatedExchange(settings, file, {
  report: (report) => reports.push(report),
  market: (quotes) => events.push(...quotes),
});

port.on("message", (message: ToVenue) => {
  switch (message.type) {
    case "Send":
      exchange.handle(message.command);
      break;
    case "Observe":
      exchange.observe(message.events);
      break;
    case "Advance":
      exchange.advance(message.nowMs);
      break;
    case "Close":
      file.close();
      port.close();
      return;
    default:
      assertNever(message, "message");
  }
  const answer: FromVenue = { type: "Handled", reports, events };
  port.postMessage(answer);
  reports = [];
  events = [];
});
