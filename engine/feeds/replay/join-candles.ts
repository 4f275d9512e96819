// Several files of one asset's candles (a month each, say) as one recording.
import { UserError } from "../../base/errors.ts";
import type { CandleColumns } from "./candle-file.ts";
import type { DataFile } from "./data-file.ts";

interface CandlePart {
  readonly file: DataFile;
  readonly columns: CandleColumns;
}

export function joinCandles(parts: readonly CandlePart[]): CandleColumns {
  const [first, ...rest] = parts.toSorted((a, b) => a.columns.openMs[0]! - b.columns.openMs[0]!) as [CandlePart];
  return rest.reduce((before, after) => joined(before, after), first as CandlePart).columns;
}

function joined(before: CandlePart, after: CandlePart): CandlePart {
  const [a, b] = [before.columns, after.columns];
  if (a.stepMs !== b.stepMs) throw clash(before, after, `their intervals are ${a.interval} and ${b.interval}`);
  if (b.openMs[0]! <= a.openMs.at(-1)!) throw clash(before, after, "they overlap in time");
  const columns: CandleColumns = {
    interval: a.interval,
    stepMs: a.stepMs,
    openMs: both(a.openMs, b.openMs),
    longOpensE18: new Map([...a.longOpensE18, ...shifted(b.longOpensE18, a.openMs.length)]),
    open: both(a.open, b.open),
    high: both(a.high, b.high),
    low: both(a.low, b.low),
    close: both(a.close, b.close),
    volume: both(a.volume, b.volume),
    fundingRate8h: both(a.fundingRate8h, b.fundingRate8h),
    openInterest: both(a.openInterest, b.openInterest),
  };
  return { file: after.file, columns };
}

function both(before: Float64Array, after: Float64Array): Float64Array {
  const all = new Float64Array(before.length + after.length);
  all.set(before);
  all.set(after, before.length);
  return all;
}

const shifted = <T>(byIndex: ReadonlyMap<number, T>, by: number): [number, T][] =>
  [...byIndex].map(([index, value]) => [index + by, value]);

const clash = (before: CandlePart, after: CandlePart, what: string): UserError =>
  new UserError("data", `Cannot join "${before.file.path}" and "${after.file.path}": ${what}`, {
    where: after.file.path,
    hint: "Name files of one asset that follow each other in time",
  });
