// Reports made out of a seed, from a first hour to months of edits; their figures follow from their trades.
import type { AuditExtra } from "../../../control/report/html.ts";
import type { MadeBy, Report, Seam, TradeRow } from "../../../control/report/report.ts";
import { equityOf, figuresOf, versionFiguresOf } from "../../../control/report/track-record.ts";
import type { CodeVersion, ParamsHash } from "../../../engine/base/ids.ts";
import { MICROS } from "../../../engine/base/micros.ts";
import { hash32, seedOf, uniform } from "../../../engine/base/prng.ts";

export interface Shape {
  readonly market?: Report["market"];
  readonly strategies?: readonly string[];
  /** Of each strategy. */
  readonly versions: number;
  readonly trades: number;
  readonly hours: number;
}

const FROM_MS = Date.UTC(2026, 5, 8);
const HOUR_MS = 3_600_000;
const START_MICROS = 1_000 * MICROS;
const ASSETS = ["BTC", "ETH", "SOL", "XRP", "DOGE", "BNB", "HYPE", "ZEC"];
const REASONS = [
  "thrust, move 2.31 over trigger 2.0",
  "regime trend-down, score −0.82",
  "thrust",
  "far from open, 72 s left",
];

export function exampleReport(shape: Shape): Report {
  const { market = "updown", strategies = ["momentum"], hours } = shape;
  const span = { fromMs: FROM_MS, toMs: FROM_MS + hours * HOUR_MS };
  const made = strategies.map((strategy) => versionsOf(strategy, shape.versions));
  const seams = made.flatMap((versions) => seamsOf(versions, span)).sort((a, b) => a.atMs - b.atMs);
  const trades = Array.from({ length: shape.trades }, (_, index) => tradeOf(index, shape, span, seams));
  const total = figuresOf(trades, span);
  const versions = made.flat().map((version, index) => ({ ...version, decisions: 14_400 + 37 * index }));
  return {
    kind: "audit",
    title: "Audit of .underway",
    notes: ["quotes are modelled: nobody's order book was recorded"],
    market,
    ...span,
    cycles: hours * 3_600,
    decisions: hours * 3_600 * 8,
    faults: 0,
    startCashMicros: START_MICROS,
    endEquityMicros: START_MICROS + total.pnlMicros,
    total,
    versions: versionFiguresOf(trades, span, versions),
    seams,
    equity: equityOf(trades, START_MICROS),
    trades,
  };
}

/** Some ordinals went to candidates that never ran. */
const versionsOf = (strategy: string, count: number): MadeBy[] =>
  Array.from({ length: count }, (_, index) => {
    const ordinal = 1 + index + Math.floor(index / 3);
    return {
      strategy,
      ordinal,
      code: digest(seedOf(strategy), ordinal) as CodeVersion,
      params: digest(seedOf("params"), Math.floor(index / 4)) as ParamsHash,
    };
  });

const digest = (seed: number, n: number): string =>
  Array.from({ length: 8 }, (_, part) => hash32(seed, n, part).toString(16).padStart(8, "0")).join("");

/** One after the other at odd intervals; every fifth is soon rolled back. */
function seamsOf(versions: readonly MadeBy[], { fromMs, toMs }: { fromMs: number; toMs: number }): Seam[] {
  const stepMs = (toMs - fromMs) / versions.length;
  return versions.flatMap((version, index) => {
    const jitter = index === 0 ? 0 : uniform(seedOf(version.strategy), index) * 0.6;
    const atMs = Math.round(fromMs + stepMs * (index + jitter));
    const seam = (by: MadeBy, laterMs: number, approvedBy: string | null): Seam => ({
      ...by,
      atMs: atMs + laterMs,
      cycle: Math.round((atMs + laterMs - fromMs) / 1_000),
      slots: ASSETS.map((asset) => `${asset}-5m-${version.strategy}`),
      receipt: index === 0 ? null : digest(7, index).slice(0, 12),
      approvedBy,
    });
    const back = index % 5 === 4 ? [seam(versions[index - 1]!, Math.round(stepMs * 0.2), "underway")] : [];
    return [seam(version, 0, index === 0 ? null : "ops"), ...back];
  });
}

