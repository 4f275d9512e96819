// The sixteen slots of a containment run: one victim, decided first in every cycle, and fifteen bystanders. What a bystander
// decides is a function of the market alone: it looks at no position and no quote, for those depend on when orders came
// through. So a run without any hostile file, in virtual time even, must have decided exactly the same.
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const VICTIM_SLOT = "BTC-5m-victim";
export const BYSTANDERS = 15;

/** Reads much, and says all of it. */
const READER = `import { candles, hold, market, momentum, strategy, ta } from "underway";

export default strategy({
  about: "Says what it reads",
  inputs: () => ({
    fair: market.probabilityUp({ window: "15m", step: "10s" }),
    move: momentum.score({ interval: "10s", span: 6, window: 90 }),
    macd: ta.macd({ interval: "1m" }),
    bars: candles({ interval: "1m", depth: 5 }),
  }),
  decide({ fair, move, macd, bars }, { window }) {
    const numbers = [window.spot, window.open, window.secondsLeft, fair.value, move.score.value, macd.signal.value, ...bars.close];
    return hold(numbers.map((number) => number.toPrecision(9)).join(" "));
  },
});
`;

/** Trades whatever happens, so that there are fills to book and windows to settle. */
const TRADER = `import { down, hold, market, strategy, up } from "underway";

export default strategy({
  about: "Always takes a side",
  inputs: () => ({ fair: market.probabilityUp({ window: "15m", step: "10s" }) }),
  decide({ fair }, { window }) {
    if (!fair.ready) return hold("warming up");
    const reason = \`\${fair.value} of \${window.spot}\`;
    return fair.value > 0.5 ? up({ probability: 0.98, reason }) : down({ probability: 0.98, reason });
  },
});
`;

/** Remembers the decision before: one that was lost would show in the next. */
const KEEPER = `import { hold, strategy, ta } from "underway";

export default strategy({
  about: "Remembers the decision before",
  inputs: () => ({ rsi: ta.rsi({ interval: "1m" }) }),
  memory: { initial: { spot: 0, left: 0 } },
  decide({ rsi }, { window, memory }) {
    const kept = { memory: { spot: window.spot, left: window.secondsLeft } };
    return hold(\`\${memory.spot} with \${memory.left} s left, then \${window.spot}, RSI \${rsi.value}\`, kept);
  },
});
`;

/** Sound, and different for every number. */
export const soundVictim = (number: number): string => `import { hold, strategy } from "underway";

export default strategy({ about: "sound ${number}", inputs: () => ({}), decide: () => hold("sound ${number}") });
`;

const CONFIG = `import { config, fixedStake } from "underway/config";

const fast = ["eth", "sol", "xrp", "doge", "bnb", "hype", "zec"] as const;
const slow = ["btc", ...fast] as const;
const bystanders = ["reader", "trader", "keeper"] as const;

export default config({
  venue: "simulated",
  feed: "simulated",
  cycle: "1s",
  cash: "100000.00",
  slots: [
    { asset: "btc", interval: "5m", strategy: "victim" },
    ...fast.map((asset, n) => ({ asset, interval: "5m", strategy: bystanders[n % 3]! }) as const),
    ...slow.map((asset, n) => ({ asset, interval: "15m", strategy: bystanders[(n + 1) % 3]! }) as const),
  ],
  sizing: fixedStake("5.00"),
  risk: { perSlot: "25.00", perAsset: "1000.00", total: "9000.00", dailyLoss: "90000.00", ordersPerMinute: 60, minEdge: 0.01 },
  promotion: { default: "ungated" },
});
`;

/** A folder as a user has it. */
export function makeContainmentFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "underway-containment-"));
  mkdirSync(join(folder, "strategies"));
  const strategies = { reader: READER, trader: TRADER, keeper: KEEPER, victim: soundVictim(0) };
  for (const [name, source] of Object.entries(strategies))
    writeFileSync(join(folder, "strategies", `${name}.ts`), source);
  writeFileSync(join(folder, "underway.config.ts"), CONFIG);
  return folder;
}
