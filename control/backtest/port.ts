// A backtest that is open: data read, strategies compiled. It can be run many times, with other params and over other stretches.
import type { Asset } from "../../dsl/asset.ts";
import type { ParamSpec, Params } from "../../engine/frame/manifest.ts";
import type { EngineVariant } from "../../engine/sandbox/engine-module.ts";
import type { Report } from "../report/report.ts";

/** Whose prices a file holds that does not say it: on a spot account it makes no difference. */
export const UNNAMED_ASSET: Asset = "btc";

export interface BacktestOrder {
  readonly market: "updown" | "spot";
  /** Names of files in the strategies folder, without ".ts". */
  readonly strategies: readonly string[];
  /** Absolute paths: recorded files, or one data directory of a bot. */
  readonly data: readonly string[];
  readonly asset: Asset | null;
  readonly strategiesDir: string;
  readonly config: string;
  /** Of spot trades, parts per million of what is traded. */
  readonly feePpm: number;
  /** Null: as configured; for spot SPOT_CASH_MICROS. */
  readonly cashMicros: number | null;
  /** Spot: units, in millionths, bought at a time. Up/down: stake, micro-USDC. Null: one unit; as configured. */
  readonly sizeMicros: number | null;
  /** Up/down: loss of a day at which entries stop, micro-USDC. Null: as configured. */
  readonly dailyLossMicros: number | null;
  /** Of the simulated exchange; null: that of the bot whose data it is, else the default. */
  readonly seed: number | null;
  readonly engine: EngineVariant;
}

export interface RunOrder {
  /** Overrides of declared params, of each strategy that declares them. */
  readonly params: Params;
  /** Null: all there is. */
  readonly fromMs: number | null;
  readonly toMs: number | null;
  /** False: the sandbox is put back before every decision. The result is the same. */
  readonly batch: boolean;
  /** Called now and then: market time, and bars or cycles done. True ends the run: it gives what it has. */
  readonly pulse?: (atMs: number, done: number) => boolean;
}

export interface BacktestRun {
  /** Candles of the strategy's shortest interval, or cycles. */
  readonly bars: number;
  /** Round trips and settled positions, as the ledger counts them. */
  readonly trades: number;
  readonly startCashMicros: number;
  /** Cash and what is held, at its last price. */
  readonly finalEquityMicros: number;
  /** Real ms of the run itself, reading and compiling apart. */
  readonly elapsedMs: number;
  /** Proven pure, so that the sandbox was not put back between decisions; false with `batch: false`. */
  readonly isKept: boolean;
  /** It was ended before the data ended. */
  readonly isCutShort: boolean;
  /** Equity at the end of each UTC day, micro-USDC, the first entry being what it started with. */
  readonly dailyEquityMicros: Float64Array;
  /** Made when asked for: sweeps want figures, not thousands of rows. */
  readonly report: () => Report;
}

export interface OpenedBacktest {
  /** First and last instant with data, ms UTC. */
  readonly fromMs: number;
  readonly toMs: number;
  /** As the strategies declare them, by name; a name that two declare is of the first. */
  readonly declared: { readonly [name: string]: ParamSpec };
  /** Throws a UserError for params that the strategy does not take. */
  run(order: RunOrder): Promise<BacktestRun>;
  close(): Promise<void>;
}
