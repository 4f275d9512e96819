// Rehearses on whatever frames there are: walked through here, or recorded by the local bot.

import { walkFeed } from "../../engine/rehearsal/feed-walk.ts";
import { InThreadRehearsal } from "../../engine/rehearsal/in-thread-rehearsal.ts";
import type { DecisionObserver } from "../../engine/rehearsal/observer.ts";
import type { RehearsalOrder, RehearsalReport } from "../../engine/rehearsal/port.ts";
import type { EngineVariant } from "../../engine/sandbox/engine-module.ts";
import type { SimulatedExecutionClient, VenueListener } from "../../engine/venues/port.ts";
import { InThreadVenue } from "../../engine/venues/simulated/in-thread-venue.ts";
import { MemoryJournal } from "../../engine/venues/simulated/memory-journal.ts";
import { SimulatedExchange } from "../../engine/venues/simulated/simulated-exchange.ts";
import { DEFAULT_SEED } from "../run/world.ts";
import type { Frames } from "./frames.ts";

export interface Rehearsed {
  readonly order: RehearsalOrder;
  /** Why the candidate is impure, as far as is known before it decides. */
  readonly impure: string | null;
  readonly notes: readonly string[];
  /** Of the bot whose history it may be. */
  readonly dir: string;
  readonly engine: EngineVariant;
  readonly cycleMs: number;
  readonly observe: DecisionObserver | null;
  readonly walking: (fromMs: number, toMs: number, atMs: number) => void;
  /** Called now and then where nobody knows how far it has come. */
  readonly alive: () => void;
}

const ALIVE_EVERY_DECISIONS = 1_000;

export function rehearse(
  what: Rehearsed,
  { feed, untilMs, notes }: Pick<Frames, "feed" | "untilMs" | "notes">,
): Promise<RehearsalReport> {
  const { order, impure, engine, cycleMs, observe, walking } = what;
  if (feed === null) return onHistory(what);
  const toMs = Math.min(feed.endMs ?? untilMs, untilMs);
  return walkFeed({
    feed,
    openVenue: quotingVenue,
    order,
    engine,
    impure,
    cycleMs,
    untilMs: toMs,
    notes: [...what.notes, ...notes],
    ...(observe === null ? {} : { observe }),
    progress: (atMs) => walking(feed.startMs, toMs, atMs),
  });
}

async function onHistory({ order, impure, notes, dir, engine, observe, alive }: Rehearsed): Promise<RehearsalReport> {
  let decided = 0;
  const rehearsal = new InThreadRehearsal({ dir, engine }, (each) => {
    observe?.(each);
    if (++decided % ALIVE_EVERY_DECISIONS === 0) alive();
  });
  try {
    const report = await rehearsal.rehearse(order).first;
    const found = impure === null ? {} : { pure: false, impure };
    return { ...report, ...found, notes: [...notes, ...report.notes] };
  } finally {
    await rehearsal.close();
  }
}

/** The exchange that a bot on this feed would trade on, here only for its quotes. */
function quotingVenue(listener: VenueListener): SimulatedExecutionClient {
  const settings = { seed: DEFAULT_SEED, openingCashMicros: 0, resolutionDelayMs: { min: 0, max: 0 } };
  return new InThreadVenue({
    exchange: new SimulatedExchange(settings, new MemoryJournal(), listener),
    onFailure: (error) => {
      throw error;
    },
  });
}
