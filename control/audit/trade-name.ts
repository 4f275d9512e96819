// What somebody means by a trade: a fill, an order, a position, or the decision behind them.
import type { DatabaseSync } from "node:sqlite";
import { UserError } from "../../engine/base/errors.ts";
import type { MarketId, SlotId } from "../../engine/base/ids.ts";
import { decisionId, parseDecisionId } from "../../engine/journal/decision-id.ts";
import { readRows } from "../../engine/store/read-rows.ts";
import type { OrderRow } from "../../engine/store/tables.ts";
import { didYouMean } from "../nearest.ts";

export interface NamedTrade {
  readonly kind: "fill" | "order" | "position" | "decision";
  readonly id: string;
  readonly slot: SlotId;
  /** Null for a decision that ordered nothing. */
  readonly market: MarketId | null;
  /** Those it is about, oldest first. */
  readonly orders: readonly OrderRow[];
  /** By cycle. */
  readonly decisions: readonly { readonly slot: SlotId; readonly cycle: number }[];
}

/** Of one slot in one window, or of one cycle. */
const ORDERS_MAX = 10_000;
/** Names among which a mistyped one is looked for. */
const NEAR_MAX = 500;

/** Throws a UserError with what there is, where nothing has that name. */
export function findTrade(db: DatabaseSync, text: string): NamedTrade {
  const found = byFill(db, text) ?? byOrder(db, text) ?? byPosition(db, text) ?? byDecision(db, text);
  if (found !== null) return found;
  const near = names(db);
  const newest = near.length === 0 ? "this ledger has no trade yet" : `the newest are ${near.slice(0, 3).join(", ")}`;
  throw new UserError("usage", `Cannot find a trade "${text}"${didYouMean(text, near)}`, {
    hint: `name a fill, an order, a position as slot/market or a decision as slot@cycle: ${newest}`,
  });
}

const orders = (db: DatabaseSync, clause: string, ...values: (string | number)[]): OrderRow[] =>
  readRows(db, "orders", `WHERE ${clause} ORDER BY cycle, rowid`, ORDERS_MAX, ...values);

function byOrder(db: DatabaseSync, id: string, kind: NamedTrade["kind"] = "order", name = id): NamedTrade | null {
  const [order] = orders(db, "client_order_id = ?", id);
  if (order === undefined) return null;
  const { slot, market, cycle } = order;
  return { kind, id: name, slot, market, orders: [order], decisions: [{ slot, cycle }] };
}

function byFill(db: DatabaseSync, id: string): NamedTrade | null {
  const fill = db.prepare("SELECT client_order_id AS id FROM fills WHERE trade_id = ?").get(id);
  return fill === undefined ? null : byOrder(db, String(fill.id), "fill", id);
}

function byPosition(db: DatabaseSync, id: string): NamedTrade | null {
  const [slot, market, more] = id.split("/") as [SlotId, MarketId | undefined, string | undefined];
  if (market === undefined || more !== undefined) return null;
  const found = orders(db, "market = ? AND slot = ? AND status <> 'Denied'", market, slot);
  const cycles = [...new Set(found.map(({ cycle }) => cycle))];
  return found.length === 0
    ? null
    : { kind: "position", id, slot, market, orders: found, decisions: cycles.map((cycle) => ({ slot, cycle })) };
}

function byDecision(db: DatabaseSync, id: string): NamedTrade | null {
  const decision = parseDecisionId(id);
  if (decision === null) return null;
  const { slot, cycle } = decision;
  const found = orders(db, "cycle = ? AND slot = ?", cycle, slot);
  const isKept = db
    .prepare("SELECT 1 FROM cycles WHERE cycle = ? AND instr(decisions, ?) > 0")
    .get(cycle, `["${slot}",`);
  if (found.length === 0 && isKept === undefined) return null;
  return { kind: "decision", id, slot, market: found[0]?.market ?? null, orders: found, decisions: [decision] };
}

/** The newest first. */
const names = (db: DatabaseSync): string[] =>
  db
    .prepare(
      `SELECT trade_id AS trade, client_order_id AS id, slot, market, cycle FROM fills ORDER BY rowid DESC LIMIT ${NEAR_MAX}`,
    )
    .all()
    .flatMap(({ trade, id, slot, market, cycle }) => [
      String(trade),
      `${slot}/${market}`,
      decisionId(String(slot) as SlotId, Number(cycle)),
      String(id),
    ]);
