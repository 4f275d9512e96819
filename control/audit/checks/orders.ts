// Rules of orders and fills: an intent has one name and one order, nothing comes before its intent, nothing beyond it, and what
// has ended stays ended.
import { takerFeeMicros } from "../../../engine/execution/fees.ts";
import { type Evidence, type Invariant, type SqlRule, Tally } from "../invariant.ts";

const ORDERS = "o.created_at_ms >= $from AND o.created_at_ms < $to";
const COUNT = `SELECT count(*) FROM orders o WHERE ${ORDERS}`;

export const oneOrderIdPerIntent: SqlRule = {
  id: "one-order-id-per-intent",
  name: "an order's id is the one of its slot, window, cycle and leg, and the venue has it once",
  checked: COUNT,
  wrong: `SELECT printf('%s is the order of %s in %s, cycle %d, %s', o.client_order_id, o.slot, o.market, o.cycle, o.leg)
      AS what FROM orders o LEFT JOIN markets m USING (market)
    WHERE ${ORDERS} AND (o.client_order_id IS NOT o.slot || '/' || (m.open_ms / 1000) || '/' || o.cycle || '/' || o.leg
      OR (o.leg = 'entry') <> (o.action = 'buy'))
    UNION ALL SELECT printf('%s names %d orders at the venue', venue_order_id, count(*)) FROM orders
    WHERE venue_order_id IS NOT NULL GROUP BY venue_order_id HAVING count(*) > 1`,
};

export const noOrderBeforeItsIntent: SqlRule = {
  id: "no-order-before-its-intent",
  name: "an order was made at the time of its cycle, and filled no sooner",
  checked: COUNT,
  wrong: `SELECT printf('%s was made at %d, its cycle was at %d', o.client_order_id, o.created_at_ms, c.at_ms) AS what
    FROM orders o JOIN cycles c USING (cycle) WHERE ${ORDERS} AND o.created_at_ms <> c.at_ms
    UNION ALL SELECT printf('%s was filled at %d, its order was made at %d', f.trade_id, f.at_ms, o.created_at_ms)
    FROM fills f JOIN orders o USING (client_order_id) WHERE ${ORDERS} AND f.at_ms < o.created_at_ms`,
};

export const fillsNameTheirOrder: SqlRule = {
  id: "fills-name-their-order",
  name: "a fill names the slot, the market, the side and the code of its order",
  checked: "SELECT count(*) FROM fills WHERE at_ms >= $from AND at_ms < $to",
  wrong: `SELECT printf('%s is not of the order %s', f.trade_id, f.client_order_id) AS what
    FROM fills f LEFT JOIN orders o USING (client_order_id) WHERE f.at_ms >= $from AND f.at_ms < $to
      AND (f.slot, f.market, f.action, f.side, f.strategy, f.code, f.params, f.cycle)
      IS NOT (o.slot, o.market, o.action, o.side, o.strategy, o.code, o.params, o.cycle)`,
};

export const fillsWithinOrder: SqlRule = {
  id: "fills-within-order",
  name: "fills are no more than was ordered, at no worse a price, and the order says how many; an overfill raised its alarm",
  checked: COUNT,
  wrong: `SELECT printf('%s: %d of %d filled, it says %d', o.client_order_id, filled, o.shares_micros,
      o.filled_shares_micros) AS what
    FROM orders o LEFT JOIN (
      SELECT client_order_id, sum(shares_micros) AS filled, min(price_micros) AS lowest, max(price_micros) AS highest
      FROM fills GROUP BY client_order_id
    ) f USING (client_order_id)
    WHERE ${ORDERS} AND (coalesce(filled, 0) <> o.filled_shares_micros
      OR CASE o.action WHEN 'buy' THEN highest > o.limit_micros ELSE lowest < o.limit_micros END
      OR (filled > o.shares_micros
        AND NOT EXISTS (SELECT 1 FROM alarms WHERE kind = 'overfill' AND scope = o.client_order_id)))`,
};

export const terminalOrdersStay: SqlRule = {
  id: "terminal-orders-stay",
  name: "an order that has ended says how, and is filled as far as its end says",
  checked: COUNT,
  wrong: `SELECT printf('%s is %s with %d of %d filled%s', o.client_order_id, o.status, o.filled_shares_micros,
      o.shares_micros, CASE WHEN o.status_reason IS NULL THEN '' ELSE ': ' || o.status_reason END) AS what
    FROM orders o WHERE ${ORDERS} AND CASE
      WHEN o.status = 'Filled' THEN o.filled_shares_micros < o.shares_micros
      WHEN o.status IN ('Denied', 'Rejected', 'Expired') THEN o.filled_shares_micros > 0 OR o.status_reason IS NULL
      WHEN o.status = 'Canceled' THEN o.status_reason IS NULL
      WHEN o.status IN ('Initialized', 'Submitted', 'Accepted') THEN o.filled_shares_micros > 0
      ELSE o.filled_shares_micros >= o.shares_micros END`,
};

/** A claim that is not answered by then is alarmed; an order should have ended with its window. */
const QUIET_AFTER_MS = 600_000;

export const nothingUnresolved: SqlRule = {
  id: "no-sent-order-unresolved-at-quiescence",
  name: "no order outlives its window by ten minutes",
  checked: COUNT,
  wrong: `SELECT printf('%s is %s, its window closed at %d', o.client_order_id, o.status, m.close_ms) AS what
    FROM orders o JOIN markets m USING (market)
    WHERE ${ORDERS} AND o.status IN ('Initialized', 'Submitted', 'Accepted', 'PartiallyFilled', 'PendingCancel')
      AND m.close_ms + ${QUIET_AFTER_MS} < (SELECT at_ms FROM cycles ORDER BY cycle DESC LIMIT 1)`,
};

/** In BigInt: the product of four micro-unit numbers is beyond what SQL can hold. */
export function feeMatchesFormula({ db, fromMs, toMs }: Evidence): Invariant {
  const tally = new Tally({
    id: "fee-matches-formula",
    name: "takers paid shares × rate × p × (1 − p), makers nothing",
  });
  const statement = db.prepare(
    `SELECT trade_id, shares_micros, price_micros, fee_micros, liquidity, CASE WHEN json_valid(facts) THEN facts ->> '$.feeRatePpm' END
      FROM fills LEFT JOIN markets USING (market) WHERE at_ms >= ? AND at_ms < ?`,
  );
  statement.setReturnArrays(true);
  for (const row of statement.iterate(fromMs, toMs)) {
    const [id, shares, price, fee, liquidity, rate] = row as unknown as [
      string,
      number,
      number,
      number,
      string,
      number | null,
    ];
    const due = liquidity === "maker" ? 0 : Number.isInteger(rate) ? takerFeeMicros(shares, price, rate!) : null;
    tally.see(
      fee === due ? null : `${id} paid ${fee}, ${due === null ? "its market has no fee rate" : `due are ${due}`}`,
    );
  }
  return tally.end();
}
