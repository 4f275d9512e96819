// Rules of settlement: each position once, by its market's outcome, and no market pays more than was won in it.
import type { SqlRule } from "../invariant.ts";

const SETTLED = "p.status = 'settled' AND p.opened_at_ms >= $from AND p.opened_at_ms < $to";
const MARKETS = "m.open_ms >= $from AND m.open_ms < $to";

export const settledOnce: SqlRule = {
  id: "settled-once",
  name: "a settled position was paid once, what its outcome is worth",
  checked: `SELECT count(*) FROM positions p WHERE ${SETTLED}`,
  wrong: `SELECT printf('%s/%s, %d %s shares that ended %s, was paid %d in %d payouts', p.slot, p.market,
      f.bought - f.sold, p.side, p.outcome, coalesce(t.paid, 0), coalesce(t.payouts, 0)) AS what
    FROM positions p JOIN fill_sums f USING (market, slot) LEFT JOIN transfer_sums t USING (market, slot)
    WHERE ${SETTLED} AND (t.payouts > 1 OR coalesce(t.paid, 0) <> CASE p.outcome
      WHEN 'void' THEN (f.bought - f.sold) / 2 WHEN p.side THEN f.bought - f.sold ELSE 0 END)`,
};

// Text of whole numbers without leading zeros: the longer one is the larger.
const ENDED_UP = `(length(m.end_e18) > length(m.strike_e18)
  OR (length(m.end_e18) = length(m.strike_e18) AND m.end_e18 >= m.strike_e18))`;

export const outcomeMatchesPrices: SqlRule = {
  id: "outcome-matches-prices",
  name: "a market ended as its prices say, for us, for the venue and for every position",
  checked: `SELECT (SELECT count(*) FROM markets m WHERE ${MARKETS} AND m.computed_outcome IS NOT NULL)
    + (SELECT count(*) FROM positions p WHERE ${SETTLED})`,
  wrong: `SELECT printf('%s went from %s to %s and is said to have ended %s', m.market, m.strike_e18, m.end_e18,
      m.computed_outcome) AS what
    FROM markets m WHERE ${MARKETS} AND m.computed_outcome IS NOT NULL
      AND (m.computed_outcome = 'up') IS NOT ${ENDED_UP}
    UNION ALL SELECT printf('%s ended %s by our prices, %s at the venue', m.market, m.computed_outcome, m.venue_outcome)
    FROM markets m WHERE ${MARKETS} AND m.venue_outcome <> m.computed_outcome
    UNION ALL SELECT printf('%s/%s was settled %s, its market ended %s', p.slot, p.market, p.outcome,
      coalesce(m.venue_outcome, 'nowhere'))
    FROM positions p LEFT JOIN markets m USING (market) WHERE ${SETTLED} AND p.outcome IS NOT m.venue_outcome`,
};

export const resolvedMeansSettled: SqlRule = {
  id: "resolved-means-settled",
  name: "no position stays open in a market that the venue has resolved",
  checked: `SELECT count(*) FROM markets m WHERE ${MARKETS} AND m.venue_outcome IS NOT NULL`,
  wrong: `SELECT printf('%s/%s is open, its market ended %s', p.slot, p.market, m.venue_outcome) AS what
    FROM positions p JOIN markets m USING (market)
    WHERE p.status = 'open' AND p.shares_micros > 0 AND ${MARKETS} AND m.venue_outcome IS NOT NULL`,
};

export const claimedAtMostWon: SqlRule = {
  id: "claimed-at-most-won",
  name: "a market was claimed once, and for no more than was won in it",
  checked: `SELECT count(*) FROM markets m WHERE ${MARKETS} AND m.claim_status <> 'none'`,
  wrong: `WITH won AS (SELECT market, sum(paid) AS won FROM transfer_sums GROUP BY market),
      claimed AS (SELECT market, count(*) AS claims, sum(amount_micros) AS claimed FROM transfers
        WHERE kind = 'claim' GROUP BY market)
    SELECT printf('%s is %s: won %d, claimed %d in %d claims, its row says %d', m.market, m.claim_status,
      coalesce(won, 0), coalesce(claimed, 0), coalesce(claims, 0), m.claimed_micros) AS what
    FROM markets m LEFT JOIN won USING (market) LEFT JOIN claimed USING (market)
    WHERE ${MARKETS} AND (claims > 1 OR coalesce(claimed, 0) > coalesce(won, 0)
      OR coalesce(claimed, 0) <> CASE m.claim_status WHEN 'claimed' THEN m.claimed_micros ELSE 0 END)`,
};
