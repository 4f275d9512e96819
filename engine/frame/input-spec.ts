// How a declared input is computed: from which candles, by which indicator.
import type { CandleInterval } from "../../dsl/candle.ts";
import type { Indicator } from "../../dsl/indicators/indicator.ts";
import { candleIntervalOf, INPUT_KINDS } from "../../dsl/indicators/registry.ts";
import { assert } from "../base/assert.ts";
import type { InputSpec } from "./manifest.ts";

export function intervalOf(spec: InputSpec): CandleInterval {
  const interval = candleIntervalOf(spec);
  assert(interval !== null, `Input kind ${spec.kind} is not fed from candles`);
  return interval;
}

export function indicatorOf(spec: InputSpec): Indicator {
  const kind = INPUT_KINDS[spec.kind];
  assert(kind !== undefined, `Unknown input kind ${spec.kind}`);
  const indicator = kind.create(spec.options);
  assert(indicator !== null, `Input kind ${spec.kind} has no indicator`);
  return indicator;
}

/** Whether it is a series over candles; candles themselves and inputs of the moment are not. */
export const isSeries = (spec: InputSpec): boolean => INPUT_KINDS[spec.kind]?.create(spec.options) != null;

/** What a chance of Up is computed with. */
export const volatilitySpec = (spec: InputSpec): InputSpec => ({
  kind: "market.volatility",
  options: { window: spec.options.window!, step: spec.options.step! },
});
