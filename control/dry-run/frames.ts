// Where the frames of a rehearsal come from: recorded files that were named, the local bot's own history, or a few hours of
// a simulated market.
import type { DatabaseSync } from "node:sqlite";
import type { Asset, WindowInterval } from "../../dsl/asset.ts";
import { slotId } from "../../engine/base/ids.ts";
import type { PullFeed } from "../../engine/feeds/port.ts";
import { loadReplay } from "../../engine/feeds/replay/load-replay.ts";
import { SimulatedFeed } from "../../engine/feeds/simulated/simulated-feed.ts";
import type { Settings, SlotSettings } from "../../engine/risk/settings.ts";
import { DEFAULT_SEED } from "../run/world.ts";

/** 48 five-minute windows a slot. */
const SIMULATED_HOURS = 4;

export interface Frames {
  readonly source: "data" | "recorded" | "simulated";
  /** Null for what the local bot has recorded. */
  readonly feed: PullFeed | null;
  /** Where a world without end is left; Infinity for all there is. */
  readonly untilMs: number;
  readonly slots: readonly SlotSettings[];
  /** What a reader must know of them. */
  readonly notes: readonly string[];
}

export interface FramesOrder {
  readonly strategy: string;
  readonly data: readonly string[];
  readonly asset: Asset | null;
  readonly settings: Settings;
  /** Null where no bot ran yet. */
  readonly db: DatabaseSync | null;
}

/** Throws a UserError for data that cannot be read. */
export function framesFor({ strategy, data, asset, settings, db }: FramesOrder): Frames {
  const configured = settings.slots.filter((slot) => slot.strategy === strategy);
  if (data.length > 0) {
    const feed = loadReplay(data, asset === null ? {} : { asset });
    const slots = slotsOfFeed(feed, strategy, configured);
    const notes = feed.quotes === "modelled" ? [MODELLED_QUOTES] : [];
    return { source: "data", feed, untilMs: Number.POSITIVE_INFINITY, slots, notes };
  }
  const places = configured.length > 0 ? configured : slotsOf(strategy, settings.slots);
  if (db !== null && places.some((slot) => hasHistory(db, slot))) {
    return { source: "recorded", feed: null, untilMs: Number.POSITIVE_INFINITY, slots: places, notes: [] };
  }
  const of = <T>(pick: (slot: SlotSettings) => T): T[] => [...new Set(places.map(pick))];
  const feed = new SimulatedFeed({
    seed: DEFAULT_SEED,
    assets: of((slot) => slot.asset),
    intervals: of((slot) => slot.interval),
  });
  const untilMs = feed.startMs + SIMULATED_HOURS * 3_600_000;
  const note = `Nothing is recorded here yet: these are ${SIMULATED_HOURS} hours of a simulated market; --data rehearses on recorded files`;
  return { source: "simulated", feed, untilMs, slots: places, notes: [note] };
}

const MODELLED_QUOTES = "The files hold no quotes: these are modelled, and so is every profit";

const RECORDED = "SELECT 1 FROM samples JOIN markets USING (asset) WHERE asset = ? AND interval = ? LIMIT 1";
const hasHistory = (db: DatabaseSync, { asset, interval }: SlotSettings): boolean =>
  db.prepare(RECORDED).get(asset, interval) !== undefined;

/** One slot an asset: as it is configured, where the data has such windows, else with the shortest there are. */
function slotsOfFeed(feed: PullFeed, strategy: string, configured: readonly SlotSettings[]): SlotSettings[] {
  const has = (asset: Asset, interval: WindowInterval) =>
    feed.slots.some((slot) => slot.asset === asset && slot.interval === interval);
  return [...new Set(feed.slots.map(({ asset }) => asset))].map((asset) => {
    const known = configured.find((slot) => slot.asset === asset && has(asset, slot.interval));
    return known ?? aSlot(asset, feed.slots.find((slot) => slot.asset === asset)!.interval, strategy);
  });
}

/** A strategy that no slot has yet is tried in every window that is traded. */
function slotsOf(strategy: string, slots: readonly SlotSettings[]): SlotSettings[] {
  const windows = new Map(slots.map((slot) => [`${slot.asset} ${slot.interval}`, slot]));
  return [...windows.values()].map(({ asset, interval }) => aSlot(asset, interval, strategy));
}

const aSlot = (asset: Asset, interval: WindowInterval, strategy: string): SlotSettings => ({
  id: slotId(asset, interval, strategy),
  asset,
  interval,
  strategy,
  params: {},
});
