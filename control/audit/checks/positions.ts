// Rules of positions: what is held is what was filled, and what it cost is what was booked.
import type { SqlRule } from "../invariant.ts";

const WITHIN = "p.opened_at_ms >= $from AND p.opened_at_ms < $to";
const COUNT = `SELECT count(*) FROM positions p WHERE ${WITHIN}`;
const NAME = "coalesce(p.slot, s.slot) || '/' || coalesce(p.market, s.market)";

export const positionEqualsFills: SqlRule = {
  id: "position-equals-fills",
  name: "a position is the sum of its fills",
  checked: COUNT,
  wrong: `SELECT ${NAME} || CASE
      WHEN p.slot IS NULL THEN ': its fills have no position'
      WHEN s.slot IS NULL THEN ': it has no fill'
      WHEN p.side <> s.side OR p.side <> s.other_side THEN ': its fills are of another side'
      ELSE printf(': bought %d, sold %d, fees %d in its fills; bought %d, holds %d, fees %d in the position',
        s.bought, s.sold, s.fees, p.bought_shares_micros, p.shares_micros, p.fees_micros) END AS what
    FROM positions p FULL JOIN fill_sums s USING (market, slot)
    WHERE (p.slot IS NULL OR (${WITHIN})) AND (p.slot IS NULL OR s.slot IS NULL OR p.side <> s.side OR p.side <> s.other_side
      OR p.bought_shares_micros <> s.bought OR p.fees_micros <> s.fees
      OR CASE p.status WHEN 'open' THEN p.shares_micros <> s.bought - s.sold WHEN 'closed' THEN s.bought <> s.sold
        ELSE s.sold > s.bought END)`,
};

export const positionCashEqualsTransfers: SqlRule = {
  id: "position-cash-equals-transfers",
  name: "cost, result and fees of a position are what its transfers moved",
  checked: COUNT,
  wrong: `SELECT printf('%s: cost %d, result %d, fees %d in its transfers; %d, %d, %d in the position', ${NAME},
      s.cost, s.realised, s.fees, p.cost_micros, p.realised_micros, p.fees_micros) AS what
    FROM positions p LEFT JOIN transfer_sums s USING (market, slot)
    WHERE ${WITHIN} AND (p.cost_micros, p.realised_micros, p.fees_micros) IS NOT
      (coalesce(s.cost, 0), coalesce(s.realised, 0), coalesce(s.fees, 0))`,
};

export const positionNamesItsEntry: SqlRule = {
  id: "position-names-its-entry",
  name: "a position names the code, the params and the cycle of the order that opened it",
  checked: COUNT,
  wrong: `SELECT p.slot || '/' || p.market || CASE WHEN o.code IS NULL THEN ': no entry opened it'
      ELSE printf(': opened by %s@%.8s in cycle %d, it names %s@%.8s in cycle %d', o.strategy, o.code, o.cycle,
        p.strategy, p.code, p.opened_cycle) END AS what
    FROM positions p LEFT JOIN fill_sums s USING (market, slot) LEFT JOIN fills f ON f.rowid = s.first_buy
      LEFT JOIN orders o USING (client_order_id)
    WHERE ${WITHIN} AND (p.strategy, p.code, p.params, p.ordinal, p.opened_cycle)
      IS NOT (o.strategy, o.code, o.params, o.ordinal, o.cycle)`,
};
