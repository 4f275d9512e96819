#!/usr/bin/env node
// The command line: `underway <verb>`. Verbs are loaded only when they are used, so that steering a bot starts quickly.
// Exit codes: 1 refused, 2 usage, 3 not running, 4 configuration or data, 5 no answer in time.
import { enableCompileCache } from "node:module";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { UserError, type UserErrorCode } from "../engine/base/errors.ts";
import type { Mode } from "../engine/risk/settings.ts";
import type { EngineVariant } from "../engine/sandbox/engine-module.ts";
import { parseAsset, parseCount, parseSpeed, parseUntil, type RunFlags, runOptions } from "./commands/run.ts";
import type { SteerOptions } from "./commands/steer.ts";
import { DATA_DIRECTORY } from "./data-directory.ts";
import { hasColor } from "./terminal.ts";
import { addBacktest } from "./verbs/backtest.ts";
import { addEvidence } from "./verbs/evidence.ts";
import { type AddVerb, engineOption, type Finish } from "./verbs/verb.ts";

const EXIT_CODE: Readonly<Record<UserErrorCode, number>> = {
  nacked: 1,
  rejected: 1,
  usage: 2,
  "not-running": 3,
  config: 4,
  data: 4,
  busy: 4,
  timeout: 5,
};
/** A defect of ours. */
const EXIT_BUG = 70;
const ACK_TIMEOUT_S = 10;
const LOG_LINES = 100;

function buildProgram(finish: Finish): Command {
  const program = new Command("underway")
    .description("Live trading bots whose strategy code changes while they trade")
    .exitOverride();
  const verb = (name: string, description: string) =>
    program.command(name).description(description).option("--json", "end with one line of JSON");
  addRun(verb("run", "run the bot"), finish);
  addCheck(verb("check [files...]", "check strategies without running them"), finish);
  addWatching(verb, finish);
  addEvidence(verb, finish);
  addBacktest(verb, finish);
  addSteering(verb, finish);
  return program;
}

function addRun(command: Command, finish: Finish): void {
  command
    .addOption(new Option("--feed <name>", "where prices come from").choices(["simulated", "replay"]))
    .option("--data <file...>", "recorded data to replay", [])
    .option("--asset <name>", "whose prices they are, where the file's name does not say", parseAsset)
    .option("--venue <name>", "where orders go")
    .addOption(engineOption())
    .option("--speed <N|max>", "market seconds per real second (default: 10 simulated, 1 recorded)", parseSpeed)
    .option("--seed <N>", "seed of the simulated world", parseCount)
    .option("--until <UTC|cycles:N>", "where to stop", parseUntil)
    .option("--export <file>", "write the ledger there at the end, as NDJSON")
    .option("--dir <folder>", "data directory (default: as configured)")
    .option("--strategies <folder>", "strategies folder", "strategies")
    .option("--config <file>", "configuration", "underway.config.ts")
    .action(async (flags: RunFlags) => {
      const { runBot } = await import("./run.ts");
      finish(await runBot(runOptions(flags)));
    });
}

function addCheck(command: Command, finish: Finish): void {
  command
    .option("--strategies <folder>", "strategies folder", "strategies")
    .addOption(engineOption())
    .action(async (files: string[], flags: { strategies: string; engine: EngineVariant; json?: boolean }) => {
      const { checkStrategies, renderCheck } = await import("./commands/check.ts");
      const results = await checkStrategies({ strategiesDir: flags.strategies, engine: flags.engine, files });
      process.stdout.write(flags.json ? `${JSON.stringify(results)}\n` : renderCheck(results, hasColor()));
      finish(results.every(({ errors }) => errors.length === 0) ? 0 : 1);
    });
}

function addWatching(verb: AddVerb, finish: Finish): void {
  verb("status", "what the bot does")
    .option("--dir <folder>", "data directory", DATA_DIRECTORY)
    .option("--watch", "keep showing it")
    .action(async (flags) => finish(await (await import("./commands/status.ts")).showStatus(flags)));
  verb("logs", "what the bot said")
    .option("--dir <folder>", "data directory", DATA_DIRECTORY)
    .option("--lines <N>", "how many lines", parseCount, LOG_LINES)
    .option("--faults", "only what strategies did wrong")
    .option("--follow", "wait for more")
    .action(async (flags) => finish(await (await import("./commands/logs.ts")).showLogs(flags)));
}

const MODE_VERBS: readonly [verb: string, mode: Mode, description: string][] = [
  ["pause", "entries-stopped", "stop new entries; positions stay managed"],
  ["resume", "active", "enter windows again"],
  ["reduce-only", "reduce-only", "positions may only shrink"],
  ["flatten", "flatten", "sell every position now"],
  ["halt", "halted", "stop deciding; cancels and claims go on"],
];

