// A bot, put together: the core with its store, venue, sandbox and workshop, and everything that watches and tells. Which of
// them are threads is not known here: `run.ts` chooses.
import { basename } from "node:path";
import { messageOf } from "../../engine/base/errors.ts";
import type { SandboxHost } from "../../engine/decide/port.ts";
import { Engine } from "../../engine/engine.ts";
import type { EngineOutput } from "../../engine/event.ts";
import type { PullFeed } from "../../engine/feeds/port.ts";
import type { JournalHead } from "../../engine/journal/port.ts";
import { Recorder } from "../../engine/journal/recorder.ts";
import type { MarketEvent } from "../../engine/market/event.ts";
import type { Rehearsal } from "../../engine/rehearsal/port.ts";
import type { BookTerms } from "../../engine/reload/paper-trade.ts";
import type { Recovered, Store, StoreFailure, StoreListener } from "../../engine/store/port.ts";
import type { SimulatedExecutionClient, VenueListener } from "../../engine/venues/port.ts";
import { digestOfCore } from "../../engine/versions/core-sources.ts";
import type { TypeCheck, Workshop } from "../../engine/versions/port.ts";
import { AlarmWebhook } from "../alarm-webhook.ts";
import type { Config } from "../config.ts";
import { dataDirectory } from "../data-directory.ts";
import { FaultLog } from "../fault-log.ts";
import type { Log } from "../log.ts";
import type { RunOptions } from "../run-options.ts";
import { StatusWriter } from "../status-file.ts";
import { AnswerWatch } from "./answer-watch.ts";
import { historyBefore, missedStretches } from "./catch-up.ts";
import { Conditions } from "./conditions.ts";
import { InstalledVersions } from "./installed-versions.ts";
import { Loop } from "./loop.ts";
import { Reloads } from "./reloads.ts";
import { resumeVersions } from "./resume.ts";
import { standingIn } from "./standing.ts";
import { type Measured, statusOf } from "./status-of.ts";
import { Steering } from "./steering.ts";
import { Timings } from "./timings.ts";
import { TrackRecord } from "./track-record.ts";
import { versionsInUse } from "./versions-in-use.ts";
import { marketStart } from "./world.ts";

export interface BotParts {
  readonly options: RunOptions;
  readonly config: Config;
  readonly dir: string;
  readonly log: Log;
  readonly feed: PullFeed;
  readonly workshop: Workshop;
  readonly types: TypeCheck;
  readonly rehearsal: Rehearsal;
  readonly host: SandboxHost;
  readonly recovered: Recovered;
  readonly store: Store;
  readonly openVenue: (listener: VenueListener) => SimulatedExecutionClient;
  readonly speed: number | "max";
  readonly deadlineMs: () => number;
  readonly onDecided: (cycle: number) => void;
  readonly onFatal: (message: string) => void;
}

/** What was refused, or may be welcome again: what is on disk is looked at once more. */
const RECONSIDERED: ReadonlySet<string> = new Set([
  "version.quarantined",
  "version.released",
  "reload.rejected",
  "reload.rolled-back",
]);

export class Bot implements StoreListener {
  readonly engine: Engine;
  readonly loop: Loop;
  readonly venue: SimulatedExecutionClient;
  readonly steering: Steering;
  readonly reloads: Reloads;
  readonly versions: InstalledVersions;
  readonly conditions = new Conditions(Date.now);
  readonly cycleTimes = new Timings();
  readonly startMs: number;
  readonly cycleMs: number;
  readonly dir: string;
  readonly #parts: BotParts;
  readonly #faults = new FaultLog();
  readonly #record = new TrackRecord();
  readonly #status: StatusWriter;
  readonly #webhook: AlarmWebhook;
  readonly #answers = new AnswerWatch();
  #reconciled: () => void = () => {};
  #workersReplaced = 0;
  measured: Measured = { stoppedAt: null, loopLagMaxMs: 0, heartbeatAt: null, restartGapMs: null, journal: null };

