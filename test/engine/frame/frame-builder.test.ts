// The numbers a decision sees: facts of the moment, readings as their indicators give them, and nothing that is not known.
import { describe, expect, test } from "vitest";
import type { Candle } from "../../../dsl/candle.ts";
import { INPUT_KINDS } from "../../../dsl/indicators/registry.ts";
import { uniform } from "../../../engine/base/prng.ts";
import type { VersionFacts } from "../../../engine/decide/version.ts";
import { addBuy, openPosition, type Position } from "../../../engine/execution/position.ts";
import { FrameBuilder } from "../../../engine/frame/frame-builder.ts";
import { HEADER, HEADER_INDEX } from "../../../engine/frame/layout.ts";
import type { InputSpec } from "../../../engine/frame/manifest.ts";
import { MarketState } from "../../../engine/market/market-state.ts";
import { aMarket, aTick, NOON, opening, STRIKE, UNIT } from "../../support/a-market.ts";
import { aQuote } from "../../support/a-quote.ts";
import { aFill } from "../../support/an-order.ts";
import { SLOT } from "../../support/core.ts";
import { versionFacts, versionRef } from "../../support/version-facts.ts";

const MARKET = aMarket();
const STALE_MS = 3_000;
const MINUTE = 60_000;
const priceAt = (second: number): number => Math.round(STRIKE * (1 + 0.002 * (uniform(5, second) - 0.5)) * 100) / 100;

/** Three hours of ticks, one each five seconds, up to `untilMs`; each boundary passes as it would in a run. */
function warmState(untilMs = NOON + MINUTE): MarketState {
  const state = new MarketState();
  for (const event of opening(MARKET)) state.apply(event);
  for (let atMs = NOON - 3 * 3_600_000; atMs <= untilMs; atMs += 5_000) tickAt(state, atMs);
  state.apply({ type: "Quoted", market: MARKET.id, quote: aQuote(untilMs) });
  return state;
}

function tickAt(state: MarketState, atMs: number): void {
  state.apply(aTick(atMs, priceAt(atMs / 1_000)));
  state.advance(atMs);
}

function frameOf(
  state: MarketState,
  facts: VersionFacts,
  nowMs: number,
  options: { position?: Position; builder?: FrameBuilder } = {},
) {
  const { position = null, builder = new FrameBuilder(state) } = options;
  const frame = new Float64Array(facts.layout.size).fill(-7);
  builder.build(facts, state.window(MARKET.id)!, position, nowMs, STALE_MS, frame);
  return frame;
}

const header = (frame: Float64Array) => Object.fromEntries(HEADER.map((name) => [name, frame[HEADER_INDEX[name]]]));
const only = (kind: string, options: InputSpec["options"]) => versionFacts({ inputs: { it: { kind, options } } });
const body = (frame: Float64Array): number[] => [...frame.subarray(HEADER.length)];

/** Closed 1m candles of the state, oldest first. */
function minutes(state: MarketState): Candle[] {
  const view = state.asset("btc").candles.closed("1m");
  return Array.from({ length: view.length }, (_, index) => view.at(view.length - 1 - index)!);
}

/** Every output after every candle, by the indicator itself. */
function run(kind: string, options: InputSpec["options"], candles: readonly Candle[], forming: Candle | null = null) {
  const indicator = INPUT_KINDS[kind]!.create(options)!;
  const out = new Float64Array(indicator.outputs.length);
  const values = candles.map((candle) => {
    indicator.next(candle, out);
    return [...out];
  });
  if (forming === null) return values;
  indicator.peek(forming, out);
  return [...values, [...out]];
}

describe("the header", () => {
  test("has the facts of the moment in USDC, shares and seconds", () => {
    const state = warmState();
    const nowMs = NOON + MINUTE + 250;
    expect(header(frameOf(state, versionFacts(), nowMs))).toEqual({
      assetIndex: 0,
      intervalIndex: 0,
      spot: priceAt((NOON + MINUTE) / 1_000),
      open: STRIKE,
      secondsLeft: 239.75,
      upBid: 0.5,
      upAsk: 0.51,
      upBidSize: 100,
      upAskSize: 100,
      downBid: 0.49,
      downAsk: 0.5,
      downBidSize: 100,
      downAskSize: 100,
      feeRate: 0.07,
      positionSide: 0,
      positionShares: 0,
      positionAveragePrice: Number.NaN,
      positionSecondsHeld: 0,
    });
  });

  test("says NaN for what is not known", () => {
    const state = new MarketState();
    state.apply({ type: "MarketListed", market: MARKET });
    const { spot, open, upBid, downAskSize, feeRate } = header(frameOf(state, versionFacts(), NOON));
    expect([spot, open, upBid, downAskSize, feeRate]).toEqual([Number.NaN, Number.NaN, Number.NaN, Number.NaN, 0.07]);
  });

  test("has the position that is held, and not one that is over", () => {
    const state = warmState();
    const opened = openPosition(SLOT, MARKET.id, "down", versionRef(), 1, NOON + 10_000);
    const held = addBuy(opened, aFill("b", { sharesMicros: 8 * UNIT, priceMicros: 450_000 }));
    const seen = header(frameOf(state, versionFacts(), NOON + MINUTE, { position: held }));
    expect(seen).toMatchObject({
      positionSide: 2,
      positionShares: 8,
      positionAveragePrice: 0.45,
      positionSecondsHeld: 50,
    });
    const over = { ...held, status: "closed" as const, sharesMicros: 0, costMicros: 0 };
    expect(header(frameOf(state, versionFacts(), NOON + MINUTE, { position: over }))).toMatchObject({
      positionSide: 0,
      positionShares: 0,
    });
  });
});

