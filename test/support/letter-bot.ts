// A whole bot in which a source is one letter: the real core, ledger and reloads, the simulated exchange in memory, and in place
// of compilers and sandboxes what answers at once. It is killed and started again on the same ledger at will.
import { writeFileSync } from "node:fs";
import { expect } from "vitest";
import type { Config } from "../../control/config.ts";
import { dataDirectory } from "../../control/data-directory.ts";
import { Bot } from "../../control/run/bot.ts";
import type { RunOptions } from "../../control/run-options.ts";
import type { DecisionRequest, DecisionResult, Signal } from "../../engine/decide/decision.ts";
import type { SandboxHost } from "../../engine/decide/port.ts";
import { type VersionKey, versionKey } from "../../engine/decide/version.ts";
import type { PullFeed } from "../../engine/feeds/port.ts";
import type { Params } from "../../engine/frame/manifest.ts";
import { Tally } from "../../engine/sandbox/tally.ts";
import { InThreadStore } from "../../engine/store/in-thread-store.ts";
import { InThreadVenue } from "../../engine/venues/simulated/in-thread-venue.ts";
import { MemoryJournal } from "../../engine/venues/simulated/memory-journal.ts";
import { SimulatedExchange } from "../../engine/venues/simulated/simulated-exchange.ts";
import { aMarket, aTick, NOON, opening, STRIKE } from "./a-market.ts";
import { aQuote } from "./a-quote.ts";
import { preparedOf, reportOf, STRATEGY, typeErrorsOf } from "./letter-sources.ts";
import { stubRehearsal, stubTypes } from "./stub-rehearsal.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const FOREVER_MS = 86_400_000;
const WINDOW_MS = 300_000;

/** What a decision is, told by the code's letter. */
type Brain = (letter: string, request: DecisionRequest) => Signal | "hung";

/** What outlives the process. */
export class LetterWorld {
  readonly dir = temporaryFolder();
  readonly journal = new MemoryJournal();
  /** The source of each strategy. */
  readonly disk: Record<string, string> = { [STRATEGY]: "a" };
  readonly log: string[] = [];
  readonly config: Config;
  /** How long each answer takes. */
  delaysMs = { prepare: 0, check: 0, rehearse: 0, rest: 0, install: 0 };
  /** Whose code a letter is. */
  readonly madeBy = new Map<string, string>();
  brain: Brain = () => ({ kind: "hold", reason: "no edge" });
  atMs = NOON;

  constructor(config: Config) {
    this.config = config;
  }

  writeControl(control: object | string): void {
    writeFileSync(dataDirectory(this.dir).control, typeof control === "string" ? control : JSON.stringify(control));
  }

  /** A flat market: ticks and quotes at every cycle, windows listed when they open. */
  get feed(): PullFeed {
    const { settings, cold } = this.config;
    return {
      identity: "noon",
      grain: { type: "ticks" },
      slots: settings.slots,
      startMs: NOON,
      endMs: null,
      quotes: "recorded",
      history: () => [],
      *between(fromMs, toMs) {
        const firstMs = fromMs === NOON ? NOON : fromMs - (fromMs % cold.cycleMs) + cold.cycleMs;
        for (let atMs = firstMs; atMs <= toMs; atMs += cold.cycleMs) {
          const openMs = atMs - (atMs % WINDOW_MS);
          for (const asset of new Set(settings.slots.map((slot) => slot.asset))) {
            yield aTick(atMs, STRIKE, { asset });
            const market = aMarket({ asset, openMs });
            if (atMs === openMs) yield* opening(market);
            yield { type: "Quoted", market: market.id, quote: aQuote(atMs) };
          }
        }
      },
      recordedOutcomes: () => new Map(),
    };
  }
}

const after = (ms: number): Promise<void> =>
  ms === 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, ms));

export interface Life {
  readonly bot: Bot;
  /** What the sandbox holds. */
  readonly images: ReadonlySet<VersionKey>;
  /** What was asked in the last cycle to trade, and to be compared. */
  readonly asked: readonly DecisionRequest[];
  readonly shadows: readonly DecisionRequest[];
  /** A cycle in two halves: what became known since the last one, and what is decided on it. */
  hear(): void;
  decide(): void;
  cycle(): void;
  /** The process is gone; nothing is written any more. */
  kill(): Promise<void>;
  /** As a run ends that was asked to. */
  stop(): Promise<void>;
}

