// Every limit denies by its own name, at its own edge; what passes is priced inside the collar and the edge.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkEntry, type EntryInput, orderCost } from "../../../engine/risk/entry-check.ts";
import { feePerShare } from "../../../engine/risk/sizing.ts";
import { aMarket, NOON, UNIT } from "../../support/a-market.ts";
import { aQuote } from "../../support/a-quote.ts";
import { up } from "../../support/core.ts";
import { LIMITS } from "../../support/settings.ts";

const NOW = NOON + 60_000;
const MARKET = aMarket();

type Changes = Partial<Omit<EntryInput, "limits" | "exposure">> & {
  readonly limits?: Partial<EntryInput["limits"]>;
  readonly exposure?: Partial<EntryInput["exposure"]>;
};

const signal = (probability: number, limit: number | null = null) => up(probability, limit) as EntryInput["signal"];

/** An entry of 5 USDC at an ask of 0.51, and nothing against it. */
const check = ({ limits, exposure, ...changes }: Changes = {}) =>
  checkEntry({
    signal: signal(0.7),
    market: MARKET,
    quote: aQuote(NOW),
    hasStrike: true,
    nowMs: NOW,
    spotAtMs: NOW,
    mode: "active",
    sizing: { type: "fixedStake", stakeMicros: 5 * UNIT },
    scalePpm: UNIT,
    limits: { ...LIMITS, ...limits },
    exposure: { slotMicros: 0, assetMicros: 0, totalMicros: 0, ...exposure },
    freeCashMicros: 1_000 * UNIT,
    bankrollMicros: 1_000 * UNIT,
    realisedTodayMicros: 0,
    ordersLastMinute: 0,
    ...changes,
  });

const allowed = check();
const COST = allowed.type === "Allowed" ? orderCost(allowed.sharesMicros, allowed.limitMicros, MARKET.feeRatePpm) : 0;

describe("an entry is denied", () => {
  const lastMs = { nowMs: MARKET.closeMs - 1, spotAtMs: MARKET.closeMs - 1, quote: aQuote(MARKET.closeMs - 1) };
  const table: readonly [string, Changes, Changes][] = [
    ["mode is entries-stopped", { mode: "entries-stopped" }, { mode: "active" }],
    ["mode is halted", { mode: "halted" }, {}],
    ["the window has no open price", { hasStrike: false }, {}],
    ["the window is not open", { ...lastMs, nowMs: MARKET.closeMs }, lastMs],
    [
      "the window is not open",
      { nowMs: MARKET.openMs - 1 },
      { nowMs: MARKET.openMs, spotAtMs: NOON, quote: aQuote(NOON) },
    ],
    ["the price is stale", { spotAtMs: NOW - 3_001 }, { spotAtMs: NOW - 3_000 }],
    ["the price is stale", { spotAtMs: null }, {}],
    ["the quote is stale", { quote: aQuote(NOW - 3_001) }, { quote: aQuote(NOW - 3_000) }],
    ["the quote is stale", { quote: null }, {}],
    ["the daily loss limit is reached", { realisedTodayMicros: -60 * UNIT }, { realisedTodayMicros: -60 * UNIT + 1 }],
    ["the order rate limit is reached", { ordersLastMinute: 60 }, { ordersLastMinute: 59 }],
    ["the limit is below the smallest price", { signal: signal(0.7, 0.009) }, { signal: signal(0.7, 0.01) }],
    ["nothing is offered", { quote: aQuote(NOW, { askMicros: 1_000_000, askSizeMicros: 0 }) }, {}],
    // The ask of 0.51 costs 0.527493 with its fee; 0.01 of edge is asked for.
    ["the edge after fees is below the minimum", { signal: signal(0.537492) }, { signal: signal(0.537493) }],
    ["the stake buys less than the market's minimum", { scalePpm: 527_000 }, { scalePpm: 528_000 }],
    [
      "the slot's limit is reached",
      { exposure: { slotMicros: 25 * UNIT - COST + 1 } },
      { exposure: { slotMicros: 25 * UNIT - COST } },
    ],
    [
      "the asset's limit is reached",
      { exposure: { assetMicros: 50 * UNIT - COST + 1 } },
      { exposure: { assetMicros: 50 * UNIT - COST } },
    ],
    [
      "the total limit is reached",
      { exposure: { totalMicros: 400 * UNIT - COST + 1 } },
      { exposure: { totalMicros: 400 * UNIT - COST } },
    ],
    ["there is not enough free cash", { freeCashMicros: COST - 1 }, { freeCashMicros: COST }],
  ];

  test.each(table)("because %s", (reason, beyond, within) => {
    expect(check(beyond)).toEqual({ type: "Denied", reason });
    expect(check(within).type).toBe("Allowed");
  });

  test("by the first limit that is broken, and nothing is resized to fit", () => {
    expect(check({ hasStrike: false, quote: null })).toMatchObject({ reason: "the window has no open price" });
    expect(check({ freeCashMicros: 4 * UNIT })).toMatchObject({ type: "Denied" });
  });
});

