// A strategy that knows how windows end, for losses and profits that are planted: the simulated market of a seed is always the
// same, so it is run once ahead, and its outcomes are written into the strategy's text by the price that a window opened at.

import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { run } from "./bot-process.ts";

export interface Foresight {
  /** How windows end, by the price they opened at. */
  readonly ends: { readonly [open: string]: "up" | "down" };
}

/** Runs the workspace's market ahead by so many cycles, in a data directory of its own. */
export async function foresee(folder: string, cycles: number): Promise<Foresight> {
  const dir = join(folder, "ahead");
  const { code, stderr } = await run(folder, ["run", "--speed", "max", "--until", `cycles:${cycles}`, "--dir", dir]);
  if (code !== 0) throw new Error(`The market could not be run ahead: ${stderr}`);
  const db = new DatabaseSync(join(dir, "underway.db"), { readOnly: true });
  const rows = db
    .prepare("SELECT strike_e18 AS strike, computed_outcome AS outcome FROM markets WHERE computed_outcome IS NOT NULL")
    .all();
  db.close();
  return {
    ends: Object.fromEntries(rows.map(({ strike, outcome }) => [keyOf(String(strike)), outcome as "up" | "down"])),
  };
}

/** Buys the side that wins, or the other one, as soon as a window opens. */
export const foreseeing = ({ ends }: Foresight, buys: "winner" | "loser", mark: string): string => `
import { down, hold, strategy, up } from "underway";
const ENDS: { readonly [open: string]: string } = ${JSON.stringify(ends)};
export default strategy({
  about: "Knows how windows end",
  params: {},
  inputs: () => ({}),
  decide(_, { window, position }) {
    if (position) return hold("${mark} holds");
    const end = ENDS[window.open.toPrecision(10)];
    if (end === undefined) return hold("${mark} knows nothing of " + window.open.toPrecision(10));
    const isUp = (end === "up") === ${buys === "winner"};
    return isUp ? up({ probability: 0.97, reason: "${mark} up" }) : down({ probability: 0.97, reason: "${mark} down" });
  },
});
`;

const keyOf = (e18: string): string => (Number(BigInt(e18)) / 1e18).toPrecision(10);
