// A spot backtest over candles made here, as the bench times it: with the sandbox kept, put back, or without any.
import { performance } from "node:perf_hooks";
import { CANDLE_MS } from "../../dsl/candle.ts";
import { assert } from "../../engine/base/assert.ts";
import { slotId } from "../../engine/base/ids.ts";
import { MICROS } from "../../engine/base/micros.ts";
import { gaussian } from "../../engine/base/prng.ts";
import type { Signal } from "../../engine/decide/decision.ts";
import type { VersionFacts } from "../../engine/decide/version.ts";
import { BatchHost } from "../../engine/sandbox/batch-host.ts";
import type { EngineVariant } from "../../engine/sandbox/engine-module.ts";
import { Loader } from "../../engine/sandbox/loader.ts";
import { PurityProbe } from "../../engine/sandbox/purity-probe.ts";
import { SpotBacktest, type SpotCandles, type SpotDecider } from "../../engine/spot/backtest.ts";
import { purityOf } from "../../engine/versions/purity.ts";
import { loadArtifact, makeArtifact } from "../../engine/versions/workshop.ts";
import { directly, STRATEGIES } from "./subject.ts";

const STRATEGY = "strength";
export const CANDLES = 50_000;
const SLOT = slotId("btc", "1m", STRATEGY);

/** Microseconds a candle of one run through all candles. */
export type Lane = () => { readonly micros: number; readonly equityMicros: number };

/** A strategy that is proven pure, so that its sandbox may be kept. */
export async function spotLanes(engine: EngineVariant): Promise<Record<"direct" | "kept" | "reset", Lane>> {
  const artifact = await makeArtifact(STRATEGIES, `${STRATEGY}.ts`, engine);
  const version = loadArtifact(await Loader.create(engine), artifact, {}, STRATEGIES);
  const { pure } = purityOf(artifact, version, STRATEGIES, await PurityProbe.create(engine));
  assert(pure, "The bench times a strategy that is proven pure");
  const { facts } = version;
  const decide = await directly(STRATEGY, facts);
  const candles = madeCandles();
  const lane = (decider: () => SpotDecider): Lane => {
    return () => timedRun(candles, facts, decider());
  };
  const hosted = async (batch: boolean): Promise<Lane> => {
    const host = await BatchHost.create({ variant: engine, batch });
    await host.install(version, { pure });
    return lane(() => host.run(SLOT, facts.ref));
  };
  return {
    direct: lane(() => new DirectDecider(facts, decide)),
    kept: await hosted(true),
    reset: await hosted(false),
  };
}

function timedRun(candles: SpotCandles, facts: VersionFacts, decider: SpotDecider): ReturnType<Lane> {
  const terms = { cashMicros: 1_000_000 * MICROS, sizeMicros: MICROS, feePpm: 1_000 };
  const spot = new SpotBacktest({ candles, asset: "btc", facts, terms, decider, first: 0, end: CANDLES });
  const start = performance.now();
  while (spot.advance(64));
  return { micros: ((performance.now() - start) * 1_000) / CANDLES, equityMicros: spot.equityMicros };
}

/** V8 itself decides, on the very frames: the floor. */
class DirectDecider implements SpotDecider {
  readonly frame: Float64Array;
  readonly #facts: VersionFacts;
  readonly #decide: (frame: Float64Array) => Signal;
  #signal: Signal = { kind: "hold", reason: "" };

  constructor(facts: VersionFacts, decide: (frame: Float64Array) => Signal) {
    this.frame = new Float64Array(facts.layout.size);
    this.#facts = facts;
    this.#decide = decide;
  }

  decide(): Signal["kind"] {
    this.#signal = this.#decide(this.frame);
    return this.#signal.kind;
  }

  result(): ReturnType<SpotDecider["result"]> {
    const { ref } = this.#facts;
    return { type: "Decided", slot: SLOT, version: ref, signal: this.#signal, memory: "null", fuel: 0 };
  }
}

function madeCandles(): SpotCandles {
  const indices = Array.from({ length: CANDLES }, (_, index) => index);
  const noise = (stream: number) => indices.map((index) => gaussian(20_250_101, stream, index));
  let price = 60_000;
  const close = noise(1).map((draw) => (price = Math.round(price * Math.exp(0.0006 * draw) * 100) / 100));
  const open = close.map((_, index) => close[index - 1] ?? 60_000);
  const unknown = indices.map(() => Number.NaN);
  return {
    interval: "1m",
    stepMs: CANDLE_MS["1m"],
    openMs: indices.map((index) => 1_735_689_600_000 + index * CANDLE_MS["1m"]),
    open,
    high: close.map((value, index) => Math.max(value, open[index]!)),
    low: close.map((value, index) => Math.min(value, open[index]!)),
    close,
    volume: indices.map(() => 1),
    fundingRate8h: unknown,
    openInterest: unknown,
  };
}
