// One set of params and what it came to. Figures only, the same whoever ran it and in whatever order.
import type { CodeVersion } from "../../engine/base/ids.ts";
import type { Params } from "../../engine/frame/manifest.ts";
import type { SentError } from "../../engine/versions/workshop-messages.ts";
import type { BacktestOrder } from "../backtest/port.ts";
import type { Declared } from "./space.ts";

export interface DoneTrial {
  readonly trial: number;
  readonly params: Params;
  readonly bars: number;
  readonly trades: number;
  readonly pnlMicros: number;
  /** Micro-USDC earned in each return period; they add up to `pnlMicros`. */
  readonly profits: readonly number[];
}

export interface FailedTrial {
  readonly trial: number;
  readonly params: Params;
  readonly error: string;
}

export type TrialResult = DoneTrial | FailedTrial;

export const isDone = (result: TrialResult): result is DoneTrial => !("error" in result);

/** What is run, and over which stretch of it. */
export interface TrialsOrder {
  readonly backtest: BacktestOrder;
  readonly fromMs: number | null;
  readonly toMs: number | null;
  readonly batch: boolean;
  readonly splits: number;
}

export interface SweepOrder extends TrialsOrder {
  /** As typed: `trigger=1:6:0.5`. */
  readonly params: readonly string[];
  readonly trialsMax: number;
  readonly seed: number;
  /** Where finished trials are kept. */
  readonly resume: string | null;
}

/** What a thread is started with. Beside the order, memory that it shares: it hears and tells nothing else while it runs a trial. */
export interface ThreadData {
  readonly order: TrialsOrder;
  /** Of all threads: above 0, trials end. */
  readonly stop: Int32Array;
  /** Of this one: bars done, all its trials together. It grows for as long as the thread is alive. */
  readonly bars: Float64Array;
}

/** What a thread has opened. */
export interface Opened {
  readonly code: CodeVersion;
  readonly declared: Declared;
  /** Of the stretch that is run; `toMs` is its end. */
  readonly fromMs: number;
  readonly toMs: number;
}

export interface TrialAsked {
  readonly trial: number;
  readonly params: Params;
}

export type TrialTold =
  | { readonly type: "Opened"; readonly opened: Opened }
  | { readonly type: "CannotOpen"; readonly error: SentError }
  /** Null: it was stopped. A trial that fails is not told: its thread ends. */
  | { readonly type: "Ran"; readonly result: DoneTrial | null };
