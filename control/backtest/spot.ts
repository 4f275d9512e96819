// A backtest on the asset itself: recorded candles, one strategy, long or flat. The same indicators, frames and sandbox as in
// trading, and an account of its own (engine/spot) in place of an exchange.
import { setImmediate as breathe } from "node:timers/promises";
import type { Asset } from "../../dsl/asset.ts";
import { messageOf, UserError } from "../../engine/base/errors.ts";
import { slotId } from "../../engine/base/ids.ts";
import { MICROS } from "../../engine/base/micros.ts";
import { versionKey } from "../../engine/decide/version.ts";
import type { CandleColumns } from "../../engine/feeds/replay/candle-file.ts";
import { firstIndex } from "../../engine/feeds/replay/first-index.ts";
import { openReplay } from "../../engine/feeds/replay/load-replay.ts";
import { BatchHost } from "../../engine/sandbox/batch-host.ts";
import { SandboxOvertime, SandboxPoisoned } from "../../engine/sandbox/instance.ts";
import { SpotBacktest } from "../../engine/spot/backtest.ts";
import { CompiledStrategies, requireParams } from "./compiled-strategies.ts";
import { DailyEquity } from "./equity.ts";
import { type BacktestOrder, type BacktestRun, type OpenedBacktest, type RunOrder, UNNAMED_ASSET } from "./port.ts";
import { spotReport } from "./spot-report.ts";

const SPOT_CASH_MICROS = 10_000 * MICROS;
/** How long a run may keep the thread to itself, and after how many candles it looks at the clock. */
const BREATH_MS = 100;
const BARS_BETWEEN_LOOKS = 64;

/** Throws a UserError: "usage" and "data" for what was asked, "rejected" for a strategy that does not load. */
export async function openSpotBacktest(order: BacktestOrder): Promise<OpenedBacktest> {
  const [strategy, ...others] = order.strategies;
  if (strategy === undefined || others.length > 0) {
    const message = `Cannot test ${order.strategies.length} strategies on one spot account: expected one at a time`;
    throw new UserError("usage", message, { hint: "Run the backtest once for each of them" });
  }
  const compiled = await CompiledStrategies.open([strategy], order);
  const { asset, candles, notes } = readCandles(order.data, order.asset);
  const host = await BatchHost.create({ variant: order.engine });
  return new OpenedSpot(order, { strategy, compiled, asset, candles, notes, host });
}

interface Parts {
  readonly strategy: string;
  readonly compiled: CompiledStrategies;
  readonly asset: Asset;
  readonly candles: CandleColumns;
  readonly notes: readonly string[];
  readonly host: BatchHost;
}

class OpenedSpot implements OpenedBacktest {
  readonly fromMs: number;
  readonly toMs: number;
  readonly #order: BacktestOrder;
  readonly #parts: Parts;

  constructor(order: BacktestOrder, parts: Parts) {
    const { openMs, stepMs } = parts.candles;
    this.fromMs = openMs[0]!;
    this.toMs = openMs.at(-1)! + stepMs;
    this.#order = order;
    this.#parts = parts;
  }

  get declared(): OpenedBacktest["declared"] {
    return this.#parts.compiled.declared;
  }

  async run(order: RunOrder): Promise<BacktestRun> {
    const { strategy, compiled, asset, candles, notes, host } = this.#parts;
    const { feePpm } = this.#order;
    const stretch = stretchOf(candles, order);
    requireParams(order.params, compiled.declared);
    const { version, isPure } = await compiled.load(strategy, order.params);
    const facts = { ...version.facts, ref: { ...version.facts.ref, ordinal: 1 } };
    const isKept = isPure && order.batch;
    await host.install({ ...version, facts }, { pure: isKept });
    const slot = slotId(asset, candles.interval, strategy);
    const decider = host.run(slot, facts.ref);
    host.retire(versionKey(facts.ref)); // The run has what it needs, and a sweep has thousands.
    const terms = {
      feePpm,
      cashMicros: this.#order.cashMicros ?? SPOT_CASH_MICROS,
      sizeMicros: this.#order.sizeMicros ?? MICROS,
    };
    const fromMs = candles.openMs[stretch.first]!;
    const opening = (atMs: number): void => daily.before(atMs);
    const spot = new SpotBacktest({ candles, asset, facts, terms, decider, ...stretch, opening });
    const daily = new DailyEquity(fromMs, terms.cashMicros, () => spot.equityMicros);
    const { elapsedMs, isCutShort } = await goThrough(spot, order.pulse ?? null);
    return {
      bars: spot.bars,
      trades: spot.account.trades.closed,
      startCashMicros: terms.cashMicros,
      finalEquityMicros: spot.equityMicros,
      elapsedMs,
      isKept,
      isCutShort,
      dailyEquityMicros: daily.end(),
      report: () => spotReport({ spot, slot, asset, ref: facts.ref, terms, fromMs, isCutShort, notes }),
    };
  }

  close(): Promise<void> {
    return this.#parts.host.close();
  }
}

/** Rejects with a UserError for a strategy that ends its sandbox. */
async function goThrough(spot: SpotBacktest, pulse: RunOrder["pulse"] | null) {
  const startedMs = performance.now();
  let breathedMs = startedMs;
  let isCutShort = false;
  try {
    while (spot.advance(BARS_BETWEEN_LOOKS)) {
      if (performance.now() - breathedMs < BREATH_MS) continue;
      isCutShort = pulse?.(spot.atMs, spot.bars) ?? false;
      if (isCutShort) break;
      await breathe();
      breathedMs = performance.now();
    }
  } catch (error) {
    if (!(error instanceof SandboxOvertime || error instanceof SandboxPoisoned)) throw error;
    throw new UserError("rejected", `Cannot go on at ${new Date(spot.atMs).toISOString()}: ${messageOf(error)}`);
  }
  return { elapsedMs: performance.now() - startedMs, isCutShort };
}

/** Candles that lie within the time asked for, by their indices; throws a UserError where there are none. */
function stretchOf({ openMs, stepMs, interval }: CandleColumns, { fromMs, toMs }: RunOrder) {
  const first = firstIndex(openMs.length, (i) => openMs[i]! >= (fromMs ?? 0));
  const end = firstIndex(openMs.length, (i) => openMs[i]! + stepMs > (toMs ?? Number.POSITIVE_INFINITY));
  if (first < end) return { first, end };
  const utc = (ms: number): string => new Date(ms).toISOString();
  const asked = `from ${utc(fromMs ?? openMs[0]!)} to ${utc(toMs ?? openMs.at(-1)! + stepMs)}`;
  throw new UserError("usage", `Cannot test ${asked}: no ${interval} candle of the data lies within`, {
    where: "--from, --to",
    hint: `The data reaches from ${utc(openMs[0]!)} to ${utc(openMs.at(-1)! + stepMs)}`,
  });
}

function readCandles(data: readonly string[], asset: Asset | null) {
  const { candles, notes } = openReplay(data, asset === null ? { unnamed: UNNAMED_ASSET } : { asset });
  const [first, ...others] = candles;
  if (first !== undefined && others.length === 0) return { asset: first[0], candles: first[1], notes };
  const found = first === undefined ? "no candles" : `candles of ${[...candles.keys()].join(" and ")}`;
  throw new UserError("data", `Cannot test on spot: the data has ${found}, expected candles of one asset`, {
    where: data.join(", "),
    hint: "Give candle files (timestamp,open,high,low,close,volume or Binance klines) of one asset",
  });
}
