// Real time: cycles on the market's UTC grid, a heartbeat whatever the sandboxes do, files watched. Ends when it is told to.
import { flushCompileCache } from "node:module";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { messageOf } from "../../engine/base/errors.ts";
import { dataDirectory } from "../data-directory.ts";
import type { Log } from "../log.ts";
import type { RunOptions } from "../run-options.ts";
import { watchFile, watchFolder } from "../watch.ts";
import type { Bot } from "./bot.ts";
import { MarketClock } from "./market-clock.ts";

/** The market is looked at this often between cycles, market time, but not more often than the gap in real time. */
const PUMP_MARKET_MS = 250;
const PUMP_GAP_MS = 20;
/** Share of the time to the next cycle after which the worker counts as hung. */
const DECIDING_SHARE = 0.8;
/** A shorter wait would take a busy machine for a hung worker; decisions that come late are counted as missed all the same. */
const DECIDING_MS_MIN = 60;
/**
 * Shares of a cycle's time: how long its start waits for the venue to answer what it was shown, and after its decisions the
 * market for its orders to leave. So what is decided is the same in real time as in virtual time; what hangs is not waited for.
 */
const VENUE_SHARE = 0.15;
const SENDING_SHARE = 0.8;
/** How often it is looked whether orders that wait for the disk have left when the next cycle is due. */
const SENDING_LOOK_MS = 1;
const HEARTBEAT_MS = 30_000;
const SECOND_MS = 1_000;
/** A wall clock that moved this much against the monotonic one was set by somebody. */
const CLOCK_STEP_MS = 250;

export interface LiveEnd {
  readonly reason: "asked" | "until" | "data";
}

export class LiveRun {
  readonly #bot: Bot;
  readonly #options: RunOptions;
  readonly #log: Log;
  readonly #clock: MarketClock;
  readonly #endMs: number | null;
  readonly #onDeciding: (() => void) | null;
  readonly #lag = monitorEventLoopDelay({ resolution: 10 });
  readonly #closers: (() => Promise<void> | void)[] = [];
  readonly #ended: Promise<LiveEnd>;
  #end: (end: LiveEnd) => void = () => {};
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #dueMs: number;
  #cycle: number;
  #pumpedMs: number;
  #cycleStartedMs: number | null = null;
  /** Real time from which orders that have not left yet hold up nothing any more. */
  #heldUntilMs = 0;
  #cyclesRun = 0;
  /** What control.json is on disk; empty without one. */
  #control: ReadonlyMap<string, string> = new Map();
  #wallSkewMs = Date.now() - performance.now();

