// A rehearsal on a feed, where no bot has recorded anything: recorded files, or a simulated market, walked through in virtual
// time. Every cycle is decided, by the candidate and by what it is compared with, each with the memory of its own decisions and
// with the positions it would have taken.
import { setImmediate as breathe } from "node:timers/promises";
import { WINDOW_MS } from "../../dsl/asset.ts";
import { canonicalJson } from "../base/canonical-json.ts";
import type { MarketId, SlotId } from "../base/ids.ts";
import type { DecisionRequest, DecisionResult } from "../decide/decision.ts";
import type { VersionFacts } from "../decide/version.ts";
import { modelledMarket } from "../feeds/modelled-market.ts";
import type { PullFeed } from "../feeds/port.ts";
import { FrameBuilder } from "../frame/frame-builder.ts";
import type { MarketEvent } from "../market/event.ts";
import { computedOutcome, MarketState, type WindowState } from "../market/market-state.ts";
import { PaperTrade } from "../reload/paper-trade.ts";
import type { SlotSettings } from "../risk/settings.ts";
import { BatchHost } from "../sandbox/batch-host.ts";
import type { EngineVariant } from "../sandbox/engine-module.ts";
import type { SimulatedExecutionClient, VenueListener } from "../venues/port.ts";
import { FeedFindings } from "./feed-findings.ts";
import type { DecisionObserver } from "./observer.ts";
import type { Arm, RehearsalOrder, RehearsalReport } from "./port.ts";

/** By then the price of a close has been received, and windows that ended with the feed settle. */
const SETTLED_AFTER_MS = 10_000;
/** How long the walk may keep the thread to itself. */
const BREATH_MS = 100;

export interface FeedWalkOptions {
  readonly feed: PullFeed;
  /** Makes the quotes that the feed does not have. */
  readonly openVenue: (listener: VenueListener) => SimulatedExecutionClient;
  readonly order: RehearsalOrder;
  readonly engine: EngineVariant;
  /** Why the candidate is impure, as analysis and probe found; null when they found nothing. */
  readonly impure: string | null;
  /** Cycles of a feed of ticks; one of candles has its own. */
  readonly cycleMs: number;
  /** Where a world without end is left, ms UTC; Infinity for all of a feed that has one. */
  readonly untilMs: number;
  readonly notes: readonly string[];
  readonly observe?: DecisionObserver;
  /** Called now and then: market time. */
  readonly progress?: (atMs: number) => void;
}

/** One version in one slot. */
interface Place {
  readonly facts: VersionFacts;
  readonly frame: Float64Array;
  readonly trades: Map<MarketId, PaperTrade>;
  memory: string;
}

interface Pair {
  readonly slot: SlotSettings;
  readonly candidate: Place;
  readonly against: Place | null;
  /** Decided and not settled yet. */
  readonly windows: Map<MarketId, WindowState>;
}

/** Rejects with what ends a sandbox: SandboxOvertime, SandboxPoisoned. */
export async function walkFeed(options: FeedWalkOptions): Promise<RehearsalReport> {
  const host = await BatchHost.create({ variant: options.engine });
  try {
    return await new FeedWalk(options, host).run();
  } finally {
    await host.close();
  }
}

class FeedWalk {
  readonly #options: FeedWalkOptions;
  readonly #host: BatchHost;
  readonly #market: MarketState;
  readonly #frames: FrameBuilder;
  readonly #venue: SimulatedExecutionClient;
  readonly #pairs: readonly Pair[];
  readonly #findings: FeedFindings;
  readonly #cycleMs: number;

  constructor(options: FeedWalkOptions, host: BatchHost) {
    const { feed, order, openVenue, impure } = options;
    const { grain } = feed;
    this.#options = options;
    this.#host = host;
    this.#market = new MarketState(grain.type);
    this.#frames = new FrameBuilder(this.#market, grain.type === "candles" ? grain.stepMs : 0);
    this.#cycleMs = grain.type === "candles" ? grain.stepMs : options.cycleMs;
    this.#venue = openVenue({ report: () => {}, market: (events) => this.#learn(events) });
    this.#pairs = pairsOf(order);
    this.#findings = new FeedFindings(order, impure);
  }

  async run(): Promise<RehearsalReport> {
    const { feed, order, impure, untilMs, progress, engine } = this.#options;
    const startedMs = performance.now();
    for (const { version } of order.candidate) await this.#host.install(version, { pure: impure === null });
    for (const { version } of order.against) await this.#host.install(version);
    this.#begin();
    const endMs = Math.min(feed.endMs ?? Number.POSITIVE_INFINITY, untilMs);
    let breathedMs = startedMs;
    let atMs = feed.startMs;
    for (let cycle = 1; ; cycle++) {
      const nextMs = (Math.floor(atMs / this.#cycleMs) + 1) * this.#cycleMs;
      if (nextMs > endMs) break;
      this.#cycle(cycle, atMs, nextMs);
      atMs = nextMs;
      if (performance.now() - breathedMs < BREATH_MS) continue;
      progress?.(atMs);
      await breathe();
      breathedMs = performance.now();
    }
    this.#settle(atMs + SETTLED_AFTER_MS);
    await this.#venue.close();
    await this.#findings.redecide(engine);
    return this.#findings.report(this.#options.notes, performance.now() - startedMs);
  }

  /** As a bot begins: with history, and with what stands at the start. */
  #begin(): void {
    const { feed } = this.#options;
    const standing = [...feed.history(feed.startMs), ...feed.between(feed.startMs - 1, feed.startMs)];
    this.#show(standing, feed.startMs);
    for (const { slot, candidate, against } of this.#pairs) {
      this.#frames.prepare(candidate.facts, slot.asset);
      if (against !== null) this.#frames.prepare(against.facts, slot.asset);
    }
  }

  #learn(events: readonly MarketEvent[]): void {
    for (const event of events) this.#market.apply(event);
  }

