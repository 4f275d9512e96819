// `audit`: which code made a trade; or of all trades, whether everything that must be true of them is.
import { writeFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { messageOf, UserError } from "../../engine/base/errors.ts";
import { JournalDamaged } from "../../engine/journal/chain.ts";
import { exportJournal } from "../../engine/journal/export-journal.ts";
import { JournalReader } from "../../engine/journal/journal-reader.ts";
import { type Audit, auditOf } from "../audit/audit.ts";
import { openEvidence } from "../audit/evidence.ts";
import { renderAudit } from "../audit/render-audit.ts";
import { renderChain } from "../audit/render-chain.ts";
import { traceTrade } from "../audit/trade-chain.ts";
import { ReplayProgress } from "../replay/replay-progress.ts";
import { tradesCsv } from "../report/trades-csv.ts";
import { columns, endWithReader, hasColor } from "../terminal.ts";
import { painter } from "../text-table.ts";

export interface AuditFlags {
  /** Market time, ms UTC. */
  readonly since?: number;
  readonly until?: number;
  readonly csv?: string;
  readonly html?: string;
  readonly journal?: string;
  readonly dir: string;
  readonly json?: boolean;
}

/** The exit code: 1 where an invariant is broken, the journal or a file damaged. Throws a UserError where nothing can be read. */
export async function showAudit(trade: string | undefined, flags: AuditFlags): Promise<number> {
  endWithReader();
  const { since, until, csv, html, journal } = flags;
  if (since !== undefined && until !== undefined && since >= until) {
    throw new UserError("usage", "Cannot audit a time that ends before it begins", {
      hint: "--until is after --since",
    });
  }
  const dir = resolve(flags.dir);
  const evidence = openEvidence(dir);
  const progress = new ReplayProgress(process.stderr);
  try {
    if (trade !== undefined) {
      if ([csv, html, journal, since, until].some((flag) => flag !== undefined))
        throw new UserError("usage", "Cannot use --since, --until, --csv, --html or --journal with one trade");
      const chain = traceTrade(evidence.db, dir, trade);
      print(flags.json ? JSON.stringify(chain) : renderChain(chain, look()));
      return 0;
    }
    const audit = await auditOf(evidence, {
      dir,
      fromMs: since ?? null,
      toMs: until ?? null,
      title: `Audit of ${basename(dir)}`,
      progress: (what, lastSeq) => progress.begin(what, lastSeq),
    });
    progress.close();
    if (csv !== undefined) writeFileSync(csv, tradesCsv(audit.report.trades));
    if (journal !== undefined) writeJournal(evidence.db, journal);
    if (html !== undefined) {
      const { renderReport } = await import("../report/html.ts");
      writeFileSync(html, renderReport(audit.report, pageOf(audit)));
    }
    print(flags.json ? JSON.stringify(jsonOf(audit)) : renderAudit(audit, look()));
    return audit.ok ? 0 : 1;
  } catch (error) {
    throw ofSqlite(error, dir) ?? error;
  } finally {
    progress.close();
    evidence.db.close();
  }
}

/** As far as it is whole: the audit names the row where it is not. */
function writeJournal(db: DatabaseSync, path: string): void {
  try {
    exportJournal(new JournalReader(db), path);
  } catch (error) {
    if (!(error instanceof JournalDamaged)) throw error;
  }
}

const look = () => ({ width: columns(), paint: painter(hasColor()) });
const print = (text: string): void => void process.stdout.write(`${text}\n`);

function pageOf({ invariants, chain, store }: Audit) {
  const notes = store.bad.map(({ file, what }) => `${file}: ${what}`);
  return { invariants, chain: chain.head === null && chain.ok ? null : chain, notes };
}

/** `trades` is how many there are: the rows are in the CSV. */
function jsonOf({ report, trades, tracedTrades, invariants, chain, store, ok }: Audit) {
  const { versions, seams, total, notes, fromMs, toMs, cycles, decisions, faults } = report;
  const { startCashMicros, endEquityMicros } = report;
  return {
    ...{ ok, trades, tracedTrades, invariants, chain, byVersion: versions, seams, total, store, notes, fromMs, toMs },
    ...{ cycles, decisions, faults, startCashMicros, endEquityMicros },
  };
}

/** SQLite's codes for a file that cannot be read: it is busy, gone, damaged, or no ledger. */
const UNREADABLE = new Set([5, 10, 11, 14, 26]);

function ofSqlite(error: unknown, dir: string): UserError | null {
  if (!(error instanceof Error && "errcode" in error && UNREADABLE.has(Number(error.errcode) & 0xff))) return null;
  return new UserError(
    "data",
    `Cannot audit: the ledger, or the exchange's file beside it, cannot be read (${messageOf(error)})`,
    {
      where: dir,
      hint: "restore it from a backup; `PRAGMA integrity_check` of sqlite3 says what is damaged",
      cause: error,
    },
  );
}
