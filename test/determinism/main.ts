// npm run -s determinism [-- --engine bellard|ng] [--frames 1000] [--node <binary>]... [--json]
//
// Decides seeded random frames with every shipped strategy in four kinds of sandbox, in two processes under this Node and
// one under every other that is named by --node or UNDERWAY_NODE26, and compares digests of what was decided. Another Node
// comes from the registry into a folder of its own:
//
//   npm install --prefix "$TMPDIR/node26" node@26
//   npm run -s determinism -- --node "$TMPDIR/node26/node_modules/.bin/node"
//
// Exit codes: 1 something differs, 2 usage.
import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { ENGINE_VARIANTS, type EngineVariant } from "../../engine/sandbox/engine-module.ts";
import { aligned } from "../support/aligned.ts";
import { compareProcesses } from "./processes.ts";
import { differences, type ProcessReport } from "./report.ts";
import { SANDBOX_KINDS } from "./sandbox-kinds.ts";

const FRAMES = 1_000;
const DIGEST_SHOWN = 12;

const { engines, frames, nodes, json } = options();
const reports = await compareProcesses({ engines, frames, nodes }, (text) => {
  if (!json) process.stderr.write(text);
});
const different = differences(reports);
if (json) {
  console.log(JSON.stringify({ frames, equal: different.length === 0, differences: different, processes: reports }));
} else {
  console.log(`${table(reports)}\n`);
  const kinds = `${reports.length} processes × ${SANDBOX_KINDS.length} kinds of sandbox`;
  if (different.length === 0) console.log(`All equal: ${frames} frames a strategy in ${kinds}`);
  else console.log(`${different.join("\n")}\n${different.length} differences: ${frames} frames a strategy in ${kinds}`);
  if (nodes.length === 0) console.log("One Node only: --node <binary> names another");
}
process.exitCode = different.length === 0 ? 0 : 1;

function options() {
  try {
    const { values } = parseArgs({
      options: {
        engine: { type: "string", multiple: true },
        frames: { type: "string", default: String(FRAMES) },
        node: { type: "string", multiple: true, default: [] },
        json: { type: "boolean", default: false },
      },
    });
    const engines = (values.engine ?? ENGINE_VARIANTS) as readonly EngineVariant[];
    const unknown = engines.find((engine) => !ENGINE_VARIANTS.includes(engine));
    if (unknown !== undefined) throw new Error(`--engine is ${unknown}, expected ${ENGINE_VARIANTS.join(" or ")}`);
    const frames = Number(values.frames);
    if (!Number.isInteger(frames) || frames < 1) {
      throw new Error(`--frames is ${values.frames}, expected a positive integer`);
    }
    const { UNDERWAY_NODE26: node26 } = process.env;
    const nodes = node26 ? [...values.node, node26] : values.node;
    const absent = nodes.find((node) => !existsSync(node));
    if (absent !== undefined) throw new Error(`--node is ${absent}, expected the path of a Node binary`);
    return { engines, frames, nodes, json: values.json };
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(2);
  }
}

/** A digest for each strategy, kind of sandbox and process; then what each strategy came to. */
function table(all: readonly ProcessReport[]): string {
  const [first] = all;
  const rows = first!.strategies.flatMap(({ engine, strategy }, index) =>
    SANDBOX_KINDS.map((kind) => [
      engine,
      strategy,
      kind,
      ...all.map(({ strategies }) => strategies[index]!.decisions[kind].slice(0, DIGEST_SHOWN)),
    ]),
  );
  const facts = first!.strategies.map(({ engine, strategy, fuel, ways, outcomes }) => [
    engine,
    strategy,
    `${fuel.min} to ${fuel.max}`,
    String(ways),
    Object.entries(outcomes)
      .map(([outcome, count]) => `${outcome} ${count}`)
      .join(", "),
  ]);
  return [
    aligned([["engine", "strategy", "sandbox", ...all.map(({ name }) => name)], ...rows]),
    aligned([["engine", "strategy", "fuel", "ways", "outcomes"], ...facts]),
  ].join("\n\n");
}
