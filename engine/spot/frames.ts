// What a decision on an asset itself sees: the frame of every other decision, with the facts of a window as far as there are any.
//
// | fact                        | is                                                     |
// |-----------------------------|--------------------------------------------------------|
// | spot, open                  | close and open of the candle that has just closed      |
// | interval                    | the window interval nearest to the candles': 5m or 15m |
// | secondsLeft                 | Infinity: nothing ends                                 |
// | quotes, and inputs of them  | NaN, not ready: candles have no book                   |
// | feeRate                     | fee as a share of what is traded                       |
// | position                    | side up, units, mean price without the fee             |
//
// Inputs are those of trading: candles of longer intervals are built of the shorter ones, short holes are filled.
import type { Asset } from "../../dsl/asset.ts";
import { CANDLE_INTERVALS, CANDLE_MS, type Candle, type CandleInterval } from "../../dsl/candle.ts";
import { candleIntervalOf } from "../../dsl/indicators/registry.ts";
import { marketId } from "../base/ids.ts";
import type { VersionFacts } from "../decide/version.ts";
import { coarsen } from "../frame/coarsen.ts";
import { writeFrame } from "../frame/frame-writer.ts";
import type { HeldPosition } from "../frame/held-position.ts";
import { HEADER_INDEX } from "../frame/layout.ts";
import { LiveInputs } from "../frame/live-inputs.ts";
import type { AssetCandles } from "../market/candle-series.ts";
import { MarketState, type WindowState } from "../market/market-state.ts";

const DRAINED_EVERY = 256;

export class SpotFrames {
  readonly #facts: VersionFacts;
  readonly #asset: Asset;
  readonly #interval: CandleInterval;
  readonly #candles: AssetCandles;
  readonly #inputs: LiveInputs;
  readonly #window: WindowState;
  #last: Candle | null = null;
  #added = 0;

  constructor(facts: VersionFacts, asset: Asset, interval: CandleInterval, feePpm: number) {
    const market = new MarketState("candles");
    this.#facts = facts;
    this.#asset = asset;
    this.#interval = interval;
    this.#candles = market.asset(asset).candles;
    this.#inputs = new LiveInputs(market, CANDLE_MS[interval]);
    this.#window = windowOf(asset, interval, feePpm);
    this.#candles.buildUpTo(longestOf(facts, interval));
  }

  /** A candle has closed. */
  add(candle: Candle): void {
    const { fundingRate8h, openInterest } = candle;
    if (!Number.isNaN(fundingRate8h)) this.#candles.setFunding(fundingRate8h);
    if (!Number.isNaN(openInterest)) this.#candles.setOpenInterest(openInterest);
    this.#candles.addClosed(this.#interval, candle);
    if (++this.#added % DRAINED_EVERY === 0) this.#candles.drainClosed(); // Kept for a journal, which there is none of here.
    this.#last = candle;
  }

  /** Fills `frame`, of the version's layout size, as of the close of the last candle. */
  write(position: HeldPosition | null, frame: Float64Array): void {
    const { openMs, open, close } = this.#last!;
    const nowMs = openMs + CANDLE_MS[this.#interval];
    const moment = { window: this.#window, position, spot: close, isStale: false, nowMs };
    writeFrame(this.#facts, moment, this.#inputs, frame);
    frame[HEADER_INDEX.open] = open;
  }
}

function longestOf({ manifest }: VersionFacts, shortest: CandleInterval): CandleInterval {
  const wanted = Object.values(manifest.inputs).map((spec) => candleIntervalOf(coarsen(spec, CANDLE_MS[shortest])));
  return CANDLE_INTERVALS.findLast((interval) => wanted.includes(interval)) ?? shortest;
}

/** Without a strike: no input that asks how a window ends is ever ready. */
function windowOf(asset: Asset, interval: CandleInterval, feePpm: number): WindowState {
  const window = CANDLE_MS[interval] < CANDLE_MS["15m"] ? "5m" : "15m";
  return {
    market: {
      id: marketId(asset, window, 0),
      conditionId: "",
      asset,
      interval: window,
      openMs: 0,
      closeMs: Number.POSITIVE_INFINITY,
      tokens: { up: "", down: "" },
      tickMicros: 1,
      minSharesMicros: 1,
      feeRatePpm: feePpm,
      twapLookbackMs: 0,
    },
    strikeE18: null,
    endE18: null,
    quote: null,
  };
}
