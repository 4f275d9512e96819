// underway.config.ts as the bot uses it: checked to the last key and parsed to integers. A mistake is one error that says where,
// what is there and what is expected; nothing unknown is passed over, for a mistyped limit is a limit that is not there.
import { z } from "zod";
import { ASSETS, WINDOW_INTERVALS } from "../dsl/asset.ts";
import type { Json } from "../engine/base/canonical-json.ts";
import { UserError } from "../engine/base/errors.ts";
import { slotId } from "../engine/base/ids.ts";
import { MICROS, parseMicros } from "../engine/base/micros.ts";
import { PROMOTION_SYNTAX, type Promotion, parsePromotion } from "../engine/reload/promotion.ts";
import type { RiskLimits, Settings, Sizing, SlotSettings } from "../engine/risk/settings.ts";
import { jsonPath } from "./control-schema.ts";
import { didYouMean } from "./nearest.ts";

const SLOTS_MAX = 1000;
const DAY_MS = 86_400_000;
const STRATEGY_NAME = /^[a-z][a-z0-9-]{0,39}$/;
const VENUES = ["simulated", "polymarket"] as const;
const FEEDS = ["simulated", "replay", "polymarket", "binance"] as const;
const ON_RELOAD = ["pin", "adopt"] as const;

/** Read once, at start. */
export interface ColdConfig {
  readonly venue: (typeof VENUES)[number];
  readonly feed: (typeof FEEDS)[number];
  readonly cycleMs: number;
  readonly dataDir: string;
  /** Opening balance of the simulated venue. */
  readonly cashMicros: number;
  /** Older rows of the journal are pruned, market time. */
  readonly journalKeptMs: number;
}

export interface Config {
  readonly cold: ColdConfig;
  /** The hot part, before control.json is laid over it. */
  readonly settings: Settings;
  /** Where alarms are posted; null: nowhere. */
  readonly webhook: string | null;
}

// Every leaf says what it expects; the sentence around it is made once, in `describe`.
const money = leaf('money as text with at most 6 decimals, like "25.00"', (value) => {
  const micros = typeof value === "string" ? parseMicros(value) : null;
  return micros === null || micros < 0 ? null : micros;
});
const price = leaf("a price in USDC from 0 to 1 with at most 6 decimals, like 0.01", (value) => micros(value, 0, 1));
const fraction = leaf("a fraction above 0 and at most 1, like 0.2", (value) => micros(value, 1e-6, 1));
const cycle = leaf('a duration from 100ms to 60s that divides a minute, like "1s"', (value) => {
  const ms = duration(value);
  return ms !== null && ms >= 100 && 60_000 % ms === 0 ? ms : null;
});
const staleAfter = leaf('a duration from 100ms to 10m, like "3s"', (value) => {
  const ms = duration(value);
  return ms !== null && ms >= 100 && ms <= 600_000 ? ms : null;
});
const keep = leaf('a number of days from 3d to 3650d, like "14d"', (value) => {
  const days = typeof value === "string" ? Number(/^(\d{1,4})d$/.exec(value)?.[1]) : Number.NaN;
  return days >= 3 && days <= 3650 ? days * DAY_MS : null;
});
const promotion = leaf(PROMOTION_SYNTAX, (value) => (typeof value === "string" ? parsePromotion(value) : null));
const strategyName = leaf('a strategy\'s file name without ".ts", like "momentum"', (value) =>
  typeof value === "string" && STRATEGY_NAME.test(value) ? value : null,
);
const paramValue = leaf("a number, true, false or text", (value) =>
  typeof value === "boolean" || Number.isFinite(value) || (typeof value === "string" && value.length <= 100)
    ? (value as number | boolean | string)
    : null,
);
const dataDir = leaf('a folder, like ".underway"', (value) =>
  typeof value === "string" && value !== "" ? value : null,
);
const count = (max: number) =>
  leaf(`an integer from 1 to ${max}`, (value) =>
    Number.isInteger(value) && Number(value) >= 1 && Number(value) <= max ? Number(value) : null,
  );
