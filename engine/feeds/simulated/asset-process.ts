// Everything that can be seen of one simulated asset, each a pure function of (seed, asset, time).
import type { Asset } from "../../../dsl/asset.ts";
import { gaussian, hash32, seedOf, uniform } from "../../base/prng.ts";
import type { Tick } from "../../market/event.ts";
import { ASSET_MODELS, type AssetModel, volatilityPerRootSecond } from "./asset-model.ts";
import { Jumps } from "./jumps.ts";
import { PricePath } from "./price-path.ts";

export const DELAY_MS_MIN = 200;
export const DELAY_MS_MAX = 900;

const VOLUME_LOG_DEVIATION = 0.8;
const FUNDING_RATE_8H_BASE = 0.0001;
const FUNDING_RATE_8H_MAX = 0.003;

/** What a stream of draws is for, so that no two share their randomness. */
const STREAM = { path: 1, jumps: 2, delay: 3, volume: 4, funding: 5, openInterest: 6 } as const;

export class AssetProcess {
  readonly asset: Asset;
  readonly #seed: number;
  readonly #model: AssetModel;
  readonly #volatility: number;
  readonly #path: PricePath;
  readonly #jumps: Jumps;
  readonly #unitsPerCoin: number;
  readonly #e18PerUnit: bigint;
  #fundingHour = Number.NaN;
  #fundingRate8h = 0;

  constructor(seed: number, asset: Asset) {
    this.asset = asset;
    this.#seed = hash32(seed, seedOf(asset));
    this.#model = ASSET_MODELS[asset];
    this.#volatility = volatilityPerRootSecond(this.#model);
    this.#path = new PricePath(hash32(this.#seed, STREAM.path), this.#volatility);
    this.#jumps = new Jumps(hash32(this.#seed, STREAM.jumps), this.#volatility);
    this.#unitsPerCoin = 10 ** this.#model.decimals;
    this.#e18PerUnit = 10n ** BigInt(18 - this.#model.decimals);
  }

  /** At a whole second since 1970, relative to the asset's base price. */
  logPrice(second: number): number {
    return this.#path.at(second) + this.#jumps.displacement(second);
  }

  /** As quoted: rounded to the asset's decimals. */
  priceOf(logPrice: number): number {
    return this.#units(logPrice) / this.#unitsPerCoin;
  }

  /** The print of this second: stamped on it, received 200 to 900 ms later. */
  tick(second: number): Tick {
    const before = this.logPrice(second - 1);
    const now = this.logPrice(second);
    const eventAtMs = second * 1_000;
    const draw = uniform(this.#seed, second, STREAM.delay);
    return {
      type: "Tick",
      asset: this.asset,
      priceE18: BigInt(this.#units(now)) * this.#e18PerUnit,
      volume: this.volume(second, 1, now - before),
      eventAtMs,
      receivedAtMs: eventAtMs + DELAY_MS_MIN + Math.floor(draw * (DELAY_MS_MAX - DELAY_MS_MIN + 1)),
    };
  }

  /**
   * Coins traded in the `lengthSeconds` before this second. Log-normal, rising with the size of the move in them; over
   * more seconds it varies less, as a sum does.
   */
  volume(second: number, lengthSeconds: number, logReturn: number): number {
    const deviation = VOLUME_LOG_DEVIATION / Math.sqrt(lengthSeconds);
    const draw = Math.exp(deviation * gaussian(this.#seed, second, STREAM.volume) - (deviation * deviation) / 2);
    const move = Math.abs(logReturn) / (this.#volatility * Math.sqrt(lengthSeconds));
    const usual = this.#model.volumeCoinsPerSecond * lengthSeconds;
    return rounded(usual * draw * (0.5 + 0.6 * move) * this.#jumps.volumeFactor(second), 6);
  }

  /** Funding set at this hour, normalised to 8 h: a slow wave around the usual 0.01 % that follows the last hours' trend. */
  fundingRate8h(hour: number): number {
    // Remembered, because a look hours back costs as much as some dozens of ticks.
    if (hour !== this.#fundingHour) {
      this.#fundingHour = hour;
      const wave =
        wander(this.#seed, hour / 48, STREAM.funding) + 0.4 * wander(this.#seed, hour / 6, STREAM.funding + 8);
      const trend = this.logPrice(hour * 3_600) - this.logPrice((hour - 8) * 3_600);
      const rate = FUNDING_RATE_8H_BASE * (1 + wave) + 0.005 * trend;
      this.#fundingRate8h = rounded(Math.max(-FUNDING_RATE_8H_MAX, Math.min(FUNDING_RATE_8H_MAX, rate)), 8);
    }
    return this.#fundingRate8h;
  }

  /** Open interest in coins at this minute: builds up and unwinds over hours; sudden moves liquidate some of it. */
  openInterest(minute: number): number {
    const slow = 0.1 * wander(this.#seed, minute / 720, STREAM.openInterest);
    const fast = 0.02 * wander(this.#seed, minute / 45, STREAM.openInterest + 8);
    const noise = 0.0005 * gaussian(this.#seed, minute, STREAM.openInterest + 16);
    const liquidated = 2 * Math.abs(this.#jumps.displacement(minute * 60));
    return rounded(this.#model.openInterestCoins * Math.exp(slow + fast + noise - liquidated), 2);
  }

  #units(logPrice: number): number {
    return Math.round(this.#model.basePrice * Math.exp(logPrice) * this.#unitsPerCoin);
  }
}

/** Gaussian noise at whole positions, joined by straight lines. */
function wander(seed: number, position: number, stream: number): number {
  const left = Math.floor(position);
  const share = position - left;
  return gaussian(seed, left, stream) * (1 - share) + gaussian(seed, left + 1, stream) * share;
}

const rounded = (value: number, decimals: number): number => Math.round(value * 10 ** decimals) / 10 ** decimals;
