// Every kind of input a strategy may declare, and nothing else: what is not here does not exist for it.
// The declarations a strategy calls are in dsl/inputs; they run in the guest and share only names and defaults with this table.
import { CANDLE_INTERVALS, type CandleInterval } from "../candle.ts";
import { acceleration } from "./acceleration.ts";
import { adx } from "./adx.ts";
import { atr } from "./atr.ts";
import { bollinger } from "./bollinger.ts";
import { VALUE } from "./define-indicator.ts";
import { efficiency } from "./efficiency.ts";
import { ema } from "./ema.ts";
import { fundingRate } from "./funding-rate.ts";
import { fundingZ } from "./funding-z.ts";
import { halfLife } from "./half-life.ts";
import {
  choice,
  DEPTH_MAX,
  type InputKind,
  inputKind,
  integer,
  interval,
  number,
  type Options,
  PERIOD_MAX,
  seriesKind,
} from "./input-kind.ts";
import { macd } from "./macd.ts";
import { mom } from "./mom.ts";
import { momentumScore } from "./momentum-score.ts";
import { openInterestChange } from "./open-interest-change.ts";
import { openInterestDivergence } from "./open-interest-divergence.ts";
import { overreactionScore } from "./overreaction-score.ts";
import { percentB } from "./percent-b.ts";
import { relativeVolume } from "./relative-volume.ts";
import { roc } from "./roc.ts";
import { rsi } from "./rsi.ts";
import { sma } from "./sma.ts";
import { stochastic } from "./stochastic.ts";
import { trend } from "./trend.ts";
import { unconfirmed } from "./unconfirmed.ts";
import { stepsOf, volatility } from "./volatility.ts";
import { wick } from "./wick.ts";
import { zReturn } from "./z-return.ts";

/** `options` are complete in a manifest; here an option that has a default may be absent. */
export interface DeclaredInput {
  readonly kind: string;
  readonly options: Options;
}

const required = integer(2, PERIOD_MAX);
const from = (min: number, initial: number) => ({ ...integer(min, PERIOD_MAX), default: initial });
const span = (min: number, initial: number) => ({ ...integer(min, 100), default: initial });
const deviations = { ...number(0.1, 10), default: 2 };
const stepped = {
  window: choice(["5m", "15m", "30m", "1h"], "15m"),
  step: choice(CANDLE_INTERVALS, "10s"),
};
const VOLATILITY_STEPS_MIN = 5;

const hostComputed = { outputs: VALUE, create: () => null };

