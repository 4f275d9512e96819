// The proof that no strategy hurts the bot: the real bot, a real folder, and every hostile strategy saved into it one after the
// other while fifteen other slots trade. Run by hand: npm run -s containment [-- --engine ng] [--only name] [--json].
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { ReloadStatus, Status } from "../../control/status.ts";
import { readStatus } from "../../control/status.ts";
import { DEFAULT_VARIANT, ENGINE_VARIANTS, type EngineVariant } from "../../engine/sandbox/engine-module.ts";
import { BotProcess } from "../support/bot-process.ts";
import { checkLedger } from "../support/ledger-check.ts";
import { BYSTANDERS, makeContainmentFolder, soundVictim, VICTIM_SLOT } from "./bystanders.ts";
import { CORPUS } from "./corpus.ts";
import { compare, type Evidence, readEvidence } from "./evidence.ts";
import { type Footprint, footprintOf } from "./footprint.ts";
import type { HostileOutcome, HostileStrategy } from "./hostile-strategy.ts";

const SEED = 11;
/** Market seconds a second: at 4 a cycle has 250 ms, its decisions 200 of them, and an answer may take 100. */
const SPEED = 4;
const DECISIONS_EACH = 2;
/** What should decide and is late gets so many more. */
const LATE_CYCLES_MAX = 20;
const SOUND_CYCLES = 8;
/** The first window closes at the 20th cycle, and is resolved ten seconds later. */
const CYCLES_MIN = 45;
/** For the run without hostile files: more than an entry takes. */
const CYCLES_EACH_MAX = 30;
const LOOK_EVERY_MS = 20;
/** A file that hangs while it is loaded is given up after 30 s. */
const WAIT_MS_MAX = 60_000;
/** V8 keeps what a thread once needed, for a large file above all: that is once, and not for every entry. */
const RESIDENT_MB_ABOVE_BASELINE_MAX = 256;
/** One worker more than before may just be starting, or ending. */
const THREADS_ABOVE_BASELINE_MAX = 1;
/** What a thread has dropped waits for its garbage collection: some, and not some for every worker that was replaced. */
const SANDBOXES_ABOVE_BASELINE_MAX = 6;
const DIFFERENCES_SHOWN_MAX = 5;

export interface ContainmentOptions {
  readonly engine: EngineVariant;
  readonly speed?: number;
  readonly entries: readonly HostileStrategy[];
  readonly say: (line: string) => void;
}

interface EntryReport {
  readonly name: string;
  readonly expected: string;
  /** What became of it: an outcome, and its kinds in the order they came. */
  readonly outcome: HostileOutcome | "undecided";
  readonly kinds: readonly string[];
  readonly isQuarantined: boolean;
  readonly cyclesMissed: number;
  readonly isAsExpected: boolean;
}

export interface ContainmentReport {
  readonly engine: EngineVariant;
  readonly entries: readonly EntryReport[];
  readonly cycles: number;
  readonly missed: number;
  readonly heartbeats: number;
  readonly settled: number;
  readonly workersReplaced: number;
  readonly bystanderDecisions: number;
  readonly before: Footprint | null;
  readonly after: Footprint | null;
  /** What must never be, however busy the machine; empty when nothing was hurt. */
  readonly wrong: readonly string[];
  /** Decisions of bystanders without an answer in time: none where nobody else needs the machine. */
  readonly late: number;
}

interface Saved {
  readonly entry: HostileStrategy;
  readonly receipt: ReloadStatus;
  readonly isQuarantined: boolean;
  readonly cyclesMissed: number;
}

