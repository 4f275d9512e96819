// One decision of a candidate, told while it is rehearsed: for traces.
import type { MarketId, SlotId } from "../base/ids.ts";
import type { DecisionResult } from "../decide/decision.ts";
import type { VersionFacts } from "../decide/version.ts";

/** With what it was made on. `frame` is filled anew for the next one. */
export interface Decided {
  readonly cycle: number;
  readonly atMs: number;
  readonly slot: SlotId;
  readonly window: MarketId;
  readonly facts: VersionFacts;
  readonly frame: Float64Array;
  readonly memory: string;
  readonly result: DecisionResult;
}

export type DecisionObserver = (decided: Decided) => void;