export const INPUT_KINDS: { readonly [kind: string]: InputKind } = {
  candles: inputKind({
    options: { interval, depth: { ...integer(1, DEPTH_MAX), default: 100 } },
    outputs: ["open", "high", "low", "close", "volume"],
    create: () => null,
  }),
  "ta.sma": seriesKind({ options: { interval, period: required }, outputs: VALUE, create: sma }),
  "ta.ema": seriesKind({ options: { interval, period: required }, outputs: VALUE, create: ema }),
  "ta.rsi": seriesKind({ options: { interval, period: from(2, 14) }, outputs: VALUE, create: rsi }),
  "ta.macd": seriesKind({
    options: { interval, fast: from(2, 12), slow: from(2, 26), signal: from(1, 9) },
    outputs: ["macd", "signal", "histogram"],
    create: macd,
    check: ({ fast, slow }) => (fast < slow ? null : `fast is ${fast}, expected less than slow, which is ${slow}`),
  }),
  "ta.bollinger": seriesKind({
    options: { interval, period: from(2, 20), deviations },
    outputs: ["upper", "middle", "lower", "percentB", "bandwidth"],
    create: bollinger,
  }),
  "ta.atr": seriesKind({ options: { interval, period: from(2, 14) }, outputs: VALUE, create: atr }),
  "ta.adx": seriesKind({
    options: { interval, period: from(2, 14) },
    outputs: ["adx", "plusDi", "minusDi"],
    create: adx,
  }),
  "ta.stochastic": seriesKind({
    options: { interval, period: from(2, 14), smooth: from(1, 3), signal: from(1, 3) },
    outputs: ["k", "d"],
    create: stochastic,
  }),
  "ta.roc": seriesKind({ options: { interval, period: from(1, 10) }, outputs: VALUE, create: roc }),
  "ta.mom": seriesKind({ options: { interval, period: from(1, 10) }, outputs: VALUE, create: mom }),
  "momentum.roc": seriesKind({ options: { interval, period: from(1, 10) }, outputs: VALUE, create: roc }),
  "momentum.zReturn": seriesKind({
    options: { interval, span: span(1, 3), window: from(10, 120) },
    outputs: VALUE,
    create: zReturn,
  }),
  "momentum.acceleration": seriesKind({
    options: { interval, period: from(1, 10) },
    outputs: VALUE,
    create: acceleration,
  }),
  "momentum.efficiency": seriesKind({ options: { interval, period: from(2, 10) }, outputs: VALUE, create: efficiency }),
  "momentum.trend": seriesKind({ options: { interval, period: from(3, 20) }, outputs: VALUE, create: trend }),
  "momentum.score": seriesKind({
    options: { interval, span: span(2, 10), window: from(10, 120) },
    outputs: ["score", "coverage"],
    create: momentumScore,
  }),
  "overreaction.moveZ": seriesKind({
    options: { interval, span: span(1, 3), window: from(10, 120) },
    outputs: VALUE,
    create: zReturn,
  }),
  "overreaction.percentB": seriesKind({
    options: { interval, period: from(2, 20), deviations },
    outputs: VALUE,
    create: percentB,
  }),
  "overreaction.relativeVolume": seriesKind({
    options: { interval, period: from(2, 20) },
    outputs: VALUE,
    create: relativeVolume,
  }),
  "overreaction.unconfirmed": seriesKind({
    options: {
      interval,
      span: span(1, 3),
      window: from(10, 120),
      period: from(2, 20),
      z0: { ...number(0, 10), default: 2.5 },
      v0: { ...number(0, 100), default: 1 },
    },
    outputs: VALUE,
    create: unconfirmed,
  }),
  "overreaction.wick": seriesKind({ options: { interval }, outputs: ["upper", "lower"], create: wick }),
  "overreaction.halfLife": seriesKind({
    options: { interval, window: from(60, 120), period: from(2, 20) },
    outputs: VALUE,
    create: halfLife,
  }),
  "overreaction.score": seriesKind({
    options: { interval, span: span(1, 3), window: from(60, 120), period: from(2, 20), deviations },
    outputs: ["score", "side", "strength", "moveZ", "relativeVolume", "percentB", "halfLife"],
    create: overreactionScore,
  }),
  "market.volatility": seriesKind({ options: stepped, outputs: VALUE, create: volatility, check: checkSteps }),
  "market.probabilityUp": inputKind({ options: stepped, ...hostComputed, check: checkSteps }),
  "market.imbalance": inputKind({ options: {}, ...hostComputed }),
  "market.spread": inputKind({ options: {}, ...hostComputed }),
  "funding.rate": seriesKind({ options: { interval }, outputs: VALUE, create: fundingRate }),
  "funding.z": seriesKind({
    options: { interval: choice(CANDLE_INTERVALS, "1h"), window: from(2, 90) },
    outputs: VALUE,
    create: fundingZ,
  }),
  "openInterest.change": seriesKind({
    options: { interval, period: from(1, 15) },
    outputs: VALUE,
    create: openInterestChange,
  }),
  "openInterest.divergence": seriesKind({
    options: { interval, window: from(2, 120) },
    outputs: VALUE,
    create: openInterestDivergence,
  }),
};

function checkSteps(options: Parameters<typeof volatility>[0]): string | null {
  if (stepsOf(options) >= VOLATILITY_STEPS_MIN) return null;
  return `window is ${options.window}, expected at least ${VOLATILITY_STEPS_MIN} times step, which is ${options.step}`;
}

const kindOf = (kind: string): InputKind | null => (Object.hasOwn(INPUT_KINDS, kind) ? INPUT_KINDS[kind]! : null);

/** The interval of the candles an input is fed from; null where it needs none. The input must have passed `checkInput`. */
export function candleIntervalOf({ kind, options }: DeclaredInput): CandleInterval | null {
  const specs = kindOf(kind)?.options;
  const name = specs?.interval ? "interval" : "step";
  return ((options[name] ?? specs?.[name]?.default) as CandleInterval | undefined) ?? null;
}

/** What is wrong with the declaration that a strategy calls `name`; null if nothing. */
export function checkInput(name: string, { kind, options }: DeclaredInput): string | null {
  const known = kindOf(kind);
  if (known === null) {
    return `inputs.${name}: kind "${kind}" is unknown, expected one of ${Object.keys(INPUT_KINDS).join(", ")}`;
  }
  const problem = known.check(options);
  return problem === null ? null : `inputs.${name}: ${kind} ${problem}`;
}
