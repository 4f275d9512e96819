// npm run -s bench [-- --only decide|restore|load|cycle|takeover|memory|backtest|evidence]... [--json]
// npm run -s bench -- reload [--json]: see reload/main.ts
//
// One table of what the sandbox costs, for both engines. Ratios are taken in one process, in rounds that interleave what is
// compared; absolute times are for orientation, and no test passes or fails by them. Exit code 2 for usage, else 0.
import { parseArgs } from "node:util";
import { benchReload } from "./reload/main.ts";
import type { Row } from "./row.ts";
import { backtest } from "./rows/backtest.ts";
import { cycle } from "./rows/cycle.ts";
import { decide } from "./rows/decide.ts";
import { evidence } from "./rows/evidence.ts";
import { load } from "./rows/load.ts";
import { memory } from "./rows/memory.ts";
import { restore } from "./rows/restore.ts";
import { takeover } from "./rows/takeover.ts";
import { table } from "./table.ts";

const BENCHES = [decide, restore, load, cycle, takeover, memory, backtest, evidence];

if (process.argv[2] === "reload") process.exit(await benchReload(process.argv.slice(3)));

const { only, json } = options();
const rows: Row[] = [];
for (const bench of BENCHES) {
  if (only.length > 0 && !only.includes(bench.name)) continue;
  const progress = (what: string) => process.stderr.write(`bench: ${bench.name}, ${what}\n`);
  progress("starting");
  rows.push(...(await bench.run(progress)));
}
console.log(json ? JSON.stringify({ node: process.version, rows }) : table(rows));

function options() {
  try {
    const { values } = parseArgs({
      options: { only: { type: "string", multiple: true, default: [] }, json: { type: "boolean", default: false } },
    });
    const names = BENCHES.map(({ name }) => name);
    const unknown = values.only.find((name) => !names.includes(name));
    if (unknown !== undefined) throw new Error(`--only is ${unknown}, expected one of ${names.join(", ")}`);
    return values;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(2);
  }
}
