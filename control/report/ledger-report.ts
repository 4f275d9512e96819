// The track record of a ledger, or of a stretch of it: every position is a trade, and every figure is split by code version.
import type { DatabaseSync } from "node:sqlite";
import { UserError } from "../../engine/base/errors.ts";
import { count, plural, profit } from "../number-format.ts";
import { decidedCycles } from "./cycle-decisions.ts";
import { ReceiptIndex } from "./receipt-index.ts";
import type { MadeBy, Report, Seam, TradeRow } from "./report.ts";
import { equityOf, figuresOf, versionFiguresOf } from "./track-record.ts";

/** More would not fit into memory. */
const TRADES_MAX = 2_000_000;

export interface ReportOptions {
  readonly title: string;
  /** Market time, ms UTC: trades that were opened in it. Null: from the first, to the last. */
  readonly fromMs: number | null;
  readonly toMs: number | null;
}

export function reportOf(db: DatabaseSync, { title, fromMs, toMs }: ReportOptions): Report {
  const isAll = fromMs === null && toMs === null;
  const within = { fromMs: fromMs ?? Number.MIN_SAFE_INTEGER, toMs: toMs ?? Number.MAX_SAFE_INTEGER };
  const trades = tradesOf(db, within.fromMs, within.toMs);
  const covered = extent(db);
  const span = { fromMs: fromMs ?? covered.fromMs, toMs: toMs ?? covered.toMs };
  const decided = isAll ? decidedEver(db) : decidedWithin(db, within.fromMs, within.toMs);
  const startCashMicros = startCash(db, within.fromMs);
  const total = figuresOf(trades, span);
  const open = trades.filter(({ closedAtMs }) => closedAtMs === null);
  const isCut = !isAll && covered.cyclesFromMs !== null && within.fromMs < covered.cyclesFromMs;
  return {
    kind: "audit",
    title,
    notes: [
      ...(open.length === 0 ? [] : [stillOpen(open)]),
      ...(isCut ? ["decisions are counted over the cycles that are kept"] : []),
    ],
    market: "updown",
    ...span,
    cycles: decided.cycles,
    decisions: decided.decisions,
    faults: decided.faults,
    startCashMicros,
    endEquityMicros: startCashMicros + total.pnlMicros,
    total,
    versions: versionFiguresOf(trades, span, versionsOf(db, trades, decided.byVersion, within, isAll)),
    seams: seamsOf(db, within.fromMs, within.toMs),
    equity: equityOf(trades, startCashMicros),
    trades,
  };
}

// Bare columns beside min() are those of the first fill.
const TRADES = `WITH entries AS (
  SELECT f.market, f.slot, min(f.rowid), o.cycle, o.reason,
    sum(1.0 * f.shares_micros * f.price_micros) / sum(f.shares_micros) AS price,
    sum(1.0 * f.shares_micros * f.price_micros + 1e6 * f.fee_micros) / sum(f.shares_micros) AS break_even,
    sum(o.probability * f.shares_micros) / sum(f.shares_micros) FILTER (WHERE o.probability IS NOT NULL) AS probability
  FROM fills f JOIN orders o USING (client_order_id) WHERE f.action = 'buy' GROUP BY f.market, f.slot
)
SELECT p.slot || '/' || p.market AS id, p.slot, p.market, coalesce(m.asset, lower(substr(p.slot, 1, instr(p.slot, '-') - 1))) AS asset,
  p.side, p.strategy, p.code, p.params, p.ordinal, p.opened_at_ms AS openedAtMs, p.closed_at_ms AS closedAtMs,
  p.bought_shares_micros AS boughtSharesMicros, coalesce(round(e.price), 0) AS entryPriceMicros,
  coalesce(round(e.break_even), 0) AS breakEvenMicros, p.fees_micros AS feesMicros,
  p.realised_micros - p.fees_micros AS pnlMicros, CASE p.status WHEN 'closed' THEN 'sold' ELSE p.outcome END AS outcome,
  e.probability, coalesce(e.reason, '') AS reason, p.slot || '@' || coalesce(e.cycle, p.opened_cycle) AS decision
FROM positions p LEFT JOIN entries e USING (market, slot) LEFT JOIN markets m USING (market)
WHERE p.opened_at_ms >= ? AND p.opened_at_ms < ? ORDER BY p.opened_at_ms, p.slot LIMIT ?`;

/** The statement names its columns as a TradeRow names its fields. */
function tradesOf(db: DatabaseSync, fromMs: number, toMs: number): TradeRow[] {
  const statement = db.prepare(TRADES);
  const names = statement.columns().map(({ name }) => name);
  statement.setReturnArrays(true);
  const trades: TradeRow[] = [];
  for (const values of statement.iterate(fromMs, toMs, TRADES_MAX + 1) as Iterable<unknown> as Iterable<unknown[]>) {
    const trade: Record<string, unknown> = {};
    for (let at = 0; at < names.length; at++) trade[names[at]!] = values[at];
    trades.push(trade as unknown as TradeRow);
  }
  if (trades.length <= TRADES_MAX) return trades;
  throw new UserError("usage", `Cannot audit more than ${count(TRADES_MAX)} trades at once`, {
    hint: "name a shorter time with --since and --until",
  });
}