const windowsMin = leaf("an integer from 0 to 1000000", (value) =>
  Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 1_000_000 ? Number(value) : null,
);
const webhook = leaf('an address like "https://example.com/alarms"', (value) =>
  typeof value === "string" && /^https?:$/.test(URL.parse(value)?.protocol ?? "") ? value : null,
);
const oneOf = <const T extends string>(names: readonly T[]) =>
  leaf(`one of ${names.join(", ")}`, (value) => (names.includes(value as T) ? (value as T) : null), names);

const slot = record({
  asset: oneOf(ASSETS),
  interval: oneOf(WINDOW_INTERVALS),
  strategy: strategyName,
  params: z.record(z.string().max(100), paramValue).default({}),
});

const sizing = z.discriminatedUnion(
  "type",
  [
    record({ type: z.literal("fixedStake"), stake: money }),
    record({ type: z.literal("fractionalKelly"), fraction, cap: money }),
  ],
  { error: 'fixedStake("5.00") or fractionalKelly({ fraction: 0.2, cap: "25.00" })' },
);

const risk = record({
  perSlot: money.prefault("25.00"),
  perAsset: money.prefault("50.00"),
  total: money.prefault("400.00"),
  dailyLoss: money.prefault("60.00"),
  ordersPerMinute: count(6000).prefault(60),
  staleAfter: staleAfter.prefault("3s"),
  minEdge: price.prefault(0.01),
  collar: price.prefault(0.05),
});

const schema = record({
  venue: oneOf(VENUES).prefault("simulated"),
  feed: oneOf(FEEDS).prefault("simulated"),
  cycle: cycle.prefault("1s"),
  dataDir: dataDir.prefault(".underway"),
  cash: money.prefault("1000.00"),
  journal: record({ keep: keep.prefault("14d") }).prefault({}),
  slots: z
    .array(slot, { error: "a list of slots" })
    .min(1, { error: "at least one slot" })
    .max(SLOTS_MAX, { error: `at most ${SLOTS_MAX} slots` }),
  sizing: sizing.prefault({ type: "fixedStake", stake: "5.00" }),
  risk: risk.prefault({}),
  promotion: z.record(z.string(), promotion).default({}),
  probation: record({ windows: count(10_000).prefault(36) }).prefault({}),
  rehearsal: record({ minWindows: windowsMin.prefault(0) }).prefault({}),
  alarms: record({ webhook: webhook.optional() }).prefault({}),
  onReload: oneOf(ON_RELOAD).prefault("pin"),
});

/** Throws a UserError "config" whose `where` is the JSON path of the first problem. */
export function parseConfig(json: Json, file: string): Config {
  const result = schema.safeParse(json, { reportInput: true });
  if (!result.success) throw describe(result.error.issues[0]!, file);
  const { venue, feed, cycle, dataDir, cash, slots, sizing, risk, promotion } = result.data;
  const { probation, rehearsal, alarms, onReload, journal } = result.data;
  const { default: promotionOfOthers, ...promotions } = promotion;
  const settings: Settings = {
    mode: "active",
    slots: parseSlots(slots, file),
    disabledSlots: new Set(),
    disabledStrategies: new Set(),
    sizing: sizingOf(sizing),
    scalePpm: MICROS,
    risk: limitsOf(risk),
    reload: {
      promotion: promotionOfOthers ?? DEFAULT_PROMOTION[venue],
      promotions: new Map(Object.entries(promotions)),
      probationWindows: probation.windows,
      rehearsalWindowsMin: rehearsal.minWindows,
      onReload,
      pins: new Map(),
    },
  };
  const strategies = new Set(slots.map(({ strategy }) => strategy));
  for (const [name, policy] of Object.entries(promotion)) {
    const path = ["promotion", name];
    if (name !== "default" && !strategies.has(name)) {
      throw wrong(file, path, `is not a strategy of any slot${didYouMean(name, ["default", ...strategies])}`);
    }
    if (policy.type === "ungated" && venue !== "simulated") {
      throw wrong(file, path, 'is "ungated", expected a gate: only the simulated venue trades without one');
    }
  }
  return {
    cold: { venue, feed, cycleMs: cycle, dataDir, cashMicros: cash, journalKeptMs: journal.keep },
    settings,
    webhook: alarms.webhook ?? null,
  };
}

const DEFAULT_PROMOTION: Readonly<Record<ColdConfig["venue"], Promotion>> = {
  simulated: { type: "auto" },
  polymarket: { type: "steps", steps: [{ type: "shadow", windows: 36 }, { type: "approve" }] },
};

