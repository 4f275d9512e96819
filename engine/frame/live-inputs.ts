// Declared inputs on the market as it is: computed once per asset, whichever slots and versions share them.
import type { Asset } from "../../dsl/asset.ts";
import type { CandleInterval } from "../../dsl/candle.ts";
import { canonicalJson } from "../base/canonical-json.ts";
import type { VersionFacts } from "../decide/version.ts";
import { priceOfE18 } from "../market/market.ts";
import type { MarketState } from "../market/market-state.ts";
import { coarsen } from "./coarsen.ts";
import type { InputSource } from "./frame-writer.ts";
import { InputSeries } from "./input-series.ts";
import { indicatorOf, intervalOf, isSeries, volatilitySpec } from "./input-spec.ts";
import { HISTORY_DEFAULT } from "./layout.ts";
import type { InputSpec } from "./manifest.ts";

export class LiveInputs implements InputSource {
  readonly #market: MarketState;
  readonly #shortestMs: number;
  readonly #series = new Map<string, InputSeries>();
  /** The same by the declaration itself, without forming its name again for every frame. */
  #declared = new WeakMap<InputSpec, Map<Asset, InputSeries>>();

  constructor(market: MarketState, shortestMs: number) {
    this.#market = market;
    this.#shortestMs = shortestMs;
  }

  prepare(facts: VersionFacts, asset: Asset): void {
    for (const spec of Object.values(facts.manifest.inputs)) {
      if (spec.kind === "market.probabilityUp") this.volatility(asset, spec);
      else if (isSeries(spec)) this.#of(asset, spec).update();
    }
  }

  retain(inUse: readonly { readonly facts: VersionFacts; readonly asset: Asset }[]): void {
    const keys = new Set<string>();
    for (const { facts, asset } of inUse) {
      for (const spec of Object.values(facts.manifest.inputs)) {
        const computed = coarsen(spec, this.#shortestMs);
        keys.add(keyOf(asset, computed.kind === "market.probabilityUp" ? volatilitySpec(computed) : computed));
      }
    }
    for (const key of this.#series.keys()) if (!keys.has(key)) this.#series.delete(key);
    this.#declared = new WeakMap();
  }

  writeSeries(asset: Asset, spec: InputSpec, frame: Float64Array, offset: number, history: number): void {
    const series = this.#of(asset, spec);
    series.update();
    series.write(frame, offset, history);
  }

  writeCandles(asset: Asset, interval: CandleInterval, frame: Float64Array, offset: number, depth: number): void {
    const closed = this.#market.asset(asset).candles.closed(interval);
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

  volatility(asset: Asset, spec: InputSpec): number {
    const series = this.#of(asset, spec);
    series.update();
    return series.lastClosed(0);
  }

  meanSince(asset: Asset, fromMs: number, nowMs: number): number {
    const mean = this.#market.asset(asset).tape.meanSince(fromMs, nowMs);
    return mean === null ? Number.NaN : priceOfE18(mean);
  }

  /** Of a chance of Up the volatility that it is computed with. */
  #of(asset: Asset, declared: InputSpec): InputSeries {
    const known = this.#declared.get(declared);
    let series = known?.get(asset);
    if (series === undefined) {
      series = this.#named(asset, declared);
      this.#declared.set(declared, (known ?? new Map<Asset, InputSeries>()).set(asset, series));
    }
    return series;
  }

  #named(asset: Asset, declared: InputSpec): InputSeries {
    const isChance = declared.kind === "market.probabilityUp";
    const spec = coarsen(isChance ? volatilitySpec(declared) : declared, this.#shortestMs);
    const key = keyOf(asset, spec);
    let series = this.#series.get(key);
    if (series === undefined) {
      const history = Number(spec.options.history ?? HISTORY_DEFAULT);
      const { candles } = this.#market.asset(asset);
      const isForming = spec.options.forming === true;
      series = new InputSeries(() => indicatorOf(spec), candles, intervalOf(spec), history + 1, isForming);
      this.#series.set(key, series);
    }
    return series;
  }
}

const keyOf = (asset: Asset, spec: InputSpec): string => `${asset} ${spec.kind} ${canonicalJson(spec.options)}`;
