// Defaults of the options that every candle-driven input takes. Runs in the guest.
import type { SeriesOptions } from "../input.ts";

export const SERIES = { interval: "1m", history: 16, forming: false } as const;

/** Options of a candle-driven input: all of them have defaults. */
export type Series<Own = object> = Partial<SeriesOptions & Own>;
