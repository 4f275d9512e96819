// What the core knows: which window is current, what it opened and ended at, and what is forgotten.
import { describe, expect, test } from "vitest";
import { outcomeOf } from "../../../engine/market/market.ts";
import { computedOutcome, MarketState, spotOf } from "../../../engine/market/market-state.ts";
import { aMarket, aTick, e18, NOON, opening, STRIKE } from "../../support/a-market.ts";
import { aQuote } from "../../support/a-quote.ts";

const MARKET = aMarket();
const CLOSE = MARKET.closeMs;
const HOUR = 3_600_000;

/** A state that knows the noon window, and these ticks. */
function stateWith(
  ticks: readonly [atMs: number, price: number, receivedAtMs?: number][],
  market = MARKET,
): MarketState {
  const state = new MarketState();
  for (const event of opening(market)) state.apply(event);
  for (const [atMs, price, receivedAtMs = atMs] of ticks) state.apply(aTick(atMs, price, { receivedAtMs }));
  return state;
}

const endOf = (state: MarketState) => state.window(MARKET.id)?.endE18 ?? null;

describe("the current window", () => {
  test("contains its open and not its close", () => {
    const state = stateWith([]);
    expect(state.current("btc", "5m", NOON)?.market.id).toBe(MARKET.id);
    expect(state.current("btc", "5m", CLOSE - 1)?.market.id).toBe(MARKET.id);
    expect(state.current("btc", "5m", CLOSE)).toBeNull();
    expect(state.current("btc", "5m", NOON - 1)).toBeNull();
  });

  test("is found by asset and interval", () => {
    const state = stateWith([]);
    state.apply({ type: "MarketListed", market: aMarket({ interval: "15m" }) });
    expect(state.current("btc", "15m", NOON + 400_000)?.market.interval).toBe("15m");
    expect(state.current("eth", "5m", NOON)).toBeNull();
  });

  test("keeps what is known of it when it is listed again", () => {
    const state = stateWith([]);
    state.apply({ type: "Quoted", market: MARKET.id, quote: aQuote(NOON) });
    state.apply({ type: "MarketListed", market: MARKET });
    expect(state.window(MARKET.id)).toMatchObject({ strikeE18: e18(STRIKE), quote: { atMs: NOON } });
  });
});

test("the last price is the newest by its own time, whatever order prices arrive in", () => {
  const state = stateWith([
    [NOON + 2_000, 102],
    [NOON + 1_000, 101, NOON + 3_000],
  ]);
  expect(spotOf(state.asset("btc"))).toBe(102);
  expect(spotOf(state.asset("eth"))).toBeNaN();
});

describe("the price at the close", () => {
  test("is the tick of that very instant, and known once a correction can no longer come", () => {
    const state = stateWith([
      [CLOSE - 1_000, 100],
      [CLOSE, 200],
      [CLOSE + 1_000, 300],
    ]);
    expect(state.advance(CLOSE + 4_999)).toEqual([]);
    expect(endOf(state)).toBeNull();
    expect(state.advance(CLOSE + 5_000).map(({ market }) => market.id)).toEqual([MARKET.id]);
    expect(endOf(state)).toBe(e18(200));
    expect(state.advance(CLOSE + 6_000)).toEqual([]);
  });

  test("is unknown without a tick at that instant: settlement never guesses", () => {
    const state = stateWith([
      [CLOSE - 1, 100],
      [CLOSE + 1, 300],
    ]);
    state.advance(CLOSE + 60_000);
    expect(endOf(state)).toBeNull();
    expect(computedOutcome(state.window(MARKET.id)!)).toBeNull();
  });

  test("that comes late counts", () => {
    const state = stateWith([[CLOSE - 1_000, 100]]);
    state.advance(CLOSE + 60_000);
    state.apply(aTick(CLOSE, 200, { receivedAtMs: CLOSE + 61_000 }));
    state.advance(CLOSE + 62_000);
    expect(endOf(state)).toBe(e18(200));
  });

  test("is the correction that was received last", () => {
    const corrected = stateWith([
      [CLOSE, 200, CLOSE + 1_000],
      [CLOSE, 250, CLOSE + 2_000],
    ]);
    corrected.advance(CLOSE + 5_000);
    expect(endOf(corrected)).toBe(e18(250));
    const outOfOrder = stateWith([
      [CLOSE, 250, CLOSE + 2_000],
      [CLOSE, 200, CLOSE + 1_000],
    ]);
    outOfOrder.advance(CLOSE + 5_000);
    expect(endOf(outOfOrder)).toBe(e18(250));
  });

  test("of a market that settles on a mean is that of the ticks after the start of the lookback, up to the close", () => {
    const market = aMarket({}, { twapLookbackMs: 10_000 });
    const state = stateWith(
      [
        [CLOSE - 10_000, 999],
        [CLOSE - 9_000, 100],
        [CLOSE - 5_000, 101],
        [CLOSE, 103],
        [CLOSE + 1_000, 999],
      ],
      market,
    );
    state.advance(CLOSE + 5_000);
    expect(endOf(state)).toBe((e18(100) + e18(101) + e18(103)) / 3n);
  });
});

describe("an outcome", () => {
  test("that is a tie is Up", () => {
    expect(outcomeOf(e18(STRIKE), e18(STRIKE))).toBe("up");
  });

  test("is told apart at the last of eighteen decimals, where doubles are equal", () => {
    const strike = 65_000_123_456_789_012_345_678n;
    expect(Number(strike - 1n)).toBe(Number(strike));
    expect([outcomeOf(strike, strike - 1n), outcomeOf(strike, strike + 1n)]).toEqual(["down", "up"]);
  });

  test("is not computed without an open price", () => {
    const state = new MarketState();
    state.list(MARKET, null, e18(1));
    expect(computedOutcome(state.window(MARKET.id)!)).toBeNull();
  });
});

describe("an old window", () => {
  test("is forgotten six hours after its close", () => {
    const state = stateWith([]);
    state.advance(CLOSE + 6 * HOUR);
    expect(state.window(MARKET.id)).not.toBeNull();
    state.advance(CLOSE + 6 * HOUR + 1);
    expect(state.window(MARKET.id)).toBeNull();
    expect(state.current("btc", "5m", NOON)).toBeNull();
  });

  test("is kept as long as it is needed, and does not keep the others", () => {
    const state = stateWith([]);
    const next = aMarket({ openMs: CLOSE });
    for (const event of opening(next)) state.apply(event);
    state.advance(NOON + 24 * HOUR, (market) => market === MARKET.id);
    expect([state.window(MARKET.id) !== null, state.window(next.id) !== null]).toEqual([true, false]);
    state.advance(NOON + 24 * HOUR);
    expect(state.window(MARKET.id)).toBeNull();
  });
});
