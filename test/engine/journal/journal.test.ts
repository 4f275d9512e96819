import { copyFileSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { UserError } from "../../../engine/base/errors.ts";
import { JournalDamaged, rowHash } from "../../../engine/journal/chain.ts";
import { exportJournal } from "../../../engine/journal/export-journal.ts";
import { JournalReader } from "../../../engine/journal/journal-reader.ts";
import { JournalTable } from "../../../engine/journal/journal-table.ts";
import { GROUP_ROWS } from "../../../engine/journal/journal-writer.ts";
import { FORMAT_VERSION } from "../../../engine/journal/row-code.ts";
import { DATABASE_FILE, openDatabase, scalar } from "../../../engine/store/database.ts";
import { prune } from "../../../engine/store/prune.ts";
import { temporaryDir } from "../../contract/store.ts";
import { write } from "../../contract/store-rows.ts";
import { entryOf, Journaled, SECOND_MS, timeOf } from "./journaled.ts";

const cyclesOf = (rows: Iterable<{ readonly cycle: number }>): number[] => Array.from(rows, ({ cycle }) => cycle);

describe("a journal", () => {
  test("gives back what was told and what was written of it, in order", () => {
    const bot = new Journaled();
    bot.gather(1, entryOf(1), [write("quotes"), write("controls")]);
    bot.gather(2);
    bot.store.flush();
    const reader = bot.reader();
    const [first, second] = reader.rows();
    expect(first).toMatchObject({ seq: 1, cycle: 1, atMs: timeOf(1), events: entryOf(1) });
    // Market history is no evidence.
    expect(first!.writes.map(({ table }) => table)).toEqual(["alarms", "controls"]);
    expect(first!.writes[1]).toEqual(write("controls"));
    expect(reader.head()).toEqual({ seq: 2, cycle: 2, hash: second!.hash });
    expect(reader.verify()).toEqual({ ok: true, rows: 2, head: reader.head(), firstBad: null });
  });

  test("is empty before the first row, and has none for what nobody told", () => {
    const bot = new Journaled();
    const reader = bot.reader();
    expect([reader.head(), [...reader.rows()]]).toEqual([null, []]);
    bot.store.gather(bot.driver.batch([write("commands")]));
    bot.store.flush();
    expect(reader.verify()).toEqual({ ok: true, rows: 0, head: null, firstBad: null });
  });

  test("is read from any row to any other, by row, by cycle and by time", () => {
    const bot = new Journaled();
    bot.run(1, 2 * GROUP_ROWS + 9);
    const reader = bot.reader();
    const at = GROUP_ROWS + 5;
    const last = 2 * GROUP_ROWS + 9;
    expect(cyclesOf(reader.rows({ fromSeq: at, toSeq: at + 2 }))).toEqual([at, at + 1, at + 2]);
    expect(cyclesOf(reader.rows({ fromCycle: at, toCycle: at + 1 }))).toEqual([at, at + 1]);
    expect(cyclesOf(reader.rows({ fromMs: timeOf(at) - 1, toMs: timeOf(at + 1) }))).toEqual([at, at + 1]);
    expect(cyclesOf(reader.rows({ fromSeq: 3, fromCycle: last - 1 }))).toEqual([last - 1, last]);
    expect(cyclesOf(reader.rows({ fromCycle: last + 1 }))).toEqual([]);
    expect(cyclesOf(reader.rows({ fromMs: timeOf(last + 1) }))).toEqual([]);
    expect(cyclesOf(reader.rows())).toHaveLength(last);
  });

  test("goes on in the next life, from a row that needs none before it", () => {
    const bot = new Journaled();
    bot.run(1, 3);
    bot.store.close();
    const next = new Journaled(bot.dir);
    next.run(4, 5);
    const reader = next.reader();
    expect(cyclesOf(reader.rows({ fromSeq: 5 }))).toEqual([5]);
    expect(reader.verify()).toMatchObject({ ok: true, rows: 5, head: { seq: 5, cycle: 5 } });
    expect(next.db.prepare("SELECT DISTINCT base FROM journal").all()).toEqual([{ base: 1 }, { base: 4 }]);
  });

  test("does not go back in time when a clock does", () => {
    const bot = new Journaled();
    bot.gather(7);
    bot.gather(8, entryOf(3, timeOf(3)));
    bot.store.flush();
    expect(Array.from(bot.reader().rows(), ({ cycle, atMs }) => [cycle, atMs])).toEqual([
      [7, timeOf(7)],
      [7, timeOf(7)],
    ]);
  });

  test("is exported a row a line, with what JSON has no word for", () => {
    const bot = new Journaled();
    bot.gather(1, [{ type: "Noted", notes: [1n, Number.NaN, -0, new Map([[1, new Set([2])]]), undefined] as never }]);
    bot.gather(2);
    bot.store.flush();
    const path = join(bot.dir, "journal.ndjson");
    expect(exportJournal(bot.reader(), path)).toEqual({ rows: 2 });
    const [first, second] = readFileSync(path, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(first.events[0].notes).toEqual([
      { $bigint: "1" },
      { $number: "NaN" },
      { $number: "-0" },
      { $map: [[1, { $set: [2] }]] },
      { $undefined: true },
    ]);
    expect(second).toMatchObject({ seq: 2, cycle: 2, events: entryOf(2) });
  });
});

describe("damage", () => {
  const ROWS = 6;
  const bot = new Journaled();
  bot.run(1, ROWS);
  /** What `verify` and a reader say when this was done to it; then it is undone. */
  const damaged = (sql: string) => {
    bot.db.exec("BEGIN");
    bot.damage(sql);
    const reader = new JournalReader(bot.db);
    const verdict = reader.verify();
    let read: unknown = null;
    try {
      for (const _row of reader.rows());
    } catch (error) {
      read = error;
    }
    bot.db.exec("ROLLBACK");
    return { ...verdict, read };
  };

  const flip = fc.oneof(
    fc.record({ column: fc.constantFrom("cycle", "at_ms", "base"), bit: fc.nat({ max: 63 }) }),
    fc.record({ column: fc.constantFrom("body", "hash"), bit: fc.nat({ max: 8 * 32 - 1 }) }),
  );

  test("of one bit, in any column of any row, is found at its row", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: ROWS }), flip, (seq, { column, bit }) => {
        const stored = bot.db.prepare(`SELECT ${column} AS value FROM journal WHERE seq = ${seq}`);
        stored.setReadBigInts(true);
        const { value } = stored.get()!;
        const verdict = damaged(`UPDATE journal SET ${column} = ${flipped(value, bit)} WHERE seq = ${seq}`);
        expect(verdict).toMatchObject({ ok: false, rows: seq - 1, firstBad: { seq } });
        expect(verdict.head?.seq ?? 0).toBe(seq - 1);
        expect(verdict.read).toBeInstanceOf(JournalDamaged);
        expect((verdict.read as JournalDamaged).row).toEqual(verdict.firstBad);
      }),
      { numRuns: 200 },
    );
    expect(bot.reader().verify().ok).toBe(true);
  });

  const DELETED = "DELETE FROM journal WHERE seq =";
  const cases: readonly [string, string, number, string][] = [
    ["a row that is missing", `${DELETED} 4`, 4, "is missing"],
    ["the first row missing", `${DELETED} 1`, 1, "is missing"],
    [
      "two rows swapped",
      "UPDATE journal SET seq = 9 WHERE seq = 2; UPDATE journal SET seq = 2 WHERE seq = 3; UPDATE journal SET seq = 3 WHERE seq = 9",
      2,
      "its hash",
    ],
    [
      "a row put in",
      "INSERT INTO journal SELECT 7, cycle, at_ms, base, body, hash FROM journal WHERE seq = 6",
      7,
      "its hash",
    ],
    ["another anchor", "UPDATE journal_anchor SET hash = randomblob(32)", 1, "its hash"],
  ];
  test.each(cases)("%s", (_name, sql, seq, what) => {
    const { ok, firstBad } = damaged(sql);
    expect({ ok, seq: firstBad?.seq }).toEqual({ ok: false, seq });
    expect(firstBad!.what).toContain(what);
  });

  test("to the newest rows keeps the bot from starting, and says where it is and what to do", () => {
    const bot = new Journaled();
    bot.run(1, 3);
    bot.damage("UPDATE journal SET body = zeroblob(9) WHERE seq = 2");
    bot.store.close();
    const start = () => new Journaled(bot.dir);
    expect(start).toThrow(UserError);
    expect(start).toThrow(`row 2 (cycle 2, ${new Date(timeOf(2)).toISOString()}) is not as it was written`);
    try {
      start();
    } catch (error) {
      expect(error).toMatchObject({ code: "data", where: join(bot.dir, DATABASE_FILE) });
      expect((error as UserError).hint).toContain("backup");
    }
  });

  test("to rows from long ago does not keep the bot from starting", () => {
    const bot = new Journaled();
    bot.run(1, 4_000);
    bot.run(4_001, 4_100);
    bot.damage("UPDATE journal SET body = zeroblob(9) WHERE seq = 2");
    bot.store.close();
    const next = new Journaled(bot.dir);
    expect(next.reader().verify()).toMatchObject({ ok: false, firstBad: { seq: 2, cycle: 2 } });
  });

  test("to a page of the file is a row that cannot be read", () => {
    const bot = new Journaled();
    bot.run(1, 600);
    const [page] = bot.db
      .prepare("SELECT pageno FROM dbstat WHERE name = 'journal' AND pagetype = 'leaf'")
      .all()
      .slice(3);
    const pageBytes = Number(scalar(bot.db, "PRAGMA page_size"));
    bot.store.close();
    const path = join(bot.dir, DATABASE_FILE);
    const file = readFileSync(path);
    file.fill(0xff, (Number(page!.pageno) - 1) * pageBytes, Number(page!.pageno) * pageBytes);
    writeFileSync(path, file);
    const verdict = bot.reader().verify();
    expect(verdict).toMatchObject({ ok: false, firstBad: { seq: verdict.rows + 1, cycle: null, atMs: null } });
    expect(verdict.rows).toBeGreaterThan(0);
    expect(verdict.firstBad!.what).toContain("malformed");
    expect(() => new Journaled(bot.dir)).toThrow("cannot be read");
  });

  test("is not what a newer version wrote, which is not read either", () => {
    const bot = new Journaled();
    bot.run(1, 1);
    const table = new JournalTable(bot.db);
    const newer = FORMAT_VERSION + 1;
    const row = { seq: 2, cycle: 2, atMs: timeOf(2), base: 1, body: Uint8Array.of(newer, 0) };
    table.insert({ ...row, hash: rowHash(table.last!, row) });
    const reader = bot.reader();
    expect(reader.verify().ok).toBe(true);
    const what = `cannot be read: its format is version ${newer}, this engine reads up to ${FORMAT_VERSION}`;
    expect(reader.verify(undefined, true)).toMatchObject({ ok: false, rows: 1, firstBad: { seq: 2, cycle: 2, what } });
    expect(() => [...reader.rows()]).toThrow(what);
  });
});

