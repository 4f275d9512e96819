// What a backtest gives back, for tests of what is made of it.
import type { BacktestRun } from "../../control/backtest/port.ts";
import type { Report, TradeRow } from "../../control/report/report.ts";

export interface BacktestRunChanges {
  readonly dailyEquityMicros: readonly number[];
  readonly trades?: readonly Pick<TradeRow, "closedAtMs" | "pnlMicros">[];
  readonly isCutShort?: boolean;
}

export const aBacktestRun = ({
  dailyEquityMicros,
  trades = [],
  isCutShort = false,
}: BacktestRunChanges): BacktestRun => ({
  bars: 100,
  trades: trades.length,
  startCashMicros: dailyEquityMicros[0]!,
  finalEquityMicros: dailyEquityMicros.at(-1)!,
  elapsedMs: 1,
  isKept: true,
  isCutShort,
  dailyEquityMicros: Float64Array.from(dailyEquityMicros),
  report: () => ({ trades }) as unknown as Report,
});