export async function contain({ engine, speed = SPEED, entries, say }: ContainmentOptions): Promise<ContainmentReport> {
  const folder = makeContainmentFolder();
  const control = makeContainmentFolder();
  const cyclesMax = CYCLES_MIN + CYCLES_EACH_MAX * (entries.length + 2);
  say(`A bot on ${engine} at ×${speed} with ${BYSTANDERS} bystanders meets ${entries.length} hostile strategies`);
  let bot: VictimBot | null = null;
  try {
    await runControl(control, engine, cyclesMax);
    const started = performance.now();
    bot = new VictimBot(folder, engine, speed);
    await bot.settle(1);
    const before = footprintOf(bot.pid);
    const saved: Saved[] = [];
    for (const [index, entry] of entries.entries()) {
      saved.push(await bot.meet(entry));
      const seconds = Math.round((performance.now() - started) / 1_000);
      say(`${index + 1}/${entries.length} ${entry.name} (${seconds} s, cycle ${bot.last.cycle.number})`);
    }
    await bot.settle(2, CYCLES_MIN);
    const after = await bot.footprintLike(before);
    const { last } = bot;
    const end = await bot.stop();
    const evidence = readEvidence(folder);
    const { compared, late, different } = compare(evidence, readEvidence(control));
    const reports = saved.map((each) => reportOf(each, evidence));
    return {
      engine,
      entries: reports,
      cycles: evidence.cycles,
      missed: last.cycle.missed,
      heartbeats: evidence.heartbeats,
      settled: evidence.settled,
      workersReplaced: last.sandbox.replaced,
      bystanderDecisions: compared,
      before,
      after,
      wrong: [
        ...(end === 0 ? [] : [`the bot ended with ${end}`]),
        ...different.slice(0, DIFFERENCES_SHOWN_MAX),
        ...(different.length > 0 ? [`${different.length} decisions of bystanders differ`] : []),
        ...countsWrong(evidence, performance.now() - started),
        ...footprintWrong(before, after),
        ...checkLedger(join(folder, ".underway")),
        ...reports.flatMap(({ name, expected, outcome, isAsExpected }) =>
          isAsExpected ? [] : [`${name}: ${outcome}, expected ${expected}`],
        ),
      ],
      late,
    };
  } finally {
    await bot?.kill();
    for (const each of [folder, control]) rmSync(each, { recursive: true, force: true });
  }
}

/** The bot, seen from the one who saves files and looks at its status. */
class VictimBot {
  readonly #folder: string;
  readonly #process: BotProcess;
  last!: Status;

  constructor(folder: string, engine: EngineVariant, speed: number) {
    this.#folder = folder;
    this.#process = new BotProcess(folder, ["run", "--engine", engine, "--speed", `${speed}`, "--seed", `${SEED}`]);
  }

  get pid(): number {
    return this.#process.child.pid!;
  }

