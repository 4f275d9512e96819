// A backtest of up/down markets: the data read and the strategies compiled, to be run with any params over any stretch.
import { CANDLE_INTERVALS, CANDLE_MS, type CandleInterval } from "../../dsl/candle.ts";
import { canonicalJson } from "../../engine/base/canonical-json.ts";
import { UserError } from "../../engine/base/errors.ts";
import type { VersionFacts } from "../../engine/decide/version.ts";
import type { PullFeed } from "../../engine/feeds/port.ts";
import type { Params } from "../../engine/frame/manifest.ts";
import type { SlotSettings } from "../../engine/risk/settings.ts";
import { BatchHost } from "../../engine/sandbox/batch-host.ts";
import { type InForce, settingsInForce } from "../dry-run/settings-in-force.ts";
import { plural } from "../number-format.ts";
import { reportOf } from "../report/ledger-report.ts";
import type { Report } from "../report/report.ts";
import { DEFAULT_SEED, IDENTITY, RESOLUTION_MS } from "../run/world.ts";
import { CompiledStrategies, requireParams } from "./compiled-strategies.ts";
import type { BacktestOrder, BacktestRun, OpenedBacktest, RunOrder } from "./port.ts";
import { openRecordedMarket, type RecordedMarket } from "./recorded-market.ts";
import { type UpdownParts, type UpdownResult, UpdownRun } from "./updown-run.ts";
import { type UpdownTerms, updownTerms } from "./updown-settings.ts";

/** Throws a UserError for data, configuration, names and strategies that are wrong. */
export async function openUpdownBacktest(order: BacktestOrder): Promise<UpdownBacktest> {
  const config = await settingsInForce(order.config, order.engine, null);
  const strategies = await CompiledStrategies.open(order.strategies, order);
  return new UpdownBacktest(order, config, strategies, await openRecordedMarket(order.data, order.asset, config));
}

export class UpdownBacktest implements OpenedBacktest {
  readonly fromMs: number;
  readonly toMs: number;
  readonly declared: OpenedBacktest["declared"];
  readonly #order: BacktestOrder;
  readonly #strategies: CompiledStrategies;
  readonly #market: RecordedMarket;
  readonly #terms: UpdownTerms;

  constructor(order: BacktestOrder, config: InForce, strategies: CompiledStrategies, market: RecordedMarket) {
    const feed = market.play();
    this.#order = order;
    this.#strategies = strategies;
    this.#market = market;
    this.#terms = updownTerms(order, config, market.beginning, feed);
    this.fromMs = feed.startMs;
    this.toMs = feed.endMs ?? feed.startMs;
    this.declared = strategies.declared;
  }

