// The thresholds of the performance detectors are measured: by a twin that is as good as the real ones, and by little enough to
// be run here. `npm run -s calibrate` is the whole of it.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { THRESHOLDS } from "../engine/reload/detector.ts";
import { VersionDetector } from "../engine/reload/version-detector.ts";
import { CASES, falseAlarms } from "./calibration/false-alarms.ts";
import { drawOf, KINDS, lossLimit, type Simulated, simulate } from "./calibration/twin.ts";

const SILENT = { fast: Infinity, slow: Infinity, losingRun: 0, pooledFast: Infinity, pooledSlow: Infinity };

const aVersion = (changes: Partial<Simulated>): Simulated => ({
  seed: 5,
  closes: 2_000,
  assets: 8,
  prices: [0.5, 0.7, 0.9],
  winRate: null,
  sharedOf16: 0,
  thresholds: THRESHOLDS,
  ...changes,
});

function hitsOfTwin(version: Simulated): readonly string[] {
  const hits: string[] = [];
  simulate(version, (close, asset, kind) => {
    hits.push(`${close} ${asset === version.assets ? "all" : asset} ${KINDS[kind]}`);
    return false;
  });
  return hits;
}

function hitsOfDetector(version: Simulated): readonly string[] {
  const { closes, assets, prices, winRate } = version;
  const detector = new VersionDetector();
  return Array.from({ length: closes }, (_, close) => {
    const trades = Array.from({ length: assets }, (_, asset) => {
      const breakEven = prices[(close + asset) % prices.length]!;
      return { asset: String(asset), breakEven, won: drawOf(version, close, asset) >= lossLimit(winRate ?? breakEven) };
    });
    return detector.settle(close + 1, trades).map(({ scope, alarm }) => `${close} ${scope} ${alarm.kind}`);
  }).flat();
}

describe("the twin says what the detectors say", () => {
  test.each<[string, number, Partial<Simulated>]>([
    ["where the edge is lost", 50, { winRate: 0.6 }],
    ["where it is lost a little", 5, { prices: [0.9], winRate: 0.87 }],
    ["where all is lost", 500, { winRate: 0.02 }],
    ["where the assets move together", 10, { winRate: 0.65, sharedOf16: 14 }],
    ["at break-even, where two alarms are false", 2, { seed: 191, closes: 6_000, sharedOf16: 14 }],
  ])("%s", (_, hitsMin, changes) => {
    const hits = hitsOfTwin(aVersion(changes));
    expect(hits.length).toBeGreaterThanOrEqual(hitsMin);
    expect(hits).toEqual(hitsOfDetector(aVersion(changes)));
  });
});

test("at the thresholds of one detector on one stream it takes the published number of trades", () => {
  const meanTrades = (thresholds: Simulated["thresholds"], winRate: number): number => {
    const samples = 1_000;
    let trades = 0;
    for (let seed = 0; seed < samples; seed++) {
      const stream = aVersion({ seed, closes: 100_000, assets: 1, prices: [0.9], winRate, thresholds });
      simulate(stream, (close) => {
        trades += close + 1;
        return true;
      });
    }
    return trades / samples;
  };
  // Exact, by a linear system: 133 and 51, 160 and 74.
  for (const [thresholds, winRate, expected] of [
    [{ ...SILENT, fast: 6.43 }, 0.8, 133],
    [{ ...SILENT, fast: 6.43 }, 0.7, 51],
    [{ ...SILENT, slow: 6.08 }, 0.8, 160],
    [{ ...SILENT, slow: 6.08 }, 0.7, 74],
  ] as const) {
    expect(Math.abs(meanTrades(thresholds, winRate) / expected - 1)).toBeLessThan(0.06);
  }
});

test("a bot at break-even has about one false alarm in 90 days", () => {
  for (const each of [CASES[0]!, CASES.at(-1)!]) {
    const { total, byDetector } = falseAlarms(each, 25, 1);
    // Three standard errors of 25 runs at the bound of 1.1 that the whole calibration holds.
    expect(total).toBeLessThan(1.1 + 3 * Math.sqrt(1.1 / 25));
    expect(total).toBeGreaterThan(0.2);
    expect(byDetector.fast + byDetector.slow).toBeGreaterThan(0);
  }
});

describe("the calibration", () => {
  const MAIN = fileURLToPath(new URL("./calibration/main.ts", import.meta.url));
  const calibrate = (...args: string[]) => promisify(execFile)(process.execPath, [MAIN, ...args]);

  test("prints tables, then the figures for machines, and says by its exit code whether they hold", async () => {
    const ended = await calibrate("--runs", "3", "--json").catch((error) => error as { code: number; stdout: string });
    const lines = ended.stdout.trim().split("\n");
    expect(lines[0]).toMatch(/^false alarms in 90 days, by break-even +fast +slow +losing run/);
    const figures = JSON.parse(lines.at(-1)!) as {
      readonly runs: number;
      readonly falseAlarmsPer90Days: number;
      readonly delays: Readonly<Record<string, readonly number[]>>;
    };
    expect(figures.runs).toBe(3);
    expect("code" in ended ? ended.code : 0).toBe(figures.falseAlarmsPer90Days > 1.1 ? 1 : 0);
    // Of a stream that only loses, at 0.90.
    expect(figures.delays["a stream"]!.at(-1)).toBe(6);
  });

  test("says what it takes", async () => {
    await expect(calibrate("--runs", "0")).rejects.toMatchObject({
      code: 2,
      stderr: "--runs is 0, expected an integer from 1 to 100000\n",
    });
  });
});