describe("a reading", () => {
  test.each([
    ["ta.rsi", { interval: "1m", period: 14, history: 5, forming: false }],
    ["ta.macd", { interval: "1m", fast: 12, slow: 26, signal: 9, history: 3, forming: false }],
    ["ta.ema", { interval: "1m", period: 20, history: 16, forming: false }],
  ])("%s is its indicator over all closed candles, with the history asked for", (kind, options) => {
    const state = warmState();
    const values = run(kind, options, minutes(state)).reverse();
    const expected = values[0]!.flatMap((value, output) => [
      value,
      ...values.slice(0, options.history + 1).map((each) => each[output]!),
    ]);
    expect(body(frameOf(state, only(kind, options), NOON + MINUTE))).toEqual(expected);
    expect(expected.every(Number.isFinite)).toBe(true);
  });

  test("follows the candle that forms where that was declared, and its history does not", () => {
    const state = warmState(NOON + MINUTE + 25_000);
    const options = { interval: "1m", period: 10, history: 2, forming: true };
    const forming = state.asset("btc").candles.forming("1m")!;
    const values = run("ta.sma", options, minutes(state), forming).reverse().flat();
    expect(forming.openMs).toBe(NOON + MINUTE);
    expect(body(frameOf(state, only("ta.sma", options), NOON + MINUTE + 25_000))).toEqual([
      values[0],
      ...values.slice(1, 4),
    ]);
    expect(values[0]).not.toBe(values[1]);
  });

  test("that has too few candles is NaN", () => {
    const state = new MarketState();
    for (const event of opening(MARKET)) state.apply(event);
    for (let atMs = NOON; atMs <= NOON + 3 * MINUTE; atMs += 5_000) tickAt(state, atMs);
    const frame = frameOf(
      state,
      only("ta.sma", { interval: "1m", period: 2, history: 3, forming: false }),
      NOON + 3 * MINUTE,
    );
    const [value, last, before, first, none] = body(frame);
    expect([value === last, Number.isFinite(last), Number.isFinite(before), first, none]).toEqual([
      true,
      true,
      true,
      Number.NaN,
      Number.NaN,
    ]);
  });

  test("that is declared later is ready at once, and equals one that was there from the start", () => {
    const facts = only("ta.ema", { interval: "1m", period: 9, history: 16, forming: false });
    const state = new MarketState();
    for (const event of opening(MARKET)) state.apply(event);
    const early = new FrameBuilder(state);
    early.prepare(facts, "btc");
    for (let atMs = NOON - 2 * 3_600_000; atMs <= NOON + MINUTE; atMs += 5_000) {
      tickAt(state, atMs);
      if (atMs % MINUTE === 0) frameOf(state, facts, atMs, { builder: early });
    }
    const fromStart = frameOf(state, facts, NOON + MINUTE, { builder: early });
    expect(frameOf(state, facts, NOON + MINUTE)).toEqual(fromStart);
    expect(body(fromStart).every(Number.isFinite)).toBe(true);
  });

  test("goes on the same after what nobody uses was forgotten", () => {
    const state = warmState();
    const builder = new FrameBuilder(state);
    const [used, unused] = [5, 6].map((period) =>
      only("ta.sma", { interval: "1m", period, history: 16, forming: false }),
    );
    const before = [used!, unused!].map((facts) => frameOf(state, facts, NOON + MINUTE, { builder }));
    builder.retain([{ facts: used!, asset: "btc" }]);
    expect([used!, unused!].map((facts) => frameOf(state, facts, NOON + MINUTE, { builder }))).toEqual(before);
  });

  test("starts anew after a hole in the data that is too long to fill", () => {
    const state = warmState();
    const options = { interval: "1m", period: 3, history: 2, forming: false };
    for (let atMs = NOON + 20 * MINUTE; atMs <= NOON + 24 * MINUTE; atMs += 5_000) tickAt(state, atMs);
    const fresh = run(
      "ta.sma",
      options,
      minutes(state).filter(({ openMs }) => openMs >= NOON + 20 * MINUTE),
    )
      .reverse()
      .flat();
    expect(body(frameOf(state, only("ta.sma", options), NOON + 24 * MINUTE))).toEqual([fresh[0], ...fresh.slice(0, 3)]);
    expect(fresh).toHaveLength(4);
  });
});

