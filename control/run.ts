// `run`: starts a bot, keeps it going until it is told to stop or the data ends, and says what it came to.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { assert } from "../engine/base/assert.ts";
import { messageOf, UserError } from "../engine/base/errors.ts";
import type { SandboxHost } from "../engine/decide/port.ts";
import type { PullFeed } from "../engine/feeds/port.ts";
import { lockDataDir } from "../engine/store/data-dir-lock.ts";
import type { Store, StoreListener } from "../engine/store/port.ts";
import type { SimulatedExecutionClient, VenueListener } from "../engine/venues/port.ts";
import { InThreadVenue } from "../engine/venues/simulated/in-thread-venue.ts";
import { type ExchangeSettings, SimulatedExchange } from "../engine/venues/simulated/simulated-exchange.ts";
import { VenueFile } from "../engine/venues/simulated/venue-file.ts";
import { VenueThread } from "../engine/venues/simulated/venue-thread.ts";
import type { Workshop } from "../engine/versions/port.ts";
import { type Config, parseConfig } from "./config.ts";
import { DATA_DIRECTORY, dataDirectory } from "./data-directory.ts";
import { type OpenLog, openLog } from "./log.ts";
import { Bot } from "./run/bot.ts";
import { LiveRun } from "./run/live-run.ts";
import { renderSummary, summarise } from "./run/summary.ts";
import { VirtualRun } from "./run/virtual-run.ts";
import { DEFAULT_SEED, openFeed, SIMULATED_SPEED } from "./run/world.ts";
import type { RunOptions } from "./run-options.ts";

/** A recorded market resolves this long after its close, a simulated one sooner, so that a demonstration shows it. */
const RESOLUTION_MS = { recorded: { min: 50_000, max: 150_000 }, simulated: { min: 10_000, max: 10_000 } };
/** After the last tick: time for the last market to resolve and its claim to be answered. */
const SETTLE_MS = RESOLUTION_MS.recorded.max + 60_000;
const EXIT_FAILED = 1;

export async function runBot(options: RunOptions): Promise<number> {
  const isVirtual = options.speed === "max";
  const scratch = isVirtual && options.feed === "replay" && options.dir === null;
  // A replay at full speed without a directory of its own is an experiment: it leaves nothing behind.
  const dir = scratch ? mkdtempSync(join(tmpdir(), "underway-")) : resolve(options.dir ?? DATA_DIRECTORY);
  mkdirSync(dir, { recursive: true });
  const lock = lockDataDir(dir, { pid: process.pid, startedAtMs: Date.now() });
  const out = options.json ? process.stderr : process.stdout;
  const color = out.isTTY === true && process.env.NO_COLOR === undefined;
  // Thousands of trades a second are for the file; the terminal gets the progress and the result.
  const terminal = isVirtual ? null : { stream: out, color };
  const openedLog = await openLog({ directory: dataDirectory(dir).logs, terminal });
  const run = new Run(options, dir, openedLog, isVirtual);
  try {
    return await run.run();
  } finally {
    await run.close();
    await openedLog.close();
    lock.release();
    if (scratch) rmSync(dir, { recursive: true, force: true });
  }
}

class Run {
  readonly #options: RunOptions;
  readonly #dir: string;
  readonly #log: OpenLog["log"];
  readonly #isVirtual: boolean;
  /** Threads and files to let go of, whatever the end: they would keep the process alive. */
  readonly #closers: (() => Promise<void>)[] = [];
  #bot: Bot | null = null;
  #live: LiveRun | null = null;

  constructor(options: RunOptions, dir: string, openedLog: OpenLog, isVirtual: boolean) {
    this.#options = options;
    this.#dir = dir;
    this.#log = openedLog.log;
    this.#isVirtual = isVirtual;
  }

