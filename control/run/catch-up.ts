// What a bot must look at before it trades again: candles from before the start, and what happened while nobody looked.
import type { PullFeed } from "../../engine/feeds/port.ts";
import type { MarketEvent } from "../../engine/market/event.ts";
import { candleEvents } from "../../engine/market/history.ts";
import type { Recovered } from "../../engine/store/port.ts";

/** Prices this far back are looked at again after a restart: settlement wants those at a close and around it. */
const LOOK_BACK_MS = 120_000;
/** A longer absence is not lived through tick by tick. */
const ABSENCE_MS_MAX = 3 * 3_600_000;
/** By then the price of a close has been received. */
const CLOSE_SEEN_MS = 10_000;

const absenceMs = (startMs: number, { lastCycle }: Recovered): number =>
  lastCycle === null ? Number.POSITIVE_INFINITY : startMs - lastCycle.atMs;

interface History {
  readonly events: readonly MarketEvent[];
  /** They are the ledger's own. */
  readonly isRecovered: boolean;
}

/**
 * Our own candles after a short absence, for the ticks since then are looked at anyway; else the feed's. After a restart without
 * its ticks: the last ones come with the stretches, and the venue hears what it hears in order. A tick of now, told before those
 * of the closes, would hold them back until their markets had resolved without a price.
 */
export function historyBefore(startMs: number, feed: PullFeed, recovered: Recovered): History {
  if (absenceMs(startMs, recovered) <= ABSENCE_MS_MAX)
    return { events: candleEvents(recovered.candles), isRecovered: true };
  const history = [...feed.history(startMs)];
  const events = recovered.lastCycle === null ? history : history.filter(({ type }) => type !== "Tick");
  return { events, isRecovered: false };
}

/**
 * Stretches of market time (from, to], in order, to be shown to the venue and the core. After a long absence only the
 * closes of what is still open are looked up: `closesMs`.
 */
export function missedStretches(
  startMs: number,
  recovered: Recovered,
  closesMs: readonly number[],
): (readonly [fromMs: number, toMs: number])[] {
  if (recovered.lastCycle === null) return [[startMs - 1, startMs]];
  if (absenceMs(startMs, recovered) <= ABSENCE_MS_MAX) return [[recovered.lastCycle.atMs - LOOK_BACK_MS, startMs]];
  const recentMs = startMs - LOOK_BACK_MS;
  const closes = [...new Set(closesMs)]
    .filter((closeMs) => closeMs <= recentMs)
    .sort((a, b) => a - b)
    .map((closeMs) => [closeMs - 1, Math.min(closeMs + CLOSE_SEEN_MS, recentMs)] as const);
  return [...closes, [recentMs, startMs]];
}
