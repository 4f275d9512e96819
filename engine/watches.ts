// What the core watches for by itself: prices that stop coming, slots that stop deciding, and settlements
// that are not what our own ticks say.

import type { Outcome } from "./market/market.ts";
import { computedOutcome, type MarketState, type WindowState } from "./market/market-state.ts";
import type { Slot } from "./slots.ts";
import type { Turn } from "./turn.ts";

/** A price this much older than what may be traded on raises an alarm; the next one clears it. */
const STALE_ALARM_MS = 10_000;

export function watchFeeds(market: MarketState, staleAfterMs: number, turn: Turn): void {
  for (const { asset, lastTick } of market.assets) {
    if (lastTick === null) continue;
    const ageMs = turn.nowMs - lastTick.receivedAtMs;
    if (ageMs > staleAfterMs + STALE_ALARM_MS)
      turn.alarm("stale-feed", "warning", asset, `No price of ${asset} for ${Math.round(ageMs / 1000)} s`);
    else turn.clearAlarm("stale-feed", asset);
  }
}

/** So many cycles in a row without a decision are not a hiccup: the slot stands still. */
export const UNDECIDED_ALARM = 10;

export function watchDecisions(slot: Slot, turn: Turn): void {
  const { id } = slot.settings;
  if (slot.undecided === 0) turn.clearAlarm("missing-decisions", id);
  else if (slot.undecided >= UNDECIDED_ALARM)
    turn.alarm("missing-decisions", "critical", id, `${id} has not decided for ${slot.undecided} cycles`);
}

/** Settlement follows the venue; this only says where we see it otherwise. */
export function compareOutcome(window: WindowState | null, outcome: Outcome, turn: Turn): void {
  const ours = window === null ? null : computedOutcome(window);
  if (window === null || ours === null || outcome === ours) return;
  const { id } = window.market;
  const message = `The venue resolved ${id} ${outcome}; by our ticks it ended ${ours}`;
  turn.alarm("settlement-mismatch", "critical", id, message);
}
