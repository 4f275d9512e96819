// A bot, put together: the core with its store, venue, sandbox and workshop, and everything that watches and tells.
// The only file that chooses between threads (trading in real time) and this thread (virtual time).
import { mkdirSync } from "node:fs";
import { messageOf } from "../../engine/base/errors.ts";
import type { CodeVersion, SlotId } from "../../engine/base/ids.ts";
import type { LoadedVersion, SandboxHost } from "../../engine/decide/port.ts";
import { type VersionKey, type VersionRef, versionKey } from "../../engine/decide/version.ts";
import { Engine } from "../../engine/engine.ts";
import type { EngineOutput } from "../../engine/event.ts";
import type { PullFeed } from "../../engine/feeds/port.ts";
import type { Params } from "../../engine/frame/manifest.ts";
import type { MarketEvent } from "../../engine/market/event.ts";
import { candleEvents } from "../../engine/market/history.ts";
import type { Recovered, Store, StoreFailure, StoreListener } from "../../engine/store/port.ts";
import type { SimulatedExecutionClient, VenueListener } from "../../engine/venues/port.ts";
import type { Workshop } from "../../engine/versions/port.ts";
import type { Config } from "../config.ts";
import { dataDirectory } from "../data-directory.ts";
import { FaultLog } from "../fault-log.ts";
import type { Log } from "../log.ts";
import type { RunOptions } from "../run-options.ts";
import { StatusWriter } from "../status-file.ts";
import { Conditions } from "./conditions.ts";
import { Loop } from "./loop.ts";
import { Reloads } from "./reloads.ts";
import { type Measured, statusOf } from "./status-of.ts";
import { Steering } from "./steering.ts";
import { Timings } from "./timings.ts";
import { TrackRecord } from "./track-record.ts";
import { marketStart } from "./world.ts";

/** Prices this far back are looked at again after a restart: settlement wants those at a close and around it. */
const LOOK_BACK_MS = 120_000;
/** A longer absence is not lived through tick by tick. */
const ABSENCE_MS_MAX = 3 * 3_600_000;
/** By then the price of a close has been received. */
const CLOSE_SEEN_MS = 10_000;

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

export class Bot {
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
    mkdirSync(dir, { recursive: true });
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
    const history = this.#history();
    this.engine = new Engine({
      recovered,
      settings: this.steering.settings,
      cycleMs: this.cycleMs,
      grain: feed.grain.type,
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
      log: write,
      monotonicMs: () => performance.now(),
      wallMs: Date.now,
      after: (ms, then) => void setTimeout(then, ms),
    });
    this.#status = new StatusWriter(paths.status, {
      onError: (error) => log.warn({ event: "status.failed" }, `Cannot write status.json: ${messageOf(error)}`),
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

  /** Candles from before the start: our own after a short absence, for the ticks since are looked at anyway; else the feed's. */
  #history(): MarketEvent[] {
    const { recovered, feed } = this.#parts;
    const { lastCycle, candles } = recovered;
    const isShort = lastCycle !== null && this.startMs - lastCycle.atMs <= ABSENCE_MS_MAX - LOOK_BACK_MS;
    return isShort ? candleEvents(candles) : [...feed.history(this.startMs)];
  }

  /**
   * What happened while nobody looked, with some minutes before it, for settlement needs the prices at the closes. After
   * a long absence only the closes of what is still open are looked up.
   */
  #missedStretches(): (readonly [fromMs: number, toMs: number])[] {
    const { lastCycle } = this.#parts.recovered;
    if (lastCycle === null) return [[this.startMs - 1, this.startMs]];
    const fromMs = lastCycle.atMs - LOOK_BACK_MS;
    if (this.startMs - fromMs <= ABSENCE_MS_MAX) return [[fromMs, this.startMs]];
    const held = new Set(this.engine.desk.openPositions.map((position) => position.market));
    const closes = [...held].flatMap((market) => this.engine.market.window(market)?.market.closeMs ?? []);
    const around = [...new Set(closes)]
      .sort((a, b) => a - b)
      .map((closeMs) => [closeMs - 1, closeMs + CLOSE_SEEN_MS] as const);
    return [
      ...around.filter(([, toMs]) => toMs < this.startMs - LOOK_BACK_MS),
      [this.startMs - LOOK_BACK_MS, this.startMs],
    ];
  }

  /** Asks the venue what became of everything, before anything new is traded. */
  async reconcile(): Promise<void> {
    const answered = new Promise<void>((resolve) => {
      this.#reconciled = resolve;
    });
    for (const [fromMs, toMs] of this.#missedStretches()) this.#show(fromMs, toMs);
    this.venue.advance(this.startMs);
    this.venue.send(this.engine.reconcileCommand());
    await answered;
  }

  /** Loads again, from the version store, what decided before the restart and what open positions are pinned to. */
  async resume(): Promise<void> {
    const { recovered, workshop } = this.#parts;
    const slots = new Set<SlotId>(this.steering.settings.slots.map((slot) => slot.id));
    const wanted = new Map<CodeVersion, Map<string, Params>>();
    const want = (code: CodeVersion, paramsJson: string) => {
      const params = wanted.get(code) ?? new Map<string, Params>();
      params.set(paramsJson, JSON.parse(paramsJson) as Params);
      wanted.set(code, params);
    };
    const active = recovered.activations.filter((row) => slots.has(row.slot));
    for (const row of active) want(row.code, row.paramsJson);
    const loaded = new Map<VersionKey, LoadedVersion>();
    for (const [code, params] of wanted) {
      try {
        const prepared = await workshop.restore(code, [...params.values()]);
        if (prepared.type === "Refused") throw new Error(prepared.errors[0]?.message ?? "it does not load");
        const ordinal = this.engine.admit(prepared.artifact.strategy, prepared.artifact.code);
        for (const version of prepared.loaded) {
          const numbered = { ...version, facts: { ...version.facts, ref: { ...version.facts.ref, ordinal } } };
          await this.reloads.install(numbered);
          loaded.set(versionKey(numbered.facts.ref), numbered);
        }
      } catch (error) {
        const message = `Version ${code.slice(0, 8)} cannot be resumed: ${messageOf(error)}`;
        this.conditions.set("LastKnownGood", "False", "NotResumed", message);
        this.#parts.log.error({ event: "version.not-resumed", code }, message);
      }
    }
    this.loop.post({ type: "VersionsLoaded", versions: [...loaded.values()].map((version) => version.facts) });
    // Rows come in order: the last one of a slot is what runs, earlier ones are only there for what is pinned to them.
    const running = new Map(active.map((row) => [row.slot, versionKey(row)]));
    const arms = [...running].filter(([, key]) => loaded.has(key)).map(([slot, key]) => ({ slot, key }));
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

  /** Lets go of versions that neither decide nor hold a position. */
  retireUnused(): void {
    const inUse = new Set<VersionKey>();
    const use = (ref: VersionRef | null) => ref !== null && inUse.add(versionKey(ref));
    for (const slot of this.engine.slots.all) {
      use(slot.running?.ref ?? null);
      use(slot.armed?.ref ?? null);
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

  storeListener(): StoreListener {
    return {
      durable: (seq) => this.loop.post({ type: "CommitDurable", seq }),
      failed: (failure) => this.#storeFailed(failure),
    };
  }

  #storeFailed({ kind, message }: StoreFailure): void {
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
