// Where each number of a frame lies. The host writes by it, the guest's generated reader reads by it.
import { ASSETS, type Asset, WINDOW_INTERVALS, type WindowInterval } from "../../dsl/asset.ts";
import type { Manifest } from "./manifest.ts";

/** The facts every decision has, in frame order, before any declared input. Prices in USDC, sizes in shares, times in seconds. */
export const HEADER = [
  "assetIndex",
  "intervalIndex",
  "spot",
  "open",
  "secondsLeft",
  "upBid",
  "upAsk",
  "upBidSize",
  "upAskSize",
  "downBid",
  "downAsk",
  "downBidSize",
  "downAskSize",
  "feeRate",
  "positionSide", // 0 none, 1 up, 2 down
  "positionShares",
  "positionAveragePrice",
  "positionSecondsHeld",
] as const;
export type HeaderField = (typeof HEADER)[number];
export const HEADER_INDEX = Object.fromEntries(HEADER.map((name, index) => [name, index])) as Record<
  HeaderField,
  number
>;

export const assetIndex = (asset: Asset): number => ASSETS.indexOf(asset);
export const intervalIndex = (interval: WindowInterval): number => WINDOW_INTERVALS.indexOf(interval);

/** A frame is bounded: 8,192 doubles (64 KiB). */
export const FRAME_DOUBLES_MAX = 8192;
export const HISTORY_DEFAULT = 16;

/**
 * A reading output takes `2 + history` doubles: the value, then closed values 0 … history back (0 = last closed).
 * A reading is ready when its value is not NaN. Candles take 5 × depth doubles: open, high, low, close, volume,
 * each oldest first and NaN-padded at the front while there are fewer.
 */
export type FrameField =
  | {
      readonly type: "reading";
      readonly name: string;
      readonly offset: number;
      readonly outputs: readonly string[];
      readonly history: number;
    }
  | { readonly type: "candles"; readonly name: string; readonly offset: number; readonly depth: number };

export interface FrameLayout {
  /** Length of the frame in doubles. */
  readonly size: number;
  readonly fields: readonly FrameField[];
}

/** `outputsOf` gives the output names of an input kind; ["value"] means a plain reading. */
export function layoutOf(inputs: Manifest["inputs"], outputsOf: (kind: string) => readonly string[]): FrameLayout {
  let offset = HEADER.length;
  const fields: FrameField[] = [];
  for (const [name, spec] of Object.entries(inputs)) {
    if (spec.kind === "candles") {
      const depth = Number(spec.options.depth);
      fields.push({ type: "candles", name, offset, depth });
      offset += 5 * depth;
    } else {
      const history = Number(spec.options.history ?? HISTORY_DEFAULT);
      const outputs = outputsOf(spec.kind);
      fields.push({ type: "reading", name, offset, outputs, history });
      offset += outputs.length * (2 + history);
    }
  }
  return { size: offset, fields };
}
