// What must be true of a data directory whenever no bot runs on it, told from the two files alone: ours and the exchange's.
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

type Row = Record<string, string | number | null>;

/** Everything that is wrong; empty when all holds. */
export function checkLedger(dir: string): string[] {
  const ours = new DatabaseSync(join(dir, "underway.db"), { readOnly: true });
  const venue = new DatabaseSync(join(dir, "exchange.db"), { readOnly: true });
  try {
    return [...conserved(ours), ...positionsAreFills(ours), ...venueAgrees(ours, venue)];
  } finally {
    ours.close();
    venue.close();
  }
}

const all = (db: DatabaseSync, sql: string): Row[] => db.prepare(sql).all() as Row[];
const one = (db: DatabaseSync, sql: string): number => Number(Object.values(db.prepare(sql).get() as Row)[0] ?? 0);

function conserved(db: DatabaseSync): string[] {
  const wrong: string[] = [];
  const sum = one(db, "SELECT sum(balance_micros) FROM balances");
  if (sum !== 0) wrong.push(`balances sum to ${sum}`);
  const cash = one(
    db,
    `SELECT coalesce(sum(CASE kind WHEN 'deposit' THEN amount_micros WHEN 'sell' THEN amount_micros WHEN 'claim' THEN amount_micros
       WHEN 'buy' THEN -amount_micros WHEN 'fee' THEN -amount_micros ELSE 0 END), 0) FROM transfers`,
  );
  const booked = one(db, "SELECT coalesce((SELECT balance_micros FROM balances WHERE account = 'cash'), 0)");
  if (cash !== booked) wrong.push(`cash is ${booked}, its flows sum to ${cash}`);
  return wrong;
}

function positionsAreFills(db: DatabaseSync): string[] {
  const rows = all(
    db,
    `SELECT p.market, p.slot, p.bought_shares_micros AS bought, p.fees_micros AS fees,
       (SELECT coalesce(sum(shares_micros), 0) FROM fills f WHERE f.market = p.market AND f.slot = p.slot AND f.action = 'buy') AS filled,
       (SELECT coalesce(sum(fee_micros), 0) FROM fills f WHERE f.market = p.market AND f.slot = p.slot) AS paid,
       (SELECT count(*) FROM fills f WHERE f.market = p.market AND f.slot = p.slot AND (f.code <> p.code OR f.params <> p.params)) AS foreign_code
     FROM positions p`,
  );
  return rows
    .filter((row) => row.bought !== row.filled || row.fees !== row.paid || row.foreign_code !== 0)
    .map((row) => `position ${row.slot} ${row.market} is not the sum of its fills: ${JSON.stringify(row)}`);
}

/** Call only after a bot has reconciled and ended in an orderly way: then the two files tell the same story. */
function venueAgrees(ours: DatabaseSync, venue: DatabaseSync): string[] {
  const wrong: string[] = [];
  const fills = new Map(
    all(
      ours,
      "SELECT trade_id AS id, client_order_id AS o, price_micros AS p, shares_micros AS s, fee_micros AS f FROM fills",
    ).map((row) => [row.id, row]),
  );
  const theirs = all(
    venue,
    "SELECT tradeId AS id, clientOrderId AS o, priceMicros AS p, sharesMicros AS s, feeMicros AS f FROM fills",
  );
  for (const row of theirs) {
    if (JSON.stringify(fills.get(row.id)) !== JSON.stringify(row)) wrong.push(`fill ${row.id} differs`);
    fills.delete(row.id);
  }
  for (const id of fills.keys()) wrong.push(`fill ${id} is not at the venue`);
  const venueOrders = new Set(all(venue, "SELECT clientOrderId AS o FROM orders").map((row) => row.o));
  const sent = all(
    ours,
    "SELECT client_order_id AS o, status FROM orders WHERE status NOT IN ('Denied', 'Expired', 'Initialized')",
  );
  for (const { o, status } of sent)
    if (!venueOrders.has(o!)) wrong.push(`order ${o} is ${status} here and unknown at the venue`);
  const known = new Set(all(ours, "SELECT client_order_id AS o FROM orders").map((row) => row.o));
  for (const o of venueOrders) if (!known.has(o!)) wrong.push(`order ${o} is at the venue and not in the ledger`);
  const claimsOpen = one(ours, "SELECT count(*) FROM markets WHERE claim_status = 'requested'");
  const live = one(
    ours,
    "SELECT count(*) FROM orders WHERE status IN ('Initialized','Submitted','Accepted','PartiallyFilled','PendingCancel')",
  );
  const cash = one(ours, "SELECT coalesce((SELECT balance_micros FROM balances WHERE account = 'cash'), 0)");
  const venueCash = one(venue, "SELECT cashMicros FROM account");
  if (claimsOpen === 0 && live === 0 && cash !== venueCash)
    wrong.push(`cash is ${cash} here and ${venueCash} at the venue`);
  return wrong;
}
