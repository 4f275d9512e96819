// Turns market state into the numbers a decision sees. Inputs are computed once per asset and shared; a frame is a copy of them.
import type { Asset } from "../../dsl/asset.ts";
import type { CandleInterval } from "../../dsl/candle.ts";
import { probabilityUp } from "../../dsl/indicators/probability-up.ts";
import { candleIntervalOf, INPUT_KINDS } from "../../dsl/indicators/registry.ts";
import { assert } from "../base/assert.ts";
import { canonicalJson } from "../base/canonical-json.ts";
import { MICROS } from "../base/micros.ts";
import type { VersionFacts } from "../decide/version.ts";
import { priceOfE18 } from "../market/market.ts";
import { type MarketState, spotOf, type WindowState } from "../market/market-state.ts";
import { coarsen } from "./coarsen.ts";
import type { HeldPosition } from "./held-position.ts";
import { InputSeries } from "./input-series.ts";
import { assetIndex, type FrameField, HEADER_INDEX, HISTORY_DEFAULT, intervalIndex } from "./layout.ts";
import type { InputSpec } from "./manifest.ts";

const VOLATILITY = "market.volatility";

export class FrameBuilder {
  readonly #market: MarketState;
  readonly #shortestMs: number;
  readonly #series = new Map<string, InputSeries>();

  /** `shortestMs`: length of the candles that the source has; 0 for ticks. */
  constructor(market: MarketState, shortestMs = 0) {
    this.#market = market;
    this.#shortestMs = shortestMs;
  }

  /** Makes every input of this version ready on this asset, from kept history: done before the version is armed, off the boundary. */
  prepare(facts: VersionFacts, asset: Asset): void {
    for (const spec of Object.values(facts.manifest.inputs)) {
      if (spec.kind === "market.probabilityUp") this.#volatility(asset, spec).update();
      else if (INPUT_KINDS[spec.kind]?.create(spec.options) != null) this.#of(asset, spec).update();
    }
  }

  /** Forgets series that no listed version uses any more. */
  retain(inUse: readonly { readonly facts: VersionFacts; readonly asset: Asset }[]): void {
    const keys = new Set<string>();
    for (const { facts, asset } of inUse) {
      for (const spec of Object.values(facts.manifest.inputs)) {
        const computed = coarsen(spec, this.#shortestMs);
        keys.add(keyOf(asset, computed.kind === "market.probabilityUp" ? volatilitySpec(computed) : computed));
      }
    }
    for (const key of this.#series.keys()) if (!keys.has(key)) this.#series.delete(key);
  }

  /** Fills `frame` (of the version's layout size) with what a decision at `nowMs` sees. */
  build(
    facts: VersionFacts,
    window: WindowState,
    position: HeldPosition | null,
    nowMs: number,
    staleAfterMs: number,
    frame: Float64Array,
  ): void {
    assert(frame.length === facts.layout.size, `Frame of ${frame.length}, layout of ${facts.layout.size}`);
    writeHeader(frame, this.#market, window, position, nowMs);
    for (const field of facts.layout.fields) {
      const spec = facts.manifest.inputs[field.name];
      assert(spec !== undefined, `Layout field ${field.name} is not declared`);
      if (field.type === "candles") this.#writeCandles(frame, field, window.market.asset, spec);
      else this.#writeReading(frame, field, window, spec, nowMs, staleAfterMs);
    }
  }

  #writeReading(
    frame: Float64Array,
    field: Extract<FrameField, { type: "reading" }>,
    window: WindowState,
    spec: InputSpec,
    nowMs: number,
    staleAfterMs: number,
  ): void {
    const asset = window.market.asset;
    switch (spec.kind) {
      case "market.probabilityUp":
        return writeInstant(frame, field, this.#probabilityUp(window, spec, nowMs, staleAfterMs));
      case "market.imbalance":
        return writeInstant(frame, field, imbalanceOf(window));
      case "market.spread":
        return writeInstant(frame, field, spreadOf(window));
      default: {
        const series = this.#of(asset, spec);
        series.update();
        series.write(frame, field.offset, field.history);
      }
    }
  }

  #writeCandles(
    frame: Float64Array,
    field: Extract<FrameField, { type: "candles" }>,
    asset: Asset,
    spec: InputSpec,
  ): void {
    const closed = this.#market.asset(asset).candles.closed(intervalOf(spec));
    const { depth, offset } = field;
    for (let i = 0; i < depth; i++) {
      const back = depth - 1 - i; // Oldest first.
      const candle = back < closed.length ? closed.at(back) : null;
      frame[offset + i] = candle?.open ?? Number.NaN;
      frame[offset + depth + i] = candle?.high ?? Number.NaN;
      frame[offset + 2 * depth + i] = candle?.low ?? Number.NaN;
      frame[offset + 3 * depth + i] = candle?.close ?? Number.NaN;
      frame[offset + 4 * depth + i] = candle?.volume ?? Number.NaN;
    }
  }

  #probabilityUp(window: WindowState, spec: InputSpec, nowMs: number, staleAfterMs: number): number {
    const { market, strikeE18 } = window;
    const state = this.#market.asset(market.asset);
    if (strikeE18 === null || state.lastTick === null || nowMs - state.lastTick.receivedAtMs > staleAfterMs)
      return Number.NaN;
    const volatility = this.#volatility(market.asset, spec);
    volatility.update();
    const lookbackMs = market.twapLookbackMs;
    const elapsedMean = lookbackMs === 0 ? null : state.tape.meanSince(market.closeMs - lookbackMs, nowMs);
    return probabilityUp({
      spot: spotOf(state),
      spotAgeSeconds: 0, // Judged above, by the limit of this bot and not of the model.
      strike: priceOfE18(strikeE18),
      secondsLeft: (market.closeMs - nowMs) / 1000,
      sigma: volatility.lastClosed(0),
      lookbackSeconds: lookbackMs / 1000,
      elapsedMean: elapsedMean === null ? Number.NaN : priceOfE18(elapsedMean),
    });
  }

  #volatility(asset: Asset, spec: InputSpec): InputSeries {
    return this.#of(asset, volatilitySpec(spec));
  }

