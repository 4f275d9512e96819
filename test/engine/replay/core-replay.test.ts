// A life lived again out of its journal: two starts of a bot, thirty cycles each, and what is found when one bit of it is changed.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { beforeAll, describe, expect, test } from "vitest";
import { openLedger } from "../../../control/ledger-file.ts";
import { runBot } from "../../../control/run.ts";
import { JournalReader } from "../../../engine/journal/journal-reader.ts";
import type { JournalRow, RecordedEvent } from "../../../engine/journal/port.ts";
import { CoreReplay, type CoreReplayStop } from "../../../engine/replay/core-replay.ts";
import { LedgerFold } from "../../../engine/replay/ledger-fold.ts";
import { replayCore } from "../../../engine/replay/replay-core.ts";
import { openScratchDatabase } from "../../../engine/store/database.ts";
import { exportLedger } from "../../../engine/store/ledger-export.ts";
import { SCHEMA } from "../../../engine/store/schema.ts";
import { SqliteStore } from "../../../engine/store/sqlite-store.ts";
import { writeSql } from "../../../engine/store/table-spec.ts";
import { sha256 } from "../../../engine/versions/code-version.ts";
import { digestOfCore } from "../../../engine/versions/core-sources.ts";
import { makeWorkspace } from "../../support/bot-process.ts";

const CYCLES = 30;
const folder = makeWorkspace();
const dir = join(folder, ".underway");
let db: DatabaseSync;
let rows: readonly JournalRow[];

beforeAll(async () => {
  const options = { feed: null, data: [], asset: null, venue: null, engine: "bellard", speed: "max", seed: 1 } as const;
  const places = { dir, strategies: join(folder, "strategies"), config: join(folder, "underway.config.ts") };
  for (let start = 0; start < 2; start++) {
    const until = { type: "Cycles", cycles: CYCLES } as const;
    await runBot({ ...options, ...places, until, exportFile: null, json: true });
  }
  db = openLedger(dir, "Cannot test");
  rows = [...new JournalReader(db).rows()];
});

/** Lives the rows again until something differs. */
function relive(journal: readonly JournalRow[]): CoreReplayStop | null {
  const listener = { durable: () => {}, failed: () => {} };
  const replay = new CoreReplay(new SqliteStore(openScratchDatabase(), listener), digestOfCore());
  for (const row of journal) {
    const stop = replay.take(row);
    if (stop !== null) return stop;
  }
  return null;
}

/** The journal with one event changed; null leaves it out. */
function changed(isIt: (event: RecordedEvent) => boolean, change: (event: RecordedEvent) => RecordedEvent | null) {
  const at = rows.findIndex(({ events }) => events.some(isIt));
  expect(at).toBeGreaterThanOrEqual(0);
  const row = rows[at]!;
  const event = row.events.find(isIt)!;
  const events = row.events.flatMap((each) => (each === event ? (change(each) ?? []) : each));
  return rows.map((each, index) => (index === at ? { ...row, events } : each));
}

describe("a life lived again", () => {
  test("asks the same questions, and leads to the same ledger, byte for byte, across a restart", async () => {
    const report = await replayCore(db);
    const file = join(folder, "export");
    exportLedger(db, file);
    expect(report).toEqual({
      type: "Matched",
      rows: rows.length,
      decisions: 2 * CYCLES * 16,
      ledgerSha256: sha256(readFileSync(file)),
    });
    expect(rows.filter(({ events }) => events.some(({ type }) => type === "Started"))).toHaveLength(2);
  });

  test("a number that was not seen is found, with its decision", () => {
    const asked = changed(
      (event) => event.type === "Decided" && event.cycle === 7,
      (event) => {
        if (event.type !== "Decided") return event;
        const [first, ...others] = event.decisions;
        const frame = Float64Array.from(first!.request.frame);
        frame[2]! += 1e-9;
        return { ...event, decisions: [{ ...first!, request: { ...first!.request, frame } }, ...others] };
      },
    );
    expect(relive(asked)).toMatchObject({
      type: "Diverged",
      cycle: 7,
      what: expect.stringMatching(/number 2 of the frame of BTC-5m-momentum@7/),
    });
  });

  test("a decision that came out otherwise is found where the core acts on it", () => {
    const acts = (event: RecordedEvent) =>
      event.type === "Decided" &&
      event.decisions.some(({ result }) => result.type === "Decided" && result.signal.kind === "up");
    const held = changed(acts, (event) => {
      if (event.type !== "Decided") return event;
      const signal = { kind: "hold", reason: "not I" } as const;
      const decisions = event.decisions.map(({ request, result }) => ({
        request,
        result: result.type === "Decided" ? { ...result, signal } : result,
      }));
      return { ...event, decisions };
    });
    expect(relive(held)).toMatchObject({ type: "Diverged", what: expect.stringMatching(/writes/) });
  });

  test("what the market or the venue said and is left out is found", () => {
    for (const type of ["Market", "Reported"] as const) {
      expect(
        relive(
          changed(
            (event) => event.type === type,
            () => null,
          ),
        ),
      ).toMatchObject({ type: "Diverged" });
    }
  });

  test("another core is not judged by this one", () => {
    const other = changed(
      (event) => event.type === "Started",
      (event) => ({ ...event, core: "f".repeat(64) }) as RecordedEvent,
    );
    expect(relive(other)).toMatchObject({
      type: "NotReplayable",
      why: expect.stringMatching(/another core ran \(ffffffff/),
    });
  });
});

describe("the last word on every row", () => {
  const folded = () => {
    const fold = new LedgerFold();
    for (const { writes } of rows) fold.add(writes);
    return fold;
  };

  /** A ledger with what the journal wrote. */
  function written(): DatabaseSync {
    const copy = openScratchDatabase();
    copy.exec("PRAGMA foreign_keys = OFF");
    for (const { writes } of rows) {
      for (const { table, row } of writes) {
        const fields = Object.keys(SCHEMA[table].columns) as (keyof typeof row)[];
        copy.prepare(writeSql(table, SCHEMA[table])).run(...fields.map((field) => row[field]));
      }
    }
    for (const trigger of ["fills_no_update", "transfers_no_delete"]) copy.exec(`DROP TRIGGER ${trigger}`);
    return copy;
  }

  test("is what the tables of the bot say", () => {
    expect(folded().rows).toBeGreaterThan(50);
    expect(folded().differences(db, true, 5)).toEqual([]);
  });

  test("is missed where a row was changed, taken out or put in", () => {
    const copy = written();
    expect(folded().differences(copy, true, 5)).toEqual([]);
    copy.exec("UPDATE fills SET at_ms = at_ms + 1 WHERE rowid = 1; DELETE FROM transfers WHERE id = 2");
    copy.exec("INSERT INTO commands VALUES ('x', 'close-position', 1, 'nothing', 1)");
    const found = folded()
      .differences(copy, true, 5)
      .map(({ table, what }) => `${table} ${what}`);
    expect(found.sort()).toEqual(["commands not in the journal", "fills changed", "transfers missing"]);
    expect(
      folded()
        .differences(copy, false, 5)
        .map(({ table }) => table),
    ).not.toContain("commands");
  });
});
