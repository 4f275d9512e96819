// One slot's holding in one market: opened by fills, closed by sells or by settlement. Pure functions over an immutable record.
import { assert } from "../base/assert.ts";
import type { MarketId, SlotId } from "../base/ids.ts";
import { MICROS, mulDiv } from "../base/micros.ts";
import type { VersionRef } from "../decide/version.ts";
import type { Outcome, Side } from "../market/market.ts";
import type { PositionRow } from "../store/tables.ts";
import type { Fill } from "./order.ts";

export interface Position {
  readonly slot: SlotId;
  readonly market: MarketId;
  readonly side: Side;
  /** The version that entered: it decides this position's exits until the end. */
  readonly version: VersionRef;
  readonly status: "open" | "closed" | "settled";
  readonly sharesMicros: number;
  /** Cost of the shares still held, fees apart. */
  readonly costMicros: number;
  readonly boughtSharesMicros: number;
  readonly feesMicros: number;
  /** Realised so far, fees apart. */
  readonly realisedMicros: number;
  readonly outcome: Outcome | null;
  readonly openedCycle: number;
  readonly openedAtMs: number;
  readonly closedAtMs: number | null;
}

export const notionalMicros = (sharesMicros: number, priceMicros: number): number =>
  mulDiv(sharesMicros, priceMicros, MICROS, "half-even");

export function openPosition(
  slot: SlotId,
  market: MarketId,
  side: Side,
  version: VersionRef,
  cycle: number,
  atMs: number,
): Position {
  return {
    slot,
    market,
    side,
    version,
    status: "open",
    sharesMicros: 0,
    costMicros: 0,
    boughtSharesMicros: 0,
    feesMicros: 0,
    realisedMicros: 0,
    outcome: null,
    openedCycle: cycle,
    openedAtMs: atMs,
    closedAtMs: null,
  };
}

export function addBuy(position: Position, fill: Fill): Position {
  assert(position.status !== "settled", `Buy on settled position ${position.slot} ${position.market}`);
  return {
    ...position,
    status: "open",
    closedAtMs: null,
    sharesMicros: position.sharesMicros + fill.sharesMicros,
    boughtSharesMicros: position.boughtSharesMicros + fill.sharesMicros,
    costMicros: position.costMicros + notionalMicros(fill.sharesMicros, fill.priceMicros),
    feesMicros: position.feesMicros + fill.feeMicros,
  };
}

/** Cost leaves in proportion, rounded down; the last share takes what is left, so nothing is lost to rounding. */
export function addSell(
  position: Position,
  fill: Fill,
): { readonly position: Position; readonly proceedsMicros: number; readonly profitMicros: number } {
  assert(
    fill.sharesMicros <= position.sharesMicros,
    `Sold ${fill.sharesMicros} of ${position.sharesMicros} in ${position.slot}`,
  );
  const proceedsMicros = notionalMicros(fill.sharesMicros, fill.priceMicros);
  const soldAll = fill.sharesMicros === position.sharesMicros;
  const costOut = mulDiv(position.costMicros, fill.sharesMicros, position.sharesMicros, "floor");
  const profitMicros = proceedsMicros - costOut;
  return {
    proceedsMicros,
    profitMicros,
    position: {
      ...position,
      status: soldAll ? "closed" : position.status,
      closedAtMs: soldAll ? fill.atMs : null,
      sharesMicros: position.sharesMicros - fill.sharesMicros,
      costMicros: position.costMicros - costOut,
      feesMicros: position.feesMicros + fill.feeMicros,
      realisedMicros: position.realisedMicros + profitMicros,
    },
  };
}

/** A winning share pays 1 USDC, a losing one nothing, any share of a void market half (rounded down). */
export function payoutMicros(side: Side, sharesMicros: number, outcome: Outcome): number {
  if (outcome === "void") return mulDiv(sharesMicros, 1, 2, "floor");
  return outcome === side ? sharesMicros : 0;
}

export function settle(
  position: Position,
  outcome: Outcome,
  atMs: number,
): { readonly position: Position; readonly payoutMicros: number; readonly profitMicros: number } {
  assert(
    position.status === "open",
    `Settled ${position.slot} ${position.market} is ${position.status}, expected open`,
  );
  const payout = payoutMicros(position.side, position.sharesMicros, outcome);
  const profitMicros = payout - position.costMicros;
  return {
    payoutMicros: payout,
    profitMicros,
    position: {
      ...position,
      status: "settled",
      outcome,
      closedAtMs: atMs,
      sharesMicros: 0,
      costMicros: 0,
      realisedMicros: position.realisedMicros + profitMicros,
    },
  };
}

export const positionRow = (p: Position): PositionRow => ({
  slot: p.slot,
  market: p.market,
  side: p.side,
  status: p.status,
  sharesMicros: p.sharesMicros,
  costMicros: p.costMicros,
  boughtSharesMicros: p.boughtSharesMicros,
  feesMicros: p.feesMicros,
  realisedMicros: p.realisedMicros,
  outcome: p.outcome,
  openedCycle: p.openedCycle,
  openedAtMs: p.openedAtMs,
  closedAtMs: p.closedAtMs,
  strategy: p.version.strategy,
  code: p.version.code,
  params: p.version.params,
  ordinal: p.version.ordinal,
});

export const positionOfRow = (row: PositionRow): Position => ({
  slot: row.slot,
  market: row.market,
  side: row.side,
  version: { strategy: row.strategy, code: row.code, params: row.params, ordinal: row.ordinal },
  status: row.status,
  sharesMicros: row.sharesMicros,
  costMicros: row.costMicros,
  boughtSharesMicros: row.boughtSharesMicros,
  feesMicros: row.feesMicros,
  realisedMicros: row.realisedMicros,
  outcome: row.outcome,
  openedCycle: row.openedCycle,
  openedAtMs: row.openedAtMs,
  closedAtMs: row.closedAtMs,
});
