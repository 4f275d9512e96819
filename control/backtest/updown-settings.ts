// What a backtest trades, with how much and within which limits: the configuration, or what the bot had whose data it is.

import { slotId } from "../../engine/base/ids.ts";
import type { JournalBeginning } from "../../engine/feeds/journal/journal-beginning.ts";
import type { PullFeed } from "../../engine/feeds/port.ts";
import type { Settings, SlotSettings } from "../../engine/risk/settings.ts";
import type { InForce } from "../dry-run/settings-in-force.ts";
import type { BacktestOrder } from "./port.ts";

export interface UpdownTerms {
  readonly settings: Settings;
  readonly cashMicros: number;
  readonly cycleMs: number;
}

/** A bot's own settings are those that it began with: what its operator did later is not done again. */
export function updownTerms(
  { strategies, cashMicros, sizeMicros, dailyLossMicros }: BacktestOrder,
  config: InForce,
  beginning: JournalBeginning | null,
  feed: PullFeed,
): UpdownTerms {
  const started = beginning?.started ?? null;
  const given = started?.settings ?? config.settings;
  const settings: Settings = {
    ...given,
    mode: "active",
    slots: strategies.flatMap((strategy) => slotsOf(strategy, given.slots, feed)),
    disabledSlots: new Set(),
    disabledStrategies: new Set(),
    risk: { ...given.risk, dailyLossMicros: dailyLossMicros ?? given.risk.dailyLossMicros },
    ...(sizeMicros === null ? {} : { sizing: { type: "fixedStake", stakeMicros: sizeMicros }, scalePpm: 1_000_000 }),
  };
  return {
    settings,
    cashMicros: cashMicros ?? beginning?.cashMicros ?? config.cold.cashMicros,
    cycleMs: feed.grain.type === "candles" ? feed.grain.stepMs : (started?.cycleMs ?? config.cold.cycleMs),
  };
}

/** As configured, with those params, where the data has such windows; a strategy that has none of them decides all there are. */
function slotsOf(strategy: string, configured: readonly SlotSettings[], { slots }: PullFeed): readonly SlotSettings[] {
  const own = configured.filter(
    (slot) =>
      slot.strategy === strategy &&
      slots.some(({ asset, interval }) => asset === slot.asset && interval === slot.interval),
  );
  if (own.length > 0) return own;
  return slots.map(({ asset, interval }) => ({
    id: slotId(asset, interval, strategy),
    asset,
    interval,
    strategy,
    params: {},
  }));
}
