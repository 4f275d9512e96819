// What the operator allows: the hot part of underway.config.ts with control.json laid over it, parsed to integers.
import type { Asset, WindowInterval } from "../../dsl/asset.ts";
import type { SlotId } from "../base/ids.ts";
import type { Params } from "../frame/manifest.ts";
import type { Promotion } from "../reload/promotion.ts";

export interface SlotSettings {
  readonly id: SlotId;
  readonly asset: Asset;
  readonly interval: WindowInterval;
  readonly strategy: string;
  /** Overrides of this slot over the strategy's own (control > slot > config > declared default). */
  readonly params: Params;
}

export type Sizing =
  | { readonly type: "fixedStake"; readonly stakeMicros: number }
  /** fraction of full Kelly net of fees, in parts per million; capped per order. */
  | { readonly type: "fractionalKelly"; readonly fractionPpm: number; readonly capMicros: number };

export interface RiskLimits {
  /** Most money in one slot, one asset, and altogether (open + in flight + held). */
  readonly perSlotMicros: number;
  readonly perAssetMicros: number;
  readonly totalMicros: number;
  /** Realised loss since UTC midnight at which entries stop. */
  readonly dailyLossMicros: number;
  readonly ordersPerMinute: number;
  /** A price or quote older than this is not traded on. */
  readonly staleAfterMs: number;
  /** Least expected profit per share after fees, micro-USDC. */
  readonly minEdgeMicros: number;
  /** How far beyond the best price an order may reach, micro-USDC. */
  readonly collarMicros: number;
}

/** How new code and params come to trade. */
export interface ReloadSettings {
  /** For strategies that are not named below. */
  readonly promotion: Promotion;
  readonly promotions: ReadonlyMap<string, Promotion>;
  /** Settled windows a slot, after which an active version is permanent. */
  readonly probationWindows: number;
  /** Fewer windows of history than this, over all slots, refuse a candidate; 0: none is too few. */
  readonly rehearsalWindowsMin: number;
  /** What becomes of positions that older code opened: it decides their exits, or the new code adopts them. */
  readonly onReload: "pin" | "adopt";
  /** Strategies held at one version, `momentum@3f9a2c1e`: candidates wait. */
  readonly pins: ReadonlyMap<string, string>;
}

/** From safest to freest is the other way round: each step may do less than the one before. */
export const MODES = ["active", "entries-stopped", "reduce-only", "flatten", "halted"] as const;
export type Mode = (typeof MODES)[number];

/** The part of the configuration that changes while the bot trades, always as a whole, always at a cycle boundary. */
export interface Settings {
  readonly mode: Mode;
  readonly slots: readonly SlotSettings[];
  readonly disabledSlots: ReadonlySet<SlotId>;
  readonly disabledStrategies: ReadonlySet<string>;
  readonly sizing: Sizing;
  /** 0 … 1 in parts per million, multiplies every stake. */
  readonly scalePpm: number;
  readonly risk: RiskLimits;
  readonly reload: ReloadSettings;
}