/** A start of the bot. `look` is when what ran decides again, and what is on disk is to be looked at. */
export async function startLetterBot(
  world: LetterWorld,
  look: (bot: Bot) => Promise<void> = (bot) => bot.considerDisk(),
): Promise<Life> {
  const images = new Set<VersionKey>();
  let asked: readonly DecisionRequest[] = [];
  let shadows: readonly DecisionRequest[] = [];
  /** Answers of shadows may come as late as when the next cycle's decisions are wanted, though not when a window opens. */
  let late: (() => void) | null = null;
  let isAlive = true;
  const host: SandboxHost = {
    async install(version) {
      await after(world.delaysMs.install);
      images.add(versionKey(version.facts.ref));
    },
    retire: (key) => void images.delete(key),
    decide(cycle, requests, _deadlineMs, done, role) {
      for (const { version } of requests) expect(images).toContain(versionKey(version));
      const answer = () => done(requests.map((request) => resultOf(request, world.brain)));
      if (role === "shadow") {
        shadows = requests;
        if (cycle % 3 === 2 && world.atMs % WINDOW_MS !== 0) late = answer;
        else answer();
        return;
      }
      asked = requests;
      shadows = [];
      late?.();
      late = null;
      answer();
    },
    counters: () => new Tally("bellard").counters("ready", 0),
    close: async () => {},
  };
  let bot: Bot | null = null;
  const store = new InThreadStore(
    { dir: world.dir },
    { durable: (seq) => bot?.durable(seq, null), failed: ({ message }) => expect.unreachable(message) },
  );
  const write = (_fields: object, message: string) => void (isAlive && world.log.push(message));
  const prepared = async (strategy: string, overrides: readonly Params[], source = world.disk[strategy]!) => {
    world.madeBy.set(source, strategy);
    await after(world.delaysMs.prepare);
    return preparedOf(strategy, source, overrides);
  };
  bot = new Bot({
    options: { config: "underway.config.ts", strategies: "strategies" } as RunOptions,
    config: world.config,
    dir: world.dir,
    log: { debug: write, info: write, warn: write, error: write },
    feed: world.feed,
    workshop: {
      prepare: (strategy, overrides) => prepared(strategy, overrides),
      restore: (code, overrides) => prepared(world.madeBy.get(code[0]!)!, overrides, code[0]!),
      evaluateConfig: () => Promise.reject(new Error("Not here")),
      close: async () => {},
    },
    types: stubTypes(async (_folder, entry, sources) => {
      await after(world.delaysMs.check);
      return typeErrorsOf(sources[entry]);
    }),
    rehearsal: stubRehearsal(
      async ({ candidate }) => {
        await after(world.delaysMs.rehearse);
        return { ...reportOf(candidate[0]!.version.facts.ref.code[0]), complete: world.delaysMs.rest === 0 };
      },
      async (report) => {
        await after(world.delaysMs.rest);
        return { ...report, complete: true };
      },
    ),
    host,
    recovered: await store.recover(),
    store,
    openVenue: (listener) => {
      const { cashMicros } = world.config.cold;
      const settings = { seed: 1, openingCashMicros: cashMicros, resolutionDelayMs: { min: 1, max: 1 }, rejectPpm: 0 };
      const exchange = new SimulatedExchange(settings, world.journal, listener);
      return new InThreadVenue({ exchange, onFailure: (error) => expect.unreachable(String(error)) });
    },
    speed: "max",
    deadlineMs: () => FOREVER_MS,
    onDecided: () => {},
    onFatal: (message) => expect.unreachable(message),
  });
  const life = bot;
  await Promise.all([life.reconcile(), life.resume()]);
  await look(life);
  const { cycleMs } = world.config.cold;
  const hear = () => {
    life.advance(world.atMs, world.atMs + cycleMs);
    world.atMs += cycleMs;
  };
  const decide = () => {
    life.startCycle(life.engine.cycle + 1, world.atMs);
    for (let n = 0; n < 3; n++) life.retireUnused();
  };
  return {
    bot: life,
    images,
    get asked() {
      return asked;
    },
    get shadows() {
      return shadows;
    },
    hear,
    decide,
    cycle() {
      hear();
      decide();
    },
    async kill() {
      isAlive = false;
      await store.close();
    },
    async stop() {
      await life.venue.close();
      life.beat({ missed: life.engine.missed, loopLagMaxMs: 0 });
      isAlive = false;
      await store.close();
      await life.closeStatus();
    },
  };
}

function resultOf({ slot, version, memory, ...request }: DecisionRequest, brain: Brain): DecisionResult {
  const signal = brain(version.code[0]!, { slot, version, memory, ...request });
  if (signal === "hung") {
    const fault = { kind: "hung", message: "it never came back", where: null, frame: null } as const;
    return { type: "Faulted", slot, version, fault, fuel: 0 };
  }
  return { type: "Decided", slot, version, signal, memory, fuel: 1 };
}
