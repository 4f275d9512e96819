// The market as a bot saw it: what its journal says it was told, in that order, each event in the cycle that saw it first.
import type { Asset } from "../../../dsl/asset.ts";
import type { JournalRow, RecordedEvent } from "../../journal/port.ts";
import type { MarketEvent } from "../../market/event.ts";
import type { PullFeed } from "../port.ts";

export interface RecordedCycle {
  readonly cycle: number;
  readonly atMs: number;
}

interface Stretch extends RecordedCycle {
  /** Told since the cycle before. */
  readonly events: readonly MarketEvent[];
}

export interface JournalFeedParts {
  readonly identity: string;
  readonly grain: PullFeed["grain"];
  readonly slots: PullFeed["slots"];
  /** Before the first cycle, and the last. */
  readonly startMs: number;
  readonly endMs: number;
  /** Candles from before the start. */
  readonly history: readonly MarketEvent[];
  /** In order, from the first on: read once, while it is played. */
  readonly rows: Iterable<JournalRow>;
}

export class JournalFeed implements PullFeed {
  readonly identity: string;
  readonly grain: PullFeed["grain"];
  readonly slots: PullFeed["slots"];
  readonly startMs: number;
  readonly endMs: number;
  readonly quotes = "recorded";
  readonly #history: readonly MarketEvent[];
  readonly #events: Iterator<RecordedEvent>;
  #next: Stretch | null | undefined;
  /** By asset, the latest receipt of all that was told. */
  readonly #receivedMs = new Map<Asset, number>();
  /** The same when the bot was last started: what it then looked at again was told before. */
  #knownMs: ReadonlyMap<Asset, number> = new Map();

  constructor({ identity, grain, slots, startMs, endMs, history, rows }: JournalFeedParts) {
    this.identity = identity;
    this.grain = grain;
    this.slots = slots;
    this.startMs = startMs;
    this.endMs = endMs;
    this.#history = history;
    this.#events = eventsOf(rows);
  }

  /** The next cycle that the bot ran, up to which nothing was told yet; null after the last. */
  get nextCycle(): RecordedCycle | null {
    if (this.#next === undefined) this.#next = this.#read();
    return this.#next;
  }

  /** What stood before the first cycle, whatever `atMs`: the cycles in between make the rest. */
  history(_atMs: number): Iterable<MarketEvent> {
    return this.#history;
  }

  /** What the cycles in (fromMs, toMs], and any before them that were not asked for, were told. */
  *between(_fromMs: number, toMs: number): Generator<MarketEvent> {
    for (let next = this.nextCycle; next !== null && next.atMs <= toMs; next = this.nextCycle) {
      const { events } = this.#next!;
      this.#next = undefined;
      yield* events;
    }
  }

  /** A bot writes down none. */
  recordedOutcomes(): ReturnType<PullFeed["recordedOutcomes"]> {
    return new Map();
  }

  /** What came after the last cycle was seen by none. */
  #read(): Stretch | null {
    const events: MarketEvent[] = [];
    for (let read = this.#events.next(); read.done !== true; read = this.#events.next()) {
      const event = read.value;
      if (event.type === "CycleDue") return { cycle: event.cycle, atMs: event.atMs, events };
      if (event.type === "Started") {
        if (this.#receivedMs.size > 0) for (const each of event.history ?? []) events.push(each);
        this.#knownMs = new Map(this.#receivedMs);
      } else if (event.type === "Market") {
        for (const each of event.events) if (this.#isNew(each)) events.push(each);
      }
    }
    return null;
  }

  #isNew(event: MarketEvent): boolean {
    if (event.type !== "Tick") return true;
    const { asset, receivedAtMs } = event;
    if (receivedAtMs <= (this.#knownMs.get(asset) ?? 0)) return false;
    this.#receivedMs.set(asset, Math.max(receivedAtMs, this.#receivedMs.get(asset) ?? 0));
    return true;
  }
}

function* eventsOf(rows: Iterable<JournalRow>): Generator<RecordedEvent> {
  for (const { events } of rows) yield* events;
}