function tradeOf(
  index: number,
  { market = "updown", strategies = ["momentum"], trades }: Shape,
  { fromMs, toMs }: { fromMs: number; toMs: number },
  seams: readonly Seam[],
): TradeRow {
  const draw = (what: number): number => uniform(42, index, what);
  const openedAtMs = Math.round(fromMs + ((toMs - fromMs - 300_000) * (index + draw(0))) / trades);
  const strategy = strategies[Math.floor(draw(1) * strategies.length)]!;
  const { code, params, ordinal } = seams.findLast((seam) => seam.strategy === strategy && seam.atMs <= openedAtMs)!;
  const asset = ASSETS[Math.floor(draw(2) * ASSETS.length)]!;
  const slot = `${asset}-5m-${strategy}`;
  const isSpot = market === "spot";
  const priceMicros = isSpot
    ? Math.round((91_000 + 900 * draw(3)) * MICROS)
    : Math.round((0.45 + 0.3 * draw(3)) * 100) * 10_000;
  const sharesMicros = isSpot ? 12_500 : Math.round(20e12 / priceMicros);
  const feesMicros = isSpot ? 1_140_000 : Math.round(sharesMicros * 0.02 * (1 - priceMicros / MICROS));
  const probability = Math.min(0.98, priceMicros / MICROS + 0.02 + 0.1 * draw(4));
  const side = isSpot ? "long" : draw(5) < 0.5 ? "up" : "down";
  const hasWon = draw(6) < (isSpot ? 0.55 : probability - 0.03);
  const isSold = !isSpot && draw(7) < 0.04;
  const costMicros = Math.round((sharesMicros * priceMicros) / MICROS);
  const grossMicros = isSpot
    ? Math.round((draw(8) - 0.45) * 12 * MICROS)
    : isSold
      ? Math.round(-0.2 * costMicros)
      : (hasWon ? sharesMicros : 0) - costMicros;
  const opposite = side === "up" ? "down" : "up";
  const window = Math.floor(openedAtMs / 300_000) * 300;
  const cycle = Math.round((openedAtMs - fromMs) / 1_000);
  return {
    ...{ strategy, code, params, ordinal, slot, side, openedAtMs, feesMicros, asset: asset.toLowerCase() },
    id: `${slot}/${asset.toLowerCase()}-updown-5m-${window}-${index}`,
    market: `${asset.toLowerCase()}-updown-5m-${window}`,
    closedAtMs: openedAtMs + 60_000 + Math.round(240_000 * draw(9)),
    boughtSharesMicros: sharesMicros,
    entryPriceMicros: priceMicros,
    breakEvenMicros: priceMicros + Math.round((feesMicros / sharesMicros) * MICROS),
    pnlMicros: grossMicros - feesMicros,
    outcome: side === "long" ? null : isSold ? "sold" : hasWon ? side : opposite,
    probability: isSpot ? null : probability,
    reason: REASONS[Math.floor(draw(10) * REASONS.length)]!,
    decision: `${slot}@${cycle}`,
  };
}

const invariant = (id: string, name: string, violations = 0, examples: string[] = []) => ({
  ...{ id, name, violations, examples },
  checked: 1_204,
});

const NAMES = {
  "double-entry": "Every booking's debits are its credits",
  "durable-intent": "No order was sent that was not written down before",
  pinning: "A position is closed by the code that opened it",
  "one-version": "No two versions decided for a slot in one cycle",
};

export const soundAudit: AuditExtra = {
  invariants: Object.entries(NAMES).map(([id, name]) => invariant(id, name)),
  chain: { ok: true, rows: 86_400, head: { seq: 86_400, cycle: 86_397, hash: digest(3, 1) }, firstBad: null },
  notes: [],
};

export const brokenAudit: AuditExtra = {
  invariants: [
    ...soundAudit.invariants.slice(0, 2),
    invariant("pinning", NAMES.pinning, 7, [
      "BTC-5m-momentum@120431: opened by v14, closed by v15",
      "ETH-5m-momentum@99",
    ]),
    ...soundAudit.invariants.slice(3),
  ],
  chain: {
    ...{ ok: false, rows: 86_400, head: null },
    firstBad: { seq: 17, cycle: 16, atMs: FROM_MS + 16_000, what: "its hash is not that of its content" },
  },
  notes: ["3 rows of before the journal are not covered"],
};

export const firstHour = (): Report => exampleReport({ versions: 1, trades: 3, hours: 1 });
export const manyEdits = (): Report => exampleReport({ versions: 12, trades: 1_500, hours: 72 });
export const noTrades = (): Report => exampleReport({ versions: 1, trades: 0, hours: 24 });
export const spot = (): Report => ({
  ...exampleReport({ market: "spot", strategies: ["trend"], versions: 2, trades: 220, hours: 24 * 90 }),
  kind: "backtest",
  title: "Backtest of trend",
});