  async run(): Promise<number> {
    const options = this.#options;
    const listener: StoreListener = {
      durable: (seq) => this.#bot?.storeListener().durable(seq),
      failed: (failure) => this.#bot?.storeListener().failed(failure),
    };
    const opened = this.#opened(this.#openStore(listener));
    const workshop = await this.#opened(this.#openWorkshop());
    const [host, store, recovered, config] = await Promise.all([
      this.#opened(this.#openHost()),
      opened,
      opened.then((store) => store.recover()),
      this.#readConfig(workshop),
    ]);
    if (config.cold.venue !== "simulated") {
      throw new UserError("config", `Cannot trade on "${config.cold.venue}": only "simulated" is here`, {
        where: options.config,
      });
    }
    const kind = options.feed ?? (config.cold.feed === "replay" ? "replay" : "simulated");
    const feed = await openFeed(kind, options);
    const speed = options.speed ?? (kind === "simulated" ? SIMULATED_SPEED : 1);
    const bot = new Bot({
      options,
      config,
      dir: this.#dir,
      log: this.#log,
      feed,
      workshop,
      host,
      recovered,
      store,
      openVenue: (heard) => this.#openVenue(feed, config, heard),
      speed,
      deadlineMs: () => this.#live?.deadlineMs() ?? Number.MAX_SAFE_INTEGER,
      onDecided: () => this.#live?.decided(),
      onFatal: (message) => this.#die(message),
    });
    this.#bot = bot;
    this.#sayHello(feed, speed, recovered.lastCycle?.cycle ?? null);
    await Promise.all([bot.reconcile(), bot.resume()]);
    const isFresh = recovered.activations.length === 0;
    const considered = bot.considerDisk();
    if (isFresh || this.#isVirtual) await considered;
    bot.beat({ missed: 0, loopLagMaxMs: 0 }); // The history of a first start is a large write: not in the first cycle.
    const endMs = feed.endMs === null ? null : feed.endMs + SETTLE_MS;
    if (speed === "max") await this.#runVirtual(bot, endMs);
    else await this.#runLive(bot, speed, endMs);
    return this.#finish(bot, store, feed);
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#closers.splice(0).map((close) => close()));
  }

  /** Opens a part of the bot, and remembers to close it. */
  #opened<Part extends { close(): Promise<void> }>(opening: Promise<Part>): Promise<Part> {
    this.#closers.push(async () => (await opening).close()); // Also when something else fails meanwhile.
    return opening;
  }

