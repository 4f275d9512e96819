// Times several ways of doing the same thing in turn, round after round in one process: whatever the machine is busy with
// meets all of them alike, so their ratios hold where their absolute times do not.
import { performance } from "node:perf_hooks";

/** Short, so that some rounds are not interrupted even on a busy machine. */
const ROUND_MS = 2;
const ROUNDS = 80;
const WARM_UP_MS = 60;

/** One way: does it so many times. */
export type Way = (times: number) => void;
/** Microseconds for each time, round by round. */
export type Rounds = readonly number[];

export function timed<Name extends string>(ways: Readonly<Record<Name, Way>>): Readonly<Record<Name, Rounds>> {
  const entries = (Object.entries(ways) as [Name, Way][]).map(([name, way]) => ({ name, way, times: warmedUp(way) }));
  const results = Object.fromEntries(entries.map(({ name }) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let round = 0; round < ROUNDS; round++) {
    for (const { name, way, times } of entries) {
      const start = performance.now();
      way(times);
      results[name].push(((performance.now() - start) * 1000) / times);
    }
  }
  return results;
}

/** Runs it until V8 has compiled it, and says how many times fill a round that nothing disturbs. */
function warmedUp(way: Way): number {
  const end = performance.now() + WARM_UP_MS;
  let times = 1;
  let fastestMs = Number.POSITIVE_INFINITY;
  for (;;) {
    const start = performance.now();
    way(times);
    const now = performance.now();
    fastestMs = Math.min(fastestMs, (now - start) / times);
    if (now > end) return Math.max(1, Math.round(ROUND_MS / fastestMs));
    if (now - start < ROUND_MS) times *= 2;
  }
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** What it costs when nothing disturbs it. */
export const best = (values: readonly number[]): number => quantile(values, 0);

/** The best round is the figure; the others beside it say how noisy the machine is. */
export const figured = (rounds: Rounds, perUnit = 1) => ({
  value: best(rounds) / perUnit,
  beside: { median: median(rounds) / perUnit, p90: quantile(rounds, 0.9) / perUnit },
});
