// The proof that a backtest is the same engine: a bot in real time, with all its threads, and a backtest of what it recorded
// decide the same, every slot in every cycle, to the last digit and the last unit of fuel.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, expect, test } from "vitest";
import { openUpdownBacktest } from "../../control/backtest/updown.ts";
import { JournalReader } from "../../engine/journal/journal-reader.ts";
import { DATABASE_FILE } from "../../engine/store/database.ts";
import { makeWorkspace, run } from "../support/bot-process.ts";

const CYCLES = 55;
/** The simulated market begins 20 s before windows close, and they resolve 10 s after that. */
const COMPARED_MIN = 45;
/** One after the other, until the machine keeps up. */
const SPEEDS = [10, 5, 3, 2];

const folder = makeWorkspace();
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Cycle {
  readonly cycle: number;
  readonly at_ms: number;
  readonly decisions: string;
}

const cyclesOf = (db: DatabaseSync, before: number): Cycle[] =>
  db.prepare("SELECT cycle, at_ms, decisions FROM cycles WHERE cycle < ? ORDER BY cycle").all(before) as never;
const fillsOf = (db: DatabaseSync, before: number) =>
  db
    .prepare("SELECT trade_id, slot, price_micros, shares_micros, at_ms FROM fills WHERE cycle < ? ORDER BY rowid")
    .all(before);

/**
 * The first cycle that the machine was too busy for: one that was missed, decided too late, or begun before the venue had
 * answered; or whose orders were on their way to the disk when the market went on.
 */
function firstDisturbed(db: DatabaseSync): number {
  const ordering = new Set(
    db
      .prepare("SELECT DISTINCT cycle FROM orders")
      .all()
      .map((row) => Number(row.cycle)),
  );
  let [cycle, atMs] = [0, 0];
  let leaving: { readonly seq: number } | null = null;
  for (const { seq, events } of new JournalReader(db).rows()) {
    for (const event of events) {
      if (event.type === "CycleDue") ({ cycle, atMs } = event);
      else if (event.type === "CyclesMissed") return cycle;
      else if (event.type === "CommitDurable" && leaving !== null && event.seq >= leaving.seq) leaving = null;
      else if (event.type === "Decided") {
        if (event.decisions.some(({ result }) => result.type === "Faulted")) return cycle;
        if (ordering.has(event.cycle)) leaving = { seq };
      } else if (event.type === "Market") {
        if (leaving !== null && event.events.some(({ type }) => type === "Tick")) return cycle;
        if (event.events.some((each) => each.type === "Quoted" && each.quote.atMs <= atMs)) return cycle;
      } else if (event.type === "Reported" && event.report.type === "OrderFilled") {
        if (event.report.fill.atMs <= atMs) return cycle;
      }
    }
  }
  return Number.MAX_SAFE_INTEGER;
}

test("a live run and the backtest of its recorded data make the same decisions", { timeout: 180_000 }, async () => {
  for (const speed of SPEEDS) {
    const dir = join(folder, `live-${speed}`);
    const live = await run(folder, [
      "run",
      "--speed",
      String(speed),
      "--until",
      `cycles:${CYCLES}`,
      "--dir",
      dir,
      "--json",
    ]);
    expect(live.code, live.stderr).toBe(0);
    const db = new DatabaseSync(join(dir, DATABASE_FILE), { readOnly: true });
    const until = firstDisturbed(db);
    const decided = cyclesOf(db, until);
    if (decided.length < COMPARED_MIN) {
      console.log(`disturbed at cycle ${until}, at ×${speed}`);
      db.close();
      continue;
    }
    const backtest = await openUpdownBacktest({
      market: "updown",
      strategies: ["momentum", "overreaction", "trend", "regime"],
      data: [dir],
      asset: null,
      strategiesDir: join(folder, "strategies"),
      config: join(folder, "underway.config.ts"),
      feePpm: 0,
      cashMicros: null,
      sizeMicros: null,
      dailyLossMicros: null,
      seed: null,
      engine: "bellard",
    });
    const { result } = await backtest.runWithLedger({ params: {}, fromMs: null, toMs: null, batch: true });
    await backtest.close();
    expect(cyclesOf(result.db, until).slice(0, decided.length)).toEqual(decided);
    const fills = fillsOf(db, decided.at(-1)!.cycle);
    expect(fills.length).toBeGreaterThan(0);
    expect(fillsOf(result.db, decided.at(-1)!.cycle)).toEqual(fills);
    const acted = decided.filter(({ decisions }) => /"(up|down|exit)"/.test(decisions));
    expect(acted.length).toBeGreaterThan(0);
    expect(decided.every(({ decisions }) => JSON.parse(decisions).slots.length === 16)).toBe(true);
    db.close();
    return;
  }
  throw new Error(`The machine was too busy for ${COMPARED_MIN} undisturbed cycles, at any of ${SPEEDS.length} speeds`);
});