  /**
   * `endMs`: market time after which a recording has nothing more to settle; null for a world without end. `onDeciding` is
   * called when the first cycle has been decided.
   */
  constructor(
    bot: Bot,
    options: RunOptions,
    log: Log,
    speed: number,
    endMs: number | null,
    onDeciding: (() => void) | null = null,
  ) {
    this.#onDeciding = onDeciding;
    this.#bot = bot;
    this.#options = options;
    this.#log = log;
    this.#clock = new MarketClock(bot.startMs, speed, () => performance.now());
    this.#endMs = endMs;
    this.#cycle = bot.engine.cycle;
    this.#pumpedMs = bot.startMs;
    this.#dueMs = (Math.floor(bot.startMs / bot.cycleMs) + 1) * bot.cycleMs;
    this.#ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  /** Real ms that the decisions of this cycle may take: what is left is for the spare, should the worker hang. */
  deadlineMs(): number {
    return Math.max(DECIDING_MS_MIN, this.#clock.realMsUntil(this.#dueMs) * DECIDING_SHARE);
  }

  async run(): Promise<LiveEnd> {
    this.#lag.enable();
    this.#every(HEARTBEAT_MS, () => this.#heartbeat());
    this.#every(SECOND_MS, () => this.#eachSecond());
    this.#turn();
    await this.#watch();
    const end = await this.#ended;
    this.#stopped = true;
    clearTimeout(this.#timer);
    for (const close of this.#closers) await close();
    this.#lag.disable();
    return end;
  }

  stop(): void {
    this.#end({ reason: "asked" });
  }

  /** The decisions of a cycle are in. */
  decided(): void {
    if (this.#cycleStartedMs === null) return;
    this.#bot.cycleTimes.add(performance.now() - this.#cycleStartedMs);
    this.#cycleStartedMs = null;
    this.#heldUntilMs = performance.now() + this.#realCycleMs * SENDING_SHARE;
    if (this.#clock.nowMs() >= this.#dueMs) this.#miss(1);
    this.#noteRestart();
    this.#bot.offerStatus();
    if (!this.#stopped) setImmediate(() => this.#turn());
  }

  #turn(): void {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    const nowMs = this.#clock.nowMs();
    const isDue = nowMs >= this.#dueMs;
    if (isDue && this.#cycleStartedMs === null) {
      if (this.#isOver(nowMs)) return;
      if (!this.#isHeld) return this.#startCycle(nowMs);
      this.#timer = setTimeout(() => this.#turn(), SENDING_LOOK_MS);
      return;
    }
    if (!this.#isHeld) this.#pump(Math.min(nowMs, this.#dueMs));
    if (isDue) return; // Its decisions are late: when they are in, it goes on.
    const realMs = Math.min(
      this.#clock.realMsUntil(this.#dueMs),
      Math.max(PUMP_GAP_MS, PUMP_MARKET_MS / this.#clock.speed),
    );
    this.#timer = setTimeout(() => this.#turn(), Math.ceil(realMs));
  }

  #startCycle(nowMs: number): void {
    const { cycleMs } = this.#bot;
    const skipped = Math.floor((nowMs - this.#dueMs) / cycleMs);
    if (skipped > 0) this.#miss(skipped);
    const atMs = this.#dueMs + skipped * cycleMs;
    this.#pump(atMs);
    this.#cycle += 1 + skipped;
    this.#cyclesRun += 1;
    this.#dueMs = atMs + cycleMs;
    this.#cycleStartedMs = performance.now();
    this.#timer = setTimeout(() => this.#turn(), Math.ceil(this.#clock.realMsUntil(this.#dueMs)));
    this.#whenCaughtUp(() => this.#bot.startCycle(this.#cycle, atMs));
  }

  /** Once, and not after the run has ended. */
  #whenCaughtUp(begin: () => void): void {
    let isWaiting = true;
    const go = () => {
      clearTimeout(patience);
      if (isWaiting && !this.#stopped) begin();
      isWaiting = false;
    };
    const patience = setTimeout(go, this.#realCycleMs * VENUE_SHARE);
    this.#bot.venue.caughtUp(go);
  }

  get #realCycleMs(): number {
    return this.#bot.cycleMs / this.#clock.speed;
  }

  /** The venue's clock stands at the cycle until its orders have come there. */
  get #isHeld(): boolean {
    return this.#bot.engine.isSending && performance.now() < this.#heldUntilMs;
  }

  #isOver(nowMs: number): boolean {
    const { until } = this.#options;
    const isUntil = until !== null && (until.type === "Utc" ? nowMs > until.atMs : this.#cyclesRun >= until.cycles);
    if (isUntil) this.#end({ reason: "until" });
    else if (this.#endMs !== null && nowMs > this.#endMs) this.#end({ reason: "data" });
    else return false;
    return true;
  }

  #pump(toMs: number): void {
    if (toMs <= this.#pumpedMs) return;
    this.#bot.advance(this.#pumpedMs, toMs);
    this.#pumpedMs = toMs;
  }

  #miss(count: number): void {
    this.#bot.loop.post({ type: "CyclesMissed", count, atMs: this.#bot.engine.nowMs });
  }

  #heartbeat(): void {
    this.#bot.beat({ missed: this.#bot.engine.missed, loopLagMaxMs: this.#lagMaxMs() });
    this.#bot.offerStatus();
  }

  #eachSecond(): void {
    const skewMs = Date.now() - performance.now();
    const stepMs = Math.round(skewMs - this.#wallSkewMs);
    this.#wallSkewMs = skewMs;
    if (Math.abs(stepMs) > CLOCK_STEP_MS) {
      const reason = `The system clock was moved by ${stepMs} ms`;
      this.#bot.loop.post({
        type: "Latched",
        kind: "clock-step",
        mode: "entries-stopped",
        reason,
        atMs: this.#bot.engine.nowMs,
      });
    }
    this.#bot.measured = { ...this.#bot.measured, loopLagMaxMs: this.#lagMaxMs() };
    this.#bot.watchWorkers();
    this.#bot.watchControl(this.#control.values().next().value ?? null);
    this.#bot.retireUnused();
    this.#bot.offerStatus();
  }

  #lagMaxMs(): number {
    return Math.round(this.#lag.max / 1e5) / 10;
  }

  /** From the start of this process to every slot deciding: what a kill costs. */
  #noteRestart(): void {
    if (this.#bot.measured.restartGapMs !== null) return;
    const restartGapMs = Math.round(Date.now() - performance.timeOrigin);
    this.#bot.measured = { ...this.#bot.measured, restartGapMs };
    flushCompileCache(); // A kill would leave nothing for the next start.
    this.#onDeciding?.();
    this.#log.info(
      { event: "run.deciding", restartGapMs },
      `Deciding ${restartGapMs} ms after the start of the process`,
    );
  }

  #every(ms: number, run: () => void): void {
    const timer = setInterval(run, ms);
    this.#closers.push(() => clearInterval(timer));
  }

  async #watch(): Promise<void> {
    const { reloads, steering, conditions } = this.#bot;
    const failed = (error: unknown) => this.#log.warn({ event: "watch.failed" }, `Cannot watch: ${messageOf(error)}`);
    const strategies = await watchFolder(this.#options.strategies, {
      changed: (name) => {
        for (const strategy of reloads.affectedBy(name, this.#bot.strategies)) {
          conditions.remove(`SourceMissing:${strategy}`);
          void reloads.request(strategy, "file");
        }
      },
      deleted: (name) => {
        const strategy = name.replace(/\.ts$/, "");
        if (!this.#bot.strategies.has(strategy)) return;
        conditions.set(`SourceMissing:${strategy}`, "True", "SourceMissing", `${name} is gone; what runs goes on`);
        this.#log.warn({ event: "source.missing", strategy }, `${name} is gone; what runs goes on`);
      },
      failed,
    });
    const control = await watchFile(dataDirectory(this.#bot.dir).control, {
      changed: () => void steering.lookAtControl(),
      deleted: () => this.#log.warn({ event: "control.missing" }, "control.json is gone; what is in force stays"),
      failed,
    });
    const config = await watchFile(this.#options.config, {
      changed: () => void steering.lookAtConfig(),
      deleted: () =>
        this.#log.warn({ event: "config.missing" }, "The configuration file is gone; what is in force stays"),
      failed,
    });
    this.#control = control.digests;
    this.#closers.push(
      () => strategies.close(),
      () => control.close(),
      () => config.close(),
    );
    await steering.lookAtControl();
  }
}