describe("pruning", () => {
  test("takes whole groups that are old, and the chain hangs on what is left of them", () => {
    const bot = new Journaled();
    const last = 3 * GROUP_ROWS;
    bot.run(1, last);
    const before = [...bot.reader().rows({ fromSeq: GROUP_ROWS, toSeq: GROUP_ROWS })][0]!;
    // Of the second group a part is young yet.
    prune(bot.db, (last - GROUP_ROWS - 10) * SECOND_MS);
    const reader = bot.reader();
    expect(reader.anchor()).toEqual({ seq: GROUP_ROWS, hash: before.hash });
    expect(reader.verify(undefined, true)).toMatchObject({ ok: true, rows: 2 * GROUP_ROWS, head: { seq: last } });
    expect(cyclesOf(reader.rows({ fromSeq: 1 }))[0]).toBe(GROUP_ROWS + 1);
    expect(() => bot.db.exec(`DELETE FROM journal WHERE seq = ${last}`)).toThrow("pruned by age only");
    expect(() => bot.db.exec("UPDATE journal SET cycle = 1")).toThrow("append only");
    bot.store.close();
    const next = new Journaled(bot.dir);
    next.run(last + 1, last + 1);
    expect(next.reader().head()?.seq).toBe(last + 1);
    expect(next.reader().verify().ok).toBe(true);
  });

  test("leaves the newest group, however old it is, and a bounded number at a time", () => {
    const bot = new Journaled();
    bot.run(1, 2_048 + 3 * GROUP_ROWS);
    prune(bot.db, 0);
    expect(bot.reader().anchor().seq).toBe(2_048 - GROUP_ROWS);
    prune(bot.db, 0);
    expect(bot.reader().anchor().seq).toBe(2_048 + 2 * GROUP_ROWS);
    prune(bot.db, 0);
    expect(bot.reader().verify()).toMatchObject({ ok: true, rows: GROUP_ROWS });
  });

  test("follows what the store was told", () => {
    const bot = new Journaled();
    bot.store.keepJournal(0);
    bot.run(1, 1_024);
    expect(bot.reader().anchor().seq).toBe(1_024 - GROUP_ROWS);
  });
});

