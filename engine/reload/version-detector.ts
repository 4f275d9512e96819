// The performance detectors of one version: one for each asset, and one for all of them together, which finds a loss of edge
// that is common to them sooner.
import {
  cusum,
  type DetectorAlarm,
  type DetectorState,
  type Excursion,
  FAST_DELTA,
  likelihoodRatio,
  NO_EXCURSION,
  PerformanceDetector,
  type ScoredTrade,
  SLOW_DELTA,
  THRESHOLDS,
} from "./detector.ts";

export interface SettledTrade extends ScoredTrade {
  readonly asset: string;
}

export interface ScopedAlarm {
  /** An asset, or "all". */
  readonly scope: string;
  readonly alarm: DetectorAlarm;
}

interface Pool {
  readonly fast: Excursion;
  readonly slow: Excursion;
}

export interface VersionDetectorState {
  readonly assets: { readonly [asset: string]: DetectorState };
  readonly pool: Pool;
  /** Newest close that the pool has seen; 0 before the first. */
  readonly closeMs: number;
}

const EMPTY_POOL: Pool = { fast: NO_EXCURSION, slow: NO_EXCURSION };

export class VersionDetector {
  readonly #assets: Map<string, PerformanceDetector>;
  #pool: Pool;
  #closeMs: number;

  constructor({ assets, pool, closeMs }: VersionDetectorState = { assets: {}, pool: EMPTY_POOL, closeMs: 0 }) {
    this.#assets = new Map(Object.entries(assets).map(([asset, state]) => [asset, new PerformanceDetector(state)]));
    this.#pool = pool;
    this.#closeMs = closeMs;
  }

  get state(): VersionDetectorState {
    const assets = Object.fromEntries([...this.#assets].map(([asset, detector]) => [asset, detector.state]));
    return { assets, pool: this.#pool, closeMs: this.#closeMs };
  }

  /**
   * All trades of the windows that closed at one moment, closes in order. What it returns is one event, whatever its length.
   * A trade that settles later than its close is scored for its asset alone.
   */
  settle(closeMs: number, trades: readonly SettledTrade[]): readonly ScopedAlarm[] {
    const alarms: ScopedAlarm[] = [];
    for (const trade of trades) {
      const alarm = this.#of(trade.asset).add(trade);
      if (alarm !== null) alarms.push({ scope: trade.asset, alarm });
    }
    if (closeMs <= this.#closeMs || trades.length === 0) return alarms;
    this.#closeMs = closeMs;
    const alarm = this.#score(trades);
    if (alarm !== null) alarms.push({ scope: "all", alarm });
    return alarms;
  }

  #of(asset: string): PerformanceDetector {
    let detector = this.#assets.get(asset);
    if (detector === undefined) {
      detector = new PerformanceDetector();
      this.#assets.set(asset, detector);
    }
    return detector;
  }

  /** Assets move together, so their ratios are averaged, not multiplied: the mean of e-values is one, however they depend. */
  #score(trades: readonly ScoredTrade[]): DetectorAlarm | null {
    const step = { trades: trades.length, losses: trades.filter(({ won }) => !won).length };
    const scored = (excursion: Excursion, delta: number): Excursion => {
      const sum = trades.reduce((total, trade) => total + likelihoodRatio(trade, delta), 0);
      return cusum(excursion, Math.log(sum / trades.length), step);
    };
    const fast = scored(this.#pool.fast, FAST_DELTA);
    const slow = scored(this.#pool.slow, SLOW_DELTA);
    this.#pool = { fast, slow };
    const { pooledFast, pooledSlow } = THRESHOLDS;
    if (fast.value < pooledFast && slow.value < pooledSlow) return null;
    this.#pool = EMPTY_POOL;
    return fast.value >= pooledFast
      ? { kind: "fast", ...fast, threshold: pooledFast }
      : { kind: "slow", ...slow, threshold: pooledSlow };
  }
}
