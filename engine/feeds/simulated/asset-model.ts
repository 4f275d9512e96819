// What makes one simulated asset differ from another: orders of magnitude, not forecasts.
import type { Asset } from "../../../dsl/asset.ts";

export interface AssetModel {
  readonly basePrice: number;
  /** Decimals that prices are quoted with: a step far below a second's move. */
  readonly decimals: number;
  /** Standard deviation of a year's log return. */
  readonly volatilityPerRootYear: number;
  readonly volumeCoinsPerSecond: number;
  readonly openInterestCoins: number;
}

const model = (
  basePrice: number,
  decimals: number,
  volatilityPerRootYear: number,
  volumeCoinsPerSecond: number,
  openInterestCoins: number,
): AssetModel => ({ basePrice, decimals, volatilityPerRootYear, volumeCoinsPerSecond, openInterestCoins });

export const ASSET_MODELS: Readonly<Record<Asset, AssetModel>> = {
  btc: model(65_000, 2, 0.5, 0.4, 90_000),
  eth: model(2_500, 3, 0.65, 8, 2_000_000),
  sol: model(140, 4, 0.8, 60, 9_000_000),
  xrp: model(2.2, 6, 0.8, 4_000, 400_000_000),
  doge: model(0.18, 7, 0.95, 60_000, 2_000_000_000),
  bnb: model(650, 3, 0.5, 1.2, 600_000),
  hype: model(35, 5, 1.1, 30, 30_000_000),
  zec: model(300, 4, 1.2, 2, 1_000_000),
};

const SECONDS_PER_YEAR = 365.25 * 86_400;
export const volatilityPerRootSecond = (of: AssetModel): number =>
  of.volatilityPerRootYear / Math.sqrt(SECONDS_PER_YEAR);
