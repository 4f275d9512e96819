import { rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import { JournalReader } from "../../../engine/journal/journal-reader.ts";
import { DATABASE_FILE, scalar } from "../../../engine/store/database.ts";
import { BotProcess, makeWorkspace } from "../../support/bot-process.ts";

const CYCLES = 260;
/** 100 MB a day, at a cycle a second. */
const CYCLE_BYTES_MAX = 1_150;

test("a cycle of 16 slots takes about a kilobyte of the file, and all of it is read back", {
  timeout: 60_000,
}, async () => {
  const folder = makeWorkspace();
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const flags = ["--speed", "max", "--until", `cycles:${CYCLES}`, "--dir", "data", "--json"];
  const { code, stderr } = await new BotProcess(folder, ["run", ...flags]).exited;
  expect(code, stderr).toBe(0);
  const db = new DatabaseSync(join(folder, "data", DATABASE_FILE), { readOnly: true });
  const reader = new JournalReader(db);
  let decisions = 0;
  for (const { events } of reader.rows()) {
    for (const event of events) if (event.type === "Decided") decisions += event.decisions.length;
  }
  expect(decisions).toBe(16 * CYCLES);
  const pages = scalar(db, "SELECT sum(pgsize) FROM dbstat WHERE name IN ('journal', 'journal_cycle')");
  // The history that a first start begins with is no cycle's.
  const start = scalar(db, "SELECT length(body) FROM journal WHERE seq = 1");
  const cycleBytes = Math.round((Number(pages) - Number(start)) / CYCLES);
  console.info(`${cycleBytes} bytes a cycle, ${Math.round((cycleBytes * 86_400) / 1e6)} MB a day`);
  expect(cycleBytes).toBeLessThanOrEqual(CYCLE_BYTES_MAX);
  db.close();
});
