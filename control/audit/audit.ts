// The audit of a data directory: every trade traced to its code, every invariant held against what is recorded, the journal and
// the version store read to the last byte, and the track record by version.
import type { DatabaseSync } from "node:sqlite";
import { UserError } from "../../engine/base/errors.ts";
import type { CodeVersion } from "../../engine/base/ids.ts";
import { JournalDamaged } from "../../engine/journal/chain.ts";
import { JournalReader } from "../../engine/journal/journal-reader.ts";
import type { BrokenRow, ChainVerdict, JournalHead } from "../../engine/journal/port.ts";
import { type BadFile, verifyVersionStore } from "../../engine/versions/verify-version-store.ts";
import { VersionStore } from "../../engine/versions/version-store.ts";
import { reportOf } from "../report/ledger-report.ts";
import type { Report } from "../report/report.ts";
import type { OpenEvidence } from "./evidence.ts";
import type { Evidence, Invariant } from "./invariant.ts";
import { checkBeside } from "./invariants.ts";
import { JournalWalk } from "./journal-walk.ts";
import { ledgerRules } from "./ledger-rules.ts";
import { cutOff } from "./told-head.ts";

const NO_JOURNAL = "this ledger has no journal";

export interface Audit {
  readonly report: Report;
  readonly trades: number;
  /** Of those, how many have an entry and code that can be read and hashes to its name. */
  readonly tracedTrades: number;
  readonly invariants: readonly Invariant[];
  /** Of no rows where there is no journal. */
  readonly chain: ChainVerdict;
  /** Of the version store. */
  readonly store: { readonly files: number; readonly bad: readonly BadFile[] };
  readonly ok: boolean;
}

export interface AuditOptions {
  /** Absolute. */
  readonly dir: string;
  readonly fromMs: number | null;
  readonly toMs: number | null;
  readonly title: string;
  /** Of the journal, which may be long: told each row's seq, up to the last one, and how many are done. */
  readonly progress: (what: string, lastSeq: number) => (seq: number, done: number) => void;
}

export async function auditOf(
  { db, hasExchange, told }: OpenEvidence,
  { dir, fromMs, toMs, title, progress }: AuditOptions,
): Promise<Audit> {
  const flawOf = flawsIn(dir);
  const evidence: Evidence = {
    ...{ db, hasExchange, flawOf },
    fromMs: fromMs ?? Number.MIN_SAFE_INTEGER,
    toMs: toMs ?? Number.MAX_SAFE_INTEGER,
  };
  const ledger = ledgerRules({ dir, fromMs: evidence.fromMs, toMs: evidence.toMs });
  ledger.catch(() => {}); // Heard of below, whatever ends first.
  const store = verifyVersionStore(dir);
  const report = reportOf(db, { title, fromMs, toMs });
  const beside = checkBeside(evidence);
  const { chain, walked } = auditJournal(evidence, told, progress);
  const invariants = [...(await ledger), ...beside, ...walked];
  return {
    ...{ report, invariants, chain, store },
    trades: report.trades.length,
    tracedTrades: traced(db, report, flawOf),
    ok: chain.ok && store.bad.length === 0 && invariants.every(({ violations }) => violations === 0),
  };
}

/** Each file is read once. */
function flawsIn(dir: string): Evidence["flawOf"] {
  const store = new VersionStore(dir);
  const known = new Map<string, string | null>();
  return (code) => {
    let flaw = known.get(code);
    if (flaw !== undefined) return flaw;
    flaw = null;
    try {
      store.get(code as CodeVersion);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      flaw = error.message;
    }
    known.set(code, flaw);
    return flaw;
  };
}

function traced(db: DatabaseSync, { trades }: Report, flawOf: Evidence["flawOf"]): number {
  const params = new Set(
    db
      .prepare("SELECT DISTINCT params FROM activations")
      .all()
      .map((row) => row.params),
  );
  return trades.filter((trade) => trade.entryPriceMicros > 0 && flawOf(trade.code) === null && params.has(trade.params))
    .length;
}

/** One pass: each row is proven by its hash as it is read. What comes after a damaged one is not believed. */
function auditJournal(
  evidence: Evidence,
  told: JournalHead | null,
  progress: AuditOptions["progress"],
): { readonly chain: ChainVerdict; readonly walked: readonly Invariant[] } {
  const walk = new JournalWalk(evidence);
  let [rows, head, firstBad]: [number, JournalHead | null, BrokenRow | null] = [0, null, null];
  let toldHash: string | null = null;
  try {
    const journal = new JournalReader(evidence.db);
    const tell = progress("rows of the journal", journal.head()?.seq ?? 0);
    for (const row of journal.rows()) {
      walk.take(row);
      rows += 1;
      tell(row.seq, rows);
      head = { seq: row.seq, cycle: row.cycle, hash: row.hash };
      if (row.seq === told?.seq) toldHash = row.hash;
    }
    if (told !== null) firstBad = cutOff(told, head?.seq ?? 0, toldHash);
  } catch (error) {
    if (!(error instanceof JournalDamaged)) throw error;
    firstBad = error.row;
  }
  const isOk = firstBad === null;
  const note = isOk
    ? head === null
      ? NO_JOURNAL
      : null
    : `the journal was walked up to row ${firstBad?.seq}, which is damaged`;
  return { chain: { ok: isOk, rows, head, firstBad }, walked: walk.end(note, isOk) };
}