describe("candles", () => {
  test("come oldest first", () => {
    const state = warmState();
    const last = minutes(state).slice(-3);
    const expected = (["open", "high", "low", "close", "volume"] as const).flatMap((name) =>
      last.map((candle) => candle[name]),
    );
    expect(body(frameOf(state, only("candles", { interval: "1m", depth: 3 }), NOON + MINUTE))).toEqual(expected);
  });

  test("are NaN at the front while there are fewer", () => {
    const state = new MarketState();
    for (const event of opening(MARKET)) state.apply(event);
    for (let atMs = NOON; atMs <= NOON + MINUTE; atMs += 5_000) tickAt(state, atMs);
    const closes = body(frameOf(state, only("candles", { interval: "1m", depth: 2 }), NOON + MINUTE)).slice(6, 8);
    expect(closes).toEqual([Number.NaN, minutes(state)[0]!.close]);
  });
});

describe("the chance of Up", () => {
  const fair = only("market.probabilityUp", { window: "15m", step: "10s" });
  const value = (state: MarketState, nowMs: number) => body(frameOf(state, fair, nowMs))[0]!;

  test("is between 0 and 1 on fresh facts, and has no history", () => {
    const [now, last, ...history] = body(frameOf(warmState(), fair, NOON + MINUTE));
    expect(now).toBeGreaterThan(0);
    expect(now).toBeLessThan(1);
    expect(last).toBe(now);
    expect(history).toEqual(new Array(16).fill(Number.NaN));
  });

  test("rises with the price", () => {
    const [low, high] = [STRIKE - 20, STRIKE + 20].map((price) => {
      const state = warmState();
      state.apply(aTick(NOON + MINUTE + 1_000, price));
      return value(state, NOON + MINUTE + 1_000);
    });
    expect(low).toBeLessThan(0.5);
    expect(high).toBeGreaterThan(0.5);
  });

  test("is NaN when the price is stale", () => {
    expect(value(warmState(), NOON + MINUTE + STALE_MS)).not.toBeNaN();
    expect(value(warmState(), NOON + MINUTE + STALE_MS + 1)).toBeNaN();
  });

  test("is NaN without the price to beat", () => {
    const state = warmState();
    state.window(MARKET.id)!.strikeE18 = null;
    expect(value(state, NOON + MINUTE)).toBeNaN();
  });

  test("of a market that settles on a mean needs the mean so far", () => {
    const state = new MarketState();
    for (const event of opening(aMarket({}, { twapLookbackMs: MINUTE }))) state.apply(event);
    for (let atMs = NOON - 3_600_000; atMs <= MARKET.closeMs - 30_000; atMs += 5_000) tickAt(state, atMs);
    expect(value(state, MARKET.closeMs - 30_000)).not.toBeNaN();
  });
});

describe("the book", () => {
  const value = (kind: string, quote: Parameters<typeof aQuote>[1]) => {
    const state = warmState();
    state.apply({ type: "Quoted", market: MARKET.id, quote: aQuote(NOON + MINUTE, quote) });
    return body(frameOf(state, only(kind, {}), NOON + MINUTE))[0];
  };

  test("imbalance is bid less ask size over their sum", () => {
    expect(value("market.imbalance", { bidSizeMicros: 30 * UNIT, askSizeMicros: 10 * UNIT })).toBe(0.5);
    expect(value("market.imbalance", { bidSizeMicros: 0, askSizeMicros: 0 })).toBeNaN();
  });

  test("spread is ask less bid, and NaN with a side empty", () => {
    expect(value("market.spread", {})).toBe(0.01);
    expect(value("market.spread", { askSizeMicros: 0 })).toBeNaN();
  });
});

test("every number of a frame is written", () => {
  const inputs = {
    rsi: { kind: "ta.rsi", options: { interval: "1m", period: 14 } },
    fair: { kind: "market.probabilityUp", options: { window: "15m", step: "10s" } },
    recent: { kind: "candles", options: { interval: "5m", depth: 100 } },
    spread: { kind: "market.spread", options: {} },
  };
  expect([...frameOf(warmState(), versionFacts({ inputs }), NOON + MINUTE)]).not.toContain(-7);
});
