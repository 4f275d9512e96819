// A bot, put together: the core with its store, venue, sandbox and workshop, and everything that watches and tells. Which of
// them are threads is not known here: `run.ts` chooses.
import { messageOf } from "../../engine/base/errors.ts";
import type { SlotId } from "../../engine/base/ids.ts";
import type { SandboxHost } from "../../engine/decide/port.ts";
import { type VersionKey, type VersionRef, versionKey } from "../../engine/decide/version.ts";
import { Engine } from "../../engine/engine.ts";
import type { EngineOutput } from "../../engine/event.ts";
import type { PullFeed } from "../../engine/feeds/port.ts";
import type { MarketEvent } from "../../engine/market/event.ts";
import type { Recovered, Store, StoreFailure, StoreListener } from "../../engine/store/port.ts";
import type { SimulatedExecutionClient, VenueListener } from "../../engine/venues/port.ts";
import type { Workshop } from "../../engine/versions/port.ts";
import type { Config } from "../config.ts";
import { dataDirectory } from "../data-directory.ts";
import { FaultLog } from "../fault-log.ts";
import type { Log } from "../log.ts";
import type { RunOptions } from "../run-options.ts";
import { StatusWriter } from "../status-file.ts";
import { historyBefore, missedStretches } from "./catch-up.ts";
import { Conditions } from "./conditions.ts";
import { Loop } from "./loop.ts";
import { Reloads } from "./reloads.ts";
import { restoreVersions } from "./restore-versions.ts";
import { type Measured, statusOf } from "./status-of.ts";
import { Steering } from "./steering.ts";
import { Timings } from "./timings.ts";
import { TrackRecord } from "./track-record.ts";
import { marketStart } from "./world.ts";

export interface BotParts {
  readonly options: RunOptions;
  readonly config: Config;
  readonly dir: string;
  readonly log: Log;
  readonly feed: PullFeed;
  readonly workshop: Workshop;
  readonly host: SandboxHost;
  readonly recovered: Recovered;
  readonly store: Store;
  readonly openVenue: (listener: VenueListener) => SimulatedExecutionClient;
  readonly speed: number | "max";
  readonly deadlineMs: () => number;
  readonly onDecided: (cycle: number) => void;
  readonly onFatal: (message: string) => void;
}