describe("an order that takes", () => {
  test("reaches as far as the collar", () => {
    expect(check({ signal: signal(0.9) })).toEqual({
      type: "Allowed",
      limitMicros: 560_000,
      sharesMicros: 9_470_000,
      timeInForce: "FAK",
    });
  });

  test("reaches no further than the signal's own limit, cut to the tick", () => {
    expect(check({ signal: signal(0.9, 0.539) })).toMatchObject({ limitMicros: 530_000, timeInForce: "FAK" });
    expect(check({ signal: signal(0.9, 0.51) })).toMatchObject({ limitMicros: 510_000, timeInForce: "FAK" });
  });

  test("reaches no further than its edge allows", () => {
    // 0.56 − 0.01 of edge: 0.53 + 0.017437 fits, 0.54 + 0.017388 does not.
    expect(check({ signal: signal(0.56) })).toMatchObject({ limitMicros: 530_000 });
  });

  test("never pays a dollar", () => {
    const quote = aQuote(NOW, { bidMicros: 970_000, askMicros: 980_000 });
    expect(check({ signal: signal(0.9999), quote, limits: { minEdgeMicros: 0 } })).toMatchObject({
      limitMicros: 990_000,
    });
  });

  test("keeps its edge at any price it may be filled at", () => {
    const price = fc.integer({ min: 1, max: 98 }).map((cents) => cents * 10_000);
    const probability = fc.double({ min: 0.01, max: 0.99, noNaN: true });
    fc.assert(
      fc.property(price, probability, fc.integer({ min: 0, max: 200_000 }), (askMicros, chance, collarMicros) => {
        const quote = aQuote(NOW, { bidMicros: askMicros - 10_000, askMicros });
        const verdict = check({ signal: signal(chance), quote, limits: { collarMicros } });
        if (verdict.type === "Denied") return;
        const { limitMicros, sharesMicros } = verdict;
        expect(limitMicros % MARKET.tickMicros).toBe(0);
        expect(limitMicros).toBeGreaterThanOrEqual(askMicros);
        expect(limitMicros).toBeLessThanOrEqual(askMicros + collarMicros);
        expect(chance * UNIT - limitMicros - feePerShare(limitMicros, MARKET.feeRatePpm)).toBeGreaterThanOrEqual(
          LIMITS.minEdgeMicros,
        );
        expect(orderCost(sharesMicros, limitMicros, MARKET.feeRatePpm)).toBeLessThanOrEqual(LIMITS.perSlotMicros);
      }),
    );
  });
});

describe("an order that rests", () => {
  test("does so below the ask, at its limit, without a fee", () => {
    expect(check({ signal: signal(0.7, 0.5) })).toEqual({
      type: "Allowed",
      limitMicros: 500_000,
      sharesMicros: 10 * UNIT,
      timeInForce: "GTC",
    });
  });

  test("does so too where nothing is offered", () => {
    const quote = aQuote(NOW, { askMicros: 1_000_000, askSizeMicros: 0 });
    expect(check({ signal: signal(0.7, 0.6), quote })).toMatchObject({ limitMicros: 600_000, timeInForce: "GTC" });
  });

  test("is judged at its own price, not at the ask", () => {
    expect(check({ signal: signal(0.52, 0.5) }).type).toBe("Allowed");
    expect(check({ signal: signal(0.52) })).toMatchObject({ reason: "the edge after fees is below the minimum" });
  });

  test("is read to the tick that was meant, whatever binary fractions make of it", () => {
    expect(0.06 - 0.01).toBeLessThan(0.05);
    for (let cents = 1; cents <= 45; cents++) {
      for (const limit of [cents / 100, (cents + 5) / 100 - 0.05])
        expect(check({ signal: signal(0.99, limit) })).toMatchObject({ limitMicros: cents * 10_000 });
    }
  });
});

test("the most an order can cost is all of it at its limit, and the fee of a taker", () => {
  expect(orderCost(10 * UNIT, 500_000, 70_000)).toBe(5_175_000);
  expect(orderCost(10_000, 333_000, 70_000)).toBe(3_330 + 156);
});