describe("a reader beside the bot", () => {
  test("reads up to the row that was last when it began, while the bot writes and prunes", () => {
    const bot = new Journaled();
    bot.run(1, 2_000);
    const reader = bot.reader();
    const seen: number[] = [];
    for (const { cycle } of reader.rows()) {
      seen.push(cycle);
      if (cycle !== 300) continue;
      bot.run(2_001, 2_010);
      prune(bot.db, 1_010 * SECOND_MS);
    }
    expect(seen.at(-1)).toBe(2_000);
    const pruned = seen.indexOf(reader.anchor().seq + 1);
    // Nothing but what was pruned meanwhile is left out.
    expect(seen.slice(pruned)).toEqual(cyclesOf(reader.rows({ toSeq: 2_000 })));
    expect(reader.verify()).toMatchObject({ ok: true, head: { cycle: 2_010 } });
  });

  test("does not keep the bot from moving its log into the file", () => {
    const bot = new Journaled();
    bot.run(1, 300);
    const rows = bot.reader().rows();
    rows.next();
    bot.run(301, 310);
    const [busy, logged, moved] = Object.values(bot.db.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get()!);
    expect([busy, logged, moved]).toEqual([0, 0, 0]);
    rows.return(undefined);
  });
});

test("after a torn log the ledger and the journal end at the same cycle, and the chain is whole", () => {
  const bot = new Journaled();
  for (let cycle = 1; cycle <= 20; cycle++) bot.run(cycle, cycle);
  const path = join(bot.dir, DATABASE_FILE);
  const wal = readFileSync(`${path}-wal`);
  const ends = new Set<number>();
  for (let cut = 1; cut <= 12; cut++) {
    const dir = temporaryDir();
    const copy = join(dir, DATABASE_FILE);
    copyFileSync(path, copy);
    writeFileSync(`${copy}-wal`, wal);
    truncateSync(`${copy}-wal`, Math.floor((wal.length * cut) / 12) - 700);
    const db = openDatabase(dir);
    const torn = new Journaled(dir);
    const verdict = torn.reader().verify(undefined, true);
    expect(verdict.ok).toBe(true);
    const last = scalar(db, "SELECT max(cycle) FROM cycles");
    expect([verdict.head?.cycle ?? null, verdict.rows]).toEqual([last, last ?? 0]);
    ends.add(verdict.rows);
    db.close();
    torn.store.close();
  }
  expect(ends.size).toBeGreaterThan(5);
});

function flipped(value: unknown, bit: number): string {
  if (typeof value === "bigint") return String(BigInt.asIntN(64, value ^ (1n << BigInt(bit))));
  const bytes = Buffer.from(value as Uint8Array);
  const at = bit % (8 * bytes.length);
  bytes[at >> 3]! ^= 1 << (at & 7);
  return `x'${bytes.toString("hex")}'`;
}