  /** Saves the file, and waits until it is refused, or has decided often enough. */
  async meet(entry: HostileStrategy): Promise<Saved> {
    const { missed } = this.last.cycle;
    const receipt = await this.#save(entry.source, entry.name);
    if (receipt.state === "rejected")
      return { entry, receipt, isQuarantined: false, cyclesMissed: this.last.cycle.missed - missed };
    const until = receipt.boundaryCycle! + DECISIONS_EACH - 1;
    const mayFault = [entry.expected].flat().includes("faults");
    const status = await this.#status(`two decisions of ${entry.name}`, ({ slots, cycle }) => {
      const { running, lastSignal } = slots.find(({ id }) => id === VICTIM_SLOT)!;
      const hasDecided = lastSignal !== null && lastSignal.cycle >= until;
      const isLate = !mayFault && lastSignal?.reason.startsWith("fault") === true;
      return running !== receipt.to || (hasDecided && !isLate) || cycle.number > until + LATE_CYCLES_MAX;
    });
    const isQuarantined = status.latches.some(
      ({ kind, scope }) => kind === "quarantine" && scope.startsWith(receipt.to!),
    );
    return { entry, receipt, isQuarantined, cyclesMissed: this.last.cycle.missed - missed };
  }

  /** All sixteen decide, the victim with something sound, as far as the given cycle at least. */
  async settle(number: number, cyclesMin = 0): Promise<void> {
    await this.#status("all slots deciding", ({ slots }) => slots.every(({ lastSignal }) => lastSignal !== null));
    const { to, boundaryCycle } = await this.#save(soundVictim(number), "a sound strategy");
    await this.#status("the sound strategy deciding", ({ slots, cycle }) => {
      const { running, lastSignal } = slots.find(({ id }) => id === VICTIM_SLOT)!;
      const isSound = running === to && lastSignal?.reason === `sound ${number}`;
      return isSound && cycle.number >= Math.max(cyclesMin, boundaryCycle! + SOUND_CYCLES);
    });
  }

  /** The footprint once it is like the one before, or what it still is after waiting for that. */
  async footprintLike(before: Footprint | null): Promise<Footprint | null> {
    const deadline = performance.now() + WAIT_MS_MAX / 3;
    let after = footprintOf(this.pid);
    while (footprintWrong(before, after).length > 0 && performance.now() < deadline) {
      await pause(10 * LOOK_EVERY_MS);
      after = footprintOf(this.pid);
    }
    this.last = await this.#status("the last status", () => true);
    return after;
  }

  async stop(): Promise<number | null> {
    return (await this.#process.end("SIGINT")).code;
  }

  async kill(): Promise<void> {
    await this.#process.end("SIGKILL");
  }

  async #save(source: string, what: string): Promise<ReloadStatus> {
    const earlier = this.last?.lastReload?.id;
    writeFileSync(join(this.#folder, "strategies/victim.ts"), source);
    const { lastReload } = await this.#status(`the end of the reload of ${what}`, ({ lastReload: reload }) => {
      if (reload === null || reload.strategy !== "victim" || reload.id === earlier) return false;
      return reload.state === "permanent" || reload.state === "rejected"; // Without a gate nothing is on probation.
    });
    return lastReload!;
  }

  async #status(what: string, holds: (status: Status) => boolean): Promise<Status> {
    const deadline = performance.now() + WAIT_MS_MAX;
    for (;;) {
      const status = await readStatus(join(this.#folder, ".underway/status.json"));
      if (status !== null) {
        this.last = status;
        if (holds(status)) return status;
      }
      const { exitCode, signalCode } = this.#process.child;
      const isGone = exitCode !== null || signalCode !== null;
      if (isGone || performance.now() > deadline) {
        const said = `${this.#process.stdout.slice(-2_000)}\n${this.#process.stderr.slice(-2_000)}`;
        throw new Error(`${isGone ? "The bot ended" : "Waited in vain"} before ${what}: ${said}`);
      }
      await pause(LOOK_EVERY_MS);
    }
  }
}

/** The same market in virtual time: as many cycles in a few seconds. */
async function runControl(folder: string, engine: EngineVariant, cycles: number): Promise<void> {
  const args = ["run", "--engine", engine, "--speed", "max", "--seed", `${SEED}`, "--until", `cycles:${cycles}`];
  const { code, stderr } = await new BotProcess(folder, args).exited;
  if (code !== 0) throw new Error(`The run without hostile files ended with ${code}: ${stderr.slice(-2_000)}`);
}

function reportOf({ entry, receipt, isQuarantined, cyclesMissed }: Saved, { victim }: Evidence): EntryReport {
  const expected = [entry.expected].flat();
  const kinds = receipt.state === "rejected" ? [] : (victim.get(receipt.to!.split("@")[1]!) ?? []);
  // A late answer says nothing about what decides on time.
  const onTime = kinds.filter((kind) => !/overdue|hung/.test(kind));
  const outcomes = (onTime.length > 0 ? onTime : kinds).map((kind) =>
    kind.startsWith("fault") ? "faults" : "decides",
  );
  const isOne = new Set(outcomes).size === 1;
  const outcome = receipt.state === "rejected" ? "refused" : isOne ? outcomes[0]! : "undecided";
  const isAsExpected = outcome !== "undecided" && expected.includes(outcome);
  const { name } = entry;
  return { name, expected: expected.join(" or "), outcome, kinds, isQuarantined, cyclesMissed, isAsExpected };
}

