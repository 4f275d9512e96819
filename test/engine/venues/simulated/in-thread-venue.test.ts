import { expect, test } from "vitest";
import { InThreadVenue } from "../../../../engine/venues/simulated/in-thread-venue.ts";
import { MemoryJournal } from "../../../../engine/venues/simulated/memory-journal.ts";
import { SimulatedExchange } from "../../../../engine/venues/simulated/simulated-exchange.ts";
import { executionClientContract } from "../../../contract/execution-client.ts";
import { Recorder, SETTINGS } from "./world.ts";

executionClientContract("in-thread venue", (listener) => {
  const failures: unknown[] = [];
  const exchange = new SimulatedExchange(SETTINGS, new MemoryJournal(), listener);
  return { client: new InThreadVenue({ exchange, onFailure: (error) => failures.push(error) }), failures };
});

test("a failure is told once, and never thrown at the sender", () => {
  const failures: unknown[] = [];
  const exchange = new SimulatedExchange(SETTINGS, new MemoryJournal(), new Recorder());
  const client = new InThreadVenue({ exchange, onFailure: (error) => failures.push(error) });
  client.advance(Number.NaN);
  client.advance(Number.NaN);
  expect(failures).toMatchObject([{ message: "Cannot advance to NaN: time is integer milliseconds" }]);
});
