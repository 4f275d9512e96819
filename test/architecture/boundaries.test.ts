// Dependencies point one way: the rules hold on the tree, and each of them is seen to fire on a violation planted for it.
import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { temporaryFolder } from "../support/temporary-folder.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const FOLDERS = ["dsl", "strategies", "engine", "control"];
const MODULES_MIN = 200;
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;

interface Cruised {
  readonly modules: readonly { readonly source: string }[];
  readonly summary: {
    readonly ruleSetUsed: { readonly forbidden: readonly { readonly name: string }[] };
    readonly violations: readonly {
      readonly from: string;
      readonly to: string;
      readonly rule: { readonly name: string };
    }[];
  };
}

/** What `npm run boundaries` sees in `folder`. */
async function cruise(folder: string): Promise<Cruised> {
  const rules = join(ROOT, "test/architecture/dependency-rules.mjs");
  const depcruise = join(ROOT, "node_modules/dependency-cruiser/bin/dependency-cruise.mjs");
  const args = [depcruise, "--config", rules, "--output-type", "json", ...FOLDERS];
  // It ends with 1 and more where it found violations, and says them all the same.
  const run = promisify(execFile)(process.execPath, args, { cwd: folder, maxBuffer: OUTPUT_BYTES_MAX });
  const { stdout } = await run.catch((error: { readonly stdout: string; readonly stderr: string }) => {
    if (error.stdout === "") throw new Error(error.stderr);
    return error;
  });
  return JSON.parse(stdout) as Cruised;
}

/** Per rule, an import that it exists to forbid. */
const PLANTED: { readonly [rule: string]: readonly [from: string, to: string] } = {
  "no-circular": ["engine/base/one.ts", "engine/base/other.ts"],
  "not-to-unresolvable": ["engine/base/lost.ts", "engine/base/nowhere.ts"],
  "dsl-is-a-leaf": ["dsl/leaf.ts", "engine/base/one.ts"],
  "guest-without-indicators": ["dsl/index.ts", "dsl/indicators/rsi.ts"],
  "strategies-to-dsl-only": ["strategies/curious.ts", "dsl/inputs/ta.ts"],
  "nobody-imports-strategies": ["control/linker.ts", "strategies/curious.ts"],
  "engine-not-to-control": ["engine/store/steered.ts", "control/linker.ts"],
  "core-sees-core-and-ports": ["engine/risk/reaching.ts", "engine/store/sqlite.ts"],
  "pure-code-has-no-io": ["engine/risk/reading.ts", "node:fs"],
  "base-is-a-leaf": ["engine/base/knowing.ts", "engine/market/market.ts"],
  "market-is-before-decisions": ["engine/market/foreseeing.ts", "engine/risk/reading.ts"],
  "adapters-do-not-know-each-other": ["engine/store/sqlite.ts", "engine/sandbox/host.ts"],
  "sandbox-knows-no-adapter": ["engine/sandbox/host.ts", "engine/store/sqlite.ts"],
  "rehearsal-only-reads": ["engine/rehearsal/run.ts", "engine/store/sqlite.ts"],
  "rehearsal-is-asked-through-its-port": ["engine/versions/asking.ts", "engine/rehearsal/run.ts"],
  "journal-is-apart-from-trading": ["engine/journal/reader.ts", "engine/store/sqlite.ts"],
  "evidence-is-read-beside-trading": ["engine/store/doubting.ts", "engine/replay/again.ts"],
  "no-production-import-of-test": ["control/tested.ts", "test/support/a-market.ts"],
};

/** Imports that the design is made of: no rule may mind them. */
const ALLOWED: readonly (readonly [from: string, to: string])[] = [
  ["engine/risk/limits.ts", "engine/base/other.ts"],
  ["engine/execution/desk.ts", "engine/store/port.ts"],
  ["engine/execution/rows.ts", "engine/store/tables.ts"],
  ["engine/engine.ts", "engine/execution/desk.ts"],
  ["engine/store/port.ts", "engine/base/other.ts"],
  ["engine/frame/input.ts", "dsl/indicators/rsi.ts"],
  ["strategies/honest.ts", "dsl/index.ts"],
  ["control/run.ts", "engine/sandbox/host.ts"],
  ["control/run.ts", "engine/rehearsal/reader.ts"],
  ["engine/rehearsal/reader.ts", "engine/store/read-rows.ts"],
  ["engine/journal/row.ts", "engine/store/tables.ts"],
  ["engine/replay/core.ts", "engine/store/sqlite.ts"],
];

function plant(folder: string): void {
  const sources = new Map<string, string>();
  const add = (path: string, line: string) =>
    sources.set(path, `${sources.get(path) ?? "export const x = 1;\n"}${line}`);
  const link = (from: string, to: string) => {
    const name = to.startsWith("node:") ? to : `${"../".repeat(from.split("/").length - 1)}${to}`;
    add(from, `import * as it${sources.size} from "${name}";\nexport const y${sources.size} = it${sources.size};\n`);
    if (!to.startsWith("node:") && !to.endsWith("nowhere.ts")) add(to, "");
  };
  for (const [from, to] of [...Object.values(PLANTED), ...ALLOWED]) link(from, to);
  link("engine/base/other.ts", "engine/base/one.ts");
  sources.set(
    "tsconfig.json",
    '{ "compilerOptions": { "module": "nodenext", "allowImportingTsExtensions": true, "noEmit": true } }',
  );
  for (const [path, text] of sources) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

test("no module of the tree breaks a rule", async () => {
  const { modules, summary } = await cruise(ROOT);
  for (const folder of FOLDERS) expect(modules.some(({ source }) => source.startsWith(`${folder}/`))).toBe(true);
  expect(modules.length).toBeGreaterThan(MODULES_MIN);
  expect(summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`)).toEqual([]);
});

test("every rule fires on what it forbids, and none on what the design is made of", async () => {
  const folder = temporaryFolder();
  plant(folder);
  const { summary } = await cruise(folder);
  expect(summary.ruleSetUsed.forbidden.map(({ name }) => name).sort()).toEqual(Object.keys(PLANTED).sort());
  const found = summary.violations.map(({ rule, from }) => `${rule.name}: ${from}`);
  for (const [rule, [from]] of Object.entries(PLANTED)) expect(found).toContain(`${rule}: ${from}`);
  const guilty = new Set([...Object.values(PLANTED).map(([from]) => from), "engine/base/other.ts"]);
  expect(summary.violations.map(({ from }) => from).filter((from) => !guilty.has(from))).toEqual([]);
});
