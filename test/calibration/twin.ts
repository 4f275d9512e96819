// The detectors of one version in one loop over typed arrays: 90 days of a whole bot in a few milliseconds. It says what
// VersionDetector says, which a test holds it to.
import { hash32 } from "../../engine/base/prng.ts";
import {
  FAST_DELTA,
  LOG_TOLERANCE,
  likelihoodRatio,
  SLOW_DELTA,
  type Thresholds,
} from "../../engine/reload/detector.ts";

export interface Simulated {
  readonly seed: number;
  readonly closes: number;
  readonly assets: number;
  /** Break-even prices, taken in turn: see priceAt. */
  readonly prices: readonly number[];
  /** Null: every trade wins with its break-even probability. */
  readonly winRate: number | null;
  /** Of 16 trades so many win or lose by a draw that their whole close shares: 0 independent, 16 all as one. */
  readonly sharedOf16: number;
  readonly thresholds: Thresholds;
}

export const KINDS = ["fast", "slow", "losing-run"] as const;

/** An alarm of one asset, or of all (asset === assets), at a close. True ends the simulation. */
export type OnHit = (close: number, asset: number, kind: number) => boolean;

/** A draw of 32 bits: the trade is lost when it is below the chance of losing. Its last bits say whether it is shared. */
export function drawOf(
  { seed, sharedOf16 }: Pick<Simulated, "seed" | "sharedOf16">,
  close: number,
  asset: number,
): number {
  const own = hash32(seed, close, asset);
  return (own & 15) < sharedOf16 ? hash32(seed, close, -1) : own;
}

export const lossLimit = (winRate: number): number => Math.round((1 - winRate) * 2 ** 32);

export function simulate(simulated: Simulated, onHit: OnHit): void {
  const { closes, assets, prices, winRate, thresholds } = simulated;
  const count = prices.length;
  const each = (value: (price: number) => number) => Float64Array.from(prices, value);
  const ratio = (won: boolean, delta: number) => each((breakEven) => likelihoodRatio({ breakEven, won }, delta));
  const limits = each((price) => lossLimit(winRate ?? price));
  const fastRatio = [ratio(false, FAST_DELTA), ratio(true, FAST_DELTA)] as const;
  const slowRatio = [ratio(false, SLOW_DELTA), ratio(true, SLOW_DELTA)] as const;
  const fastScore = fastRatio.map((ratios) => ratios.map(Math.log)) as [Float64Array, Float64Array];
  const slowScore = slowRatio.map((ratios) => ratios.map(Math.log)) as [Float64Array, Float64Array];
  const lossLog = each((price) => Math.log(1 - price));
  const runLimit = Math.log(thresholds.losingRun) + LOG_TOLERANCE;
  const fast = new Float64Array(assets);
  const slow = new Float64Array(assets);
  const run = new Float64Array(assets);
  let pooledFast = 0;
  let pooledSlow = 0;
  for (let close = 0; close < closes; close++) {
    let fastSum = 0;
    let slowSum = 0;
    for (let asset = 0; asset < assets; asset++) {
      const price = (close + asset) % count;
      const won = drawOf(simulated, close, asset) < limits[price]! ? 0 : 1;
      fastSum += fastRatio[won]![price]!;
      slowSum += slowRatio[won]![price]!;
      const f = Math.max(0, fast[asset]! + fastScore[won]![price]!);
      const s = Math.max(0, slow[asset]! + slowScore[won]![price]!);
      const r = won === 1 ? 0 : run[asset]! + lossLog[price]!;
      fast[asset] = f;
      slow[asset] = s;
      run[asset] = r;
      if (r > runLimit && f < thresholds.fast && s < thresholds.slow) continue;
      fast[asset] = 0;
      slow[asset] = 0;
      run[asset] = 0;
      if (onHit(close, asset, r <= runLimit ? 2 : f >= thresholds.fast ? 0 : 1)) return;
    }
    pooledFast = Math.max(0, pooledFast + Math.log(fastSum / assets));
    pooledSlow = Math.max(0, pooledSlow + Math.log(slowSum / assets));
    if (pooledFast < thresholds.pooledFast && pooledSlow < thresholds.pooledSlow) continue;
    const kind = pooledFast >= thresholds.pooledFast ? 0 : 1;
    pooledFast = 0;
    pooledSlow = 0;
    if (onHit(close, assets, kind)) return;
  }
}
