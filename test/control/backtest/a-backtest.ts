// A folder with a configuration, strategies that trade all the time, and recordings of half an hour to trade on.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { CompiledStrategies } from "../../../control/backtest/compiled-strategies.ts";
import type { BacktestOrder, RunOrder } from "../../../control/backtest/port.ts";
import { openRecordedMarket } from "../../../control/backtest/recorded-market.ts";
import { UpdownBacktest } from "../../../control/backtest/updown.ts";
import { settingsInForce } from "../../../control/dry-run/settings-in-force.ts";
import { gaussian } from "../../../engine/base/prng.ts";
import { NOON } from "../../support/a-market.ts";

export const folder = mkdtempSync(join(tmpdir(), "underway-backtest-"));
afterAll(() => rmSync(folder, { recursive: true }));
export const strategiesDir = join(folder, "strategies");
export const config = join(folder, "underway.config.ts");

/** Buys the side that the last moves point to, and sells some seconds later. */
const strategyOf = (before = "", within = ""): string => `
import { down, exit, hold, param, strategy, ta, up } from "underway";
${before}
export default strategy({
  about: "Follows every move",
  params: {
    trust: param.number({ default: 0.97, min: 0.5, max: 1 }),
    patience: param.integer({ default: 100, min: 1, max: 300 }),
    isContrary: param.boolean({ default: false }),
    side: param.choice({ default: "both", of: ["both", "up"] }),
  },
  inputs: () => ({ strength: ta.rsi({ interval: "1m", period: 3 }) }),
  memory: { initial: { seen: 0 } },
  decide({ strength }, { params, window, position, memory }) {
    ${within}
    const kept = { memory: { seen: memory.seen + 1 } };
    if (position) return window.secondsLeft < params.patience ? exit("long enough", kept) : hold("waiting", kept);
    if (!strength.ready || !(window.up.ask > 0)) return hold("warming up", kept);
    const reason = \`strength \${strength.value.toFixed(6)} after \${memory.seen}\`;
    return strength.value > 50 !== params.isContrary || params.side === "up"
      ? up({ probability: params.trust, reason, ...kept })
      : down({ probability: params.trust, reason, ...kept });
  },
});
`;

mkdirSync(strategiesDir);
writeFileSync(join(strategiesDir, "mover.ts"), strategyOf());
writeFileSync(join(strategiesDir, "hasty.ts"), strategyOf().replace('"1m"', '"10s"'));
writeFileSync(join(strategiesDir, "counting.ts"), strategyOf("let calls = 0;", "calls += 1;"));
writeFileSync(
  config,
  `import { config, fixedStake } from "underway/config";
export default config({ slots: [{ asset: "btc", interval: "5m", strategy: "mover" }], sizing: fixedStake("5.00") });
`,
);

export const orderOn = (data: readonly string[], strategies: readonly string[] = ["mover"]): BacktestOrder => ({
  market: "updown",
  strategies,
  data,
  asset: null,
  strategiesDir,
  config,
  feePpm: 0,
  cashMicros: null,
  sizeMicros: null,
  dailyLossMicros: null,
  seed: null,
  engine: "bellard",
});

export const ALL: RunOrder = { params: {}, fromMs: null, toMs: null, batch: true };

const opened = settingsInForce(config, "bellard", null);
const compiled = CompiledStrategies.open(["mover"], { strategiesDir, engine: "bellard" });

/** As `openUpdownBacktest`, but compiled once for all. */
export async function backtestOn(...data: string[]): Promise<UpdownBacktest> {
  const inForce = await opened;
  return new UpdownBacktest(orderOn(data), inForce, await compiled, await openRecordedMarket(data, null, inForce));
}

/** Runs it, and gives everything that happened before an instant, as rows. */
export async function ledgerOf(backtest: UpdownBacktest, order = ALL) {
  const { db } = (await backtest.runWithLedger(order)).result;
  return (beforeMs = Number.MAX_SAFE_INTEGER) => {
    const rows = (sql: string) => db.prepare(sql).all(beforeMs);
    return {
      decisions: rows("SELECT cycle, at_ms, decisions FROM cycles WHERE at_ms < ? ORDER BY cycle"),
      orders: rows(
        `SELECT client_order_id, limit_micros, shares_micros, probability, reason FROM orders
          WHERE created_at_ms < ? ORDER BY rowid`,
      ),
      fills: rows("SELECT * FROM fills WHERE at_ms < ? ORDER BY rowid"),
    };
  };
}

export const historyOf = async (backtest: UpdownBacktest, order = ALL) => {
  const ledger = await ledgerOf(backtest, order);
  return ledger();
};

export const MINUTES = 40;

/** A price a minute, walking from 65,000; `seed` makes the walk. */
export const walk = (length: number, seed: number, step = 30): number[] => {
  let price = 65_000;
  return Array.from({ length }, (_, i) => (price += step * gaussian(seed, i)));
};

export interface Bar {
  readonly atMs: number;
  readonly open: number;
  readonly close: number;
}

export const barsOf = (prices: readonly number[]): Bar[] =>
  prices.slice(1).map((close, i) => ({ atMs: NOON + i * 60_000, open: prices[i]!, close }));

let files = 0;
const written = (name: string, lines: readonly string[]): string => {
  const path = join(folder, `${files++}-${name}.csv`);
  writeFileSync(path, `${lines.join("\n")}\n`);
  return path;
};

export const candleFile = (bars: readonly Bar[]): string =>
  written("btc-candles", [
    "timestamp,open,high,low,close,volume",
    ...bars.map(({ atMs, open, close }) => {
      const [o, c] = [open.toFixed(2), close.toFixed(2)];
      const [low, high] = open < close ? [o, c] : [c, o];
      return `${atMs},${o},${high},${low},${c},1.5`;
    }),
  ]);

/** A report a second, received a second later. */
export const tickFile = (prices: readonly number[]): string =>
  written("btc-ticks", [
    "feed_ts_ms,value,full_accuracy_value,server_ts_ms,recv_ms",
    ...prices.map((price, i) => {
      const atMs = NOON + i * 1_000;
      const cents = price.toFixed(2);
      return `${atMs},${cents},${BigInt(cents.replace(".", "")) * 10n ** 16n},${atMs},${atMs + 900}`;
    }),
  ]);