  #kept<Part extends { close(): Promise<void> }>(part: Part): Part {
    this.#closers.push(() => part.close());
    return part;
  }

  async #runLive(bot: Bot, speed: number, endMs: number | null): Promise<void> {
    const live = new LiveRun(bot, this.#options, this.#log, speed, endMs);
    this.#live = live;
    const forget = onSignals(() => {
      this.#log.info(
        { event: "run.stopping" },
        "Stopping: positions stay as they are, and are managed again after the next start",
      );
      live.stop();
    });
    const { reason } = await live.run();
    this.#live = null;
    forget();
    if (reason === "data") this.#log.info({ event: "run.end" }, "The recording has ended");
  }

  async #runVirtual(bot: Bot, endMs: number | null): Promise<void> {
    const { Progress } = await import("./run/progress.ts");
    const until = this.#options.until?.type === "Utc" ? this.#options.until.atMs : endMs;
    const progress = new Progress(process.stderr, bot.startMs, until);
    const run = new VirtualRun(bot, this.#options, endMs, (atMs) => progress.show(atMs));
    const forget = onSignals(() => run.stop());
    await run.run();
    forget();
    progress.close();
  }

  async #finish(bot: Bot, store: Store, feed: PullFeed): Promise<number> {
    const { exportFile, json } = this.#options;
    await bot.venue.close();
    bot.beat({ missed: bot.engine.missed, loopLagMaxMs: bot.measured.loopLagMaxMs });
    const totals = await store.totals();
    if (exportFile !== null) await store.exportTo(exportFile);
    await this.close();
    bot.measured = { ...bot.measured, stoppedAt: new Date().toISOString() };
    await bot.closeStatus();
    const summary = summarise(totals, feed.recordedOutcomes(), { missed: bot.engine.missed, quotes: feed.quotes });
    process.stdout.write(json ? `${JSON.stringify(summary)}\n` : `${renderSummary(summary)}\n`);
    return 0;
  }

  async #openWorkshop(): Promise<Workshop> {
    const options = { strategiesDir: this.#options.strategies, dataDir: this.#dir };
    if (!this.#isVirtual) {
      const { WorkshopThread } = await import("../engine/versions/workshop-thread.ts");
      return new WorkshopThread(options);
    }
    const { InThreadWorkshop } = await import("../engine/versions/workshop.ts");
    return new InThreadWorkshop(options);
  }

  async #openHost(): Promise<SandboxHost> {
    if (!this.#isVirtual) {
      const { WorkerHost } = await import("../engine/sandbox/worker-host.ts");
      return WorkerHost.create();
    }
    const { InThreadHost } = await import("../engine/sandbox/in-thread-host.ts");
    return InThreadHost.create();
  }

  async #openStore(listener: StoreListener): Promise<Store> {
    if (!this.#isVirtual) {
      const { StoreThread } = await import("../engine/store/store-thread.ts");
      return StoreThread.open({ dir: this.#dir }, listener);
    }
    const { GROUP_COMMITS_MAX, InThreadStore } = await import("../engine/store/in-thread-store.ts");
    return new InThreadStore({ dir: this.#dir, groupCommits: GROUP_COMMITS_MAX }, listener);
  }

  #openVenue(feed: PullFeed, config: Config, listener: VenueListener): SimulatedExecutionClient {
    const settings: ExchangeSettings = {
      seed: this.#options.seed ?? DEFAULT_SEED,
      openingCashMicros: config.cold.cashMicros,
      resolutionDelayMs: feed.endMs === null ? RESOLUTION_MS.simulated : RESOLUTION_MS.recorded,
    };
    const options = {
      path: join(this.#dir, "exchange.db"),
      settings,
      listener,
      onFailure: (error: unknown) => this.#die(`The simulated venue failed: ${messageOf(error)}`),
    };
    if (!this.#isVirtual) return this.#kept(new VenueThread(options));
    const file = new VenueFile(options.path);
    const exchange = new SimulatedExchange(settings, file, listener);
    return this.#kept(new InThreadVenue({ exchange, release: () => file.close(), onFailure: options.onFailure }));
  }

  async #readConfig(workshop: Workshop): Promise<Config> {
    const { config } = this.#options;
    const evaluated = await workshop.evaluateConfig(config);
    if (evaluated.type === "Evaluated") return parseConfig(evaluated.value, config);
    const first = evaluated.errors[0];
    assert(first !== undefined, "A refused configuration has no error");
    const where = first.line > 0 ? `${first.file}:${first.line}:${first.column}` : first.file;
    throw new UserError("config", first.message, { where });
  }

  #sayHello(feed: PullFeed, speed: number | "max", lastCycle: number | null): void {
    const world =
      feed.endMs === null ? `a simulated market (${feed.identity.split(" ")[1]}), no real money` : "recorded prices";
    const pace = speed === "max" ? "as fast as it goes" : speed === 1 ? "in real time" : `at ×${speed} speed`;
    const quotes = feed.quotes === "modelled" ? ", quotes are modelled" : "";
    const start = lastCycle === null ? "" : `; goes on after cycle ${lastCycle}`;
    const hello = `Underway on ${world} ${pace}${quotes}; data in ${this.#dir}${start}`;
    this.#log.info({ event: "run.start", feed: feed.identity, dir: this.#dir }, hello);
    if (this.#isVirtual) process.stderr.write(`${hello}\n`);
  }

  /** The bot cannot go on and must not pretend to: a restart reconciles. */
  #die(message: string): void {
    this.#log.error({ event: "run.failed" }, message);
    process.stderr.write(`error: ${message}\n`);
    process.exit(EXIT_FAILED);
  }
}

/** The first signal asks for an orderly stop, the second is taken at its word. */
function onSignals(stop: () => void): () => void {
  let asked = false;
  const onSignal = () => {
    if (asked) process.exit(130);
    asked = true;
    stop();
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return () => {
    process.off("SIGINT", onSignal);
    process.off("SIGTERM", onSignal);
  };
}
