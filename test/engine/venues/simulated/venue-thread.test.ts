import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { VenueThread } from "../../../../engine/venues/simulated/venue-thread.ts";
import { executionClientContract } from "../../../contract/execution-client.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";
import { market, OPEN_MS, opening, order, Recorder, SETTINGS, USDC } from "./world.ts";

executionClientContract("venue in a thread", (listener) => {
  const failures: unknown[] = [];
  const path = join(temporaryFolder(), "exchange.db");
  return {
    client: new VenueThread({ path, settings: SETTINGS, listener, onFailure: (error) => failures.push(error) }),
    failures,
  };
});

test("a thread that dies says so, and takes no more commands", async () => {
  const path = join(temporaryFolder(), "exchange.db");
  writeFileSync(path, "not a database, but a text that is long enough to be looked at");
  const listener = new Recorder();
  let client: VenueThread | null = null;
  const failure = await new Promise((resolve) => {
    client = new VenueThread({ path, settings: SETTINGS, listener, onFailure: resolve });
  });
  expect(failure).toMatchObject({ message: expect.stringContaining("Cannot open exchange") });
  client!.advance(OPEN_MS);
  await client!.close();
  expect(listener.reports).toEqual([]);
});

test("what was traded is held by the thread that opens the file next", async () => {
  const path = join(temporaryFolder(), "exchange.db");
  const live = async (recorder: Recorder, act: (client: VenueThread) => void) => {
    const client = new VenueThread({
      path,
      settings: SETTINGS,
      listener: recorder,
      onFailure: (error) => expect(error).toBe(null),
    });
    act(client);
    await client.close();
  };
  await live(new Recorder(), (client) => {
    client.advance(OPEN_MS - 1_000);
    client.observe(opening());
    client.advance(OPEN_MS + 1_000);
    client.send({ type: "Submit", order: order() });
    client.advance(OPEN_MS + 1_500);
  });
  const recorder = new Recorder();
  await live(recorder, (client) => client.send({ type: "Reconcile", orders: [], markets: [] }));
  expect(recorder.of("Reconciled")[0]!.snapshot).toMatchObject({
    atMs: OPEN_MS + 1_500,
    holdings: [{ market: market().id, side: "up", sharesMicros: 10 * USDC }],
  });
});
