// npm run -s calibrate [-- --runs 1000] [--seed 1] [--json]
//
// Simulates what the performance detectors' thresholds are set by: false alarms in 90 days of a whole bot at break-even, which
// are to be one in its worst case, and how many trades a lost edge takes to be found. Exit codes: 1 false alarms over 1.1, 2 usage.
import { parseArgs } from "node:util";
import { aligned } from "../support/aligned.ts";
import { type Delay, delays, WIN_RATES } from "./delays.ts";
import { CASES, DETECTORS, type FalseAlarms, falseAlarms } from "./false-alarms.ts";

const FALSE_ALARMS_MAX = 1.1;
const RUNS_MAX = 100_000;

const { runs, seed, json } = options();
const cases: FalseAlarms[] = [];
for (const each of CASES) {
  process.stderr.write(`calibrate: ${runs} × 90 days at ${each.name}\n`);
  cases.push(falseAlarms(each, runs, seed));
}
process.stderr.write("calibrate: delays\n");
const found = delays(runs, seed);
const worst = cases.reduce((most, each) => (each.total > most.total ? each : most));

console.log(`${falseAlarmTable(cases)}\n\nWorst: ${worst.total.toFixed(2)} in 90 days, at most ${FALSE_ALARMS_MAX}\n`);
console.log(delayTable(found));
if (json) {
  console.log(
    JSON.stringify({
      runs,
      seed,
      falseAlarmsPer90Days: worst.total,
      standardError: worst.standardError,
      byDetector: worst.byDetector,
      cases,
      winRates: WIN_RATES,
      delays: Object.fromEntries(found.map(({ name, means }) => [name, means])),
    }),
  );
}
process.exitCode = worst.total > FALSE_ALARMS_MAX ? 1 : 0;

function options() {
  try {
    const { values } = parseArgs({
      options: {
        runs: { type: "string", default: "1000" },
        seed: { type: "string", default: "1" },
        json: { type: "boolean", default: false },
      },
    });
    const within = (name: "runs" | "seed", least: number, most: number): number => {
      const value = Number(values[name]);
      if (Number.isInteger(value) && value >= least && value <= most) return value;
      throw new Error(`--${name} is ${values[name]}, expected an integer from ${least} to ${most}`);
    };
    return { runs: within("runs", 1, RUNS_MAX), seed: within("seed", 0, 2 ** 31), json: values.json };
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(2);
  }
}

function falseAlarmTable(rows: readonly FalseAlarms[]): string {
  return aligned([
    ["false alarms in 90 days, by break-even", ...DETECTORS, "events", "±"],
    ...rows.map(({ name, total, standardError, byDetector }) => [
      name,
      ...DETECTORS.map((detector) => byDetector[detector].toFixed(2)),
      total.toFixed(2),
      standardError.toFixed(2),
    ]),
  ]);
}

function delayTable(rows: readonly Delay[]): string {
  const line = (name: string, values: readonly number[]) => [name, ...values.map((value) => value.toFixed(0))];
  return aligned([
    ["trades until an alarm, break-even 0.90, won", ...WIN_RATES.map((rate) => rate.toFixed(2))],
    ...rows.flatMap(({ name, means, alone }) =>
      alone === null ? [line(name, means)] : [line(name, means), line("  one such detector alone, published", alone)],
    ),
  ]);
}
