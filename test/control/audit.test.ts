// An audit of what a real bot has left behind: nothing is wrong with it; and whatever is tampered with, the rule that it breaks
// says so, and no other.
import { appendFileSync, cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { type Audit, type AuditOptions, auditOf } from "../../control/audit/audit.ts";
import { openEvidence } from "../../control/audit/evidence.ts";
import type { Evidence, Invariant } from "../../control/audit/invariant.ts";
import { checkBeside, checkLedger } from "../../control/audit/invariants.ts";
import { JournalWalk } from "../../control/audit/journal-walk.ts";
import { renderAudit } from "../../control/audit/render-audit.ts";
import { showAudit } from "../../control/commands/audit.ts";
import { parseCycle } from "../../control/report/cycle-decisions.ts";
import { reportOf } from "../../control/report/ledger-report.ts";
import { JournalReader } from "../../engine/journal/journal-reader.ts";
import type { JournalRow } from "../../engine/journal/port.ts";
import type { LatchRow } from "../../engine/store/tables.ts";
import { makeWorkspace, run } from "../support/bot-process.ts";
import { makeSyntheticLedger } from "../support/synthetic-ledger.ts";
import {
  LATCH,
  SEEN_BY_THE_EXCHANGE,
  TAMPERED,
  unguarded,
  WITNESSES,
  withEvents,
  withFirstOrder,
  withSettings,
} from "../support/tampering.ts";
import { tracesOneTrade } from "./audit-one-trade.ts";

const CYCLES = 420;
const folder = makeWorkspace();
const data = join(folder, ".underway");
const EVER = { fromMs: Number.MIN_SAFE_INTEGER, toMs: Number.MAX_SAFE_INTEGER };
const options: AuditOptions = { dir: data, fromMs: null, toMs: null, title: "Audit", progress: () => () => {} };

beforeAll(async () => {
  const { code, stderr } = await run(folder, ["run", "--speed", "max", "--until", `cycles:${CYCLES}`]);
  expect(`${code} ${stderr.includes("error")}`).toBe("0 false");
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => vi.restoreAllMocks());

/** A copy of the data directory, to be tampered with. */
function copyOf(name: string): string {
  const copy = join(folder, name);
  cpSync(data, copy, { recursive: true });
  return copy;
}

async function auditIn(dir: string, changes: Partial<AuditOptions> = {}): Promise<Audit> {
  const evidence = openEvidence(dir);
  try {
    return await auditOf(evidence, { ...options, dir, ...changes });
  } finally {
    evidence.db.close();
  }
}

const brokenOf = (invariants: readonly Invariant[]): string[] =>
  invariants.filter(({ violations }) => violations > 0).map(({ id }) => id);

describe("a ledger that nobody has touched", () => {
  let untouched: Audit;
  beforeAll(async () => {
    untouched = await auditIn(data);
  });

  test("holds every rule, each against something, and every trade is traced", () => {
    const { report, trades, tracedTrades, invariants, chain, store, ok } = untouched;
    expect(ok).toBe(true);
    expect(brokenOf(invariants)).toEqual([]);
    expect(invariants.filter(({ checked }) => checked === 0).map(({ id }) => id)).toEqual([
      "controls-strictly-increasing",
      "command-once",
      "refusals-have-evidence",
    ]);
    expect(trades).toBeGreaterThan(10);
    expect(tracedTrades).toBe(trades);
    expect(chain).toMatchObject({ ok: true, firstBad: null, head: { cycle: CYCLES } });
    expect(store.bad).toEqual([]);
    const sum = (pick: (each: (typeof report.versions)[number]) => number) =>
      report.versions.reduce((all, each) => all + pick(each), 0);
    expect(sum(({ trades }) => trades)).toBe(report.total.trades);
    expect(sum(({ pnlMicros }) => pnlMicros)).toBe(report.total.pnlMicros);
    expect(sum(({ decisions }) => decisions)).toBe(report.decisions);
    expect(report.cycles).toBe(CYCLES);
    expect(report.seams.map(({ cycle, receipt }) => `${cycle} ${receipt?.split("-")[0]}`)).toEqual([
      "1 momentum",
      "1 overreaction",
      "1 trend",
      "1 regime",
    ]);
  });

  test("has the same trades in two halves of its time", async () => {
    const { report } = untouched;
    const middleMs = Math.round((report.fromMs + report.toMs) / 2);
    const late = await auditIn(data, { fromMs: middleMs });
    const { db } = openEvidence(data);
    const early = reportOf(db, { title: "", fromMs: null, toMs: middleMs });
    db.close();
    expect(early.trades.length).toBeGreaterThan(0);
    expect(late.trades).toBeGreaterThan(0);
    expect([...early.trades, ...late.report.trades]).toEqual(report.trades);
    expect(early.decisions + late.report.decisions).toBe(report.decisions);
    expect(late.report.startCashMicros).toBe(early.endEquityMicros);
    expect(brokenOf(late.invariants)).toEqual([]);
  });

  test("is told in a sentence, then by version, then rule by rule", () => {
    const lines = renderAudit(untouched, { width: 100, paint: (_, text) => text }).split("\n");
    expect(lines[0]).toMatch(
      /^\d+ trades, every one traced to its code; \d+ invariants hold over [\d,]+ checks; journal/,
    );
    expect(lines.join("\n")).toMatch(/\nVersion +No .*\nmomentum@[0-9a-f]{8}\/[0-9a-f]{4} +v1/);
    expect(lines.every((line) => line.length <= 100)).toBe(true);
  });

  test("begins with what is wrong, where something is", () => {
    const [rule, ...others] = untouched.invariants;
    const broken = { ...rule!, violations: 7, examples: ["cash is 5, its transfers sum to 6"] };
    const firstBad = { seq: 100, cycle: 98, atMs: 0, what: "is not as it was written" };
    const text = renderAudit(
      {
        ...{ ...untouched, ok: false, tracedTrades: untouched.trades - 1, invariants: [broken, ...others] },
        chain: { ...untouched.chain, ok: false, firstBad },
        store: { files: 9, bad: [{ file: "versions/3f.json.gz", what: "the file is damaged" }] },
      },
      { width: 200, paint: (_, text) => text },
    );
    expect(text.split("\n")[0]).toMatch(
      /1 of them not traced to their code; 1 of \d+ invariants is BROKEN; the journal is BROKEN at row 100; 1 file of the/,
    );
    expect(text).toContain(`BROKEN ${rule!.id}: 7 of `);
    expect(text).toContain("  cash is 5, its transfers sum to 6\n  and 6 more");
    expect(text).toContain("BROKEN at row 100 of cycle 98, 1970-01-01 00:00: is not as it was written");
    expect(text).toContain("  versions/3f.json.gz: the file is damaged");
  });

  test("needs no journal, no exchange and no bot behind it", async () => {
    const dir = join(folder, "synthetic");
    await makeSyntheticLedger(dir, 300);
    const audit = await auditIn(dir);
    expect(audit).toMatchObject({ ok: true, trades: 300, tracedTrades: 300, chain: { ok: true, rows: 0, head: null } });
    expect(audit.report.seams.length).toBe(8);
    expect(audit.invariants.find(({ id }) => id === "exposure-within-limits")).toMatchObject({
      checked: 0,
      note: "this ledger has no journal",
    });
  });
});

describe("a ledger that was tampered with", () => {
  let db: DatabaseSync;
  const evidence = (changes: Partial<Evidence> = {}): Evidence => ({
    ...{ db, ...EVER, flawOf: () => null, hasExchange: true },
    ...changes,
  });
  beforeAll(() => {
    const copy = copyOf("tampered");
    db = unguarded(copy);
    db.prepare("ATTACH ? AS exchange").run(join(copy, "exchange.db"));
  });
  afterAll(() => db.close());

  /** Every rule of the ledger, the versions and the exchange that is broken after this. */
  function brokenBy(sql: string, changes: Partial<Evidence> = {}): string[] {
    db.exec("BEGIN");
    try {
      db.exec(sql);
      const tampered = evidence(changes);
      return brokenOf([...checkLedger(tampered), ...checkBeside(tampered)]);
    } finally {
      db.exec("ROLLBACK");
    }
  }

  test("is whole before", () => expect(brokenBy("")).toEqual([]));

  test.each(TAMPERED)("breaks %s, and nothing else", (id, sql) => {
    expect(brokenBy(sql).filter((broken) => !WITNESSES.includes(broken))).toEqual([id]);
  });

  test.each(SEEN_BY_THE_EXCHANGE)("breaks %s, and nothing else", (id, sql) => expect(brokenBy(sql)).toEqual([id]));

  test("a fill that the exchange never made is seen by the exchange's own file", () => {
    expect(brokenBy("DELETE FROM exchange.fills WHERE rowid = 1")).toEqual([
      "exchange-agrees-on-fills",
      "exchange-agrees-on-cash",
    ]);
  });

  test("an order that is said to have never arrived, and was filled in part, is seen twice", () => {
    const lost =
      "UPDATE orders SET status = 'Expired', status_reason = 'never reached the venue' WHERE status = 'Canceled'";
    expect(brokenBy(lost)).toEqual(["terminal-orders-stay", "refusals-have-evidence"]);
  });

  test("breaks never-two-versions-in-one-slot-cycle where a slot was decided twice", () => {
    const text = String(db.prepare("SELECT decisions FROM cycles WHERE cycle = 9").get()!.decisions);
    const { versions, slots } = parseCycle(text)!;
    const twice = JSON.stringify({ versions, slots: [...slots, slots[0]] }).replaceAll("'", "''");
    expect(brokenBy(`UPDATE cycles SET decided = decided + 1, decisions = '${twice}' WHERE cycle = 9`)).toEqual([
      "never-two-versions-in-one-slot-cycle",
    ]);
  });

  test("breaks version-in-store where code is not what its name says", () => {
    const code = String(db.prepare("SELECT code FROM positions LIMIT 1").get()!.code);
    const flawOf = (named: string) => (named === code ? "its sources have another digest" : null);
    expect(brokenBy("", { flawOf })).toEqual(["version-in-store"]);
  });

  test("is not held to account for what was before the time that is asked about", () => {
    const [, sql] = TAMPERED.find(([id]) => id === "trade-has-one-decision")!;
    expect(brokenBy(sql, { fromMs: Number.MAX_SAFE_INTEGER - 1 })).toEqual([]);
  });
});

describe("a journal that says otherwise", () => {
  let db: DatabaseSync;
  let rows: readonly JournalRow[];
  beforeAll(() => {
    db = new DatabaseSync(join(data, "underway.db"), { readOnly: true });
    rows = [...new JournalReader(db).rows()];
  });
  afterAll(() => db.close());

  function brokenBy(change: (row: JournalRow) => JournalRow): string[] {
    const walk = new JournalWalk({ db, ...EVER, flawOf: () => null, hasExchange: false });
    for (const row of rows) walk.take(change(row));
    return brokenOf(walk.end(null, true));
  }
  test("says nothing else as it is", () => expect(brokenBy((row) => row)).toEqual([]));

  test.each([
    "perSlotMicros",
    "perAssetMicros",
    "totalMicros",
  ] as const)("breaks exposure-within-limits where %s was smaller", (limit) => {
    const smaller = withSettings((settings) => ({ ...settings, risk: { ...settings.risk, [limit]: 1_000_000 } }));
    expect(brokenBy(smaller)).toEqual(["exposure-within-limits"]);
  });

  test("breaks entries-were-allowed where the mode, a switch or a latch did not allow them", () => {
    const halted = withSettings((settings) => ({ ...settings, mode: "halted" }));
    const off = withSettings((settings) => ({ ...settings, disabledStrategies: new Set(["momentum"]) }));
    const latch: LatchRow = {
      ...{ kind: "clock-step", scope: "bot", mode: "entries-stopped", sinceMs: 0, setBy: "underway", reason: "" },
      ...{ clearedMs: null, clearedBy: null, clearedReason: null },
    };
    const latched = (row: JournalRow): JournalRow =>
      row.seq === 1 ? { ...row, writes: [...row.writes, { table: "latches", row: latch }] } : row;
    expect(brokenBy(halted)).toEqual(["entries-were-allowed"]);
    expect(brokenBy(off)).toEqual(["entries-were-allowed"]);
    expect(brokenBy(latched)).toEqual(["ledger-is-what-was-journaled", "entries-were-allowed"]);
  });

  test("breaks order-states-go-forward where an order begins as sent", () => {
    expect(brokenBy(withFirstOrder((order) => ({ ...order, status: "Accepted" })))).toEqual([
      "order-states-go-forward",
    ]);
  });

  test("breaks order-states-go-forward where a fill is taken back", () => {
    const filled = withFirstOrder((order) => ({ ...order, filledSharesMicros: order.sharesMicros + 1 }));
    expect(brokenBy(filled)).toEqual(["order-states-go-forward"]);
  });

  test("breaks orders-follow-from-decisions where something else was decided", () => {
    const other = withEvents((event) =>
      event.type !== "Decided"
        ? event
        : {
            ...event,
            decisions: event.decisions.map(({ request, result }) =>
              result.type === "Decided" && result.signal.kind === "exit"
                ? { request, result: { ...result, signal: { kind: "hold", reason: result.signal.reason } } }
                : { request, result },
            ),
          },
    );
    expect(brokenBy(other)).toEqual(["orders-follow-from-decisions", "cycles-are-what-was-journaled"]);
  });

  test("breaks receipt-states-follow where a reload goes back", () => {
    const again = (row: JournalRow): JournalRow => ({
      ...row,
      writes: row.writes.flatMap((write) =>
        write.table === "receipts" && write.row.state === "active"
          ? [write, { table: "receipts", row: { ...write.row, state: "rejected" } }, write]
          : [write],
      ),
    });
    expect(brokenBy(again)).toEqual(["receipt-states-follow"]);
  });
});

describe("audit on the command line", () => {
  async function audit(trade: string | undefined, flags: Partial<Parameters<typeof showAudit>[1]> = {}) {
    let stdout = "";
    vi.spyOn(process.stdout, "write").mockImplementation((text) => {
      stdout += String(text);
      return true;
    });
    const known = process.stdout.listeners("error");
    try {
      return { code: await showAudit(trade, { dir: data, ...flags }), stdout };
    } finally {
      // A command listens to the end of its process, which here goes on.
      for (const listener of process.stdout.listeners("error"))
        if (!known.includes(listener)) process.stdout.off("error", listener as () => void);
    }
  }
  const json = async (dir = data) => {
    const { code, stdout } = await audit(undefined, { json: true, dir });
    return { code, value: JSON.parse(stdout) };
  };

  test("says in JSON how many trades there are, what holds, and who made what; exit code 0", async () => {
    const { code, value } = await json();
    expect(code).toBe(0);
    expect(value.trades).toBe(value.tracedTrades);
    expect(value.chain).toEqual({ ok: true, rows: expect.any(Number), head: expect.anything(), firstBad: null });
    expect(value.invariants[0]).toEqual({
      ...{ id: "double-entry-balances", name: expect.any(String), checked: expect.any(Number) },
      ...{ violations: 0, examples: [], note: null },
    });
    expect(value.byVersion[0]).toMatchObject({ strategy: "momentum", ordinal: 1, trades: expect.any(Number) });
    expect(value.seams[0]).toMatchObject({ cycle: 1, receipt: "momentum-1", approvedBy: null });
  });

  test("writes the trades as CSV and everything as a page", async () => {
    const files = { csv: join(folder, "trades.csv"), html: join(folder, "audit.html") };
    const { stdout } = await audit(undefined, files);
    const trades = Number(/^\d+/.exec(stdout)![0]);
    expect(readFileSync(files.csv, "utf8").trimEnd().split("\r\n")).toHaveLength(trades + 1);
    expect(readFileSync(files.html, "utf8")).toContain("fills-within-order");
  });

  test("a changed fill, a changed journal and a damaged version end with exit code 1, each named", async () => {
    const dir = copyOf("damaged");
    const db = unguarded(dir);
    db.exec("UPDATE fills SET fee_micros = fee_micros + 10 WHERE rowid = 1");
    db.exec("UPDATE journal SET body = zeroblob(length(body)) WHERE seq = 100");
    db.close();
    const [version] = readdirSync(join(dir, "versions"));
    appendFileSync(join(dir, "versions", version!), "x");
    writeFileSync(join(dir, "versions", version!), readFileSync(join(dir, "versions", version!)).subarray(9));
    const { code, value } = await json(dir);
    expect(code).toBe(1);
    expect(brokenOf(value.invariants)).toEqual(
      expect.arrayContaining([
        "fee-matches-formula",
        "fills-are-booked",
        "version-in-store",
        "exchange-agrees-on-fills",
      ]),
    );
    expect(value.chain).toMatchObject({ ok: false, rows: 99, firstBad: { seq: 100 } });
    expect(value.store.bad[0].file).toContain(version);
    expect(value.tracedTrades).toBeLessThan(value.trades);
  });

  test("what stands in the ledger and not in its journal ends with exit code 1", async () => {
    const dir = copyOf("later");
    const db = unguarded(dir);
    db.exec(LATCH.replace("'entries-stopped'", "'active'"));
    db.close();
    const { code, value } = await json(dir);
    expect([code, brokenOf(value.invariants)]).toEqual([1, ["ledger-is-what-was-journaled"]]);
  });

  test("a directory without a ledger, and one that is none, are refused as data", async () => {
    const dir = join(folder, "none");
    await expect(audit(undefined, { dir })).rejects.toMatchObject({ code: "data" });
    const broken = copyOf("broken");
    writeFileSync(join(broken, "underway.db"), "not a ledger ".repeat(1_000));
    await expect(audit(undefined, { dir: broken })).rejects.toMatchObject({ code: "data" });
  });

  tracesOneTrade({ folder, data, audit });
});
