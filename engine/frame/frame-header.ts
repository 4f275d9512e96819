// The facts that every decision has, whatever it declares: prices, time left, quotes, the fee and what is held.
import { MICROS } from "../base/micros.ts";
import { priceOfE18 } from "../market/market.ts";
import type { WindowState } from "../market/market-state.ts";
import type { HeldPosition } from "./held-position.ts";
import { assetIndex, HEADER_INDEX, intervalIndex } from "./layout.ts";

/** What a decision is about: as it is now, or as it was recorded. */
export interface Moment {
  readonly window: WindowState;
  readonly position: HeldPosition | null;
  /** Last price of the asset, USDC; NaN before the first. */
  readonly spot: number;
  /** The price is too old to be judged by, or there is none. */
  readonly isStale: boolean;
  readonly nowMs: number;
}

export function writeHeader(frame: Float64Array, { window, position, spot, nowMs }: Moment): void {
  const H = HEADER_INDEX;
  const { up, down } = window.quote ?? { up: null, down: null };
  frame[H.assetIndex] = assetIndex(window.market.asset);
  frame[H.intervalIndex] = intervalIndex(window.market.interval);
  frame[H.spot] = spot;
  frame[H.open] = window.strikeE18 === null ? Number.NaN : priceOfE18(window.strikeE18);
  frame[H.secondsLeft] = (window.market.closeMs - nowMs) / 1000;
  frame[H.upBid] = units(up?.bidMicros);
  frame[H.upAsk] = units(up?.askMicros);
  frame[H.upBidSize] = units(up?.bidSizeMicros);
  frame[H.upAskSize] = units(up?.askSizeMicros);
  frame[H.downBid] = units(down?.bidMicros);
  frame[H.downAsk] = units(down?.askMicros);
  frame[H.downBidSize] = units(down?.bidSizeMicros);
  frame[H.downAskSize] = units(down?.askSizeMicros);
  frame[H.feeRate] = units(window.market.feeRatePpm);
  const held = position !== null && position.sharesMicros > 0 ? position : null;
  frame[H.positionSide] = held === null ? 0 : held.side === "up" ? 1 : 2;
  frame[H.positionShares] = units(held?.sharesMicros ?? 0);
  frame[H.positionAveragePrice] = held === null ? Number.NaN : held.costMicros / held.sharesMicros;
  frame[H.positionSecondsHeld] = held === null ? 0 : (nowMs - held.openedAtMs) / 1000;
}

const units = (micros: number | undefined): number => (micros === undefined ? Number.NaN : micros / MICROS);
