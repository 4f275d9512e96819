// One run over a recorded market: the core that trades live, in virtual time, everything in this thread, its ledger in memory.
import type { DatabaseSync } from "node:sqlite";
import { setImmediate as breathe } from "node:timers/promises";
import { messageOf, UserError } from "../../engine/base/errors.ts";
import { versionKey } from "../../engine/decide/version.ts";
import { Engine } from "../../engine/engine.ts";
import { JournalFeed, type RecordedCycle } from "../../engine/feeds/journal/journal-feed.ts";
import type { PullFeed } from "../../engine/feeds/port.ts";
import type { SlotSettings } from "../../engine/risk/settings.ts";
import type { BatchHost } from "../../engine/sandbox/batch-host.ts";
import { SandboxOvertime, SandboxPoisoned } from "../../engine/sandbox/instance.ts";
import { openScratchDatabase } from "../../engine/store/database.ts";
import { GROUP_COMMITS_MAX, InThreadStore } from "../../engine/store/in-thread-store.ts";
import type { Batch, LedgerTotals } from "../../engine/store/port.ts";
import { recover } from "../../engine/store/recover.ts";
import type { TableName } from "../../engine/store/tables.ts";
import type { SimulatedExecutionClient, VenueListener } from "../../engine/venues/port.ts";
import { InThreadVenue } from "../../engine/venues/simulated/in-thread-venue.ts";
import { MemoryJournal } from "../../engine/venues/simulated/memory-journal.ts";
import { type ExchangeSettings, SimulatedExchange } from "../../engine/venues/simulated/simulated-exchange.ts";
import { Loop } from "../run/loop.ts";
import { SETTLE_MS } from "../run/world.ts";
import type { CompiledVersion } from "./compiled-strategies.ts";
import { DailyEquity, equityMicros } from "./equity.ts";
import type { RunOrder } from "./port.ts";
import type { UpdownTerms } from "./updown-settings.ts";

/** How long the run may keep the thread to itself: signals and progress come in between. */
const BREATH_MS = 100;

/** The market's history is in the data: it is not written down again. */
const NOT_KEPT: ReadonlySet<TableName> = new Set(["candles", "quotes", "samples", "memory_samples"]);

class LedgerStore extends InThreadStore {
  override commit(batch: Batch): void {
    super.commit({ ...batch, writes: batch.writes.filter(({ table }) => !NOT_KEPT.has(table)) });
  }
}

export interface UpdownParts {
  /** At its beginning. */
  readonly feed: PullFeed;
  readonly terms: UpdownTerms;
  /** What decides which slots. */
  readonly arms: readonly (CompiledVersion & { readonly slots: readonly SlotSettings[] })[];
  readonly host: BatchHost;
  readonly exchange: ExchangeSettings;
}

export interface UpdownResult {
  readonly bars: number;
  readonly elapsedMs: number;
  readonly isCutShort: boolean;
  /** Market time of its last cycle. */
  readonly endedMs: number;
  readonly dailyEquityMicros: Float64Array;
  readonly finalEquityMicros: number;
  readonly totals: LedgerTotals;
  /** The whole ledger. */
  readonly db: DatabaseSync;
}

export class UpdownRun {
  readonly #parts: UpdownParts;
  readonly #order: RunOrder;
  readonly #db = openScratchDatabase();
  readonly #store: LedgerStore;
  readonly #venue: SimulatedExecutionClient;
  readonly #engine: Engine;
  readonly #loop: Loop;
  #nowMs: number;

  constructor(parts: UpdownParts, order: RunOrder) {
    const { feed, terms, host } = parts;
    this.#parts = parts;
    this.#order = order;
    // What a bot saw is told from its beginning: it makes the candles that its inputs want.
    const isGrid = !(feed instanceof JournalFeed);
    this.#nowMs = isGrid && order.fromMs !== null ? Math.max(feed.startMs, order.fromMs - 1) : feed.startMs;
    const fail = (error: unknown): never => {
      throw error;
    };
    this.#store = new LedgerStore(
      { db: this.#db, groupCommits: GROUP_COMMITS_MAX },
      {
        durable: (seq) => this.#loop.post({ type: "CommitDurable", seq }),
        failed: ({ message }) => fail(new Error(message)),
      },
    );
    const history = [...feed.history(this.#nowMs)];
    const { settings, cycleMs } = terms;
    this.#engine = new Engine({ recovered: recover(this.#db), settings, cycleMs, grain: feed.grain, history });
    const listener: VenueListener = {
      report: (report) => this.#loop.post({ type: "Reported", report }),
      market: (events) => {
        if (feed.quotes === "modelled") this.#loop.post({ type: "Market", events });
      },
    };
    const exchange = new SimulatedExchange(parts.exchange, new MemoryJournal(), listener);
    this.#venue = new InThreadVenue({ exchange, onFailure: fail });
    this.#loop = new Loop({
      engine: this.#engine,
      host,
      store: this.#store,
      venue: this.#venue,
      recorder: null,
      deadlineMs: () => Number.MAX_SAFE_INTEGER,
      observe: () => {},
      decided: () => {},
      monotonicMs: () => 0,
    });
    this.#venue.observe(history);
  }

