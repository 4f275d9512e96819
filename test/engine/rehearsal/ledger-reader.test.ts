// A ledger is read while its bot goes on writing it.
import { statSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { marketRow } from "../../../engine/execution/market-row.ts";
import { History } from "../../../engine/rehearsal/history.ts";
import { LedgerReader } from "../../../engine/rehearsal/ledger-reader.ts";
import { openDatabase, scalar } from "../../../engine/store/database.ts";
import { aMarket, NOON } from "../../support/a-market.ts";
import { aSlot } from "../../support/settings.ts";
import { ALedger, ROWS, windowOf } from "./a-ledger.ts";

function readerOf({ dir }: ALedger) {
  const history = new History();
  const reader = new LedgerReader(dir, history);
  onTestFinished(() => reader.close());
  return { history, reader };
}

test("what is not there yet is no history", async () => {
  const ledger = new ALedger("btc");
  const { history, reader } = readerOf(ledger);
  reader.refresh();
  expect(history.windows("btc", "5m")).toEqual([]);
  await ledger.add(2);
  reader.refresh();
  expect(history.windows("btc", "5m").map(({ id, length }) => [id, length])).toEqual([
    [ledger.marketOf(0), ROWS],
    [ledger.marketOf(1), ROWS],
  ]);
});

test("an outcome that becomes known later is learnt", async () => {
  const ledger = await new ALedger("btc").add(2);
  const { history, reader } = readerOf(ledger);
  const market = aMarket();
  const outcomes = [];
  for (const outcome of [null, "down"] as const) {
    await ledger.write([{ table: "markets", row: marketRow(windowOf(market, outcome), null) }]);
    reader.refresh();
    outcomes.push(history.window(market.id)?.outcome);
  }
  expect(outcomes).toEqual([null, "down"]);
});

test("what a slot did is known as soon as it is in the ledger", async () => {
  const ledger = await new ALedger("btc").add(1);
  const { history, reader } = readerOf(ledger);
  reader.refresh();
  const [window] = history.windows("btc", "5m");
  expect(window?.actedRows(aSlot().id, ROWS)).toEqual([]);
  await ledger.bought(0, 50);
  reader.refresh();
  expect(window?.actedRows(aSlot().id, ROWS)).toEqual([5]);
  expect([5, 6].map((row) => window?.position(aSlot().id, row)?.sharesMicros)).toEqual([undefined, 10_000_000]);
});

test("reading waits for no writer, and keeps none waiting", async () => {
  const ledger = await new ALedger("btc").add(1);
  const { history, reader } = readerOf(ledger);
  const db = openDatabase(ledger.dir);
  db.exec("BEGIN IMMEDIATE; INSERT INTO meta VALUES ('one', '1')");
  reader.refresh();
  db.exec("COMMIT; BEGIN IMMEDIATE; INSERT INTO meta VALUES ('two', '2'); COMMIT");
  expect(history.asset("btc").lastSampleMs).toBe(NOON + 290_000);
  // A reader that still stood in the log would keep it from being emptied.
  expect(scalar(db, "PRAGMA wal_checkpoint(TRUNCATE)")).toBe(0);
  expect(statSync(join(ledger.dir, "underway.db-wal")).size).toBe(0);
  db.close();
});
