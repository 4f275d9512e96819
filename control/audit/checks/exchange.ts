// The simulated exchange's own file beside the ledger: written by somebody else, before we were told. It is read after the
// ledger, so it may know more of what is under way, and must know all that the ledger knows.
import type { SqlRule } from "../invariant.ts";

const WITHIN = "o.created_at_ms >= $from AND o.created_at_ms < $to";
const KNOWN = "('Accepted', 'PartiallyFilled', 'Filled', 'Canceled', 'Rejected')";

const exchangeOrders: SqlRule = {
  id: "exchange-agrees-on-orders",
  name: "what was sent is at the exchange, unchanged and with the same end, and nothing else is",
  checked: `SELECT count(*) FROM orders o WHERE ${WITHIN} AND o.status IN ${KNOWN}`,
  wrong: `SELECT printf('%s is %s, at the exchange %s', o.client_order_id, o.status, coalesce(e.state, 'unknown')) AS what
    FROM orders o LEFT JOIN exchange.orders e ON e.clientOrderId = o.client_order_id
    WHERE ${WITHIN} AND o.status IN ${KNOWN}
      AND ((e.market, e.action, e.side, e.limitMicros, e.sharesMicros, e.timeInForce)
        IS NOT (o.market, o.action, o.side, o.limit_micros, o.shares_micros, o.time_in_force)
        OR (o.status IN ('Filled', 'Canceled', 'Rejected') AND e.state <> lower(o.status)))
    UNION ALL SELECT printf('%s is %s at the exchange, and no order of ours', e.clientOrderId, e.state)
    FROM exchange.orders e LEFT JOIN orders o ON o.client_order_id = e.clientOrderId
    WHERE o.slot IS NULL AND e.ackAtMs > (SELECT min(at_ms) FROM activations)
      AND e.ackAtMs <= (SELECT at_ms FROM cycles ORDER BY cycle DESC LIMIT 1)`,
};

const exchangeFills: SqlRule = {
  id: "exchange-agrees-on-fills",
  name: "every fill is at the exchange, to the micro, and none of an order that has ended is missing here",
  checked: "SELECT count(*) FROM fills WHERE at_ms >= $from AND at_ms < $to",
  wrong: `SELECT printf('%s is %d at %d here, %s at %s at the exchange', f.trade_id, f.shares_micros, f.price_micros,
      coalesce(e.sharesMicros, 'nothing'), coalesce(e.priceMicros, 'no price')) AS what
    FROM fills f LEFT JOIN exchange.fills e ON e.tradeId = f.trade_id WHERE f.at_ms >= $from AND f.at_ms < $to
      AND (f.client_order_id, f.price_micros, f.shares_micros, f.fee_micros, f.liquidity, f.at_ms)
      IS NOT (e.clientOrderId, e.priceMicros, e.sharesMicros, e.feeMicros, e.liquidity, e.atMs)
    UNION ALL SELECT printf('%s is at the exchange and not here', e.tradeId)
    FROM exchange.fills e JOIN orders o ON o.client_order_id = e.clientOrderId LEFT JOIN fills f ON f.trade_id = e.tradeId
    WHERE ${WITHIN} AND o.status IN ('Filled', 'Canceled', 'Rejected', 'Expired', 'Denied') AND f.trade_id IS NULL`,
};

/** What the exchange says of the trades and claims that we know of: on its grid a price times shares is a whole number. */
const exchangeCash: SqlRule = {
  id: "exchange-agrees-on-cash",
  name: "our cash is what the exchange's own trades and claims make of our deposit, and markets ended there as here",
  checked: "SELECT count(*) + 1 FROM markets WHERE venue_outcome IS NOT NULL",
  wrong: `WITH flows AS (SELECT (SELECT coalesce(sum(amount_micros), 0) FROM transfers WHERE kind = 'deposit')
      + (SELECT coalesce(sum(amountMicros), 0) FROM exchange.claims JOIN markets USING (market) WHERE claim_status = 'claimed')
      + (SELECT coalesce(sum(CASE o.action WHEN 'buy' THEN -1 ELSE 1 END * (e.sharesMicros * e.priceMicros / 1000000)
          - e.feeMicros), 0) FROM exchange.fills e JOIN exchange.orders o USING (clientOrderId)
          JOIN fills f ON f.trade_id = e.tradeId) AS flow,
      coalesce((SELECT balance_micros FROM balances WHERE account = 'cash'), 0) AS cash)
    SELECT printf('cash is %d here, %d by the exchange', cash, flow) AS what FROM flows WHERE cash <> flow
    UNION ALL SELECT printf('%s ended %s here, %s at the exchange', market, venue_outcome, outcome)
    FROM markets JOIN exchange.resolutions USING (market) WHERE venue_outcome <> outcome`,
};

const refusalsHaveEvidence: SqlRule = {
  id: "refusals-have-evidence",
  name: "what is said to have been rejected was, and what never arrived is unknown at the exchange",
  checked: `SELECT count(*) FROM orders o WHERE ${WITHIN} AND o.status IN ('Rejected', 'Expired', 'Denied')`,
  wrong: `SELECT printf('%s is %s here, %s at the exchange', o.client_order_id, o.status, coalesce(e.state, 'unknown')) AS what
    FROM orders o LEFT JOIN exchange.orders e ON e.clientOrderId = o.client_order_id
    WHERE ${WITHIN} AND CASE o.status WHEN 'Rejected' THEN e.state IS NOT 'rejected'
      WHEN 'Expired' THEN e.state IS NOT NULL WHEN 'Denied' THEN e.state IS NOT NULL END`,
};

export const EXCHANGE_RULES: readonly SqlRule[] = [exchangeOrders, exchangeFills, exchangeCash, refusalsHaveEvidence];