  #show(events: readonly MarketEvent[], toMs: number): void {
    this.#learn(events);
    this.#venue.observe(events);
    this.#venue.advance(toMs);
  }

  #cycle(cycle: number, fromMs: number, atMs: number): void {
    const events = [...this.#options.feed.between(fromMs, atMs)];
    this.#show(events, atMs);
    this.#settle(atMs);
    const closed = new Set(events.flatMap((event) => (event.type === "CandleClosed" ? [event.asset] : [])));
    const isByCandle = this.#options.feed.grain.type === "candles";
    const asked = this.#pairs.flatMap((pair) => {
      // Of candles one decision each: not in a hole of the recording, and at the last close too, where no window is left.
      if (isByCandle && !closed.has(pair.slot.asset)) return [];
      const window = this.#window(pair.slot, atMs, isByCandle);
      return window === null ? [] : [{ pair, window }];
    });
    const requests = asked.flatMap(({ pair, window }) => this.#requests(pair, window, atMs));
    let results: readonly DecisionResult[] = [];
    if (requests.length > 0) this.#host.decide(cycle, requests, Number.POSITIVE_INFINITY, (all) => (results = all));
    let next = 0;
    for (const { pair, window } of asked) {
      const request = requests[next]!;
      const result = results[next++]!;
      const before = pair.against === null ? null : results[next++]!;
      pair.windows.set(window.market.id, window);
      this.#act(pair.candidate, window, result, atMs);
      if (pair.against !== null && before !== null) this.#act(pair.against, window, before, atMs);
      const decided = { cycle, atMs, slot: pair.slot.id, window: window.market.id, facts: pair.candidate.facts };
      const told = { ...decided, frame: request.frame, memory: request.memory, result };
      this.#findings.add(told, before);
      this.#options.observe?.(told);
    }
  }

  #window({ asset, interval }: SlotSettings, atMs: number, isByCandle: boolean): WindowState | null {
    const window = this.#market.current(asset, interval, atMs);
    if (window !== null || !isByCandle) return window;
    const openMs = atMs - (atMs % WINDOW_MS[interval]);
    return { market: modelledMarket(asset, interval, openMs), strikeE18: null, endE18: null, quote: null };
  }

  #requests({ slot, candidate, against }: Pair, window: WindowState, atMs: number): DecisionRequest[] {
    return [candidate, ...(against === null ? [] : [against])].map((place) => {
      const { facts, frame, memory } = place;
      const position = place.trades.get(window.market.id)?.position ?? null;
      const { staleAfterMs } = this.#options.order.terms.limits;
      this.#frames.build(facts, window, position, atMs, staleAfterMs, frame);
      return { slot: slot.id, version: facts.ref, frame, memory };
    });
  }

  #act(place: Place, window: WindowState, result: DecisionResult, atMs: number): void {
    if (result.type === "Faulted") return;
    place.memory = result.memory;
    const { id, asset } = window.market;
    let trade = place.trades.get(id);
    if (trade === undefined) {
      if (result.signal.kind === "hold") return;
      trade = new PaperTrade(this.#options.order.terms);
      place.trades.set(id, trade);
    }
    trade.act(result.signal, window, this.#market.asset(asset).lastTick?.receivedAtMs ?? null, atMs);
  }

  #settle(nowMs: number): void {
    const ended = this.#market.advance(nowMs);
    // Kept for a journal, which there is none of here.
    for (const { candles } of this.#market.assets) candles.drainClosed();
    for (const window of ended) {
      const outcome = computedOutcome(window);
      const { id } = window.market;
      for (const { windows, candidate, against } of this.#pairs) {
        if (!windows.delete(id)) continue;
        const [after, before] = [candidate, against].map((place) => {
          const trade = place?.trades.get(id);
          place?.trades.delete(id);
          return trade === undefined || outcome === null ? 0 : trade.settle(outcome).pnlMicros;
        }) as [number, number];
        if (outcome !== null) this.#findings.settled(before, after);
      }
    }
  }
}

function pairsOf(order: RehearsalOrder): Pair[] {
  const places = (arms: readonly Arm[]) =>
    new Map<SlotId, Place>(arms.flatMap(({ version, slots }) => slots.map(({ id }) => [id, placeOf(version.facts)])));
  const against = places(order.against);
  const candidates = places(order.candidate);
  return order.candidate.flatMap(({ slots }) =>
    slots.map((slot) => {
      const pair = { candidate: candidates.get(slot.id)!, against: against.get(slot.id) ?? null };
      return { slot, ...pair, windows: new Map() };
    }),
  );
}

const placeOf = (facts: VersionFacts): Place => ({
  facts,
  frame: new Float64Array(facts.layout.size),
  trades: new Map(),
  memory: canonicalJson(facts.manifest.memory?.initial ?? null),
});
