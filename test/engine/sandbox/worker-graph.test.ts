// What the thread that strategies run in can reach by its imports: no socket, and no file but the engine's own loader.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const THREAD = ["engine/node/worker-boot.ts", "engine/sandbox/sandbox-worker.ts"];
/** The engine's loader is emscripten's: it could read its own file, which is handed to it instead. */
const OF_THE_LOADER = ["node:fs", "node:module", "node:path", "node:url"];

/** Every module of the entries' graphs, and what they import from outside of it. */
async function graphOf(entries: readonly string[]) {
  const { metafile } = await build({
    entryPoints: [...entries],
    absWorkingDir: ROOT,
    outdir: "out",
    bundle: true,
    write: false,
    metafile: true,
    platform: "node",
    format: "esm",
    logLevel: "silent",
  });
  const modules = Object.entries(metafile.inputs);
  const imported = modules.flatMap(([, { imports }]) => imports.filter(({ external }) => external));
  const npm = modules.map(([path]) => path).filter((path) => path.startsWith("node_modules/"));
  const named = npm.flatMap((path) => readFileSync(ROOT + path, "utf8").match(/"node:\w+"/g) ?? []);
  return {
    own: modules.map(([path]) => path).filter((path) => !npm.includes(path)),
    npm,
    built: new Set([...imported.map(({ path }) => path), ...named.map((name) => name.slice(1, -1))]),
  };
}

test("the thread of the sandbox imports nothing that opens a socket, reads an environment or starts a process", async () => {
  const { own, npm, built } = await graphOf(THREAD);
  expect(own).toEqual(expect.arrayContaining([...THREAD, "engine/sandbox/decide.ts", "engine/sandbox/guest.ts"]));
  expect(npm.map((path) => path.split("/")[2]).sort()).toEqual([
    "quickjs-ng-wasmfile-release-sync",
    "quickjs-wasmfile-release-sync",
  ]);
  expect([...built].sort()).toEqual([...OF_THE_LOADER, "node:worker_threads"].sort());
});

test("our own part of it reads no file", async () => {
  const { own } = await graphOf(THREAD);
  const imports = own.flatMap((path) => readFileSync(ROOT + path, "utf8").match(/"node:[\w/]+"/g) ?? []);
  expect([...new Set(imports)].sort()).toEqual(['"node:module"', '"node:worker_threads"']);
});

test("a module that could do it would be seen", async () => {
  const { built } = await graphOf(["engine/sandbox/engine-file.ts", "control/file-lock.ts"]);
  expect([...built]).toContain("node:sqlite");
});
