// A spot frame is the frame of every other decision: the same inputs to the last bit, and facts where a candle has them.
import { expect, test } from "vitest";
import { CANDLE_INTERVALS, CANDLE_MS, type CandleInterval } from "../../../dsl/candle.ts";
import { INPUT_KINDS } from "../../../dsl/indicators/registry.ts";
import { writeFrame } from "../../../engine/frame/frame-writer.ts";
import { HEADER_INDEX as H, HEADER } from "../../../engine/frame/layout.ts";
import { LiveInputs } from "../../../engine/frame/live-inputs.ts";
import type { InputSpec, Manifest } from "../../../engine/frame/manifest.ts";
import { MarketState } from "../../../engine/market/market-state.ts";
import { SpotFrames } from "../../../engine/spot/frames.ts";
import { sampleCandles } from "../../dsl/indicators/sample-candles.ts";
import { aMarket } from "../../support/a-market.ts";
import { versionFacts } from "../../support/version-facts.ts";
import { aCandle, START_MS } from "./a-spot-market.ts";

/** Every kind, on every interval that it can have, short enough to be ready within the test. */
function everyInput(): Manifest["inputs"] {
  const inputs: Record<string, InputSpec> = {};
  for (const [kind, { options }] of Object.entries(INPUT_KINDS)) {
    const least = Object.fromEntries(
      Object.entries(options).map(([name, spec]) => [name, spec.default ?? ("min" in spec ? spec.min : "")]),
    );
    for (const interval of "interval" in options ? CANDLE_INTERVALS : [null]) {
      for (const forming of "forming" in options ? [false, true] : [null]) {
        inputs[`i${Object.keys(inputs).length}`] = {
          kind,
          options: { ...least, ...(interval && { interval }), ...(forming !== null && { forming }) },
        };
      }
    }
  }
  return inputs;
}

/** With holes that are filled, one that is not, and funding and open interest told now and then. */
const candles = sampleCandles({ seed: 9, count: 2_600, scale: 60_000 })
  .map((candle, index) => ({
    ...candle,
    openMs: START_MS + (index + (index > 1_900 ? 9 : 0)) * 60_000,
    ...(index % 10 !== 0 && { fundingRate8h: Number.NaN, openInterest: Number.NaN }),
  }))
  .filter((_, index) => index % 97 !== 3 && index % 97 !== 4);

/** Not at every candle: what has closed in between is caught up with. */
const LOOKED_AT_EVERY = 23;

/** As a replay tells them, into a market that builds everything, through declarations that are never the same object. */
function* asEverywhere(inputs: Manifest["inputs"]): Generator<Float64Array | null> {
  const market = new MarketState("candles");
  const live = new LiveInputs(market, CANDLE_MS["1m"]);
  const listed = { ...aMarket(), closeMs: Number.POSITIVE_INFINITY, feeRatePpm: 1_000 };
  const window = { market: listed, strikeE18: null, endE18: null, quote: null };
  let closed = 0;
  for (const candle of candles) {
    const { fundingRate8h: rate8h, openInterest: coins, openMs } = candle;
    const atMs = openMs + CANDLE_MS["1m"];
    if (!Number.isNaN(rate8h)) market.apply({ type: "Funding", asset: "btc", rate8h, atMs });
    if (!Number.isNaN(coins)) market.apply({ type: "OpenInterest", asset: "btc", coins, atMs });
    market.apply({ type: "CandleClosed", asset: "btc", interval: "1m", candle });
    if (++closed % LOOKED_AT_EVERY !== 0) {
      yield null;
      continue;
    }
    const facts = versionFacts({ inputs: structuredClone(inputs) });
    const frame = new Float64Array(facts.layout.size);
    const moment = { window, position: null, spot: candle.close, isStale: false, nowMs: atMs };
    writeFrame(facts, moment, live, frame);
    frame[H.open] = candle.open;
    yield frame;
  }
}

test.each([
  ["of every kind and interval", everyInput()],
  ["of one minute alone, where nothing longer is built", { only: { kind: "ta.macd", options: { interval: "1m" } } }],
])("inputs %s are those of trading, bit by bit", (_, inputs) => {
  const facts = versionFacts({ inputs });
  const frames = new SpotFrames(facts, "btc", "1m", 1_000);
  const frame = new Float64Array(facts.layout.size).fill(-7);
  const expected = asEverywhere(inputs);
  const ready = new Set<string>();
  let [compared, different] = [0, 0];
  for (const candle of candles) {
    frames.add(candle);
    frames.write(null, frame);
    const other = expected.next().value as Float64Array | null;
    if (other === null) continue;
    compared += frame.length;
    for (const { name, offset } of facts.layout.fields) if (!Number.isNaN(frame[offset])) ready.add(name);
    for (let at = 0; at < frame.length; at++) if (!Object.is(frame[at], other[at])) different++;
  }
  expect(different).toBe(0);
  expect(compared).toBeGreaterThan(100 * frame.length);
  // What needs windows, quotes, or candles shorter than there are, is never ready; nor what needs more than two days of them.
  const isNever = ({ kind, options }: InputSpec) =>
    /probabilityUp|imbalance|spread|funding.z/.test(kind) || ["10s", "15m", "1h"].includes(options.interval as string);
  const idle = Object.entries(inputs).filter(([name, spec]) => !ready.has(name) && !isNever(spec));
  expect(idle).toEqual([]);
});

const headerOf = (interval: CandleInterval) => {
  const facts = versionFacts();
  const frame = new Float64Array(facts.layout.size);
  const frames = new SpotFrames(facts, "eth", interval, 2_500);
  frames.add(aCandle(START_MS, 100, 104));
  const closeMs = START_MS + CANDLE_MS[interval];
  frames.write({ side: "up", sharesMicros: 2_000_000, costMicros: 210_000_000, openedAtMs: closeMs - 30_000 }, frame);
  return Object.fromEntries(HEADER.map((name) => [name, frame[H[name]]]));
};

test("facts are those of the candle that has closed; there is no book and no end", () => {
  const none = Number.NaN;
  expect(headerOf("1m")).toEqual({
    ...{
      assetIndex: 1,
      intervalIndex: 0,
      spot: 104,
      open: 100,
      secondsLeft: Number.POSITIVE_INFINITY,
      feeRate: 0.0025,
    },
    ...{ upBid: none, upAsk: none, upBidSize: none, upAskSize: none },
    ...{ downBid: none, downAsk: none, downBidSize: none, downAskSize: none },
    ...{ positionSide: 1, positionShares: 2, positionAveragePrice: 105, positionSecondsHeld: 30 },
  });
  expect([headerOf("5m").intervalIndex, headerOf("15m").intervalIndex]).toEqual([0, 1]);
});
