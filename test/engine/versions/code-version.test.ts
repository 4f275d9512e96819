import { describe, expect, it } from "vitest";
import { bundle } from "../../../engine/versions/bundler.ts";
import {
  codeVersionOf,
  digestOfSources,
  digestsOfDsl,
  digestsOfEngine,
} from "../../../engine/versions/code-version.ts";
import { dslSources } from "../../../engine/versions/dsl-sources.ts";
import { STRATEGY_IMPORTS } from "../../../engine/versions/import-rules.ts";
import { DiskFolder } from "../../../engine/versions/source-folder.ts";
import { holding, temporaryFolder } from "./temporary-folder.ts";

async function versionOf(files: { readonly [path: string]: string }, name?: string, entry = "a.ts") {
  const { sources } = await bundle(new DiskFolder(temporaryFolder(files, name)), entry, STRATEGY_IMPORTS);
  return codeVersionOf(entry, sources, digestsOfEngine());
}

const graph = {
  "a.ts": holding({ head: 'import { half } from "./lib/half.ts";', body: "half(1);" }),
  "lib/half.ts": "export const half = (x: number): number => x / 2;",
};

describe("a code version", () => {
  it("is 64 hex digits and the same for the same sources, wherever the folder lies and whatever its name", async () => {
    const version = await versionOf(graph);
    expect(version).toMatch(/^[0-9a-f]{64}$/);
    expect(await versionOf(graph)).toBe(version);
    expect(await versionOf(graph, "bots")).toBe(version);
    expect(await versionOf({ ...graph, "other.ts": "export {};" })).toBe(version);
  });

  it("changes with any byte of any file of the import graph, comments included, and with a file's name", async () => {
    const versions = await Promise.all([
      versionOf(graph),
      versionOf({ ...graph, "a.ts": `${graph["a.ts"]}\n` }),
      versionOf({ ...graph, "lib/half.ts": `${graph["lib/half.ts"]} // twice` }),
      versionOf({ "a.ts": graph["a.ts"].replace("lib/half", "lib/part"), "lib/part.ts": graph["lib/half.ts"] }),
      versionOf({ ...graph, "b.ts": graph["a.ts"] }, undefined, "b.ts"),
    ]);
    expect(new Set(versions).size).toBe(versions.length);
  });

  it("does not confuse two files with one, nor the entry with what it imports", () => {
    const versions = [
      codeVersionOf("a.ts", { "a.ts": "x", "b.ts": "y" }, {}),
      codeVersionOf("b.ts", { "a.ts": "x", "b.ts": "y" }, {}),
      codeVersionOf("a.ts", { "a.ts": "y", "b.ts": "x" }, {}),
      codeVersionOf("a.ts", { "a.ts": 'x","b.ts":"y' }, {}),
    ];
    expect(new Set(versions).size).toBe(versions.length);
    expect(codeVersionOf("a.ts", { "b.ts": "y", "a.ts": "x" }, {})).toBe(versions[0]);
  });

  it("changes with each thing it runs on", () => {
    const digests = digestsOfEngine();
    expect(Object.keys(digests).sort()).toEqual(["compiler", "dsl", "guest", "wasm"]);
    const versions = Object.keys(digests).map((name) => codeVersionOf("a.ts", {}, { ...digests, [name]: "0" }));
    expect(new Set([codeVersionOf("a.ts", {}, digests), ...versions]).size).toBe(5);
  });
});

describe("the digests of the DSL", () => {
  const dsl = dslSources();
  const reader = { "reader.ts": "x" };

  it("change with any file under dsl/, the indicators and the guest's runtime included", () => {
    const paths = Object.keys(dsl);
    expect(paths).toEqual(
      expect.arrayContaining(["index.ts", "indicators/rsi.ts", "inputs/ta.ts", "guest/guard.js", "guest/reader.js"]),
    );
    const before = digestsOfDsl(dsl, reader);
    for (const path of paths) {
      const after = digestsOfDsl({ ...dsl, [path]: `${dsl[path]} ` }, reader);
      const changed = path.startsWith("guest/") ? "guest" : "dsl";
      expect([path, after.dsl !== before.dsl, after.guest !== before.guest]).toEqual([
        path,
        changed === "dsl",
        changed === "guest",
      ]);
    }
    expect(digestsOfDsl(dsl, { "reader.ts": "y" }).guest).not.toBe(before.guest);
  });

  it("do not depend on the order in which files are found", () => {
    const reversed = Object.fromEntries(Object.entries(dsl).reverse());
    expect(digestOfSources(reversed)).toBe(digestOfSources(dsl));
  });
});
