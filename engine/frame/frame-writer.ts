// Lays the numbers of one moment out as a version declares them: the same way from the market as it is, and from a recorded one.
import type { Asset } from "../../dsl/asset.ts";
import type { CandleInterval } from "../../dsl/candle.ts";
import { assert } from "../base/assert.ts";
import type { VersionFacts } from "../decide/version.ts";
import { type Moment, writeHeader } from "./frame-header.ts";
import { intervalOf } from "./input-spec.ts";
import { chanceOfUp, imbalanceOf, spreadOf } from "./instants.ts";
import type { FrameField } from "./layout.ts";
import type { InputSpec } from "./manifest.ts";

/** What declared inputs are at the moment that is written. */
export interface InputSource {
  /** Writes `outputs × (2 + history)` doubles: per output the value, then the closed values back from the last one. */
  writeSeries(asset: Asset, spec: InputSpec, frame: Float64Array, offset: number, history: number): void;
  /** Writes 5 × depth doubles: open, high, low, close, volume of closed candles, each oldest first, NaN where there are fewer. */
  writeCandles(asset: Asset, interval: CandleInterval, frame: Float64Array, offset: number, depth: number): void;
  /** Of closed candles as `spec` names them, per root of a second; NaN while not ready. */
  volatility(asset: Asset, spec: InputSpec): number;
  /** Mean price in (fromMs, nowMs]; NaN without any. */
  meanSince(asset: Asset, fromMs: number, nowMs: number): number;
}

/** Fills `frame`, of the version's layout size. */
export function writeFrame(facts: VersionFacts, moment: Moment, inputs: InputSource, frame: Float64Array): void {
  assert(frame.length === facts.layout.size, "The frame is not of the version's layout");
  writeHeader(frame, moment);
  const { asset } = moment.window.market;
  for (const field of facts.layout.fields) {
    const spec = facts.manifest.inputs[field.name];
    assert(spec !== undefined, "A field of the layout is not declared");
    if (field.type === "candles") inputs.writeCandles(asset, intervalOf(spec), frame, field.offset, field.depth);
    else writeReading(frame, field, spec, moment, inputs);
  }
}

function writeReading(
  frame: Float64Array,
  field: Extract<FrameField, { type: "reading" }>,
  spec: InputSpec,
  moment: Moment,
  inputs: InputSource,
): void {
  switch (spec.kind) {
    case "market.probabilityUp":
      return writeInstant(frame, field, probabilityUpAt(moment, spec, inputs));
    case "market.imbalance":
      return writeInstant(frame, field, imbalanceOf(moment.window));
    case "market.spread":
      return writeInstant(frame, field, spreadOf(moment.window));
    default:
      return inputs.writeSeries(moment.window.market.asset, spec, frame, field.offset, field.history);
  }
}

function probabilityUpAt(moment: Moment, spec: InputSpec, inputs: InputSource): number {
  const { asset, closeMs, twapLookbackMs } = moment.window.market;
  if (moment.isStale || moment.window.strikeE18 === null) return Number.NaN;
  const elapsedMean =
    twapLookbackMs === 0 ? Number.NaN : inputs.meanSince(asset, closeMs - twapLookbackMs, moment.nowMs);
  return chanceOfUp(moment, inputs.volatility(asset, spec), elapsedMean);
}

/** An input of the present moment: it has a value and no history. */
function writeInstant(frame: Float64Array, field: Extract<FrameField, { type: "reading" }>, value: number): void {
  frame[field.offset] = value;
  frame[field.offset + 1] = value;
  frame.fill(Number.NaN, field.offset + 2, field.offset + 2 + field.history);
}