  #of(asset: Asset, declared: InputSpec): InputSeries {
    const spec = coarsen(declared, this.#shortestMs);
    const key = keyOf(asset, spec);
    let series = this.#series.get(key);
    if (series === undefined) {
      const kind = INPUT_KINDS[spec.kind];
      assert(kind !== undefined, `Unknown input kind ${spec.kind}`);
      const create = () => {
        const indicator = kind.create(spec.options);
        assert(indicator !== null, `Input kind ${spec.kind} has no indicator`);
        return indicator;
      };
      const history = Number(spec.options.history ?? HISTORY_DEFAULT);
      const candles = this.#market.asset(asset).candles;
      series = new InputSeries(create, candles, intervalOf(spec), history + 1, spec.options.forming === true);
      this.#series.set(key, series);
    }
    return series;
  }
}

function intervalOf(spec: InputSpec): CandleInterval {
  const interval = candleIntervalOf(spec);
  assert(interval !== null, `Input kind ${spec.kind} is not fed from candles`);
  return interval;
}

const keyOf = (asset: Asset, spec: InputSpec): string => `${asset} ${spec.kind} ${canonicalJson(spec.options)}`;

const volatilitySpec = (spec: InputSpec): InputSpec => ({
  kind: VOLATILITY,
  options: { window: spec.options.window!, step: spec.options.step! },
});

/** An input of the present moment: it has a value and no history. */
function writeInstant(frame: Float64Array, field: Extract<FrameField, { type: "reading" }>, value: number): void {
  frame[field.offset] = value;
  frame[field.offset + 1] = value;
  frame.fill(Number.NaN, field.offset + 2, field.offset + 2 + field.history);
}

function writeHeader(
  frame: Float64Array,
  market: MarketState,
  window: WindowState,
  position: HeldPosition | null,
  nowMs: number,
): void {
  const H = HEADER_INDEX;
  const { up, down } = window.quote ?? { up: null, down: null };
  frame[H.assetIndex] = assetIndex(window.market.asset);
  frame[H.intervalIndex] = intervalIndex(window.market.interval);
  frame[H.spot] = spotOf(market.asset(window.market.asset));
  frame[H.open] = window.strikeE18 === null ? Number.NaN : priceOfE18(window.strikeE18);
  frame[H.secondsLeft] = (window.market.closeMs - nowMs) / 1000;
  frame[H.upBid] = units(up?.bidMicros);
  frame[H.upAsk] = units(up?.askMicros);
  frame[H.upBidSize] = units(up?.bidSizeMicros);
  frame[H.upAskSize] = units(up?.askSizeMicros);
  frame[H.downBid] = units(down?.bidMicros);
  frame[H.downAsk] = units(down?.askMicros);
  frame[H.downBidSize] = units(down?.bidSizeMicros);
  frame[H.downAskSize] = units(down?.askSizeMicros);
  frame[H.feeRate] = units(window.market.feeRatePpm);
  const held = position !== null && position.sharesMicros > 0 ? position : null;
  frame[H.positionSide] = held === null ? 0 : held.side === "up" ? 1 : 2;
  frame[H.positionShares] = units(held?.sharesMicros ?? 0);
  frame[H.positionAveragePrice] = held === null ? Number.NaN : held.costMicros / held.sharesMicros;
  frame[H.positionSecondsHeld] = held === null ? 0 : (nowMs - held.openedAtMs) / 1000;
}

const units = (micros: number | undefined): number => (micros === undefined ? Number.NaN : micros / MICROS);

/** (bid size − ask size) ÷ their sum at the best Up level, −1 … 1. */
function imbalanceOf(window: WindowState): number {
  if (window.quote === null) return Number.NaN;
  const { bidSizeMicros, askSizeMicros } = window.quote.up;
  const sum = bidSizeMicros + askSizeMicros;
  return sum === 0 ? Number.NaN : (bidSizeMicros - askSizeMicros) / sum;
}

/** Ask − bid of the Up token, USDC; NaN while a side is empty. */
function spreadOf(window: WindowState): number {
  if (window.quote === null) return Number.NaN;
  const { bidMicros, askMicros, bidSizeMicros, askSizeMicros } = window.quote.up;
  return bidSizeMicros === 0 || askSizeMicros === 0 ? Number.NaN : (askMicros - bidMicros) / MICROS;
}
