// The tables of exchange.db. The constraints carry the invariants: no negative cash or holding, no order filled beyond its
// size, one row per trade, one resolution and one claim per market.

export const VENUE_SCHEMA_VERSION = 1;

export const VENUE_SCHEMA = `
CREATE TABLE account (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  openingCashMicros INTEGER NOT NULL CHECK (openingCashMicros >= 0),
  cashMicros INTEGER NOT NULL CHECK (cashMicros >= 0),
  orders INTEGER NOT NULL,
  fills INTEGER NOT NULL,
  nowMs INTEGER NOT NULL
) STRICT;
CREATE TABLE markets (
  id TEXT PRIMARY KEY,
  market TEXT NOT NULL,
  strikeE18 TEXT,
  isLive INTEGER NOT NULL CHECK (isLive IN (0, 1))
) STRICT;
CREATE INDEX liveMarkets ON markets (id) WHERE isLive = 1;
CREATE TABLE endSamples (
  market TEXT NOT NULL REFERENCES markets (id),
  eventAtMs INTEGER NOT NULL,
  receivedAtMs INTEGER NOT NULL,
  priceE18 TEXT NOT NULL,
  PRIMARY KEY (market, eventAtMs)
) STRICT, WITHOUT ROWID;
CREATE TABLE orders (
  clientOrderId TEXT PRIMARY KEY,
  market TEXT NOT NULL,
  action TEXT NOT NULL CHECK (action IN ('buy', 'sell')),
  side TEXT NOT NULL CHECK (side IN ('up', 'down')),
  limitMicros INTEGER NOT NULL,
  sharesMicros INTEGER NOT NULL,
  timeInForce TEXT NOT NULL CHECK (timeInForce IN ('FAK', 'GTC')),
  venueOrderId TEXT NOT NULL,
  ackAtMs INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('received', 'delayed', 'resting', 'filled', 'canceled', 'rejected')),
  stateAtMs INTEGER,
  reason TEXT,
  filledMicros INTEGER NOT NULL CHECK (filledMicros BETWEEN 0 AND sharesMicros),
  CHECK ((state = 'filled') = (filledMicros = sharesMicros))
) STRICT;
CREATE INDEX ordersByMarket ON orders (market);
CREATE TABLE fills (
  tradeId TEXT PRIMARY KEY,
  clientOrderId TEXT NOT NULL REFERENCES orders (clientOrderId),
  priceMicros INTEGER NOT NULL CHECK (priceMicros BETWEEN 1 AND 999999),
  sharesMicros INTEGER NOT NULL CHECK (sharesMicros > 0),
  feeMicros INTEGER NOT NULL CHECK (feeMicros >= 0),
  liquidity TEXT NOT NULL CHECK (liquidity IN ('maker', 'taker')),
  atMs INTEGER NOT NULL
) STRICT;
CREATE INDEX fillsByOrder ON fills (clientOrderId);
CREATE TABLE holdings (
  market TEXT NOT NULL REFERENCES markets (id),
  side TEXT NOT NULL CHECK (side IN ('up', 'down')),
  sharesMicros INTEGER NOT NULL CHECK (sharesMicros >= 0),
  PRIMARY KEY (market, side)
) STRICT, WITHOUT ROWID;
CREATE TABLE resolutions (
  market TEXT PRIMARY KEY REFERENCES markets (id),
  outcome TEXT NOT NULL CHECK (outcome IN ('up', 'down', 'void')),
  atMs INTEGER NOT NULL
) STRICT;
CREATE TABLE claims (
  market TEXT PRIMARY KEY REFERENCES resolutions (market),
  amountMicros INTEGER NOT NULL CHECK (amountMicros >= 0),
  atMs INTEGER NOT NULL
) STRICT;
`;

/** Cash as the trades and claims say it: what the account row must agree with. */
export const CASH_BY_FLOWS = `
SELECT openingCashMicros
  + (SELECT coalesce(sum(amountMicros), 0) FROM claims)
  + (SELECT coalesce(sum(
      CASE orders.action WHEN 'buy' THEN -1 ELSE 1 END * (fills.sharesMicros * fills.priceMicros / 1000000) - fills.feeMicros
    ), 0) FROM fills JOIN orders USING (clientOrderId)) AS cashMicros
FROM account`;