  async run(order: RunOrder): Promise<BacktestRun> {
    const { result, isKept, notes } = await this.runWithLedger(order);
    const { bars, elapsedMs, isCutShort, dailyEquityMicros, finalEquityMicros } = result;
    const trades = result.totals.byVersion.reduce((sum, version) => sum + version.trades, 0);
    const startCashMicros = this.#terms.cashMicros;
    const figures = { bars, trades, startCashMicros, finalEquityMicros, elapsedMs, isKept, isCutShort };
    return { ...figures, dailyEquityMicros, report: () => this.#report(order, result, notes) };
  }

  /** The same, with all that it wrote. */
  async runWithLedger(order: RunOrder) {
    requireParams(order.params, this.declared);
    this.#requireData(order);
    const arms = await this.#arms(order.params);
    const { cashMicros } = this.#terms;
    const identity = this.#market.beginning?.notes.get(IDENTITY) ?? "";
    const exchange = {
      seed: this.#order.seed ?? seedOf(identity) ?? DEFAULT_SEED,
      openingCashMicros: cashMicros,
      resolutionDelayMs: RESOLUTION_MS[identity.startsWith("simulated ") ? "simulated" : "recorded"],
    };
    const host = await BatchHost.create({ variant: this.#order.engine, batch: order.batch });
    try {
      const parts = { feed: this.#market.play(), terms: this.#terms, arms, host, exchange };
      const result = await new UpdownRun(parts, order).run();
      const notes = arms.flatMap(({ version }) => unreadyNotes(version.facts, parts.feed.grain));
      return { result, isKept: order.batch && arms.every(({ isPure }) => isPure), notes };
    } finally {
      await host.close();
    }
  }

  async close(): Promise<void> {
    this.#market.close();
  }

  #requireData({ fromMs, toMs }: RunOrder): void {
    if ((fromMs ?? this.fromMs) < this.toMs && (toMs ?? this.toMs) > this.fromMs) return;
    const [first, last] = [this.fromMs, this.toMs].map((ms) => new Date(ms).toISOString());
    throw new UserError("usage", "Cannot test a stretch of which there is no data", {
      where: "--from, --to",
      hint: `The data reaches from ${first} to ${last}`,
    });
  }

  /** One version for each set of params that a strategy's slots have. */
  async #arms(overrides: Params): Promise<UpdownParts["arms"]> {
    const arms = new Map<string, UpdownParts["arms"][number] & { readonly slots: SlotSettings[] }>();
    for (const slot of this.#terms.settings.slots) {
      const declared = this.#strategies.declaredBy(slot.strategy);
      const own = Object.entries(overrides).filter(([name]) => Object.hasOwn(declared, name));
      const params = { ...slot.params, ...Object.fromEntries(own) };
      const key = `${slot.strategy} ${canonicalJson(params)}`;
      const arm = arms.get(key) ?? { ...(await this.#strategies.load(slot.strategy, params)), slots: [] };
      arm.slots.push(slot);
      arms.set(key, arm);
    }
    return [...arms.values()];
  }

  #report(order: RunOrder, { db, endedMs, totals, bars }: UpdownResult, notes: readonly string[]): Report {
    const title = `Backtest of ${this.#strategies.names.join(", ")}`;
    const report = reportOf(db, { title, fromMs: null, toMs: null });
    const fromMs = Math.max(this.fromMs, order.fromMs ?? this.fromMs);
    const voided = plural(totals.voided, "position");
    return {
      ...report,
      kind: "backtest",
      cycles: bars,
      fromMs,
      toMs: Math.min(endedMs, order.toMs ?? this.toMs, this.toMs),
      notes: [
        ...this.#market.notes,
        ...notes,
        ...report.notes,
        ...(totals.voided === 0 ? [] : [`${voided} void for want of a price at the close: a share paid half`]),
        ...deniedNotes(db),
      ],
    };
  }
}

/** Inputs that this data can never feed: the strategy would wait for them without a word. */
function unreadyNotes({ ref, manifest }: VersionFacts, grain: PullFeed["grain"]): string[] {
  if (grain.type === "ticks") return [];
  const isTooShort = (value: unknown): value is CandleInterval =>
    CANDLE_INTERVALS.some((interval) => interval === value && CANDLE_MS[interval] < grain.stepMs);
  const unready = Object.entries(manifest.inputs).flatMap(([name, { options }]) => {
    const wanted = Object.values(options).find(isTooShort);
    return wanted === undefined ? [] : [`${name} (${wanted})`];
  });
  if (unready.length === 0) return [];
  return [`${ref.strategy} reads ${unready.join(", ")}, which candles of ${grain.stepMs / 1_000} s never make ready`];
}

const DENIED = `SELECT status_reason AS reason, count(*) AS orders FROM orders
  WHERE status = 'Denied' GROUP BY status_reason ORDER BY orders DESC, reason`;

function deniedNotes(db: UpdownResult["db"]): string[] {
  const denied = db.prepare(DENIED).all();
  if (denied.length === 0) return [];
  const all = denied.reduce((sum, { orders }) => sum + Number(orders), 0);
  return [`${plural(all, "order")} denied: ${denied.map(({ reason, orders }) => `${reason} (${orders})`).join(", ")}`];
}

/** That of the feed's world is the venue's too. */
function seedOf(identity: string): number | null {
  const seed = /^simulated seed=(\d+)/.exec(identity)?.[1];
  return seed === undefined ? null : Number(seed);
}