/** First and last market time that anything happened at. */
function extent(db: DatabaseSync): { fromMs: number; toMs: number; cyclesFromMs: number | null } {
  const row = db
    .prepare(
      `SELECT (SELECT at_ms FROM cycles ORDER BY cycle LIMIT 1) AS first,
        (SELECT at_ms FROM cycles ORDER BY cycle DESC LIMIT 1) AS last,
        (SELECT min(at_ms) FROM activations WHERE at_ms > 0) AS activated,
        (SELECT min(opened_at_ms) FROM positions) AS opened,
        (SELECT max(coalesce(closed_at_ms, opened_at_ms)) FROM positions) AS closed`,
    )
    .get() as { [name in "first" | "last" | "activated" | "opened" | "closed"]: number | null };
  const known = (...values: (number | null)[]) => values.filter((value) => value !== null);
  const [firsts, lasts] = [known(row.first, row.activated, row.opened), known(row.last, row.closed)];
  return {
    fromMs: firsts.length === 0 ? 0 : Math.min(...firsts),
    toMs: lasts.length === 0 ? 0 : Math.max(...lasts),
    cyclesFromMs: row.first,
  };
}

/** What was put in, and what had been earned by then. */
function startCash(db: DatabaseSync, fromMs: number): number {
  const row = db
    .prepare(
      `SELECT (SELECT coalesce(sum(amount_micros), 0) FROM transfers WHERE kind = 'deposit')
        + (SELECT coalesce(sum(realised_micros - fees_micros), 0) FROM positions WHERE opened_at_ms < ?) AS micros`,
    )
    .get(fromMs);
  return Number(row!.micros);
}

interface Decided {
  readonly cycles: number;
  readonly decisions: number;
  readonly faults: number;
  /** By strategy, code and params. */
  readonly byVersion: ReadonlyMap<string, number>;
}

const nameOf = (strategy: string, code: string, params: string): string => `${strategy} ${code} ${params}`;

function decidedEver(db: DatabaseSync): Decided {
  const { cycles, decided, faulted } = db.prepare("SELECT cycles, decided, faulted FROM cycle_totals").get() as {
    [name in "cycles" | "decided" | "faulted"]: number;
  };
  const counts = db.prepare("SELECT strategy, code, params, decided FROM decision_counts").all();
  const byVersion = new Map(
    counts.map(({ strategy, code, params, decided }) => [
      nameOf(String(strategy), String(code), String(params)),
      Number(decided),
    ]),
  );
  return { cycles, decisions: decided, faults: faulted, byVersion };
}

function decidedWithin(db: DatabaseSync, fromMs: number, toMs: number): Decided {
  const byVersion = new Map<string, number>();
  let [cycles, decisions, faults] = [0, 0, 0];
  for (const { versions, slots } of decidedCycles(db, fromMs, toMs)) {
    cycles += 1;
    for (const [, version, kind] of slots) {
      if (kind === "fault") faults += 1;
      else {
        decisions += 1;
        const name = nameOf(...versions[version]!);
        byVersion.set(name, (byVersion.get(name) ?? 0) + 1);
      }
    }
  }
  return { cycles, decisions, faults, byVersion };
}

/** All that ever ran, or what decided, traded or took over in the stretch; in the order of their first activation. */
function versionsOf(
  db: DatabaseSync,
  trades: readonly TradeRow[],
  decided: ReadonlyMap<string, number>,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
  isAll: boolean,
): (MadeBy & { decisions: number })[] {
  const activated = db
    .prepare(
      `SELECT strategy, code, params, ordinal, sum(at_ms >= ? AND at_ms < ?) AS here FROM activations
        GROUP BY strategy, code, params ORDER BY min(rowid)`,
    )
    .all(fromMs, toMs) as unknown as (MadeBy & { readonly here: number })[];
  const versions = new Map<string, MadeBy & { decisions: number }>();
  const traded = new Set<string>();
  const add = ({ strategy, code, params, ordinal }: MadeBy): void => {
    const name = nameOf(strategy, code, params);
    if (versions.has(name)) return;
    versions.set(name, { strategy, code, params, ordinal, decisions: decided.get(name) ?? 0 });
  };
  for (const { strategy, code, params } of trades) traded.add(nameOf(strategy, code, params));
  for (const version of activated) {
    const name = nameOf(version.strategy, version.code, version.params);
    if (isAll || version.here > 0 || decided.has(name) || traded.has(name)) add(version);
  }
  for (const trade of trades) add(trade); // A ledger that has lost an activation still shows the trades.
  return [...versions.values()];
}

/** Where a way back leads past a version that was taken away, a slot has two activations in one cycle: the last one counts. */
function seamsOf(db: DatabaseSync, fromMs: number, toMs: number): Seam[] {
  const rows = db
    .prepare(
      `SELECT cycle, at_ms AS atMs, strategy, code, params, ordinal, json_group_array(slot ORDER BY rowid) AS slots
        FROM activations WHERE rowid IN (SELECT max(rowid) FROM activations GROUP BY slot, cycle) AND at_ms >= ? AND at_ms < ?
        GROUP BY cycle, strategy, code, params ORDER BY min(rowid)`,
    )
    .all(fromMs, toMs) as unknown as (Omit<Seam, "slots"> & { readonly slots: string })[];
  const receipts = new ReceiptIndex(db);
  return rows.map(({ slots, ...row }) => {
    const receipt = receipts.bringing(row.code, row.params, row.cycle);
    return {
      ...row,
      slots: JSON.parse(slots) as string[],
      receipt: receipt?.id ?? null,
      approvedBy: receipt?.approvedBy ?? null,
    };
  });
}

function stillOpen(open: readonly TradeRow[]): string {
  const what = `${plural(open.length, "position")} ${open.length === 1 ? "is" : "are"} still open`;
  const micros = open.reduce((sum, { pnlMicros }) => sum + pnlMicros, 0);
  return micros === 0 ? what : `${what}: ${profit(micros)} of fees and part sales is in the profit, not in the curve`;
}