function addSteering(verb: AddVerb, finish: Finish): void {
  const steering = (name: string, description: string) =>
    verb(name, description)
      .option("--dir <folder>", "data directory", DATA_DIRECTORY)
      .option("--reason <text>", "why; kept with the change")
      .option("--author <name>", "who (default: the user's name)")
      .option("--timeout <seconds>", "how long to wait for the answer", parseSeconds, ACK_TIMEOUT_S);
  const load = () => import("./commands/steer.ts");

  for (const [name, mode, description] of MODE_VERBS) {
    steering(name, description).action(async (flags: SteerOptions) => {
      const { setMode, steer } = await load();
      finish(await steer(name, setMode(mode), flags));
    });
  }
  steering("set <path=value>", "change a setting, for example sizing.scale=0.5").action(
    async (text: string, flags: SteerOptions) => {
      const { set, steer } = await load();
      finish(await steer("set", set(text), flags));
    },
  );
  steering("close <slot>", "sell the position of one slot").action(async (slot: string, flags: SteerOptions) => {
    const { command, steer } = await load();
    finish(await steer("close", command({ kind: "close-position", slot }), flags));
  });
  steering("clear <latch>", "clear a latch; needs --reason").action(async (latch: string, flags: SteerOptions) => {
    if (!flags.reason)
      throw new UserError("usage", "Cannot clear a latch without a reason", { hint: 'add --reason "…"' });
    const { command, steer } = await load();
    finish(await steer("clear", command({ kind: "clear-latch", latch, reason: flags.reason }), flags));
  });
  steering("ack", "acknowledge an alarm")
    .argument("<alarm>", "its number, as status shows it", parseCount)
    .action(async (alarm: number, flags: SteerOptions) => {
      const { command, steer } = await load();
      finish(await steer("ack", command({ kind: "ack-alarm", alarm }), flags));
    });

  const loadCandidate = () => import("./commands/candidate.ts");
  for (const [kind, description] of [
    ["approve", "let the candidate trade; with a version, only if it is the one"],
    ["reject", "turn the candidate down; with a version, only if it is the one"],
  ] as const) {
    steering(`${kind} <strategy> [version]`, description).action(
      async (strategy: string, version: string | undefined, flags: SteerOptions) => {
        const [{ judgeCandidate }, { steer }] = await Promise.all([loadCandidate(), load()]);
        finish(await steer(kind, judgeCandidate(kind, strategy, version), flags));
      },
    );
  }
  for (const [kind, description] of [
    ["promote", "pass the shadow and canary steps that are left"],
    ["rollback", "go back to what decided before"],
  ] as const) {
    steering(`${kind} <strategy>`, description).action(async (strategy: string, flags: SteerOptions) => {
      const [{ moveVersion }, { steer }] = await Promise.all([loadCandidate(), load()]);
      finish(await steer(kind, moveVersion(kind, strategy), flags));
    });
  }
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && seconds <= 3_600) return seconds;
  throw new InvalidArgumentError("Expected seconds, at most 3600.");
}

async function main(argv: readonly string[]): Promise<number> {
  let exitCode = 0;
  try {
    await buildProgram((code) => {
      exitCode = code;
    }).parseAsync(argv);
    return exitCode;
  } catch (error) {
    return report(error, argv.includes("--json"));
  }
}

function report(error: unknown, json: boolean): number {
  if (error instanceof CommanderError) {
    // Commander has printed it.
    return error.exitCode === 0 ? 0 : EXIT_CODE.usage;
  }
  const known = error instanceof UserError ? error : ofTheSystem(error);
  if (known === null) {
    console.error("This is a defect of Underway, please report it:", error);
    return EXIT_BUG;
  }
  const { code, message, where, hint } = known;
  const exitCode = EXIT_CODE[code];
  console.error(
    [
      `error: ${message}`,
      ...(where === null ? [] : [`  where: ${where}`]),
      ...(hint === null ? [] : [`  hint: ${hint}`]),
    ].join("\n"),
  );
  if (json) console.log(JSON.stringify({ ok: false, exitCode, error: { code, message, where, hint } }));
  return exitCode;
}

/** A disk that is read-only or full, a file where a folder should be: what the operating system says about a path is not a defect. */
function ofTheSystem(error: unknown): UserError | null {
  if (!(error instanceof Error && "syscall" in error && "path" in error)) return null;
  return new UserError("data", `The system refused it: ${error.message}`, { where: String(error.path), cause: error });
}

// Stripped and compiled modules are kept between starts: a restart is a race.
enableCompileCache();
process.exitCode = await main(process.argv);
