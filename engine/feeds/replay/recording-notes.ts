// What the reader of a recording must know of it: holes, and what was put right. Nothing is repaired in silence.
import type { Asset } from "../../../dsl/asset.ts";
import type { Tick } from "../../market/event.ts";
import type { CandleColumns } from "./candle-file.ts";
import type { DataFile } from "./data-file.ts";

/** A minute without a price is a hole: prices come about every second. */
const PRICE_HOLE_MS = 60_000;

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
const holesIn = (n: number): string => (n === 1 ? "1 hole" : `${n} holes`);
const utc = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16)}Z`;

/** A row that was cut within its last number reads like any other. */
export const cutShort = ({ path, text }: DataFile): readonly string[] =>
  text.endsWith("\n") ? [] : [`${path} does not end with a line break: its last row may have been cut short`];

export function missingCandles(asset: Asset, { openMs, stepMs, interval }: CandleColumns): readonly string[] {
  const holes: { readonly fromMs: number; readonly missing: number }[] = [];
  for (let i = 1; i < openMs.length; i++) {
    const missing = (openMs[i]! - openMs[i - 1]!) / stepMs - 1;
    if (missing > 0) holes.push({ fromMs: openMs[i - 1]! + stepMs, missing });
  }
  if (holes.length === 0) return [];
  const missing = sum(holes.map((hole) => hole.missing));
  const longest = holes.reduce((a, b) => (b.missing > a.missing ? b : a));
  const of = openMs.length + missing;
  return [
    `${missing} of ${of} ${asset} ${interval} candles are missing, in ${holesIn(holes.length)}, the longest ${longest.missing} from ${utc(longest.fromMs)}`,
  ];
}

/** `own`: those that are played, in the order of receipt. */
export function tickNotes(asset: Asset, recorded: readonly Tick[], own: readonly Tick[]): readonly string[] {
  const notes: string[] = [];
  const rows = (n: number, one: string, many: string) =>
    `${n === 1 ? "1 row" : `${n} rows`} of ${asset} prices ${n === 1 ? one : many}`;
  const overtaken = recorded.filter((tick, i) => i > 0 && tick.receivedAtMs < recorded[i - 1]!.receivedAtMs).length;
  if (overtaken > 0)
    notes.push(`${rows(overtaken, "was", "were")} received before the row above it: played in the order of receipt`);
  const repeated = recorded.length - own.length;
  if (repeated > 0)
    notes.push(`${rows(repeated, "says", "say")} what another row says, and ${repeated === 1 ? "is" : "are"} left out`);
  const corrected = own.length - new Set(own.map(({ eventAtMs }) => eventAtMs)).size;
  if (corrected > 0) notes.push(`${rows(corrected, "corrects", "correct")} an earlier one of the same instant`);
  const holes = own.flatMap(({ receivedAtMs }, i) => {
    const silentMs = i === 0 ? 0 : receivedAtMs - own[i - 1]!.receivedAtMs;
    return silentMs <= PRICE_HOLE_MS ? [] : [{ fromMs: own[i - 1]!.receivedAtMs, silentMs }];
  });
  if (holes.length > 0) {
    const longest = holes.reduce((a, b) => (b.silentMs > a.silentMs ? b : a));
    const seconds = (ms: number) => Math.round(ms / 1_000);
    notes.push(
      `No ${asset} price for ${seconds(sum(holes.map(({ silentMs }) => silentMs)))} s in ${holesIn(holes.length)}, the longest ${seconds(longest.silentMs)} s from ${utc(longest.fromMs)}`,
    );
  }
  return notes;
}

/** Of rows with the same times and price the first: ticks are in the order of receipt. */
export function withoutRepeats(ticks: readonly Tick[]): readonly Tick[] {
  const seen = new Set<string>();
  return ticks.filter(({ eventAtMs, receivedAtMs, priceE18 }) => {
    const key = `${eventAtMs} ${receivedAtMs} ${priceE18}`;
    return !seen.has(key) && seen.add(key) !== undefined;
  });
}
