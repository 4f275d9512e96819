// npm run -s bench -- reload [--reloads N] [--measured N] [--no-history] [--json]
//
// The real bot, edited while it trades: first so many edits of one strategy that decides all 16 slots, each with a day of windows
// to rehearse on, for the time from the save to the boundary; then a storm over four strategies, for what must never happen.
import { rmSync } from "node:fs";
import { parseArgs } from "node:util";
import type { Status } from "../../../control/status.ts";
import { footprintOf } from "../../hostile/footprint.ts";
import { BotProcess, run } from "../../support/bot-process.ts";
import { quantile } from "../rounds.ts";
import { ReloadLedger } from "./ledger.ts";
import { type StormReload, storm } from "./storm.ts";
import { MEASURED_STRATEGY, makeReloadFolder, STORM_STRATEGIES, writeConfig } from "./workspace.ts";

/** 288 windows of 15 minutes, and some. */
const HISTORY_HOURS = 74;
/** Market seconds a second: at 4 a cycle has 250 ms, while two cores bundle, check, load and rehearse without a pause. */
const SPEED = 4;
const MEASURED_DEFAULT = 200;
const RELOADS_DEFAULT = 10_000;

interface Phase {
  readonly reloads: readonly StormReload[];
  readonly missed: number;
  readonly mixed: number;
  readonly foreign: number;
  readonly faults: number;
  readonly cycles: number;
  readonly footprint: { readonly before: object | null; readonly after: object | null };
}

export async function benchReload(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      reloads: { type: "string", default: String(RELOADS_DEFAULT) },
      measured: { type: "string", default: String(MEASURED_DEFAULT) },
      "no-history": { type: "boolean", default: false },
      json: { type: "boolean", default: false },
    },
  });
  const say = (line: string) => process.stderr.write(`bench: reload, ${line}\n`);
  const folder = makeReloadFolder();
  try {
    if (!values["no-history"]) await makeHistory(folder, say);
    const measured = await phase(folder, [MEASURED_STRATEGY], Number(values.measured), 1, say);
    const rest = Number(values.reloads) - Number(values.measured);
    const stormed = rest > 0 ? await phase(folder, STORM_STRATEGIES, rest, Number(values.measured) + 1, say) : null;
    return report(measured, stormed, values.json);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Three days of the simulated market, as fast as it goes. */
async function makeHistory(folder: string, say: (line: string) => void): Promise<void> {
  say(`recording ${HISTORY_HOURS} hours of market history`);
  writeConfig(folder, [MEASURED_STRATEGY], "10s");
  const cycles = (HISTORY_HOURS * 3_600) / 10;
  const { code, stderr } = await run(folder, [
    "run",
    "--speed",
    "max",
    "--until",
    `cycles:${cycles}`,
    "--dir",
    ".underway",
  ]);
  if (code !== 0) throw new Error(`The history could not be made: ${stderr}`);
}

async function phase(
  folder: string,
  strategies: readonly string[],
  edits: number,
  firstEdit: number,
  say: (line: string) => void,
): Promise<Phase> {
  writeConfig(folder, strategies, "1s");
  const bot = new BotProcess(folder, ["run", "--speed", String(SPEED)]);
  const isReady = ({ slots, cycle }: Status) => cycle.number > 0 && slots.every(({ running }) => running !== null);
  const begun = await bot.status("every slot to decide", isReady);
  const ledger = new ReloadLedger(folder);
  try {
    const fromCycle = ledger.lastCycle();
    const warm = await storm(folder, ledger, strategies, strategies.length, 1_000_000 + firstEdit, () => {});
    const before = footprintOf(bot.child.pid!);
    const startedMs = performance.now();
    const reloads = await storm(folder, ledger, strategies, edits, firstEdit, (done) => {
      if (done % Math.max(1, Math.round(edits / 20)) !== 0) return;
      const seconds = Math.round((performance.now() - startedMs) / 1000);
      say(
        `${done} of ${edits} edits of ${strategies.length === 1 ? "one strategy" : `${strategies.length} strategies`}, ${seconds} s`,
      );
    });
    const last = ledger.lastCycle();
    const ended = await bot.status("the next cycle", ({ cycle }) => cycle.number > last);
    const after = footprintOf(bot.child.pid!);
    await bot.end("SIGTERM");
    const editOf = new Map([...warm, ...reloads].map(({ code, edit }) => [code, edit]));
    const { cycles, mixed, foreign, faults } = ledger.judge(fromCycle, editOf);
    const missed = ended.cycle.missed - begun.cycle.missed;
    return { reloads, missed, mixed, foreign, faults, cycles, footprint: { before, after } };
  } finally {
    ledger.close();
    if (bot.child.exitCode === null) await bot.end("SIGKILL");
  }
}

function report(measured: Phase, stormed: Phase | null, isJson: boolean): number {
  const phases = stormed === null ? [measured] : [measured, stormed];
  const sum = (of: (phase: Phase) => number) => phases.reduce((total, phase) => total + of(phase), 0);
  const boundaries = phases.flatMap(({ reloads }) => reloads.map(({ boundaryMicros }) => boundaryMicros));
  const armed = measured.reloads.map(({ savedToArmedMs }) => savedToArmedMs);
  const result = {
    reloads: sum(({ reloads }) => reloads.length),
    missedCycles: sum(({ missed }) => missed),
    mixedVersionCycles: sum(({ mixed }) => mixed),
    foreignReasons: sum(({ foreign }) => foreign),
    faults: sum(({ faults }) => faults),
    cycles: sum(({ cycles }) => cycles),
    savedToArmedMs: { p50: rounded(quantile(armed, 0.5)), p99: rounded(quantile(armed, 0.99)) },
    boundaryMicros: { p50: quantile(boundaries, 0.5), p99: quantile(boundaries, 0.99) },
    footprint: phases.at(-1)!.footprint,
  };
  const isSound = result.missedCycles + result.mixedVersionCycles + result.foreignReasons === 0;
  if (isJson) console.log(JSON.stringify(result));
  else for (const [name, value] of Object.entries(result)) console.log(`${name.padEnd(20)} ${JSON.stringify(value)}`);
  return isSound ? 0 : 1;
}

const rounded = (ms: number): number => Math.round(ms * 10) / 10;
