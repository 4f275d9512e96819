// What is refused by name, held against what the sandbox really lacks.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { beforeAll, describe, expect, test } from "vitest";
import { ENGINE_VARIANTS } from "../../../engine/sandbox/engine-module.ts";
import { InThreadHost } from "../../../engine/sandbox/in-thread-host.ts";
import { Loader } from "../../../engine/sandbox/loader.ts";
import { REFUSED_NAMES } from "../../../engine/versions/admission.ts";
import { bundle } from "../../../engine/versions/bundler.ts";
import { STRATEGY_IMPORTS } from "../../../engine/versions/import-rules.ts";
import { Refusal } from "../../../engine/versions/source-error.ts";
import { StoredFolder } from "../../../engine/versions/source-folder.ts";
import { decideAll, deciding, loadStrategy, outcomeOf, requestOf } from "../../support/strategy-bundle.ts";

const NAMES = Object.keys(REFUSED_NAMES);

const refusalOf = (text: string): Promise<readonly string[]> =>
  bundle(new StoredFolder("strategies", { "a.ts": text }), "a.ts", STRATEGY_IMPORTS).then(
    () => [],
    (error) => {
      if (!(error instanceof Refusal)) throw error;
      return error.errors.map((one) => `${error.stage} ${one.file}:${one.line}:${one.column} ${one.message}`);
    },
  );

test.each(NAMES)("%s is refused at its place, with what to use instead, however it is used", async (name) => {
  const uses = [`[${name}]`, `typeof ${name}`, `() => ${name}`, `globalThis.x?.(${name})`];
  const found = await refusalOf(uses.map((use, n) => `export const e${n} = ${use};`).join("\n"));
  const columns = uses.map((use) => "export const e0 = ".length + use.indexOf(name) + 1);
  expect(found.map((one) => one.split(" ")[1])).toEqual(
    columns.map((column, n) => `strategies/a.ts:${n + 1}:${column}`),
  );
  for (const one of found) expect(one).toMatch(new RegExp(`^admitted \\S+ Cannot use ${name}: .{20,}`));
});

describe.each(ENGINE_VARIANTS)("on %s", (variant) => {
  let globals: readonly string[];

  beforeAll(async () => {
    const host = await InThreadHost.create({ variant });
    const source = deciding(
      "return hold(String(Object.getOwnPropertyNames(globalThis).filter((_, n) => (n / 5 | 0) === window.spot)));",
    );
    const version = await loadStrategy(await Loader.create(variant), source);
    await host.install(version);
    const requests = Array.from({ length: 20 }, (_, spot) => requestOf(version, { spot }));
    globals = (await decideAll(host, requests)).flatMap((result) =>
      outcomeOf(result).slice("hold: ".length).split(","),
    );
  });

  test("what TypeScript's library declares and the sandbox lacks is refused by name", () => {
    expect(globals).toContain("Float64Array");
    const lacking = [...libraryNames("lib.es2023.d.ts")].filter((name) => !globals.includes(name));
    expect(lacking).toContain("WeakRef");
    expect(lacking.filter((name) => !NAMES.includes(name))).toEqual([]);
  });
});

/** Values that a file of TypeScript's library, and those it refers to, declare. */
function libraryNames(file: string, seen = new Set<string>(), names = new Set<string>()): ReadonlySet<string> {
  if (seen.has(file)) return names;
  seen.add(file);
  const text = readFileSync(createRequire(import.meta.url).resolve(`typescript/lib/${file}`), "utf8");
  for (const [, other] of text.matchAll(/^\/\/\/ <reference lib="(.+)"/gm))
    libraryNames(`lib.${other}.d.ts`, seen, names);
  for (const [, name] of text.matchAll(/^declare (?:var|function|const|namespace) (\w+)/gm)) names.add(name!);
  return names;
}
