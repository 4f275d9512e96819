// The language of underway.config.ts. It runs in the sandbox and returns plain data; the bot checks the values when it reads them.
import type { Asset, WindowInterval } from "./asset.ts";

/** USDC as a decimal string with at most 6 decimals: "25.00". Text, because money is never a float. */
export type Money = `${number}`;
/** "500ms", "1s", "2m". */
export type Duration = `${number}ms` | `${number}s` | `${number}m`;
/** "14d". */
export type Days = `${number}d`;

/** `shadow:36`: decides beside the running version for 36 windows a slot. `canary:2/48`: live on 2 slots for 48 windows. */
type PromotionStep = `shadow:${number}` | `canary:${number}/${number}` | "approve";
export type Promotion =
  | "auto"
  | "ungated"
  | PromotionStep
  | `${PromotionStep} -> ${PromotionStep}`
  | `${PromotionStep} -> ${PromotionStep} -> ${PromotionStep}`;

export interface Slot {
  readonly asset: Asset;
  readonly interval: WindowInterval;
  /** Name of a file in the strategies folder, without `.ts`. */
  readonly strategy: string;
  /** Overrides of the strategy's declared params, in this slot. */
  readonly params?: { readonly [name: string]: number | boolean | string };
}

export type Sizing =
  | { readonly type: "fixedStake"; readonly stake: Money }
  | { readonly type: "fractionalKelly"; readonly fraction: number; readonly cap: Money };

export interface Risk {
  /** Most money in one slot, in one asset, and altogether: open, in flight and held. */
  readonly perSlot?: Money;
  readonly perAsset?: Money;
  readonly total?: Money;
  /** Realised loss since midnight UTC at which entries stop. */
  readonly dailyLoss?: Money;
  readonly ordersPerMinute?: number;
  /** A price or quote older than this is not traded on. */
  readonly staleAfter?: Duration;
  /** Least expected profit per share after fees, in USDC: 0.01 is one cent. */
  readonly minEdge?: number;
  /** How far beyond the best price an order may reach, in USDC. */
  readonly collar?: number;
}

export interface ConfigSpec {
  /** The first six are read at start: a change needs a restart. */
  readonly venue?: "simulated" | "polymarket";
  readonly feed?: "simulated" | "replay" | "polymarket" | "binance";
  readonly cycle?: Duration;
  readonly dataDir?: string;
  /** Opening balance of the simulated venue. */
  readonly cash?: Money;
  /** Evidence that is older, by the market's time, is deleted: at least "3d". */
  readonly journal?: { readonly keep?: Days };
  readonly slots: readonly Slot[];
  readonly sizing?: Sizing;
  readonly risk?: Risk;
  /** What a candidate must pass, by strategy; `default` for the rest. */
  readonly promotion?: { readonly default?: Promotion; readonly [strategy: string]: Promotion | undefined };
  /** Windows a slot in which a new version can still be rolled back by itself. */
  readonly probation?: { readonly windows?: number };
  /** Fewer recorded windows than this, over all slots, refuse a candidate. */
  readonly rehearsal?: { readonly minWindows?: number };
  /** Where alarms are posted as JSON, besides the log and status.json. */
  readonly alarms?: { readonly webhook?: string };
  /** Who decides the exits of an open position: the version that entered ("pin"), or the new one ("adopt"). */
  readonly onReload?: "pin" | "adopt";
}

/** The whole configuration; export it as default. */
export const config = (spec: ConfigSpec): ConfigSpec => spec;

/** The same stake for every entry. */
export const fixedStake = (stake: Money): Sizing => ({ type: "fixedStake", stake });

/** A fraction of full Kelly, net of fees, and at most `cap` an order. */
export const fractionalKelly = ({ fraction, cap }: { readonly fraction: number; readonly cap: Money }): Sizing => ({
  type: "fractionalKelly",
  fraction,
  cap,
});
