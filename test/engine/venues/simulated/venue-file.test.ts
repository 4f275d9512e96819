import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { SimulatedExchange } from "../../../../engine/venues/simulated/simulated-exchange.ts";
import { VenueFile } from "../../../../engine/venues/simulated/venue-file.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";
import {
  CLOSE_MS,
  market,
  OPEN_MS,
  opening,
  order,
  Recorder,
  SETTINGS,
  STRIKE,
  snapshotOf,
  tick,
  USDC,
} from "./world.ts";

const NOW_MS = OPEN_MS + 1_000;

function openFile(path: string) {
  const recorder = new Recorder();
  const file = new VenueFile(path);
  return { recorder, file, exchange: new SimulatedExchange(SETTINGS, file, recorder) };
}

function tradedFile(path: string) {
  const world = openFile(path);
  world.exchange.advance(OPEN_MS - 1_000);
  world.exchange.observe(opening());
  world.exchange.advance(NOW_MS);
  world.exchange.handle({ type: "Submit", order: order() });
  world.exchange.advance(NOW_MS + 500);
  return world;
}

const newPath = (): string => join(temporaryFolder(), "exchange.db");

test("orders in flight and resting go on where they were when the file is opened again", () => {
  const path = newPath();
  const before = tradedFile(path);
  const resting = order({ limitMicros: 100_000, timeInForce: "GTC" });
  before.exchange.handle({ type: "Submit", order: resting });
  before.exchange.advance(NOW_MS + 900);
  const inFlight = order({ limitMicros: 100_000, timeInForce: "GTC" });
  before.exchange.handle({ type: "Submit", order: inFlight });
  const ids = [resting.clientOrderId, inFlight.clientOrderId];
  const left = snapshotOf(before, ids);
  before.file.close();

  const after = openFile(path);
  expect(snapshotOf(after, ids)).toEqual(left);
  after.recorder.news();
  after.exchange.advance(NOW_MS + 1_000);
  expect(after.recorder.news()).toBe("OrderAccepted");
  after.exchange.advance(CLOSE_MS);
  expect(after.recorder.news()).toBe("OrderCanceled OrderCanceled");
  after.file.close();
});

test("an order in the taker delay is matched after the file is opened again, once", () => {
  const path = newPath();
  const before = tradedFile(path);
  const delayed = order({ limitMicros: 990_000 });
  before.exchange.handle({ type: "Submit", order: delayed });
  before.exchange.advance(NOW_MS + 600);
  expect(before.recorder.reports.at(-1)).toMatchObject({ type: "OrderAccepted", clientOrderId: delayed.clientOrderId });
  before.file.close();

  const after = openFile(path);
  after.exchange.observe([tick(NOW_MS + 550, STRIKE)]);
  after.exchange.handle({ type: "Submit", order: delayed });
  after.exchange.advance(NOW_MS + 900);
  expect(after.recorder.news()).toBe("OrderAccepted OrderFilled");
  expect(snapshotOf(after).holdings).toMatchObject([{ sharesMicros: 20 * USDC }]);
  after.file.close();
});

test("a market that closed while nothing ran resolves from the price that was seen, and pays after a reopening", () => {
  const path = newPath();
  const before = tradedFile(path);
  before.exchange.observe([tick(CLOSE_MS, STRIKE)]);
  before.exchange.advance(CLOSE_MS);
  before.file.close();

  const resolving = openFile(path);
  resolving.exchange.advance(CLOSE_MS + 1_000_000);
  expect(resolving.recorder.reports).toMatchObject([{ type: "MarketResolved", market: market().id, outcome: "up" }]);
  resolving.file.close();

  const claiming = openFile(path);
  claiming.exchange.advance(CLOSE_MS + 1_001_000);
  expect(claiming.recorder.reports).toEqual([]);
  claiming.exchange.handle({ type: "Claim", market: market().id });
  claiming.exchange.advance(CLOSE_MS + 1_002_000);
  expect(claiming.recorder.reports).toMatchObject([{ type: "Claimed", amountMicros: 10 * USDC }]);
  expect(claiming.file.load()!.markets).toEqual([]);
  claiming.file.close();
});

test("an account that exists keeps its money, whatever opening cash is asked for", () => {
  const path = newPath();
  const before = tradedFile(path);
  const { cashMicros } = snapshotOf(before);
  before.file.close();
  const file = new VenueFile(path);
  const recorder = new Recorder();
  const exchange = new SimulatedExchange({ ...SETTINGS, openingCashMicros: 5 }, file, recorder);
  expect(snapshotOf({ exchange, recorder }).cashMicros).toBe(cashMicros);
  file.close();
});

test("quotes, and the end of markets that nobody traded, never touch the disk", () => {
  const path = newPath();
  const world = openFile(path);
  world.exchange.advance(OPEN_MS - 1_000);
  world.exchange.observe([...opening(), tick(CLOSE_MS, STRIKE)]);
  world.exchange.advance(CLOSE_MS - 1);
  world.exchange.advance(CLOSE_MS + 200_000);
  expect(world.recorder.of("MarketResolved").length).toBe(1);
  expect(world.recorder.batches.length).toBe(1);
  expect(world.file.load()).toBe(null);
  world.file.close();
});

test("a transaction is whole or nothing", () => {
  const path = newPath();
  const { file } = tradedFile(path);
  const { account } = file.load()!;
  const bad = { type: "Holding" as const, market: market().id, side: "up" as const, sharesMicros: -1 };
  expect(() => file.append([{ ...account, cashMicros: 1 }, bad])).toThrow("CHECK constraint failed");
  expect(file.load()!.account).toEqual(account);
  file.close();
});

test.each([
  {
    what: "money that does not add up",
    sql: "UPDATE account SET cashMicros = cashMicros + 1",
    says: /its cash is \d+, but its trades and claims add up to \d+/,
  },
  {
    what: "another version's schema",
    sql: "PRAGMA user_version = 99",
    says: /its schema is version 99, this engine knows 1/,
  },
])("a file with $what is refused", ({ sql, says }) => {
  const path = newPath();
  tradedFile(path).file.close();
  const db = new DatabaseSync(path);
  db.exec(sql);
  db.close();
  expect(() => new VenueFile(path)).toThrow(says);
});
