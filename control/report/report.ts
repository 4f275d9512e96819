// What a track record comes to, for `audit` and `backtest`: computed once, then shown as text, JSON, CSV or a page.
import type { CodeVersion, ParamsHash } from "../../engine/base/ids.ts";

/** Times are ms UTC of market time; money is micro-USDC. Profit is realised, fees paid. */
export interface Report {
  readonly kind: "audit" | "backtest";
  /** `Audit of .underway`, `Backtest of momentum`. */
  readonly title: string;
  /** Said at the top, for they change how the figures are to be read: quotes are modelled, positions still open, … */
  readonly notes: readonly string[];
  readonly market: "updown" | "spot";
  readonly fromMs: number;
  readonly toMs: number;
  readonly cycles: number;
  readonly decisions: number;
  readonly faults: number;
  readonly startCashMicros: number;
  readonly endEquityMicros: number;
  readonly total: Figures;
  /** In the order of their first activation. */
  readonly versions: readonly VersionFigures[];
  /** Where code changed hands, oldest first. */
  readonly seams: readonly Seam[];
  /** After every closed trade, oldest first: at most CURVE_POINTS_MAX, thinned evenly beyond. */
  readonly equity: readonly EquityPoint[];
  /** Oldest first; all of them. */
  readonly trades: readonly TradeRow[];
}

export const CURVE_POINTS_MAX = 4_000;

/** What made something: shown as a flag with `v14`, and the hash. */
export interface MadeBy {
  readonly strategy: string;
  readonly code: CodeVersion;
  readonly params: ParamsHash;
  readonly ordinal: number;
}

/** One position from its first fill to its end. */
export interface TradeRow extends MadeBy {
  /** `<slot>/<market>`, unique. */
  readonly id: string;
  readonly slot: string;
  readonly market: string;
  readonly asset: string;
  readonly side: "up" | "down" | "long";
  readonly openedAtMs: number;
  /** Null while it is open. */
  readonly closedAtMs: number | null;
  readonly boughtSharesMicros: number;
  /** Mean price paid, USDC micros a share, fees apart; micro-units lose nothing that matters here. */
  readonly entryPriceMicros: number;
  /** What a share had to be worth at its end so that nothing was lost: price and fee, in micro-USDC. The p0 of a win rate. */
  readonly breakEvenMicros: number;
  readonly feesMicros: number;
  readonly pnlMicros: number;
  /** Null while it is open, and for spot. */
  readonly outcome: "up" | "down" | "void" | "sold" | null;
  /** That the chosen side wins, as the strategy said when it entered; null where it did not say. */
  readonly probability: number | null;
  readonly reason: string;
  /** `BTC-5m-momentum@120431`: the decision that entered. */
  readonly decision: string;
}

export interface Figures {
  /** Closed or settled ones. */
  readonly trades: number;
  /** Those that made money, fees paid. */
  readonly wins: number;
  /** Null without trades; the interval is Wilson's, 95 %. */
  readonly winRate: { readonly rate: number; readonly low: number; readonly high: number } | null;
  /** Mean break-even price: the win rate that is needed; null without trades or for spot. */
  readonly needs: number | null;
  readonly pnlMicros: number;
  readonly feesMicros: number;
  /** Of the stated probabilities against what happened, over settled up/down trades that stated one; null without any. */
  readonly brier: number | null;
  readonly logLoss: number | null;
  readonly calibration: readonly CalibrationBin[];
  /** Most money that was in open positions at once, and the mean over the time covered. */
  readonly exposureMaxMicros: number;
  readonly exposureMeanMicros: number;
  /** Largest fall of realised equity from its highest point. */
  readonly drawdownMicros: number;
}

/** Probabilities in [from, to), ten bins; those that nothing fell into are left out. */
export interface CalibrationBin {
  readonly from: number;
  readonly to: number;
  readonly trades: number;
  readonly meanProbability: number;
  readonly won: number;
}

export interface VersionFigures extends MadeBy, Figures {
  readonly decisions: number;
  /** First and last time that something was done with it; null where it never acted. */
  readonly firstMs: number | null;
  readonly lastMs: number | null;
}

export interface Seam extends MadeBy {
  readonly atMs: number;
  readonly cycle: number;
  readonly slots: readonly string[];
  /** The receipt that brought it, and who approved; null where there is none. */
  readonly receipt: string | null;
  readonly approvedBy: string | null;
}

export interface EquityPoint {
  readonly atMs: number;
  /** Start cash and all profit realised by then. */
  readonly equityMicros: number;
  /** The trade that moved it was this version's. */
  readonly strategy: string;
  readonly ordinal: number;
}
