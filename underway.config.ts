// What the bot trades, with how much and under which limits. Save this file while the bot runs: all but the first four
// settings change at the next cycle.
import { config, fixedStake } from "underway/config";

const majors = ["btc", "eth", "sol", "xrp"] as const;
const others = ["doge", "bnb", "hype", "zec"] as const;

export default config({
  venue: "simulated",
  feed: "simulated",
  cycle: "1s",
  cash: "1000.00",

  slots: [
    ...majors.map((asset) => ({ asset, interval: "5m", strategy: "momentum" }) as const),
    ...others.map((asset) => ({ asset, interval: "5m", strategy: "overreaction" }) as const),
    ...majors.map((asset) => ({ asset, interval: "15m", strategy: "trend" }) as const),
    ...others.map((asset) => ({ asset, interval: "15m", strategy: "regime", params: { trend: 0.3 } }) as const),
  ],
  sizing: fixedStake("5.00"), // Or fractionalKelly({ fraction: 0.2, cap: "25.00" }).
  risk: {
    perSlot: "25.00",
    perAsset: "50.00",
    total: "400.00",
    dailyLoss: "60.00",
    ordersPerMinute: 60,
    staleAfter: "3s",
    minEdge: 0.01,
    collar: 0.05,
  },
  promotion: { default: "auto" }, // Or, by strategy: momentum: "shadow:36 -> canary:2/48 -> approve".
  probation: { windows: 36 },
  onReload: "pin",
});
