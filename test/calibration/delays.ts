// How long the detectors take where something is wrong: trades until the first alarm, at break-even 0.90 and a lower win rate.
import { hash32 } from "../../engine/base/prng.ts";
import { THRESHOLDS, type Thresholds } from "../../engine/reload/detector.ts";
import { ASSETS } from "./false-alarms.ts";
import { simulate } from "./twin.ts";

export const WIN_RATES = [0.87, 0.85, 0.8, 0.7, 0.5, 0] as const;
const BREAK_EVEN = 0.9;
const CLOSES_MAX = 1_000_000;

const SILENT: Thresholds = { fast: Infinity, slow: Infinity, losingRun: 0, pooledFast: Infinity, pooledSlow: Infinity };
const { fast, slow, losingRun, pooledFast, pooledSlow } = THRESHOLDS;

interface Watched {
  readonly name: string;
  readonly assets: number;
  readonly thresholds: Thresholds;
  /** Published for one detector on one stream, at one false alarm in 90 days of 288 trades. */
  readonly alone: readonly number[] | null;
}

const WATCHED: readonly Watched[] = [
  {
    name: "fast",
    assets: 1,
    thresholds: { ...SILENT, fast },
    alone: [1459, 482, 133, 51, 23, 10],
  },
  {
    name: "slow",
    assets: 1,
    thresholds: { ...SILENT, slow },
    alone: [844, 387, 160, 74, 36, 16],
  },
  { name: "a stream", assets: 1, thresholds: { ...SILENT, fast, slow, losingRun }, alone: null },
  { name: "the pool, closes", assets: ASSETS, thresholds: { ...SILENT, pooledFast, pooledSlow }, alone: null },
];

export interface Delay {
  readonly name: string;
  readonly alone: readonly number[] | null;
  /** Mean for each of WIN_RATES: trades of a stream, for the pool closes with a trade of every asset. */
  readonly means: readonly number[];
}

export const delays = (samples: number, seed: number): readonly Delay[] =>
  WATCHED.map(({ name, assets, thresholds, alone }) => ({
    name,
    alone,
    means: WIN_RATES.map((winRate) => {
      let sum = 0;
      for (let sample = 0; sample < samples; sample++) {
        const stream = { seed: hash32(seed, sample, assets), closes: CLOSES_MAX, assets, thresholds };
        simulate({ ...stream, prices: [BREAK_EVEN], winRate, sharedOf16: 0 }, (close) => {
          sum += close + 1;
          return true;
        });
      }
      return sum / samples;
    }),
  }));
