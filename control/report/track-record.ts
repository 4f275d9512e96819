// Figures of a list of trades, for `audit` and `backtest` alike: pure, so that whoever has the trades gets the same figures.
import { wilsonInterval } from "../../dsl/indicators/statistics.ts";
import { MICROS, mulDiv } from "../../engine/base/micros.ts";
import {
  type CalibrationBin,
  CURVE_POINTS_MAX,
  type EquityPoint,
  type Figures,
  type MadeBy,
  type TradeRow,
  type VersionFigures,
} from "./report.ts";

/** The time covered, ms UTC. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

const BINS = 10;
/** A probability of 0 or 1 that was wrong would cost infinitely much. */
const PROBABILITY_MIN = 1e-6;

/** Profit and fees are those of all trades, open ones too: what is booked is booked. The rest is about closed ones. */
export function figuresOf(trades: readonly TradeRow[], span: Span): Figures {
  const closed = trades.filter(({ closedAtMs }) => closedAtMs !== null);
  const wins = closed.filter(({ pnlMicros }) => pnlMicros > 0).length;
  const pays = closed.filter(({ side }) => side !== "long");
  return {
    trades: closed.length,
    wins,
    winRate: closed.length === 0 ? null : { rate: wins / closed.length, ...wilsonInterval(wins, closed.length) },
    needs: pays.length === 0 ? null : mean(pays.map(({ breakEvenMicros }) => breakEvenMicros)) / MICROS,
    pnlMicros: sum(trades.map(({ pnlMicros }) => pnlMicros)),
    feesMicros: sum(trades.map(({ feesMicros }) => feesMicros)),
    ...scores(trades),
    ...exposure(trades, span),
    drawdownMicros: drawdown(closed),
  };
}

/** `decided`: every version there was, with how often it decided. */
export function versionFiguresOf(
  trades: readonly TradeRow[],
  span: Span,
  decided: readonly (MadeBy & { readonly decisions: number })[],
): VersionFigures[] {
  const byVersion = groupedBy(trades, keyOf);
  return decided.map((version) => {
    const own = byVersion.get(keyOf(version)) ?? [];
    const { strategy, code, params, ordinal, decisions } = version;
    const times = own.flatMap(({ openedAtMs, closedAtMs }) => [openedAtMs, closedAtMs ?? openedAtMs]);
    return {
      ...{ strategy, code, params, ordinal, decisions },
      firstMs: times.length === 0 ? null : times.reduce((a, b) => Math.min(a, b)),
      lastMs: times.length === 0 ? null : times.reduce((a, b) => Math.max(a, b)),
      ...figuresOf(own, span),
    };
  });
}

/** Realised equity after every closed trade; where there are more than the curve may have, the last of each stretch. */
export function equityOf(trades: readonly TradeRow[], startCashMicros: number): EquityPoint[] {
  let equityMicros = startCashMicros;
  const points = inOrderOfEnd(trades).map(({ closedAtMs, pnlMicros, strategy, ordinal }): EquityPoint => {
    equityMicros += pnlMicros;
    return { atMs: closedAtMs, equityMicros, strategy, ordinal };
  });
  if (points.length <= CURVE_POINTS_MAX) return points;
  return Array.from(
    { length: CURVE_POINTS_MAX },
    (_, index) => points[Math.ceil(((index + 1) * points.length) / CURVE_POINTS_MAX) - 1]!,
  );
}

const keyOf = ({ strategy, code, params }: Pick<MadeBy, "strategy" | "code" | "params">): string =>
  `${strategy} ${code} ${params}`;
function groupedBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);
const mean = (values: readonly number[]): number => sum(values) / values.length;

type Closed = TradeRow & { readonly closedAtMs: number };
const inOrderOfEnd = (trades: readonly TradeRow[]): Closed[] =>
  trades
    .filter((trade): trade is Closed => trade.closedAtMs !== null)
    .sort((a, b) => a.closedAtMs - b.closedAtMs || (a.id < b.id ? -1 : 1));

/** How good the stated probabilities were: mean squared error (Brier 1950), mean −ln of what was given to what happened. */
function scores(trades: readonly TradeRow[]): Pick<Figures, "brier" | "logLoss" | "calibration"> {
  const stated = trades.flatMap(({ probability, outcome, side }) =>
    probability === null || (outcome !== "up" && outcome !== "down") ? [] : [{ probability, hasWon: outcome === side }],
  );
  if (stated.length === 0) return { brier: null, logLoss: null, calibration: [] };
  const bins = groupedBy(stated, ({ probability }) => Math.min(BINS - 1, Math.floor(probability * BINS)));
  const calibration = [...bins]
    .sort(([a], [b]) => a - b)
    .map(
      ([bin, inBin]): CalibrationBin => ({
        from: bin / BINS,
        to: (bin + 1) / BINS,
        trades: inBin.length,
        meanProbability: mean(inBin.map(({ probability }) => probability)),
        won: inBin.filter(({ hasWon }) => hasWon).length,
      }),
    );
  return {
    brier: mean(stated.map(({ probability, hasWon }) => (probability - Number(hasWon)) ** 2)),
    logLoss: mean(
      stated.map(({ probability, hasWon }) => {
        const given = hasWon ? probability : 1 - probability;
        return -Math.log(Math.min(1 - PROBABILITY_MIN, Math.max(PROBABILITY_MIN, given)));
      }),
    ),
    calibration,
  };
}

/** What was paid for positions, from their first fill to their end; of two at one instant the end comes first. */
function exposure(
  trades: readonly TradeRow[],
  { fromMs, toMs }: Span,
): Pick<Figures, "exposureMaxMicros" | "exposureMeanMicros"> {
  const changes = trades
    .flatMap(({ openedAtMs, closedAtMs, boughtSharesMicros, entryPriceMicros }) => {
      const costMicros = mulDiv(boughtSharesMicros, entryPriceMicros, MICROS, "half-even");
      const opened = { atMs: openedAtMs, micros: costMicros };
      return closedAtMs === null ? [opened] : [opened, { atMs: closedAtMs, micros: -costMicros }];
    })
    .sort((a, b) => a.atMs - b.atMs || a.micros - b.micros);
  let [heldMicros, exposureMaxMicros, area, sinceMs] = [0, 0, 0, fromMs];
  for (const { atMs, micros } of changes) {
    const untilMs = Math.min(Math.max(atMs, sinceMs), Math.max(toMs, sinceMs));
    area += heldMicros * (untilMs - sinceMs);
    sinceMs = untilMs;
    heldMicros += micros;
    exposureMaxMicros = Math.max(exposureMaxMicros, heldMicros);
  }
  area += heldMicros * Math.max(0, toMs - sinceMs);
  const spanMs = toMs - fromMs;
  return { exposureMaxMicros, exposureMeanMicros: spanMs > 0 ? Math.round(area / spanMs) : 0 };
}

function drawdown(closed: readonly TradeRow[]): number {
  let [equity, highest, fall] = [0, 0, 0];
  for (const { pnlMicros } of inOrderOfEnd(closed)) {
    equity += pnlMicros;
    highest = Math.max(highest, equity);
    fall = Math.max(fall, highest - equity);
  }
  return fall;
}