  /** Rejects with a UserError for a strategy that ends its sandbox. */
  async run(): Promise<UpdownResult> {
    try {
      return await this.#run();
    } catch (error) {
      if (!(error instanceof SandboxOvertime || error instanceof SandboxPoisoned)) throw error;
      throw new UserError("rejected", `Cannot go on at ${new Date(this.#nowMs).toISOString()}: ${messageOf(error)}`);
    }
  }

  async #run(): Promise<UpdownResult> {
    const { feed, exchange } = this.#parts;
    const { fromMs, pulse } = this.#order;
    this.#show(this.#nowMs - 1, this.#nowMs);
    this.#venue.send(this.#engine.reconcileCommand());
    const arms = await this.#install();
    const equity = () => equityMicros(this.#engine);
    const daily = new DailyEquity(Math.max(this.#nowMs, fromMs ?? 0), exchange.openingCashMicros, equity);
    const dataEndMs = feed.endMs ?? Number.POSITIVE_INFINITY;
    const startedMs = performance.now();
    let breathedMs = startedMs;
    let bars = 0;
    let isArmed = false;
    let isCutShort = false;
    for (const { cycle, atMs } of this.#cycles(dataEndMs)) {
      const isCounted = atMs >= (fromMs ?? atMs);
      if (isCounted && !isArmed) {
        isArmed = true;
        this.#loop.post({ type: "VersionsArmed", slots: arms });
      }
      daily.before(atMs);
      this.#show(this.#nowMs, atMs);
      this.#nowMs = atMs;
      this.#loop.post({ type: "CycleOpened", cycle, atMs });
      this.#loop.post({ type: "BoundaryDue", cycle, atMs });
      this.#loop.post({ type: "CycleDue", cycle, atMs });
      if (isCounted && atMs <= dataEndMs) bars += 1;
      if (performance.now() - breathedMs < BREATH_MS) continue;
      isCutShort = pulse?.(atMs, bars) ?? false;
      if (isCutShort) break;
      await breathe();
      breathedMs = performance.now();
    }
    const elapsedMs = performance.now() - startedMs;
    const dailyEquityMicros = daily.end();
    const finalEquityMicros = equity();
    const totals = await this.#store.totals();
    const ended = { bars, elapsedMs, isCutShort, endedMs: this.#nowMs };
    return { ...ended, dailyEquityMicros, finalEquityMicros, totals, db: this.#db };
  }

  /** As they are loaded: no gate, no rehearsal. */
  async #install() {
    const { arms, host } = this.#parts;
    const armed = [];
    for (const { version, isPure, slots } of arms) {
      const { strategy, code } = version.facts.ref;
      const facts = { ...version.facts, ref: { ...version.facts.ref, ordinal: this.#loop.admit(strategy, code) } };
      await host.install({ ...version, facts }, { pure: isPure && this.#order.batch });
      this.#loop.post({ type: "VersionsLoaded", versions: [facts] });
      for (const { id } of slots) armed.push({ slot: id, key: versionKey(facts.ref) });
    }
    return armed;
  }

  /** The bot's own, or all on the grid; after the data some more, so that what is held settles. */
  *#cycles(dataEndMs: number): Generator<RecordedCycle> {
    const { feed, terms } = this.#parts;
    const endMs = Math.min(this.#order.toMs ?? Number.POSITIVE_INFINITY, dataEndMs + SETTLE_MS);
    let cycle = 0;
    let atMs = this.#nowMs;
    if (feed instanceof JournalFeed) {
      for (let next = feed.nextCycle; next !== null; next = feed.nextCycle) {
        if (next.atMs > endMs) return;
        ({ cycle, atMs } = next);
        yield next;
      }
    }
    for (;;) {
      cycle += 1;
      atMs = (Math.floor(atMs / terms.cycleMs) + 1) * terms.cycleMs;
      if (atMs > endMs) return;
      yield { cycle, atMs };
    }
  }

  #show(fromMs: number, toMs: number): void {
    const events = [...this.#parts.feed.between(fromMs, toMs)];
    if (events.length > 0) {
      this.#venue.observe(events);
      this.#loop.post({ type: "Market", events });
    }
    this.#venue.advance(toMs);
  }
}
