// How often the detectors raise an alarm where nothing is wrong: 90 days of 16 streams that trade in every window, every trade
// winning with exactly its break-even probability.
import { hash32 } from "../../engine/base/prng.ts";
import { THRESHOLDS } from "../../engine/reload/detector.ts";
import { simulate } from "./twin.ts";

const DAYS = 90;
export const ASSETS = 8;
/** One version on 5-minute windows, one on 15-minute windows. */
const CLOSES_PER_DAY = [288, 96];

export interface Case {
  readonly name: string;
  readonly prices: readonly number[];
  readonly sharedOf16: number;
}

export const CASES: readonly Case[] = [
  { name: "0.50", prices: [0.5], sharedOf16: 0 },
  { name: "0.70", prices: [0.7], sharedOf16: 0 },
  { name: "0.90", prices: [0.9], sharedOf16: 0 },
  { name: "0.50, 0.70, 0.90 in turn", prices: [0.5, 0.7, 0.9], sharedOf16: 0 },
  // Worse than all of them alike, which makes one event of eight alarms, and than none, which keeps the pool quiet.
  { name: "0.50, 14 of 16 alike", prices: [0.5], sharedOf16: 14 },
];

export const DETECTORS = ["fast", "slow", "losing run", "pooled fast", "pooled slow"] as const;
type DetectorName = (typeof DETECTORS)[number];

export interface FalseAlarms {
  readonly name: string;
  /** Events in 90 days: alarms of several assets at one close of a version are one. */
  readonly total: number;
  readonly standardError: number;
  /** Alarms in 90 days, each counted. */
  readonly byDetector: Readonly<Record<DetectorName, number>>;
}

export function falseAlarms({ name, prices, sharedOf16 }: Case, runs: number, seed: number): FalseAlarms {
  const alarms = [0, 0, 0, 0, 0];
  let sum = 0;
  let squares = 0;
  for (let run = 0; run < runs; run++) {
    let events = 0;
    for (const [version, perDay] of CLOSES_PER_DAY.entries()) {
      let last = -1;
      const stream = { seed: hash32(seed, run, version), closes: DAYS * perDay, assets: ASSETS };
      simulate({ ...stream, prices, winRate: null, sharedOf16, thresholds: THRESHOLDS }, (close, asset, kind) => {
        if (close !== last) events++;
        last = close;
        alarms[asset === ASSETS ? 3 + kind : kind]! += 1;
        return false;
      });
    }
    sum += events;
    squares += events * events;
  }
  const total = sum / runs;
  const standardError = Math.sqrt(Math.max(0, squares / runs - total * total) / runs);
  const [fast, slow, losingRun, pooledFast, pooledSlow] = alarms.map((count) => count / runs);
  return {
    name,
    total,
    standardError,
    byDetector: {
      fast: fast!,
      slow: slow!,
      "losing run": losingRun!,
      "pooled fast": pooledFast!,
      "pooled slow": pooledSlow!,
    },
  };
}
