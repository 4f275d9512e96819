// One run of a bot, from its parts to its result.
import { join } from "node:path";
import { messageOf, UserError } from "../../engine/base/errors.ts";
import type { PullFeed } from "../../engine/feeds/port.ts";
import type { Store } from "../../engine/store/port.ts";
import type { SimulatedExecutionClient, VenueListener } from "../../engine/venues/port.ts";
import { InThreadVenue } from "../../engine/venues/simulated/in-thread-venue.ts";
import { type ExchangeSettings, SimulatedExchange } from "../../engine/venues/simulated/simulated-exchange.ts";
import { VenueFile } from "../../engine/venues/simulated/venue-file.ts";
import { VenueThread } from "../../engine/venues/simulated/venue-thread.ts";
import type { Config } from "../config.ts";
import type { OpenLog } from "../log.ts";
import { requireFolderOf } from "../output-file.ts";
import type { RunOptions } from "../run-options.ts";
import { Bot } from "./bot.ts";
import { LiveRun } from "./live-run.ts";
import type { Opening } from "./opening.ts";
import { readConfig } from "./read-config.ts";
import { renderSummary, summarise } from "./summary.ts";
import { VirtualRun } from "./virtual-run.ts";
import { DEFAULT_SEED, openFeed, RESOLUTION_MS, SETTLE_MS, SIMULATED_SPEED } from "./world.ts";

const EXIT_FAILED = 1;
/** A deleted file can be written to for ever: nothing but a look tells that the ledger has no name any more. */
const DIRECTORY_LOOK_MS = 1_000;

export class Session {
  readonly #options: RunOptions;
  readonly #dir: string;
  readonly #log: OpenLog["log"];
  readonly #isVirtual: boolean;
  readonly #opening: Opening;
  readonly #isDirHeld: () => boolean;
  #live: LiveRun | null = null;

  /** `isDirHeld` tells whether the data directory is still there and ours. */
  constructor(options: RunOptions, dir: string, log: OpenLog["log"], opening: Opening, isDirHeld: () => boolean) {
    this.#isDirHeld = isDirHeld;
    this.#options = options;
    this.#dir = dir;
    this.#log = log;
    this.#opening = opening;
    this.#isVirtual = opening.isVirtual;
  }

  async run(): Promise<number> {
    const options = this.#options;
    if (options.exportFile !== null) requireFolderOf(options.exportFile, "export to");
    const { store: opened } = this.#opening;
    const workshop = await this.#opening.workshop;
    const types = await this.#opening.types;
    const rehearsal = await this.#opening.rehearsal;
    const [host, store, recovered, config] = await Promise.all([
      this.#opening.host,
      opened,
      opened.then((store) => store.recover()),
      readConfig(workshop, options.config),
    ]);
    store.keepJournal(config.cold.journalKeptMs);
    const feed = await openFeed(feedOf(options, config), options);
    const speed = options.speed ?? (feed.endMs === null ? SIMULATED_SPEED : 1);
    const bot = new Bot({
      options,
      config,
      dir: this.#dir,
      log: this.#log,
      feed,
      workshop,
      types,
      rehearsal,
      host,
      recovered,
      store,
      openVenue: (heard) => this.#openVenue(feed, config, heard),
      speed,
      deadlineMs: () => this.#live?.deadlineMs() ?? Number.MAX_SAFE_INTEGER,
      onDecided: () => this.#live?.decided(),
      onFatal: (message) => this.#die(message),
    });
    this.#opening.listen(bot);
    this.#sayHello(feed, speed, recovered.lastCycle?.cycle ?? null);
    await Promise.all([bot.reconcile(), bot.resume()]);
    const isFresh = recovered.activations.length === 0;
    // After a restart what ran decides first.
    const isFirst = isFresh || this.#isVirtual;
    if (isFirst) await bot.considerDisk();
    bot.beat({ missed: 0, loopLagMaxMs: 0 });
    if (isFresh) await store.totals(); // The history of a first start is a large write: the first orders must not wait for it.
    const endMs = feed.endMs === null ? null : feed.endMs + SETTLE_MS;
    if (speed === "max") await this.#runVirtual(bot, endMs);
    else await this.#runLive(bot, speed, endMs, isFirst ? null : () => void bot.considerDisk());
    return this.#finish(bot, store, feed);
  }

  async #runLive(bot: Bot, speed: number, endMs: number | null, resumed: (() => void) | null): Promise<void> {
    const live = new LiveRun(bot, this.#options, this.#log, speed, endMs, resumed);
    this.#live = live;
    const forget = onSignals(() => {
      this.#log.info(
        { event: "run.stopping" },
        "Stopping: positions stay as they are, and are managed again after the next start",
      );
      live.stop();
    });
    const guard = setInterval(() => {
      if (!this.#isDirHeld())
        this.#die(`The data directory ${this.#dir} is gone: what is traded now would be in no ledger`);
    }, DIRECTORY_LOOK_MS);
    const { reason } = await live.run();
    clearInterval(guard);
    this.#live = null;
    forget();
    if (reason === "data") this.#log.info({ event: "run.end" }, "The recording has ended");
  }

  async #runVirtual(bot: Bot, endMs: number | null): Promise<void> {
    const { Progress } = await import("./progress.ts");
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
    await this.#opening.close();
    bot.measured = { ...bot.measured, stoppedAt: new Date().toISOString() };
    await bot.closeStatus();
    const summary = summarise(totals, feed.recordedOutcomes(), { missed: bot.engine.missed, quotes: feed.quotes });
    process.stdout.write(json ? `${JSON.stringify(summary)}\n` : `${renderSummary(summary)}\n`);
    return 0;
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
    if (!this.#isVirtual) return this.#opening.keep(new VenueThread(options));
    const file = new VenueFile(options.path);
    const exchange = new SimulatedExchange(settings, file, listener);
    return this.#opening.keep(
      new InThreadVenue({ exchange, release: () => file.close(), onFailure: options.onFailure }),
    );
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

/** Throws a UserError for a venue or a feed that this release does not have. */
function feedOf(options: RunOptions, { cold }: Config): "simulated" | "replay" {
  const venue = options.venue ?? cold.venue;
  const feed = options.feed ?? cold.feed;
  const where = options.config;
  if (venue !== "simulated") {
    throw new UserError("config", `Cannot trade on "${venue}": the venue here is "simulated"`, { where });
  }
  if (feed !== "simulated" && feed !== "replay") {
    throw new UserError("config", `Cannot take prices from "${feed}": the feeds here are "simulated" and "replay"`, {
      where,
    });
  }
  return feed;
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
