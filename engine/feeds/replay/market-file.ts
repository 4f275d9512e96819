// Recordings of Polymarket's up/down markets, one JSON object a line: what was traded, against which strike, and how it
// ended. The outcome is kept apart: settlement never sees it.
import { z } from "zod";
import { ASSETS, type Asset, WINDOW_INTERVALS, WINDOW_MS } from "../../../dsl/asset.ts";
import { marketId } from "../../base/ids.ts";
import { MICROS } from "../../base/micros.ts";
import type { Market, Outcome } from "../../market/market.ts";
import { malformed, quoted } from "./csv-rows.ts";
import type { DataFile } from "./data-file.ts";

export interface MarketRecord {
  readonly market: Market;
  /** Null where none was recorded. */
  readonly strikeE18: bigint | null;
  /** Null where the market had not resolved. */
  readonly outcome: Outcome | null;
}

const pair = <T extends z.ZodType>(of: T) => z.tuple([of, of]);
const LABELS = pair(z.enum(["Up", "Down"])).refine(([first, second]) => first !== second, {
  error: "two different ones",
});

/** The API gives the labels as JSON within a string. */
const labels = z.preprocess((value) => {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}, LABELS);

const seconds = z.int().min(1e9).max(1e10);

const RECORD = z
  .object({
    slug: z.string(),
    asset: z.enum(ASSETS),
    interval_sec: z.literal(WINDOW_INTERVALS.map((interval) => WINDOW_MS[interval] / 1_000)),
    condition_id: z.string().min(1),
    token_ids: pair(z.string().regex(/^\d+$/, { error: "digits" })),
    start_sec: seconds,
    end_sec: seconds,
    resolved: z.boolean().default(false),
    strike_value: z
      .string()
      .regex(/^[1-9]\d{0,39}$/, { error: "an integer above 0, the price × 1e18" })
      .nullable(),
    outcome_prices: pair(z.string()).nullish(),
    raw: z.object({
      outcomes: labels,
      feeSchedule: z.object({ rate: z.number().min(0).max(1), exponent: z.literal(1).optional() }),
      orderPriceMinTickSize: z.number().min(0.0001).max(0.1),
      orderMinSize: z.number().positive().max(1e6),
      cryptoMarketConfig: z.object({ twapLookbackSeconds: z.number().min(0).max(3_600).nullish() }).nullish(),
    }),
  })
  .refine((record) => record.end_sec - record.start_sec === record.interval_sec, {
    path: ["end_sec"],
    error: "start_sec + interval_sec",
  })
  .refine((record) => record.start_sec % record.interval_sec === 0, {
    path: ["start_sec"],
    error: "a multiple of interval_sec",
  })
  .refine((record) => record.slug === slugOf(record), {
    path: ["slug"],
    error: "<asset>-updown-<interval>-<start_sec>",
  });

interface Row {
  readonly asset: Asset;
  readonly interval_sec: number;
  readonly start_sec: number;
}

const intervalOf = ({ interval_sec }: Row) =>
  WINDOW_INTERVALS.find((each) => WINDOW_MS[each] === interval_sec * 1_000)!;
const slugOf = (row: Row) => marketId(row.asset, intervalOf(row), row.start_sec * 1_000);

export function parseMarkets(file: DataFile): readonly MarketRecord[] {
  const lines = file.text.trimEnd().split("\n");
  return lines.map((line, index) => recordOf(file, index + 1, line));
}

function recordOf(file: DataFile, row: number, line: string): MarketRecord {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    throw malformed(file, row, 1, `${quoted(line)} is no JSON`, "one market, a JSON object, per line");
  }
  const parsed = RECORD.safeParse(json);
  if (!parsed.success) throw refused(file, row, line, json, parsed.error);
  const { data } = parsed;
  const { raw } = data;
  const up = raw.outcomes.indexOf("Up");
  const market: Market = {
    id: slugOf(data),
    conditionId: data.condition_id,
    asset: data.asset,
    interval: intervalOf(data),
    openMs: data.start_sec * 1_000,
    closeMs: data.end_sec * 1_000,
    tokens: { up: data.token_ids[up]!, down: data.token_ids[1 - up]! },
    tickMicros: Math.round(raw.orderPriceMinTickSize * MICROS),
    minSharesMicros: Math.round(raw.orderMinSize * MICROS),
    feeRatePpm: Math.round(raw.feeSchedule.rate * 1_000_000),
    twapLookbackMs: (raw.cryptoMarketConfig?.twapLookbackSeconds ?? 0) * 1_000,
  };
  const strikeE18 = data.strike_value === null ? null : BigInt(data.strike_value);
  return { market, strikeE18, outcome: data.resolved ? outcomeOf(data.outcome_prices?.[up]) : null };
}

/** Final prices are 1 and 0, or 0.5 each where neither side won. */
function outcomeOf(upPrice: string | undefined): Outcome | null {
  if (upPrice === "1") return "up";
  if (upPrice === "0") return "down";
  return upPrice === "0.5" ? "void" : null;
}

function refused(file: DataFile, row: number, line: string, json: unknown, error: z.ZodError) {
  const { path, message } = error.issues[0]!;
  const value = path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], json);
  const name = path.length === 0 ? "the row" : path.join(".");
  const key = path.findLast((part) => typeof part === "string");
  const column = key === undefined ? 1 : line.indexOf(`"${key}"`) + 1 || 1;
  const found = value === undefined ? `${name} is missing` : `${name} is ${quoted(JSON.stringify(value))}`;
  return malformed(file, row, column, found, message.replace(/^Invalid [^:]*: (expected )?/, ""));
}
