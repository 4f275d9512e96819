// Every version of every strategy, out of the ledger alone: when it came, how its reload ended, where it was active, and what its
// decisions came to.
import type { DatabaseSync } from "node:sqlite";
import { type CodeVersion, shortVersion } from "../engine/base/ids.ts";
import type { Receipt } from "../engine/reload/receipt.ts";
import { ledgerTotals } from "../engine/store/ledger-totals.ts";
import { readNewest } from "../engine/store/read-rows.ts";
import { receiptSchema } from "./receipt-schema.ts";

const VERSIONS_MAX = 10_000;
const RECEIPTS_MAX = 10_000;
const SLOTS_MAX = 10_000;

export interface VersionRecord {
  readonly strategy: string;
  /** `momentum@3f9a2c1e` */
  readonly version: string;
  readonly code: CodeVersion;
  readonly ordinal: number;
  /** ISO 8601 of market time; null for one that came before the first cycle and never decided. */
  readonly firstSeen: string | null;
  /** Of the last reload that was to bring it; null where none is kept. */
  readonly lastReceipt: Pick<Receipt, "id" | "at" | "state" | "stage" | "reasons"> | null;
  /** Slots that it decides the next entry of. */
  readonly running: readonly string[];
  /** How often it took a slot over, and how many slots in all. */
  readonly activations: number;
  readonly slots: number;
  readonly decisions: number;
  readonly trades: number;
  readonly wins: number;
  /** Null without trades. */
  readonly winRate: number | null;
  /** Realised, after fees. */
  readonly pnlMicros: number;
}

export interface VersionHistory {
  /** The newest first. */
  readonly versions: readonly VersionRecord[];
  readonly receipts: readonly Receipt[];
}

/** `strategy`: of this one only. */
export function versionHistory(db: DatabaseSync, strategy: string | null): VersionHistory {
  const of = strategy === null ? [] : [strategy];
  const where = strategy === null ? "" : "WHERE strategy = ? ";
  const rows = readNewest(db, "versions", `${where}ORDER BY first_seen_ms DESC, rowid DESC`, VERSIONS_MAX, ...of);
  const receipts = readNewest(db, "receipts", `${where}ORDER BY number DESC`, RECEIPTS_MAX, ...of).flatMap(
    ({ body }) => {
      // One that an older or newer bot wrote, with other fields, is no reason to show nothing.
      const parsed = receiptSchema.safeParse(JSON.parse(body));
      return parsed.success ? [parsed.data] : [];
    },
  );
  const { byVersion } = ledgerTotals(db);
  const active = activityOf(db);
  const running = runningSlots(db);
  const versions = rows.map(({ strategy, code, ordinal, firstSeenMs }): VersionRecord => {
    const key = keyOf(strategy, code);
    const figures = byVersion.filter((each) => keyOf(each.strategy, each.code) === key);
    const sum = (pick: (each: (typeof figures)[number]) => number) => figures.reduce((all, one) => all + pick(one), 0);
    const last = receipts.find((receipt) => receipt.strategy === strategy && receipt.code === code);
    const [trades, wins] = [sum((each) => each.trades), sum((each) => each.wins)];
    return {
      strategy,
      version: shortVersion(strategy, code),
      code,
      ordinal,
      firstSeen: instantOf(firstSeenMs > 0 ? firstSeenMs : active.get(key)?.firstMs),
      lastReceipt: last === undefined ? null : shortened(last),
      running: running.get(key) ?? [],
      activations: active.get(key)?.times ?? 0,
      slots: active.get(key)?.slots ?? 0,
      decisions: sum((each) => each.decisions),
      trades,
      wins,
      winRate: trades === 0 ? null : wins / trades,
      pnlMicros: sum((each) => each.pnlMicros),
    };
  });
  return { versions, receipts };
}

const keyOf = (strategy: string, code: string): string => `${strategy} ${code}`;

const shortened = ({ id, at, state, stage, reasons }: Receipt) => ({ id, at, state, stage, reasons });

const instantOf = (ms: number | undefined): string | null => (ms === undefined ? null : new Date(ms).toISOString());

interface Activity {
  readonly times: number;
  readonly slots: number;
  readonly firstMs: number;
}

const ACTIVITY = `SELECT strategy, code, count(*) AS times, count(DISTINCT slot) AS slots, min(at_ms) AS first
  FROM activations GROUP BY strategy, code`;

const activityOf = (db: DatabaseSync): Map<string, Activity> =>
  new Map(
    db
      .prepare(ACTIVITY)
      .all()
      .map((row) => [
        keyOf(String(row.strategy), String(row.code)),
        { times: Number(row.times), slots: Number(row.slots), firstMs: Number(row.first) },
      ]),
  );

/** What every slot was given last, by version. */
function runningSlots(db: DatabaseSync): Map<string, string[]> {
  const last = "WHERE rowid IN (SELECT max(rowid) FROM activations GROUP BY slot) ORDER BY slot";
  const running = new Map<string, string[]>();
  for (const { strategy, code, slot } of readNewest(db, "activations", last, SLOTS_MAX)) {
    const key = keyOf(strategy, code);
    running.set(key, [...(running.get(key) ?? []), slot]);
  }
  return running;
}
