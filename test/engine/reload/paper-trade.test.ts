// An imagined trade follows the rules of the real ones: the same check at the entry, the quote's prices and sizes, the venue's
// fee; at most one position a window, and money that adds up to the micro.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Signal } from "../../../engine/decide/decision.ts";
import { takerFeeMicros } from "../../../engine/execution/fees.ts";
import type { MarketQuote } from "../../../engine/market/market.ts";
import type { WindowState } from "../../../engine/market/market-state.ts";
import { type BookTerms, PaperTrade } from "../../../engine/reload/paper-trade.ts";
import { aMarket, e18, NOON, STRIKE, UNIT } from "../../support/a-market.ts";
import { aQuote } from "../../support/a-quote.ts";
import { down, exit, hold, up } from "../../support/core.ts";
import { LIMITS } from "../../support/settings.ts";

const NOW = NOON + 60_000;
const MARKET = aMarket();
const CENT = UNIT / 100;

const TERMS: BookTerms = {
  sizing: { type: "fixedStake", stakeMicros: 5 * UNIT },
  scalePpm: UNIT,
  limits: LIMITS,
  bankrollMicros: 1_000 * UNIT,
};

const aWindow = (quote: MarketQuote | null, changes: Partial<WindowState> = {}): WindowState => ({
  market: MARKET,
  strikeE18: e18(STRIKE),
  endE18: null,
  quote,
  ...changes,
});

const act = (trade: PaperTrade, signal: Signal, quote: MarketQuote | null = aQuote(NOW), atMs = NOW) =>
  trade.act(signal, aWindow(quote), atMs, atMs);

const traded = (...signals: readonly Signal[]): PaperTrade => {
  const trade = new PaperTrade(TERMS);
  for (const signal of signals) act(trade, signal);
  return trade;
};

const abstained = { pnlMicros: 0, perShareMicros: 0, entry: null };
const askOf = (cents: number, shares = 100) => ({ askMicros: cents * CENT, askSizeMicros: shares * UNIT });

describe("an entry", () => {
  // 5 USDC at 0.51 and a fee of 0.017493 a share buy 9.47 shares.
  const shares = 9_470_000;
  const feeMicros = takerFeeMicros(shares, 51 * CENT, MARKET.feeRatePpm);
  const paid = 4_829_700 + feeMicros;

  test("is filled at the ask, and pays the taker's fee", () => {
    const trade = traded(up());
    expect(trade.position).toEqual({ side: "up", sharesMicros: shares, costMicros: 4_829_700, openedAtMs: NOW });
    expect(trade.settle("up")).toEqual({
      pnlMicros: shares - paid,
      perShareMicros: Math.round(((shares - paid) / shares) * UNIT),
      entry: { side: "up", breakEven: paid / shares, won: true },
    });
    expect(trade.settle("down")).toMatchObject({ pnlMicros: -paid, entry: { won: false } });
  });

  test("is filled on the side that it asks for", () => {
    const trade = traded(down());
    expect(trade.position).toMatchObject({ side: "down", sharesMicros: 9_660_000, costMicros: 4_830_000 });
    expect(trade.settle("down")).toMatchObject({ entry: { side: "down", won: true } });
  });

  test("takes no more than is offered", () => {
    const trade = new PaperTrade(TERMS);
    act(trade, up(), aQuote(NOW, askOf(51, 7)));
    expect(trade.position).toMatchObject({ sharesMicros: 7 * UNIT });
  });

  test("is the first that is allowed: what the check denies is asked again", () => {
    const trade = new PaperTrade(TERMS);
    trade.act(up(), aWindow(aQuote(NOW), { strikeE18: null }), NOW, NOW);
    trade.act(up(), aWindow(aQuote(NOW)), null, NOW);
    trade.act(up(), aWindow(aQuote(NOW)), NOW - LIMITS.staleAfterMs - 1, NOW);
    act(trade, up(), null);
    act(trade, up(0.53));
    expect(trade.position).toBeNull();
    act(trade, up(), aQuote(NOW + 1_000), NOW + 1_000);
    expect(trade.position).toMatchObject({ openedAtMs: NOW + 1_000 });
  });

  test("is not made after the close", () => {
    const trade = new PaperTrade(TERMS);
    act(trade, up(), aQuote(MARKET.closeMs), MARKET.closeMs);
    expect(trade.settle("up")).toEqual(abstained);
  });

  test("is bounded by the money that there is", () => {
    const trade = new PaperTrade({ ...TERMS, bankrollMicros: 4 * UNIT });
    act(trade, up());
    expect(trade.position).toBeNull();
  });

  test("is made once, however often and on whichever side it is asked for", () => {
    const trade = traded(up(), up(), down(), hold, up());
    expect(trade.position).toEqual(traded(up()).position);
    expect(trade.settle("up")).toEqual(traded(up()).settle("up"));
  });
});

