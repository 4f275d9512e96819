import { symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { BUNDLE_ATTEMPTS_MAX, bundle, GRAPH_BYTES_MAX, SOURCE_FILES_MAX } from "../../../engine/versions/bundler.ts";
import { CONFIG_IMPORTS, STRATEGY_IMPORTS } from "../../../engine/versions/import-rules.ts";
import { Refusal } from "../../../engine/versions/source-error.ts";
import { DiskFolder, SOURCE_BYTES_MAX, type SourceFolder } from "../../../engine/versions/source-folder.ts";
import { holding, temporaryFolder, write } from "./temporary-folder.ts";

const bundled = (folder: string, entry = "a.ts") => bundle(new DiskFolder(folder), entry, STRATEGY_IMPORTS);

async function refusal(work: Promise<unknown>): Promise<Refusal> {
  const outcome = await work.then(
    () => null,
    (error: unknown) => error,
  );
  if (outcome instanceof Refusal) return outcome;
  throw outcome ?? new Error("nothing was refused");
}

/** `stage file:line:column message` of the only error. */
async function refused(files: { readonly [path: string]: string }): Promise<string> {
  const { stage, errors } = await refusal(bundled(temporaryFolder(files)));
  expect(errors).toHaveLength(1);
  const { file, line, column, message } = errors[0]!;
  return `${stage} ${file}:${line}:${column} ${message}`;
}

describe("a bundle", () => {
  it("holds the whole import graph, by paths relative to the folder", async () => {
    const folder = temporaryFolder({
      "a.ts": holding({ head: 'import { half } from "./lib/half.ts";', body: "half(1);" }),
      "lib/half.ts": 'import { two } from "../two.ts";\nexport const half = (x: number): number => x / two;',
      "two.ts": "export const two = 2;",
      "unrelated.ts": "export const x = 1;",
    });
    const { sources, code, sourceMap } = await bundled(folder);
    expect(Object.keys(sources).sort()).toEqual(["a.ts", "lib/half.ts", "two.ts"]);
    expect(code).toContain("var __strategy");
    const map = JSON.parse(sourceMap) as { sources: string[]; sourcesContent: string[] };
    expect(map.sources).toEqual(expect.arrayContaining(["strategies/a.ts", "strategies/lib/half.ts", "dsl/signal.ts"]));
    expect(map.sourcesContent[map.sources.indexOf("strategies/two.ts")]).toBe("export const two = 2;");
  });

  it("is the same wherever the folder lies, whatever its name and the tsconfig.json beside it", async () => {
    const one = temporaryFolder({ "a.ts": holding() });
    const other = temporaryFolder(
      { "a.ts": holding(), "tsconfig.json": '{ "compilerOptions": { "target": "es5" } }' },
      "bots",
    );
    expect((await bundled(one)).code).toBe((await bundled(other)).code);
  });

  it("leaves out the indicators: they run on the host", async () => {
    const { sourceMap } = await bundled(temporaryFolder({ "a.ts": holding() }));
    expect(sourceMap).toContain("dsl/inputs/market.ts");
    expect(sourceMap).not.toContain("dsl/indicators");
  });

  it("may import types of the DSL and of other files", async () => {
    const head = 'import type { Reading } from "underway";\nimport type { Mood } from "./mood.ts";';
    const folder = temporaryFolder({
      "a.ts": holding({ head, body: "const mood: Mood | Reading | null = null; void mood;" }),
    });
    expect(Object.keys((await bundled(folder)).sources)).toEqual(["a.ts"]);
  });

  it("is hashed with the files of which only types are used, for they decide whether it passes", async () => {
    const folder = temporaryFolder({
      "a.ts": holding({ head: 'import type { Mood } from "./lib/mood.ts";', body: "const mood: Mood = 1; void mood;" }),
      "lib/mood.ts": 'export type Mood = import("../shade.ts").Shade;',
      "shade.ts": "export type Shade = number;",
    });
    expect(Object.keys((await bundled(folder)).sources)).toEqual(["a.ts", "lib/mood.ts", "shade.ts"]);
  });
});

describe("an import is refused at its place, with what to use instead", () => {
  it.each([
    ["node:fs", "a strategy has no files, network or processes"],
    ["https://example.com/x.ts", "a strategy has no files, network or processes"],
    ["lodash", "packages are not available; copy what is needed into a file of the strategies folder"],
    ["fs", "packages are not available"],
    ["@scope/name", "packages are not available"],
    ["/etc/x.ts", "absolute paths are not portable; use a relative path inside the strategies folder"],
    ["C:\\x.ts", "absolute paths are not portable"],
    ["../outside.ts", "it lies outside the strategies folder; move the file inside"],
    ["./lib/../../outside.ts", "it lies outside the strategies folder"],
    ["./lib", 'write the whole file name, "./lib.ts"'],
    ["./data.json", "only .ts files can be imported; export the data as a constant from a .ts file"],
    ["./lib.js", "only .ts files can be imported"],
    ["./missing.ts", "there is no such file"],
    ["underway/config", 'a strategy imports from "underway"'],
    ["underway/dsl/indicators/rsi.ts", 'a strategy imports from "underway"'],
  ])("%s", async (specifier, why) => {
    const text = JSON.stringify(specifier);
    const message = `Cannot import ${specifier.includes("\\") ? '"' : text}`;
    for (const head of [`import ${text};`, `import { x } from ${text};`, `export * from ${text};`]) {
      const found = await refused({ "a.ts": holding({ head: `\n\n  ${head}` }) });
      expect(found).toContain(`bundled strategies/a.ts:3:${head.indexOf(text) + 3} ${message}`);
      expect(found).toContain(why);
    }
  });

  it("also in a file that was imported, and with the lines around it", async () => {
    const folder = temporaryFolder({
      "a.ts": 'import "./lib/b.ts";',
      "lib/b.ts": '// é🎉\nconst a = 1; import "../../c.ts";\n',
    });
    const { errors } = await refusal(bundled(folder));
    expect(errors[0]).toMatchObject({ file: "strategies/lib/b.ts", line: 2, column: 21 });
    expect(errors[0]?.frame).toBe(
      ["  1 | // é🎉", '> 2 | const a = 1; import "../../c.ts";', "    |                     ^", "  3 |"].join("\n"),
    );
  });

  it("through a link that leads outside", async () => {
    const folder = temporaryFolder({ "a.ts": 'import "./b.ts";' });
    write(dirname(folder), { "secret.ts": "export const secret = 1;" });
    symlinkSync(join(dirname(folder), "secret.ts"), join(folder, "b.ts"));
    expect((await refusal(bundled(folder))).message).toContain("it is a link that leads outside the folder");
  });

  it("and the configuration has its own rules", async () => {
    const folder = new DiskFolder(temporaryFolder({ "c.ts": 'import { up } from "underway";\nexport default up;' }));
    const { errors } = await refusal(bundle(folder, "c.ts", CONFIG_IMPORTS));
    expect(errors[0]?.message).toBe('Cannot import "underway": the configuration imports from "underway/config"');
  });
});

describe("syntax that a strategy must not have is refused at its place, with what to use instead", () => {
  it.each([
    ["10n", "", "Cannot use a BigInt literal: numbers are doubles here; use a number"],
    ['import("./b.ts")', "", "Cannot use import(): all code is known before it runs; write a static import at the top"],
    ["import(name)", "", "Cannot use import(): all code is known before it runs; write a static import at the top"],
    ["import.meta", "", "Cannot use import.meta"],
    ['eval("1")', "", "Cannot use eval: all code is known before it runs; write it as a function"],
    ['Function("return 1")', "new ", "Cannot use Function: all code is known before it runs"],
    ['Function("return 1")', "", "Cannot use Function: all code is known before it runs"],
    ['require("./b.ts")', "", "Cannot use require: modules are imported statically; write an import at the top"],
    ["BigInt(1)", "", "Cannot use BigInt"],
    ["Date.now()", "", "Cannot use Date: there is no clock; use window.secondsLeft and position.secondsHeld"],
    ["Date()", "new ", "Cannot use Date"],
    ["performance.now()", "", "Cannot use performance"],
    ["Math.random()", "", "Cannot use Math.random: a decision must come out the same again"],
    ["setTimeout(() => {}, 1)", "", "Cannot use setTimeout: nothing runs between decisions"],
    ['fetch("x")', "", "Cannot use fetch: there is no network"],
    ["process.env", "", "Cannot use process"],
    ["console.log(1)", "", "Cannot use console: nothing is printed; say it in the signal's reason"],
  ])("%s", async (code, before, message) => {
    const found = await refused({
      "a.ts": holding({ body: `const é = "🎉"; const name = ${before}${code}; void name;` }),
    });
    expect(found).toContain(
      `admitted strategies/a.ts:7:${'    const é = "🎉"; const name = '.length + before.length + 1} ${message}`,
    );
  });

  it("a comment that would make the compiler read another file", async () => {
    const comment = "//# sourceMappingURL=file:///etc/hostname";
    const found = await refused({ "a.ts": holding({ body: `const é = "🎉"; void é; ${comment}` }) });
    expect(found).toContain(
      `admitted strategies/a.ts:7:${'    const é = "🎉"; void é; '.length + 1} Cannot use a sourceMappingURL comment`,
    );
  });

  it("top-level await", async () => {
    const found = await refused({ "a.ts": holding({ head: "const x = 1; await x;" }) });
    expect(found).toBe(
      "admitted strategies/a.ts:1:14 Cannot use top-level await: a strategy is loaded and decides without waiting",
    );
  });

  it("also in a file that was imported", async () => {
    const found = await refused({
      "a.ts": holding({ head: 'import { now } from "./lib/now.ts";', body: "now();" }),
      "lib/now.ts": "export function now() {\n\treturn Date.now();\n}",
    });
    expect(found).toContain("admitted strategies/lib/now.ts:2:9 Cannot use Date");
  });

  it("every place at once", async () => {
    const body = "const a = Date.now();\n    const b = Math.random();\n    void [a, b];";
    const { errors } = await refusal(bundled(temporaryFolder({ "a.ts": holding({ body }) })));
    expect(errors.map(({ line, column }) => [line, column])).toEqual([
      [7, 15],
      [8, 15],
    ]);
  });

  it("but not a local variable, a property or a type of that name, nor a comment or a text", async () => {
    const body = [
      "const Date = { now: () => 1 };",
      "const frame = { process: Date.now(), eval: 2, require: 3 };",
      "function console(fetch: number): number { return fetch; }",
      'const text = "Math.random() 10n import(x)"; // new Function, eval(1)',
      "const never: Function | globalThis.Date | null = null;",
      "void [frame.process, frame.eval, frame.require, console(1), text, never, Math.floor(1.5)];",
    ].join("\n");
    expect((await bundled(temporaryFolder({ "a.ts": holding({ body }) }))).code).toContain("process: Date.now()");
  });
});

describe("a file that cannot be bundled", () => {
  it("names the place of a syntax error, in characters", async () => {
    expect(await refused({ "a.ts": 'const é = "🎉"; const = 1;\n' })).toBe(
      'bundled strategies/a.ts:1:23 Expected identifier but found "="',
    );
  });

  it("shows the lines around a mistake without what would rewrite a terminal", async () => {
    const { errors } = await refusal(bundled(temporaryFolder({ "a.ts": "// \u001b[2J\u202e\nconst = 1;\n" })));
    expect(errors[0]?.frame).toContain("  1 | // \ufffd[2J\ufffd\n> 2 | const = 1;");
  });

  it("is named when it is missing, too large, or one of too many", async () => {
    expect(await refused({})).toBe("bundled strategies/a.ts:1:1 Cannot read strategies/a.ts: there is no such file");
    expect(await refused({ "a.ts": "//".padEnd(SOURCE_BYTES_MAX + 1) })).toContain(
      `expected at most ${SOURCE_BYTES_MAX}`,
    );
    const names = Array.from({ length: SOURCE_FILES_MAX }, (_, index) => `f${index}.ts`);
    const files = Object.fromEntries(names.map((name) => [name, "export {};"]));
    expect(await refused({ ...files, "a.ts": names.map((name) => `import "./${name}";`).join("\n") })).toContain(
      `a strategy has at most ${SOURCE_FILES_MAX} files`,
    );
    const large = names
      .slice(0, GRAPH_BYTES_MAX / SOURCE_BYTES_MAX)
      .map((name) => [name, "//".padEnd(SOURCE_BYTES_MAX)]);
    const entry = large.map(([name]) => `import "./${name}";`).join("\n");
    expect(await refused({ ...Object.fromEntries(large), "a.ts": entry })).toContain(
      `a strategy and its imports have at most ${GRAPH_BYTES_MAX} bytes`,
    );
  });

  it("names what the DSL does not have", async () => {
    expect(await refused({ "a.ts": holding({ head: 'import { sma } from "underway";', body: "sma();" }) })).toBe(
      'bundled strategies/a.ts:1:10 Cannot import "sma" from "underway": there is no such name',
    );
  });
});

describe("a file that changes while it is bundled", () => {
  /** Runs `change` after each read of the entry; reads are counted. */
  function restless(folder: string, change: (read: number) => void): SourceFolder & { reads: number } {
    const disk = new DiskFolder(folder);
    return {
      name: disk.name,
      reads: 0,
      read(path) {
        const result = disk.read(path);
        change(++this.reads);
        return result;
      },
    };
  }

  it("is bundled again, until what was bundled is what is on disk", async () => {
    const folder = temporaryFolder({ "a.ts": holding({ reason: "half wri" }).slice(0, -20) });
    const source = restless(folder, (read) => {
      if (read === 1) writeFileSync(join(folder, "a.ts"), holding({ reason: "one" }));
      if (read === 3) writeFileSync(join(folder, "a.ts"), holding({ reason: "two" }));
    });
    const { sources, code } = await bundle(source, "a.ts", STRATEGY_IMPORTS);
    expect(code).toContain('hold("two")');
    expect(sources["a.ts"]).toBe(holding({ reason: "two" }));
    expect(source.reads).toBe(6);
  });

  it("is given up after a bounded number of attempts", async () => {
    const folder = temporaryFolder({ "a.ts": holding() });
    const source = restless(folder, (read) => writeFileSync(join(folder, "a.ts"), holding({ reason: String(read) })));
    const { stage, errors } = await refusal(bundle(source, "a.ts", STRATEGY_IMPORTS));
    expect(stage).toBe("bundled");
    expect(errors[0]?.message).toBe("The file changed during each of 5 attempts to bundle it: save it once more");
    expect(source.reads).toBe(2 * BUNDLE_ATTEMPTS_MAX);
  });
});
