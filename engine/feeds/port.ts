// Where prices come from.
import type { Asset, WindowInterval } from "../../dsl/asset.ts";
import type { MarketId } from "../base/ids.ts";
import type { MarketEvent } from "../market/event.ts";
import type { Outcome } from "../market/market.ts";

/** A feed that can be asked for any stretch of time: simulated and recorded ones. A live socket pushes instead. */
export interface PullFeed {
  /** Shown in status, and stored to refuse mixing two worlds in one data directory: `simulated seed=1`, `replay sha256=…`. */
  readonly identity: string;
  /** "ticks" decides at the configured cycle; "candles" once per closed candle of `stepMs`. */
  readonly grain: { readonly type: "ticks" } | { readonly type: "candles"; readonly stepMs: number };
  /** Windows that exist in this world. */
  readonly slots: readonly { readonly asset: Asset; readonly interval: WindowInterval }[];
  /** First and last instant with data, ms UTC; `endMs` is null for a world without end. */
  readonly startMs: number;
  readonly endMs: number | null;
  /** Whether quotes are recorded here or must be modelled by the venue. */
  readonly quotes: "recorded" | "modelled";
  /**
   * Candles that closed by `atMs`, the longest interval first and each oldest first, so that inputs are warm at once;
   * then the ticks of the minute that is forming, so that its candle is whole.
   */
  history(atMs: number): Iterable<MarketEvent>;
  /** Everything receivable in (fromMs, toMs], in the order of receivedAtMs. Calls go forward in time. */
  between(fromMs: number, toMs: number): Iterable<MarketEvent>;
  /** Outcomes as recorded, for comparing afterwards; never read by settlement. Empty where none are recorded. */
  recordedOutcomes(): ReadonlyMap<MarketId, Outcome>;
}