describe("an exit", () => {
  test("sells all at the bid, and pays the taker's fee again", () => {
    const held = traded(up());
    const [before, { sharesMicros }] = [held.settle("down"), held.position!];
    act(held, exit);
    const proceeds = sharesMicros / 2 - takerFeeMicros(sharesMicros, 50 * CENT, MARKET.feeRatePpm);
    expect(held.position).toMatchObject({ side: "up", sharesMicros: 0, costMicros: 0 });
    expect(held.settle("down").pnlMicros).toBe(before.pnlMicros + proceeds);
  });

  test("takes the outcome's part away, but the side still won or lost", () => {
    const sold = traded(up(), exit);
    expect(sold.settle("up").pnlMicros).toBe(sold.settle("down").pnlMicros);
    expect([sold.settle("up").entry!.won, sold.settle("down").entry!.won]).toEqual([true, false]);
  });

  test("is not made after the close", () => {
    const trade = traded(up());
    act(trade, exit, aQuote(MARKET.closeMs), MARKET.closeMs);
    expect(trade.position).toEqual(traded(up()).position);
  });

  test("waits for a bid", () => {
    const trade = traded(up());
    act(trade, exit, aQuote(NOW, { bidMicros: 0, bidSizeMicros: 0 }));
    act(trade, exit, null);
    expect(trade.position!.sharesMicros).toBeGreaterThan(0);
  });

  test("is final: nothing is sold twice or entered again", () => {
    const trade = traded(up(), exit, up(), down());
    act(trade, exit, aQuote(NOW, { bidMicros: 90 * CENT }));
    expect(trade.settle("up")).toEqual(traded(up(), exit).settle("up"));
    expect(traded(exit, exit).settle("up")).toEqual(abstained);
  });
});

describe("an entry that rests", () => {
  const resting = () => traded(up(0.7, 0.45));

  test("is no position yet, and comes to nothing if the ask never reaches it", () => {
    const trade = resting();
    act(trade, up(0.7, 0.45), aQuote(NOW, askOf(46)));
    expect(trade.position).toBeNull();
    expect(trade.settle("up")).toEqual(abstained);
  });

  test.each([45, 40])("is filled at its limit and without a fee, once the ask is at 0.%i", (cents) => {
    const trade = resting();
    act(trade, up(0.7, 0.45), aQuote(NOW + 5_000, askOf(cents)), NOW + 5_000);
    expect(trade.position).toEqual({
      side: "up",
      sharesMicros: 11_110_000,
      costMicros: 4_999_500,
      openedAtMs: NOW + 5_000,
    });
    const filled = trade.position;
    expect(trade.settle("up").entry).toEqual({ side: "up", breakEven: 0.45, won: true });
    act(trade, up(0.7, 0.45), aQuote(NOW + 6_000, askOf(cents)), NOW + 6_000);
    expect(trade.position).toEqual(filled);
  });

  test("is not filled by an ask of nothing", () => {
    const trade = resting();
    act(trade, up(0.7, 0.45), aQuote(NOW, askOf(40, 0)));
    expect(trade.position).toBeNull();
  });

  test.each([
    ["nothing", hold],
    ["an exit", exit],
    ["the other side", down(0.2)],
  ])("is withdrawn when the strategy asks for %s", (_, signal) => {
    const trade = resting();
    act(trade, signal, aQuote(NOW, askOf(40)));
    act(trade, hold, aQuote(NOW, askOf(40)));
    expect(trade.position).toBeNull();
  });

  test("gives way to an entry on the other side", () => {
    const trade = resting();
    act(trade, down());
    expect(trade.position).toMatchObject({ side: "down" });
  });

  test("follows the limit that the strategy asks for", () => {
    const trade = resting();
    act(trade, up(0.7, 0.4));
    act(trade, up(0.7, 0.4), aQuote(NOW, askOf(42)));
    expect(trade.position).toBeNull();
    act(trade, up(0.7, null), aQuote(NOW, askOf(42)));
    expect(trade.position).toMatchObject({ sharesMicros: 11_440_000, costMicros: 4_804_800 });
  });
});

test("money is whole micros, a share neither wins nor loses more than a dollar, and no call counts twice", () => {
  const cents = fc.integer({ min: 1, max: 99 });
  const level = fc.record({
    ask: cents,
    spread: fc.integer({ min: 1, max: 5 }),
    shares: fc.integer({ min: 0, max: 20 }),
  });
  const signal = fc.oneof(
    fc.constant(hold),
    fc.constant(exit),
    fc
      .tuple(fc.boolean(), fc.double({ min: 0.02, max: 0.99, noNaN: true }), fc.option(cents))
      .map(([isUp, probability, limit]): Signal => {
        const asked = limit === null ? null : limit / 100;
        return { kind: isUp ? "up" : "down", probability, limit: asked, reason: "edge" };
      }),
  );
  const quoted = ({ ask, spread, shares }: { ask: number; spread: number; shares: number }) => ({
    ...askOf(ask, shares),
    bidMicros: Math.max(0, ask - spread) * CENT,
    bidSizeMicros: ask > spread ? shares * UNIT : 0,
  });
  let entries = 0;
  fc.assert(
    fc.property(fc.array(fc.tuple(signal, level, level), { maxLength: 12 }), fc.boolean(), (steps, isUp) => {
      const [once, twice] = [new PaperTrade(TERMS), new PaperTrade(TERMS)];
      for (const [index, [each, upLevel, downLevel]] of steps.entries()) {
        const atMs = NOW + index * 1_000;
        const quote = aQuote(atMs, quoted(upLevel), quoted(downLevel));
        act(once, each, quote, atMs);
        act(twice, each, quote, atMs);
        act(twice, each, quote, atMs);
      }
      const result = once.settle(isUp ? "up" : "down");
      expect(twice.settle(isUp ? "up" : "down")).toEqual(result);
      expect(twice.position).toEqual(once.position);
      expect(Number.isSafeInteger(result.pnlMicros) && Number.isSafeInteger(result.perShareMicros)).toBe(true);
      expect(Math.abs(result.perShareMicros)).toBeLessThanOrEqual(UNIT);
      expect(result.pnlMicros).toBeGreaterThanOrEqual(-5 * UNIT);
      if (result.entry === null) return;
      entries++;
      expect(result.entry.breakEven).toBeGreaterThan(0);
      expect(result.entry.breakEven).toBeLessThan(1);
    }),
    { numRuns: 300 },
  );
  expect(entries).toBeGreaterThan(50);
});
