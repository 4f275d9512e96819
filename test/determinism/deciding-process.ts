// Started as a process of its own, under whatever Node: decides every shipped strategy's frames and prints its report.
// Arguments: its name, the number of frames, then engines. Progress goes to stderr.
import type { EngineVariant } from "../../engine/sandbox/engine-module.ts";
import { type ProcessReport, reportOn, type StrategyReport, shippedOrders } from "./report.ts";

const [name = "", frames, ...engines] = process.argv.slice(2);
const strategies: StrategyReport[] = [];
for (const engine of engines as EngineVariant[]) {
  for (const order of await shippedOrders(engine)) {
    const progress = (kind: string) => process.stderr.write(`${name}: ${engine}, ${order.strategy}, ${kind}\n`);
    strategies.push(await reportOn(order, Number(frames), engine, progress));
  }
}
const report: ProcessReport = { name, strategies };
process.stdout.write(JSON.stringify(report));