export class Bot implements StoreListener {
  readonly engine: Engine;
  readonly loop: Loop;
  readonly venue: SimulatedExecutionClient;
  readonly steering: Steering;
  readonly reloads: Reloads;
  readonly conditions = new Conditions(Date.now);
  readonly cycleTimes = new Timings();
  readonly startMs: number;
  readonly cycleMs: number;
  readonly dir: string;
  readonly #parts: BotParts;
  readonly #faults = new FaultLog();
  readonly #record = new TrackRecord();
  readonly #status: StatusWriter;
  #reconciled: () => void = () => {};
  #workersReplaced = 0;
  measured: Measured = { stoppedAt: null, loopLagMaxMs: 0, heartbeatAt: null, restartGapMs: null };

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
      configPath: options.config,
      workshop,
      conditions: this.conditions,
      post: (event) => this.loop.post(event),
      declaredParams: (strategy) => this.#declaredParams(strategy),
      requestReload: (strategy) => void this.reloads.request(strategy, "params"),
      log: write,
    });
    const history = historyBefore(this.startMs, feed, recovered);
    this.engine = new Engine({
      recovered,
      settings: this.steering.settings,
      cycleMs: this.cycleMs,
      grain: feed.grain,
      history,
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
      deadlineMs: parts.deadlineMs,
      observe: (output) => this.#observe(output),
      decided: parts.onDecided,
    });
    this.reloads = new Reloads({
      workshop,
      host,
      post: (event) => this.loop.post(event),
      admit: (strategy, code) => this.engine.admit(strategy, code),
      standing: (slot) => this.#standing(slot),
      slotsOf: (strategy) => this.steering.settings.slots.filter((slot) => slot.strategy === strategy),
      refusal: (version) => this.engine.quarantine.refusal(version),
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
    this.loop.post({ type: "Noted", notes: start.notes });
    this.venue.observe(history);
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
    const { recovered, workshop } = this.#parts;
    const slots = new Set(this.steering.settings.slots.map((slot) => slot.id));
    // Rows come in order: the last one of a slot is what runs, earlier ones are there for what is pinned to them, and to go
    // back to; of these a quarantined one is no loss, for nothing would ask it.
    const last = new Map(recovered.activations.map((row) => [row.slot, row]));
    const { loaded, became, lost } = await restoreVersions(
      recovered.activations.filter(
        (row) => slots.has(row.slot) && (last.get(row.slot) === row || !this.engine.quarantine.has(row)),
      ),
      workshop,
      (strategy, code) => this.engine.admit(strategy, code),
      (row) => this.engine.quarantine.refusal(row),
    );
    for (const { code, message } of lost) {
      this.conditions.set("LastKnownGood", "False", "NotResumed", message);
      this.#parts.log.error({ event: "version.not-resumed", code }, message);
    }
    await Promise.all(loaded.map((version) => this.reloads.install(version)));
    this.loop.post({ type: "VersionsLoaded", versions: loaded.map((version) => version.facts) });
    const arms = [...last].flatMap(([slot, row]) => {
      const key = became.get(versionKey(row));
      return slots.has(slot) && key !== undefined ? [{ slot, key }] : [];
    });
    this.loop.post({ type: "VersionsArmed", slots: arms });
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
    this.loop.post({ type: "CycleDue", cycle, atMs });
    this.steering.inForce(this.engine.settings, cycle);
  }

  /** Lets go of versions that neither decide, nor hold a position, nor can be gone back to. */
  retireUnused(): void {
    const inUse = new Set<VersionKey>();
    const use = (ref: VersionRef | null) => ref !== null && inUse.add(versionKey(ref));
    for (const slot of this.engine.slots.all) {
      use(slot.running?.ref ?? null);
      use(slot.armed?.ref ?? null);
      for (const { ref } of slot.lastGood) use(ref);
    }
    for (const position of this.engine.desk.openPositions) use(position.version);
    for (const order of this.engine.desk.liveOrders) use(order.version);
    this.reloads.retire(inUse);
  }

  watchWorkers(): void {
    const { replaced } = this.#parts.host.counters();
    if (replaced === this.#workersReplaced) return;
    this.#workersReplaced = replaced;
    const message = "A sandbox worker hung or died and was replaced by the spare";
    this.loop.post({
      type: "AlarmRaised",
      kind: "worker-hung",
      scope: `worker-${replaced}`,
      message,
      atMs: this.engine.nowMs,
    });
  }

  offerStatus(): void {
    const { host, feed, log: _, speed } = this.#parts;
    this.#status.offer(() =>
      statusOf(
        {
          engine: this.engine,
          steering: this.steering,
          reloads: this.reloads,
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
    await this.#status.close();
  }

  /** The store's word, as it comes. */
  durable(seq: number): void {
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

  #standing(id: SlotId): { readonly running: VersionRef | null; readonly armed: VersionRef | null } {
    const slot = this.engine.slots.get(id);
    return { running: slot?.running?.ref ?? null, armed: slot?.armed?.ref ?? null };
  }

  #declaredParams(strategy: string): readonly string[] | null {
    for (const slot of this.engine.slots.all) {
      if (slot.settings.strategy === strategy && slot.running !== null)
        return Object.keys(slot.running.manifest.params);
    }
    return null;
  }

  #observe(output: Extract<EngineOutput, { type: "Logged" | "FaultSeen" | "Activated" }>): void {
    const { log } = this.#parts;
    switch (output.type) {
      case "Logged": {
        const { level, event, message, fields } = output.entry;
        this.#record.observe(output.entry);
        log[level]({ event, ...fields }, message);
        // What is on disk may just have become unwelcome, or welcome again.
        if (event === "version.quarantined" || event === "version.released")
          void this.reloads.request(String(fields.strategy), "file");
        return;
      }
      case "Activated":
        return this.reloads.activated(output.version, output.slots.length, output.cycle);
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
