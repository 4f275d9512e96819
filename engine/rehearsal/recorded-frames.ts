// Frames as they were, or would have been: what a version with these inputs would have seen at a recorded moment. Columns of
// inputs are shared by all versions that declare them, so an edit that adds nothing computes nothing.
import type { Asset } from "../../dsl/asset.ts";
import type { CandleInterval } from "../../dsl/candle.ts";
import { canonicalJson } from "../base/canonical-json.ts";
import type { SlotId } from "../base/ids.ts";
import type { VersionFacts } from "../decide/version.ts";
import { coarsen } from "../frame/coarsen.ts";
import { type InputSource, writeFrame } from "../frame/frame-writer.ts";
import { indicatorOf, intervalOf, isSeries, volatilitySpec } from "../frame/input-spec.ts";
import type { InputSpec } from "../frame/manifest.ts";
import type { History } from "./history.ts";
import { InputColumn } from "./input-column.ts";
import type { RecordedWindow } from "./recorded-window.ts";

export class RecordedFrames implements InputSource {
  readonly #history: History;
  /** By asset and input. */
  readonly #columns = new Map<string, InputColumn>();
  /** What declarations came to on each asset: the very objects, which a version brings along. */
  #declared = new WeakMap<InputSpec, Map<Asset, InputColumn>>();
  #sample = -1;

  constructor(history: History) {
    this.#history = history;
  }

  /** Fills `frame` with what the version would have seen at a row of the window. A price older than `staleAfterMs` is no price. */
  write(
    facts: VersionFacts,
    window: RecordedWindow,
    row: number,
    slot: SlotId,
    staleAfterMs: number,
    frame: Float64Array,
  ): void {
    const { asset } = window;
    const sample = window.sample(row);
    const nowMs = asset.atMs(sample);
    const spot = asset.spot(sample);
    const isStale = !(nowMs - asset.spotAtMs(sample) <= staleAfterMs);
    this.#sample = sample;
    writeFrame(
      facts,
      { window: window.state(row), position: window.position(slot, row), spot, isStale, nowMs },
      this,
      frame,
    );
  }

  /** Makes this version's inputs ready on an asset, whatever has been recorded since. */
  prepare(facts: VersionFacts, asset: Asset): void {
    for (const spec of Object.values(facts.manifest.inputs)) {
      if (spec.kind === "market.probabilityUp" || isSeries(spec)) this.#column(asset, spec).extend();
    }
  }

  /** Takes in what has been recorded since, so that the next rehearsal need not. */
  extend(): void {
    for (const column of this.#columns.values()) column.extend();
  }

  /** Follows the history in what it forgot, and forgets columns that none of these versions declares. */
  forget(inUse: readonly VersionFacts[]): void {
    const specs = new Set(
      inUse.flatMap(({ manifest }) => Object.values(manifest.inputs).map((spec) => this.#keyOf(spec))),
    );
    for (const [key, column] of this.#columns) {
      if (specs.has(key.slice(key.indexOf(" ") + 1))) column.forget();
      else this.#columns.delete(key);
    }
    this.#declared = new WeakMap();
  }

  writeSeries(asset: Asset, spec: InputSpec, frame: Float64Array, offset: number, history: number): void {
    this.#column(asset, spec).write(frame, offset, history, this.#sample);
  }

  writeCandles(asset: Asset, interval: CandleInterval, frame: Float64Array, offset: number, depth: number): void {
    const recorded = this.#history.asset(asset);
    recorded.candles(interval).write(frame, offset, depth, recorded.lastClosed(interval, this.#sample));
  }

  volatility(asset: Asset, spec: InputSpec): number {
    return this.#column(asset, spec).lastClosed(this.#sample);
  }

  meanSince(asset: Asset, fromMs: number, nowMs: number): number {
    return this.#history.asset(asset).meanClose(fromMs, nowMs, this.#sample);
  }

  #column(asset: Asset, declared: InputSpec): InputColumn {
    const known = this.#declared.get(declared)?.get(asset);
    if (known !== undefined) return known;
    const key = `${asset} ${this.#keyOf(declared)}`;
    let column = this.#columns.get(key);
    if (column === undefined) {
      const spec = this.#computed(declared);
      const recorded = this.#history.asset(asset);
      const candles = recorded.candles(intervalOf(spec));
      column = new InputColumn(() => indicatorOf(spec), recorded, candles, spec.options.forming === true);
      this.#columns.set(key, column);
    }
    const byAsset = this.#declared.get(declared) ?? new Map<Asset, InputColumn>();
    this.#declared.set(declared, byAsset.set(asset, column));
    return column;
  }

  /** What is computed for a declaration; a chance of Up is computed of a volatility. */
  #computed(declared: InputSpec): InputSpec {
    const isChance = declared.kind === "market.probabilityUp";
    return coarsen(isChance ? volatilitySpec(declared) : declared, this.#history.shortestMs);
  }

  /** How far back a version reads makes no difference to what is computed. */
  #keyOf(declared: InputSpec): string {
    const { kind, options } = this.#computed(declared);
    const { history: _, ...rest } = options;
    return `${kind} ${canonicalJson(rest)}`;
  }
}