/** A heartbeat comes every thirty seconds; windows of five minutes close in the first half minute of the market. */
function countsWrong({ heartbeats, settled }: Evidence, elapsedMs: number): string[] {
  const heartbeatsMin = Math.floor(elapsedMs / 30_000) - 1;
  return [
    ...(heartbeats < heartbeatsMin ? [`${heartbeats} heartbeats, expected at least ${heartbeatsMin}`] : []),
    ...(settled === 0 ? ["no position was settled"] : []),
  ];
}

function footprintWrong(before: Footprint | null, after: Footprint | null): string[] {
  if (before === null || after === null) return [];
  const wrong: string[] = [];
  if (after.threads > before.threads + THREADS_ABOVE_BASELINE_MAX)
    wrong.push(`${after.threads} threads, ${before.threads} before`);
  if (after.sandboxes > before.sandboxes + SANDBOXES_ABOVE_BASELINE_MAX)
    wrong.push(`${after.sandboxes} sandboxes, ${before.sandboxes} before`);
  if (after.residentMb > before.residentMb + RESIDENT_MB_ABOVE_BASELINE_MAX)
    wrong.push(`${after.residentMb} MB resident, ${before.residentMb} before`);
  return wrong;
}

function render(report: ContainmentReport): string {
  const width = Math.max(...report.entries.map(({ name }) => name.length));
  const rows = report.entries.map(({ name, outcome, kinds, isQuarantined, cyclesMissed, isAsExpected }) => {
    const details = `${[...new Set(kinds)].join(", ")}${isQuarantined ? ", quarantined" : ""}${cyclesMissed > 0 ? `, ${cyclesMissed} cycles missed` : ""}`;
    return `${isAsExpected ? " " : "!"} ${name.padEnd(width)}  ${outcome.padEnd(9)}  ${kinds.length || ""} ${details}`;
  });
  const { engine, cycles, missed, heartbeats, settled, workersReplaced, bystanderDecisions, late, before, after } =
    report;
  const weight = (footprint: Footprint | null) =>
    footprint === null
      ? "not known"
      : `${footprint.residentMb} MB, ${footprint.threads} threads, ${footprint.sandboxes} sandboxes`;
  return [
    ...rows,
    "",
    `engine              ${engine}`,
    `cycles              ${cycles}, ${missed} missed`,
    `heartbeats          ${heartbeats}`,
    `positions settled   ${settled}`,
    `workers replaced    ${workersReplaced}`,
    `bystander decisions ${bystanderDecisions} compared with a run without hostile files, ${late} late`,
    `footprint before    ${weight(before)}`,
    `footprint after     ${weight(after)}`,
    "",
    ...(isUnhurt(report) ? ["Nothing was hurt."] : ["WRONG:", ...report.wrong]),
  ].join("\n");
}

const isUnhurt = ({ wrong, missed, late }: ContainmentReport): boolean => wrong.length + missed + late === 0;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { engine: { type: "string" }, only: { type: "string" }, json: { type: "boolean" } },
  });
  const engine = ENGINE_VARIANTS.find((variant) => variant === (values.engine ?? DEFAULT_VARIANT));
  const entries = CORPUS.filter(({ name }) => values.only === undefined || name === values.only);
  if (engine === undefined || entries.length === 0) {
    console.error(`Expected --engine ${ENGINE_VARIANTS.join("|")} and --only with the name of an entry`);
    return 2;
  }
  const report = await contain({ engine, entries, say: (line) => console.error(line) });
  console.log(render(report));
  if (values.json) console.log(JSON.stringify(report));
  return isUnhurt(report) ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await main();