/** Keys of underway.config.ts that differ and are read only at start. */
export function coldChanges(running: ColdConfig, wanted: ColdConfig): readonly string[] {
  const keys: Readonly<Record<keyof ColdConfig, string>> = {
    venue: "venue",
    feed: "feed",
    cycleMs: "cycle",
    dataDir: "dataDir",
    cashMicros: "cash",
    journalKeptMs: "journal",
  };
  return (Object.keys(keys) as (keyof ColdConfig)[])
    .filter((key) => running[key] !== wanted[key])
    .map((key) => keys[key]);
}

function parseSlots(slots: readonly z.output<typeof slot>[], file: string): readonly SlotSettings[] {
  const seen = new Map<string, number>();
  return slots.map(({ asset, interval, strategy, params }, index) => {
    const id = slotId(asset, interval, strategy);
    const first = seen.get(id);
    if (first !== undefined)
      throw wrong(file, ["slots", index], `is ${id} again, expected each slot once (it is slots[${first}] already)`);
    seen.set(id, index);
    return { id, asset, interval, strategy, params };
  });
}

const sizingOf = (value: z.output<typeof sizing>): Sizing =>
  value.type === "fixedStake"
    ? { type: "fixedStake", stakeMicros: value.stake }
    : { type: "fractionalKelly", fractionPpm: value.fraction, capMicros: value.cap };

const limitsOf = (value: z.output<typeof risk>): RiskLimits => ({
  perSlotMicros: value.perSlot,
  perAssetMicros: value.perAsset,
  totalMicros: value.total,
  dailyLossMicros: value.dailyLoss,
  ordersPerMinute: value.ordersPerMinute,
  staleAfterMs: value.staleAfter,
  minEdgeMicros: value.minEdge,
  collarMicros: value.collar,
});

/** A number as micro-units, exactly, within bounds in whole units. */
function micros(value: unknown, min: number, max: number): number | null {
  if (typeof value !== "number" || !(value >= min && value <= max)) return null;
  const scaled = Math.round(value * MICROS);
  return Math.abs(value * MICROS - scaled) < 1e-6 ? scaled : null;
}

function duration(value: unknown): number | null {
  const match = typeof value === "string" ? /^(\d{1,6}(?:\.\d{1,3})?)(ms|s|m)$/.exec(value) : null;
  if (match === null) return null;
  const ms = Number(match[1]) * { ms: 1, s: 1000, m: 60_000 }[match[2] as "ms" | "s" | "m"];
  return Number.isInteger(ms) ? ms : null;
}

/** A value with one parser and one phrase for what it expects; `names` are offered for typing mistakes. */
function leaf<T>(expected: string, parse: (value: unknown) => T | null, names: readonly string[] = []) {
  return z.unknown().transform((value, context): T => {
    const parsed = parse(value);
    if (parsed !== null) return parsed;
    const nearest = typeof value === "string" ? didYouMean(value, names) : "";
    context.issues.push({ code: "custom", input: value, message: expected + nearest });
    return z.NEVER;
  });
}

function record<Shape extends z.core.$ZodShape>(shape: Shape) {
  const keys = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? `is not a known key${didYouMean(issue.keys[0] ?? "", keys)}, expected ${keys.join(", ")}`
        : "an object",
  });
}

function describe(issue: z.core.$ZodIssue, file: string): UserError {
  if (issue.code === "unrecognized_keys") return wrong(file, [...issue.path, issue.keys[0] ?? ""], issue.message);
  const found = issue.input === undefined ? "is missing" : `is ${show(issue.input)}`;
  return wrong(file, issue.path, `${found}, expected ${issue.message}`);
}

function wrong(file: string, path: readonly PropertyKey[], what: string): UserError {
  const where = jsonPath(path);
  return new UserError("config", `Cannot use ${file}: ${where} ${what}`, { where });
}

const SHOWN_CHARS_MAX = 60;
const show = (value: unknown): string => {
  const json = JSON.stringify(value) ?? String(value);
  return json.length > SHOWN_CHARS_MAX ? `${json.slice(0, SHOWN_CHARS_MAX - 1)}…` : json;
};