  constructor(parts: BotParts) {
    this.#parts = parts;
    this.dir = parts.dir;
    const { config, dir, feed, log, recovered, workshop, host, store, options } = parts;
    const paths = dataDirectory(dir);
    this.cycleMs = feed.grain.type === "candles" ? feed.grain.stepMs : config.cold.cycleMs;
    const start = marketStart(feed, recovered.meta, recovered.lastCycle?.atMs ?? null, {
      speed: parts.speed,
      wallMs: Date.now(),
      dir,
    });
    this.startMs = start.atMs;
    const write = (level: "info" | "warn" | "error", message: string, fields: Record<string, unknown>) =>
      log[level](fields, message);
    this.steering = new Steering(config, recovered.control, {
      controlPath: paths.control,
      config: {
        file: options.config,
        workshop,
        types: parts.types,
        nextReceiptId: (name) => this.loop.nextReceiptId(name),
        monotonicMs: () => performance.now(),
        wallMs: Date.now,
      },
      conditions: this.conditions,
      post: (event) => this.loop.post(event),
      declaredParams: (strategy) => this.#declaredParams(strategy),
      requestReload: (strategy) => void this.reloads.request(strategy, "params"),
      log: write,
    });
    const history = historyBefore(this.startMs, feed, recovered);
    const beginning = { settings: this.steering.settings, cycleMs: this.cycleMs, grain: feed.grain };
    this.engine = new Engine({ recovered, history: history.events, ...beginning });
    const recorder = new Recorder({
      type: "Started",
      core: digestOfCore(),
      history: history.isRecovered ? null : history.events,
      candlesFromMs: recovered.candles.at(0)?.openMs ?? null,
      ...beginning,
    });
    this.venue = parts.openVenue({
      report: (report) => {
        this.loop.post({ type: "Reported", report });
        if (report.type === "Reconciled") this.#reconciled();
      },
      market: (events) => this.loop.post({ type: "Market", events }),
    });
    this.loop = new Loop({
      engine: this.engine,
      host,
      store,
      venue: this.venue,
      recorder,
      deadlineMs: parts.deadlineMs,
      observe: (output) => this.#observe(output),
      decided: parts.onDecided,
      monotonicMs: () => performance.now(),
    });
    this.versions = new InstalledVersions(host);
    this.reloads = new Reloads({
      workshop,
      types: parts.types,
      rehearsal: parts.rehearsal,
      versions: this.versions,
      folder: basename(options.strategies),
      isVirtual: parts.speed === "max",
      post: (event) => this.loop.post(event),
      codeOf: (strategy, name) => this.engine.slots.codeOf(strategy, name),
      nextReceiptId: (strategy) => this.loop.nextReceiptId(strategy),
      settings: () => this.steering.settings,
      terms: () => this.#terms(),
      isUngated: (strategy) => this.#isUngated(strategy),
      admit: (strategy, code) => this.loop.admit(strategy, code),
      stateOf: (receipt) => this.engine.receipts.get(receipt)?.state ?? null,
      standing: (slot) => standingIn(this.engine, slot),
      waiting: (strategy) => this.engine.candidates.waiting(strategy),
      slotsOf: (strategy) => this.steering.settings.slots.filter((slot) => slot.strategy === strategy),
      refusal: (version) => this.engine.bars.refusal(version),
      log: write,
      monotonicMs: () => performance.now(),
      wallMs: Date.now,
      after: (ms, then) => void setTimeout(then, ms),
    });
    this.#status = new StatusWriter(paths.status, {
      onError: (error) => {
        // Tried four times a second, under a new temporary name each time: said as rarely as a strategy's fault.
        const { code = "" } = error as NodeJS.ErrnoException;
        if (this.#faults.admit("status.json", code, performance.now()) === null) return;
        log.warn({ event: "status.failed" }, `Cannot write status.json: ${messageOf(error)}`);
      },
    });
    // What goes wrong in a recording that is run through is nobody's emergency.
    const address = () => (parts.speed === "max" ? null : this.steering.webhook);
    this.#webhook = new AlarmWebhook({ address, bot: { dir, pid: process.pid }, log });
    this.loop.post({ type: "Noted", notes: start.notes });
    this.venue.observe(history.events);
  }

  get strategies(): Set<string> {
    return new Set(this.steering.settings.slots.map((slot) => slot.strategy));
  }

  /** Hands everything that became known in (fromMs, toMs] to the venue and the core, and moves the venue's clock. */
  advance(fromMs: number, toMs: number): void {
    this.#show(fromMs, toMs);
    this.venue.advance(toMs);
  }

  #show(fromMs: number, toMs: number): void {
    const events: MarketEvent[] = [...this.#parts.feed.between(fromMs, toMs)];
    if (events.length === 0) return;
    this.venue.observe(events);
    this.loop.post({ type: "Market", events });
  }

  /** Asks the venue what became of everything, before anything new is traded. */
  async reconcile(): Promise<void> {
    const answered = new Promise<void>((resolve) => {
      this.#reconciled = resolve;
    });
    const held = this.engine.desk.openPositions.map((position) => position.market);
    const closes = held.flatMap((market) => this.engine.market.window(market)?.market.closeMs ?? []);
    for (const [fromMs, toMs] of missedStretches(this.startMs, this.#parts.recovered, closes)) this.#show(fromMs, toMs);
    this.venue.advance(this.startMs);
    this.venue.send(this.engine.reconcileCommand());
    await answered;
  }

  /** What decided before the restart decides again, and what open positions are pinned to can. */
  async resume(): Promise<void> {
    const lost = await resumeVersions({
      engine: this.engine,
      settings: this.steering.settings,
      activations: this.#parts.recovered.activations,
      workshop: this.#parts.workshop,
      versions: this.versions,
      admit: (strategy, code) => this.loop.admit(strategy, code),
      post: (event) => this.loop.post(event),
    });
    for (const { code, message } of lost) {
      this.conditions.set("LastKnownGood", "False", "NotResumed", message);
      this.#parts.log.error({ event: "version.not-resumed", code }, message);
    }
  }

  /** What is on disk is a candidate, also at a start. Resolves when each strategy is armed, refused or unchanged. */
  async considerDisk(): Promise<void> {
    await Promise.all([...this.strategies].map((strategy) => this.reloads.request(strategy, "start")));
  }

  /** A row that says that we live, with whatever waits to be written. */
  beat(state: { readonly missed: number; readonly loopLagMaxMs: number }): void {
    const at = new Date().toISOString();
    this.measured = { ...this.measured, heartbeatAt: at };
    this.loop.post({
      type: "Heartbeat",
      atMs: this.engine.nowMs,
      state: JSON.stringify({ at, pid: process.pid, ...state }),
    });
  }

  startCycle(cycle: number, atMs: number): void {
    this.loop.post({ type: "CycleOpened", cycle, atMs });
    this.loop.post({ type: "BoundaryDue", cycle, atMs });
    this.loop.post({ type: "CycleDue", cycle, atMs });
    this.steering.inForce(this.engine.settings, cycle);
  }

  /** Lets go of versions that neither decide, nor hold a position, nor can be gone back to. */
  retireUnused(): void {
    this.versions.retire(versionsInUse(this.engine));
  }

  watchWorkers(): void {
    const { replaced } = this.#parts.host.counters();
    if (replaced === this.#workersReplaced) return;
    this.#workersReplaced = replaced;
    const message = "A sandbox worker hung or died and was replaced by the spare";
    this.loop.post({
      type: "AlarmRaised",
      kind: "worker-hung",
      severity: "critical",
      scope: `worker-${replaced}`,
      message,
      atMs: this.engine.nowMs,
    });
  }

  /** `digest` is of control.json as it is on disk; null when there is none. */
  watchControl(digest: string | null): void {
    this.loop.post(this.#answers.look(digest, this.steering, performance.now(), this.engine.nowMs));
  }

  offerStatus(): void {
    const { host, feed, log: _, speed } = this.#parts;
    this.#status.offer(() =>
      statusOf(
        {
          engine: this.engine,
          steering: this.steering,
          conditions: this.conditions,
          record: this.#record,
          cycleTimes: this.cycleTimes,
          sandbox: () => host.counters(),
          feedName: feed.identity.split(" ")[0]!,
          venueName: "simulated",
          quotes: feed.quotes,
          process: {
            pid: process.pid,
            node: process.version,
            startedAt: new Date(performance.timeOrigin).toISOString(),
            speed,
          },
          wallMs: Date.now,
        },
        this.measured,
      ),
    );
  }

  async closeStatus(): Promise<void> {
    this.offerStatus();
    await Promise.all([this.#status.close(), this.#webhook.close()]);
  }

  /** The store's word, as it comes. */
  durable(seq: number, journal: JournalHead | null): void {
    this.measured = { ...this.measured, journal };
    this.loop.post({ type: "CommitDurable", seq });
  }

  failed({ kind, message }: StoreFailure): void {
    if (kind !== "full") return this.#parts.onFatal(`The store failed: ${message}`);
    this.loop.post({
      type: "Latched",
      kind: "disk-full",
      mode: "entries-stopped",
      reason: message,
      atMs: this.engine.nowMs,
    });
  }

  #terms(): BookTerms {
    const { sizing, scalePpm, risk } = this.steering.settings;
    return { sizing, scalePpm, limits: risk, bankrollMicros: this.engine.desk.ledger.balance("cash") };
  }

  #isUngated(strategy: string): boolean {
    const { promotion, promotions } = this.steering.settings.reload;
    return (promotions.get(strategy) ?? promotion).type === "ungated";
  }

  #declaredParams(strategy: string): readonly string[] | null {
    for (const slot of this.engine.slots.all) {
      if (slot.settings.strategy === strategy && slot.running !== null)
        return Object.keys(slot.running.manifest.params);
    }
    return null;
  }

  #observe(output: Extract<EngineOutput, { type: "Logged" | "AlarmChanged" | "FaultSeen" | "Activated" }>): void {
    const { log } = this.#parts;
    switch (output.type) {
      case "Logged": {
        const { level, event, message, fields } = output.entry;
        this.#record.observe(output.entry);
        log[level]({ event, ...fields }, message);
        // What is on disk may just have become unwelcome, or welcome again.
        if (RECONSIDERED.has(event)) void this.reloads.request(String(fields.strategy), "file");
        if (event === "version.live") this.reloads.tookOver(String(fields.strategy));
        return;
      }
      case "AlarmChanged":
        return this.#webhook.post(output.alarm);
      case "Activated":
        return;
      case "FaultSeen": {
        const { slot, version, fault, cycle } = output;
        const shown = this.#faults.admit(
          version.strategy,
          `${fault.kind} ${fault.where ?? fault.message}`,
          performance.now(),
        );
        if (shown === null) return;
        const more = shown.suppressed === 0 ? "" : ` (and ${shown.suppressed} more since)`;
        log.error(
          {
            event: "strategy.fault",
            slot,
            strategy: version.strategy,
            version: `${version.strategy}@${version.code.slice(0, 8)}`,
            params: version.params.slice(0, 8),
            cycle,
            fault: fault.kind,
            where: fault.where,
            frame: fault.frame,
          },
          `fault (${fault.kind}): ${fault.message}${more}`,
        );
      }
    }
  }
}
