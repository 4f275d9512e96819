import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { UserError } from "../../../engine/base/errors.ts";
import type { CodeVersion } from "../../../engine/base/ids.ts";
import { codeVersionOf } from "../../../engine/versions/code-version.ts";
import type { Artifact } from "../../../engine/versions/port.ts";
import { VersionStore } from "../../../engine/versions/version-store.ts";
import { temporaryFolder } from "./temporary-folder.ts";

function artifact(source: string): Artifact {
  const [entry, sources, digests] = ["a.ts", { "a.ts": source }, { dsl: "d", wasm: "w" }];
  const code = codeVersionOf(entry, sources, digests);
  return {
    strategy: "a",
    code,
    entry,
    sources,
    bundle: `bundle of ${source}`,
    sourceMap: "{}",
    analysis: { places: { reads: [], thrown: [] }, stateWrites: [] },
    digests,
  };
}

function problem(work: () => unknown): UserError {
  try {
    work();
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("the version store", () => {
  it("gives back what was put, also to another process", () => {
    const dir = temporaryFolder();
    const [one, two] = [artifact("one"), artifact("two")];
    const store = new VersionStore(dir);
    store.put(one);
    store.put(two);
    const again = new VersionStore(dir);
    expect(again.get(one.code)).toEqual(one);
    expect(again.list()).toEqual([one.code, two.code].sort());
    expect([again.has(one.code), again.has("0" as CodeVersion)]).toEqual([true, false]);
  });

  it("reads what was stored before bundles were analysed", () => {
    const dir = temporaryFolder();
    const { analysis: _, ...older } = artifact("old");
    new VersionStore(dir).put(older as Artifact);
    expect(new VersionStore(dir).get(older.code)).toEqual(older);
  });

  it("reads what an earlier release packed, which named its system", () => {
    const dir = temporaryFolder();
    const one = artifact("one");
    const store = new VersionStore(dir);
    store.put(one);
    const file = join(dir, "versions", `${one.code}.json.gz`);
    writeFileSync(file, gzipSync(gunzipSync(readFileSync(file))));
    expect(store.get(one.code)).toEqual(one);
  });

  it("writes a version once: the same content again is fine and changes no byte", () => {
    const dir = temporaryFolder();
    const store = new VersionStore(dir);
    const one = artifact("one");
    store.put(one);
    const file = join(dir, "versions", `${one.code}.json.gz`);
    const bytes = readFileSync(file);
    store.put({ ...one, sourceMap: '{"sources":["bots/a.ts"]}' });
    expect(readFileSync(file)).toEqual(bytes);
    expect(readdirSync(join(dir, "versions"))).toEqual([`${one.code}.json.gz`]);
  });

  it("replaces a damaged file when the same version is built once more, and keeps it aside", () => {
    const dir = temporaryFolder();
    const store = new VersionStore(dir);
    const one = artifact("one");
    store.put(one);
    writeFileSync(join(dir, "versions", `${one.code}.json.gz`), "rotten");
    expect(problem(() => store.get(one.code)).message).toContain("damaged");
    store.put(one);
    expect(store.get(one.code)).toEqual(one);
    expect(readFileSync(join(dir, "versions", `${one.code}.json.gz.damaged`), "utf8")).toBe("rotten");
    expect(store.list()).toEqual([one.code]);
  });

  it("passes over what a crash left half written", () => {
    const dir = temporaryFolder();
    const one = artifact("one");
    mkdirSync(join(dir, "versions"));
    writeFileSync(join(dir, "versions", `${one.code}.json.gz.77.tmp`), "half");
    const store = new VersionStore(dir);
    expect(store.list()).toEqual([]);
    store.put(one);
    expect(store.get(one.code)).toEqual(one);
  });

  it("names the file of a version that it does not have", () => {
    const dir = temporaryFolder();
    const { code } = artifact("one");
    const { where, message } = problem(() => new VersionStore(dir).get(code));
    expect(where).toBe(join(dir, "versions", `${code}.json.gz`));
    expect(message).toBe(`Cannot load version ${code.slice(0, 8)}: the version store has no such file`);
  });

  const tampered: readonly [string, (stored: { artifact: Artifact; check: string }) => unknown, string][] = [
    [
      "a source",
      (stored) => ({ ...stored, artifact: { ...stored.artifact, sources: { "a.ts": "evil" } } }),
      "its sources have the digest",
    ],
    [
      "a digest",
      (stored) => ({ ...stored, artifact: { ...stored.artifact, digests: { dsl: "e", wasm: "w" } } }),
      "its sources have the digest",
    ],
    ["its name", (stored) => ({ ...stored, artifact: artifact("two") }), "its sources have the digest"],
    [
      "the bundle",
      (stored) => ({ ...stored, artifact: { ...stored.artifact, bundle: "evil" } }),
      "its bundle is not the one",
    ],
    ["everything", () => ({ artifact: 1 }), "the file is damaged"],
  ];
  it.each(tampered)("refuses a version of which %s was changed, on every read", (_, change, message) => {
    const dir = temporaryFolder();
    const store = new VersionStore(dir);
    const one = artifact("one");
    store.put(one);
    const file = join(dir, "versions", `${one.code}.json.gz`);
    writeFileSync(file, gzipSync(JSON.stringify(change(JSON.parse(gunzipSync(readFileSync(file)).toString())))));
    const error = problem(() => store.get(one.code));
    expect(error.message).toContain(message);
    expect([error.code, error.where]).toEqual(["data", file]);
  });

  it("refuses a file of which any single byte was flipped", () => {
    const dir = temporaryFolder();
    const store = new VersionStore(dir);
    const one = artifact("one");
    store.put(one);
    const file = join(dir, "versions", `${one.code}.json.gz`);
    const bytes = readFileSync(file);
    let refused = 0;
    for (let at = 0; at < bytes.length; at++) {
      const flipped = Buffer.from(bytes);
      flipped[at]! ^= 1;
      writeFileSync(file, flipped);
      problem(() => store.get(one.code));
      refused++;
    }
    expect(refused).toBe(bytes.length);
  });
});
