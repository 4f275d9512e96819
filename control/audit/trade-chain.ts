// One trade with everything that made it: its fills, the orders they are of, the decisions behind those, the code that decided,
// the reload that brought the code, and where the money went.
import type { DatabaseSync } from "node:sqlite";
import { UserError } from "../../engine/base/errors.ts";
import type { CodeVersion, ParamsHash } from "../../engine/base/ids.ts";
import { shortVersion } from "../../engine/base/ids.ts";
import { decisionId } from "../../engine/journal/decision-id.ts";
import type { Receipt } from "../../engine/reload/receipt.ts";
import { readRows } from "../../engine/store/read-rows.ts";
import type { FillRow, MarketRow, OrderRow, PositionRow, TransferRow } from "../../engine/store/tables.ts";
import { VersionStore } from "../../engine/versions/version-store.ts";
import { ReceiptIndex } from "../report/receipt-index.ts";
import { type DecisionTrace, traceDecisions } from "./decision-trace.ts";
import { findTrade, type NamedTrade } from "./trade-name.ts";

const FILLS_MAX = 100_000;

export interface TracedVersion {
  /** `momentum@3f9a2c1e` */
  readonly version: string;
  readonly strategy: string;
  readonly code: CodeVersion;
  readonly ordinal: number | null;
  readonly params: ParamsHash;
  /** As they were resolved; null where they were never activated. */
  readonly values: unknown;
  readonly commit: string | null;
  /** Why the code cannot be shown; null where its file is whole. */
  readonly flaw: string | null;
  readonly entry: string | null;
  /** The whole import graph. */
  readonly files: readonly { readonly path: string; readonly text: string }[];
  readonly receipt: Omit<Receipt, "rehearsal"> | null;
}

export interface TradeChain {
  readonly kind: NamedTrade["kind"];
  readonly id: string;
  readonly slot: string;
  readonly market: string | null;
  readonly position: PositionRow | null;
  /** What became of its market. */
  readonly settlement: Omit<MarketRow, "facts"> | null;
  readonly orders: readonly (OrderRow & { readonly fills: readonly FillRow[]; readonly decision: string })[];
  readonly decisions: readonly DecisionTrace[];
  readonly versions: readonly TracedVersion[];
  readonly transfers: readonly TransferRow[];
}

/** Throws a UserError where there is no such trade. */
export function traceTrade(db: DatabaseSync, dir: string, text: string): TradeChain {
  const { kind, id, slot, market, orders, decisions: asked } = findTrade(db, text);
  const [position] = market === null ? [] : readRows(db, "positions", "WHERE market = ? AND slot = ?", 1, market, slot);
  const [ended] = market === null ? [] : readRows(db, "markets", "WHERE market = ?", 1, market);
  const fills = orders.flatMap((order) =>
    readRows(db, "fills", "WHERE client_order_id = ? ORDER BY rowid", FILLS_MAX, order.clientOrderId),
  );
  const decisions = traceDecisions(db, dir, asked);
  const named = [...orders, ...decisions];
  const unique = new Map(named.map((each) => [`${each.strategy} ${each.code} ${each.params}`, each]));
  return {
    ...{ kind, id, slot, market, decisions },
    position: position ?? null,
    settlement: ended === undefined ? null : withoutFacts(ended),
    orders: orders.map((order) => ({
      ...order,
      fills:
        kind === "fill"
          ? fills.filter(({ tradeId }) => tradeId === id)
          : fills.filter(({ clientOrderId }) => clientOrderId === order.clientOrderId),
      decision: decisionId(order.slot, order.cycle),
    })),
    versions: versionsOf(db, dir, [...unique.values()]),
    transfers: market === null ? [] : transfersOf(db, market, slot, kind === "fill" ? id : null),
  };
}

function withoutFacts({ facts: _, ...rest }: MarketRow): Omit<MarketRow, "facts"> {
  return rest;
}

/** Of the position, the market's claim included; of a fill what it moved, and what came of the position at its end. */
const transfersOf = (db: DatabaseSync, market: string, slot: string, fill: string | null): TransferRow[] =>
  readRows(
    db,
    "transfers",
    "WHERE market = ? AND (slot = ? OR slot IS NULL) ORDER BY id",
    FILLS_MAX,
    market,
    slot,
  ).filter(({ reference }) => fill === null || reference === null || reference === fill);

type Named = Pick<OrderRow, "strategy" | "code" | "params" | "cycle">;

function versionsOf(db: DatabaseSync, dir: string, named: readonly Named[]): TracedVersion[] {
  const store = new VersionStore(dir);
  const receipts = new ReceiptIndex(db);
  return named.map(({ strategy, code, params, cycle }) => {
    const numbered = db.prepare("SELECT ordinal FROM versions WHERE strategy = ? AND code = ?").get(strategy, code);
    const activated = db.prepare("SELECT params_json AS json FROM activations WHERE params = ? LIMIT 1").get(params);
    const receipt = receipts.bringing(code, params, cycle);
    const stored = read(store, code);
    return {
      ...{ version: shortVersion(strategy, code), strategy, code, params },
      ordinal: numbered === undefined ? null : Number(numbered.ordinal),
      values: activated === undefined ? null : (JSON.parse(String(activated.json)) as unknown),
      commit: stored.artifact?.commit ?? null,
      flaw: stored.flaw,
      entry: stored.artifact?.entry ?? null,
      files: Object.entries(stored.artifact?.sources ?? {}).map(([path, text]) => ({ path, text })),
      receipt: receipt === null ? null : withoutRehearsal(receipt),
    };
  });
}

/** A rehearsal is long, and `versions` shows it. */
function withoutRehearsal({ rehearsal: _, ...rest }: Receipt): Omit<Receipt, "rehearsal"> {
  return rest;
}

function read(store: VersionStore, code: CodeVersion) {
  try {
    return { artifact: store.get(code), flaw: null };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { artifact: null, flaw: error.message };
  }
}
