// Checks of the text itself: what a reader should never meet in this codebase. The checks are tested on snippets first.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const FOLDERS = ["dsl", "strategies", "engine", "control", "test"];
const FILES_MIN = 200;
const LINES_MAX = 400;

const PURE_FOLDERS = "base|market|frame|decide|risk|execution|ledger|reload|spot|feeds/simulated|venues/simulated";
const PURE = new RegExp(`^(dsl|strategies)/|^engine/(${PURE_FOLDERS})/|^engine/[^/]+\\.ts$`);
/** Files beside pure code that are its hosts: a thread, a file. */
const HOSTS = /^engine\/venues\/simulated\/venue-(file|thread|worker)\.ts$/;
const isPure = (path: string): boolean => PURE.test(path) && !HOSTS.test(path);
const isAnywhere = (): boolean => true;
/** Names of tests say what they are about; every other file says it in its first line. */
const opensWithComment = (path: string): boolean => path.endsWith(".ts") && !path.endsWith(".test.ts");

// The members that Node's process really has: `process` is also what a price is called.
const ofProcess = [...Object.getOwnPropertyNames(process), "on", "once", "off", "emit"].filter((name) =>
  /^[a-z]\w*$/i.test(name),
);

const BANNED: readonly (readonly [pattern: RegExp, instead: string, where: (path: string) => boolean])[] = [
  [/\bDate\.now\b|\bnew Date\(\)|\bperformance\.(now|timeOrigin)\b/, "the time that is passed in", isPure],
  [/\bMath\.random\b|\brandomUUID\b|\bgetRandomValues\b/, "base/prng.ts", isPure],
  [/\bset(Timeout|Interval|Immediate)\(|\bqueueMicrotask\(/, "an event", isPure],
  [new RegExp(`\\bprocess\\.(${ofProcess.join("|")})\\b`), "what control passes in", isPure],
  [/\bconsole\./, "a Logged output", isPure],
  [/\b(from|import\() ?"node:/, "an argument", isPure],
  [/\bWeakRef\b|\bFinalizationRegistry\b/, "an explicit end", isPure],
  [/\bas any\b|(:|<|,|=>)\s*any\b\s*(\[\]|[;,)=|&>{]|$)/, "a type", isAnywhere],
  [/\B@ts-ignore\b/, "a type guard", isAnywhere],
  [/\b(FIXME|TODO|XXX)\b/, "nothing: resolve it", isAnywhere],
  [/(^|["'`( ])\/(home|Users|work|root|mnt|opt)\//, "a path that is passed in", isAnywhere],
];

/** One message per violation. */
function untidy(path: string, text: string): string[] {
  const lines = text.split("\n");
  const found: string[] = [];
  if (lines.length > LINES_MAX + 1)
    found.push(`${path}: ${lines.length - 1} lines, at most ${LINES_MAX} can be read at a sitting`);
  if (opensWithComment(path) && !/^(#!.*\n)?(\/\/|\/\*)/.test(text))
    found.push(`${path}: opens without saying what it is and why`);
  for (const [index, line] of lines.entries()) {
    for (const [pattern, instead, isBanned] of BANNED) {
      const match = isBanned(path) ? pattern.exec(line) : null;
      if (match !== null) found.push(`${path}:${index + 1}: ${match[0].trim()} is banned, use ${instead}`);
    }
  }
  return found;
}

describe("the checks", () => {
  const CORE = "engine/execution/x.ts";
  const snippet = (path: string, line: string): string[] => untidy(path, `// About this.\n${line}\n`);

  test.each([
    "const t = Date.now();",
    "const t = new Date();",
    "performance.now()",
    "Math.random()",
    "crypto.randomUUID()",
    "setTimeout(f, 1)",
    "setImmediate(f)",
    "process.env.X",
    "process.on('exit', f)",
    "console.log(1)",
    'import { readFileSync } from "node:fs";',
    'await import("node:fs")',
    "new WeakRef(x)",
  ])("find %s in pure code and allow it elsewhere", (line) => {
    for (const path of [
      CORE,
      "dsl/x.ts",
      "strategies/x.ts",
      "engine/x.ts",
      "engine/feeds/simulated/x.ts",
      "engine/venues/simulated/x.ts",
    ])
      expect(snippet(path, line)).toHaveLength(1);
    for (const path of ["engine/store/x.ts", "engine/venues/simulated/venue-file.ts", "control/x.ts", "test/x.ts"])
      expect(snippet(path, line)).toEqual([]);
  });

  test.each([
    "let x: any;",
    "f(x as any)",
    "const f = (x: any) => x;",
    "Map<string, any>",
    "// @ts-ignore",
    "// TODO later",
    "const p = '/home/me/x';",
  ])("find %s everywhere", (line) => {
    for (const path of [CORE, "control/x.ts", "test/x.ts"]) expect(snippet(path, line)).toHaveLength(1);
  });

  test.each([
    "// As of any cycle: any number of them.",
    "process.tick(second)",
    "const anything: Any = 1;",
    "new Date(atMs)",
    "https://example.org/home/x",
  ])("leave %s alone", (line) => expect(snippet(CORE, line)).toEqual([]));

  test("find a file that is too long, and one that does not say what it is", () => {
    expect(untidy(CORE, `// About this.\n${"x\n".repeat(LINES_MAX - 1)}`)).toEqual([]);
    expect(untidy(CORE, `// About this.\n${"x\n".repeat(LINES_MAX)}`)).toEqual([
      `${CORE}: 401 lines, at most 400 can be read at a sitting`,
    ]);
    expect(untidy(CORE, "export {};\n")).toEqual([`${CORE}: opens without saying what it is and why`]);
    expect(untidy("control/main.ts", "#!/usr/bin/env node\n// The command line.\n")).toEqual([]);
  });

  test("name file and line", () => {
    expect(snippet(CORE, "Date.now()")).toEqual([`${CORE}:2: Date.now is banned, use the time that is passed in`]);
  });
});

test("the tree is tidy", () => {
  const files = FOLDERS.flatMap((folder) => {
    const names = readdirSync(`${ROOT}${folder}`, { recursive: true, encoding: "utf8" }).filter((name) =>
      /\.(ts|mjs)$/.test(name),
    );
    expect(names.length, `the walk of ${folder}/ found nothing`).toBeGreaterThan(3);
    return names.map((name) => `${folder}/${name.replaceAll("\\", "/")}`);
  });
  expect(files.length, "the walk found too little to mean anything").toBeGreaterThan(FILES_MIN);
  expect(files.filter(isPure).length).toBeGreaterThan(FILES_MIN / 3);
  // This file has to name what it bans.
  const checked = files.filter((path) => path !== "test/architecture/tidy.test.ts");
  expect(checked.flatMap((path) => untidy(path, readFileSync(ROOT + path, "utf8")))).toEqual([]);
});
