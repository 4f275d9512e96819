// Resident memory of a hundred loaded versions, in a process of its own for each engine.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { ENGINE_VARIANTS, type EngineVariant } from "../../../engine/sandbox/engine-module.ts";
import type { Bench, Figure } from "../row.ts";
import type { VersionsMemory } from "../versions-memory.ts";

const VERSIONS = 100;
const BUDGET_MB = 60;
const ENTRY = fileURLToPath(new URL("../versions-memory.ts", import.meta.url));

export const memory: Bench = {
  name: "memory",
  async run(progress) {
    const figures: Figure[] = [];
    for (const engine of ENGINE_VARIANTS) {
      progress(`${VERSIONS} versions on ${engine}`);
      figures.push(await figureOf(engine));
    }
    return [{ name: `${VERSIONS} loaded versions, both workers`, unit: "MB", budget: BUDGET_MB, figures }];
  },
};

async function figureOf(engine: EngineVariant): Promise<Figure> {
  const args = ["--expose-gc", ENTRY, engine, String(VERSIONS)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const { grownMb, snapshotsMb, sourceMapsMb } = JSON.parse(stdout) as VersionsMemory;
  const ratios = { "their snapshots": grownMb / snapshotsMb };
  return { engine, value: grownMb, beside: { snapshots: snapshotsMb, "source maps": sourceMapsMb }, ratios };
}
