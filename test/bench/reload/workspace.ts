// The bot that is reloaded: 16 slots, and a few strategies that are edited while it trades. Each edit carries its number, and
// every decision says it.
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeWorkspace } from "../../support/bot-process.ts";

const ASSETS = ["btc", "eth", "sol", "xrp", "doge", "bnb", "hype", "zec"] as const;
/** The first one decides all slots of the measured edits; the others share the slots of the storm. */
export const STORM_STRATEGIES = ["storm-a", "storm-b", "storm-c", "storm-d"] as const;
export const MEASURED_STRATEGY = "measured";

export function makeReloadFolder(): string {
  const folder = makeWorkspace();
  for (const strategy of [MEASURED_STRATEGY, ...STORM_STRATEGIES]) saveEdit(folder, strategy, 0);
  return folder;
}

/** `cycle` is a coarser one while history is made: as many samples, and a tenth of the decisions. */
export function writeConfig(folder: string, strategies: readonly string[], cycle: "1s" | "10s"): void {
  const slots = ASSETS.flatMap((asset, index) =>
    (["5m", "15m"] as const).map((interval) => ({ asset, interval, strategy: strategies[index % strategies.length] })),
  );
  const text = `import { config } from "underway/config";\nexport default config(${JSON.stringify({
    cycle,
    cash: "100000.00",
    slots,
    promotion: { default: "auto" },
    alarms: {},
  })});\n`;
  writeFileSync(join(folder, "underway.config.ts"), text);
}

/** By rename, as editors do. */
export function saveEdit(folder: string, strategy: string, edit: number): void {
  const path = join(folder, "strategies", `${strategy}.ts`);
  writeFileSync(`${path}.tmp`, sourceOf(edit));
  renameSync(`${path}.tmp`, path);
}

/** What an edit's decisions begin with. */
export const markOf = (edit: number): string => `edit ${edit}: `;

const sourceOf = (edit: number): string => `import { down, hold, market, momentum, ta, strategy, up } from "underway";

export default strategy({
  about: "Edit ${edit} of a storm",
  params: {},
  inputs: () => ({
    fair: market.probabilityUp({ window: "15m", step: "10s" }),
    move: momentum.score({ interval: "10s", span: 6, window: 90 }),
    rsi: ta.rsi({ interval: "1m", period: 14 }),
  }),
  decide({ fair, move, rsi }, { window, position }) {
    if (position) return hold("${markOf(edit)}holding to the end");
    if (!fair.ready || !move.score.ready || !rsi.ready) return hold("${markOf(edit)}warming up");
    const chance = 1 / (1 + (1 / fair.value - 1) * Math.exp(-0.6 * move.score.value));
    const reason = "${markOf(edit)}up " + chance.toFixed(3) + ", rsi " + rsi.value.toFixed(1);
    if (window.up.askSize > 0 && chance - window.up.ask > 0.02) return up({ probability: chance, reason });
    if (window.down.askSize > 0 && 1 - chance - window.down.ask > 0.02) return down({ probability: 1 - chance, reason });
    return hold(reason);
  },
});
`;
