import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkStrategies, renderCheck } from "../../../control/commands/check.ts";
import { ENGINE_VARIANTS } from "../../../engine/sandbox/engine-module.ts";
import { holding, temporaryFolder } from "../../engine/versions/temporary-folder.ts";

const deciding = (head: string, body: string): string => `import { hold, ta, strategy } from "underway";
${head}
export default strategy({ about: "test", inputs: () => ({ rsi: ta.rsi({ interval: "1m" }) }),
  decide({ rsi }, { window }) {
    ${body}
  },
});
`;

const IMPURE = [
  { name: "counter", head: "let n = 0;", body: `return hold("n=" + ++n);`, at: "5:26", says: "`n` lives outside" },
  { name: "silent", head: "let n = 0;", body: `n += 1; return hold("x");`, at: "5:5", says: "`n` lives outside" },
  {
    name: "cache",
    head: "const cache = new Map<string, string>();",
    body: `const key = String(window.spot); if (!cache.has(key)) cache.set(key, key); return hold(cache.get(key)!);`,
    at: "5:59",
    says: "`cache` lives outside decide() and what it holds is changed",
  },
  {
    name: "constant",
    head: "const LIMITS = { most: 0 };",
    body: `LIMITS.most = Math.max(LIMITS.most, rsi.value || 0); return hold("x");`,
    at: "5:5",
    says: "`LIMITS.most` lives outside",
  },
  {
    name: "list",
    head: "const SPOTS: number[] = [];",
    body: `SPOTS.push(window.spot); return hold("x");`,
    at: "5:5",
    says: "`SPOTS` lives outside",
  },
  {
    name: "closure",
    head: "const counter = () => { let n = 0; return () => ++n; }; const tick = counter();",
    body: `tick(); return hold("x");`,
    at: "2:51",
    says: "`n` lives outside",
  },
  {
    name: "expression",
    head: "const DIGIT = /[0-9]/g;",
    body: `return hold(DIGIT.test("123") ? "digit" : "none");`,
    at: "5:17",
    says: "`DIGIT` lives outside decide() and goes on from its last match",
  },
  {
    name: "generator",
    head: "function* numbers() { for (let n = 0; ; n++) yield n; } const all = numbers();",
    body: `return hold("n=" + all.next().value);`,
    at: "5:24",
    says: "`all` lives outside decide() and is moved on by next()",
  },
  {
    name: "static",
    head: "class Seen { static count = 0; static add() { return ++Seen.count; } }",
    body: `Seen.add(); return hold("x");`,
    at: "2:56",
    says: "Seen.count` lives outside",
  },
  {
    name: "hidden",
    head: `const KEEP: Record<string, () => number> = { ["a" + "b"]: (() => { let n = 0; return () => ++n; })() };`,
    body: `return hold("n=" + KEEP[["a", "b"].join("")]!());`,
    at: "1:1",
    says: 'decides differently after other decisions: frame 1 gave hold "n=2" kept, hold "n=1" reset; declare what it keeps as memory',
  },
];

const PURE = [
  {
    name: "locals",
    head: "",
    body: `const list = [3, 1]; list.push(window.spot); list.sort(); const seen = new Map([[1, 2]]); seen.set(2, 3);
    const by: Record<string, number> = {}; by.a = list.length; delete by.a; return hold(list.join() + seen.size);`,
  },
  {
    name: "helpers",
    head: `function total(values: readonly number[]) { let sum = 0; for (const value of values) sum += value; return sum; }
const runs = (text: string) => { const all: string[] = []; for (const c of text) all.push(c); return all; };
class Sum { n = 0; add(x: number) { this.n += x; return this; } }`,
    body: `return hold(total([window.spot, 2]) + runs("abc").join() + new Sum().add(2).add(3).n);`,
  },
  {
    name: "copies",
    head: "const WEIGHTS = [3, 1, 2]; const BANDS = { low: 30, high: 70 };",
    body: `const sorted = [...WEIGHTS].sort(); const bands = { ...BANDS, low: 20 }; bands.high += 1;
    return hold(sorted.join() + WEIGHTS.toSorted().join() + bands.high + WEIGHTS.slice().reverse()[0]);`,
  },
  {
    name: "tables",
    head: `const NAMES = new Map([[0, "low"], [1, "high"]]); const STEPS = Array.from({ length: 10 }, (_, n) => n * n);
const PRICE = /^[0-9.]+$/;`,
    body: `return hold(NAMES.get(rsi.value > 50 ? 1 : 0)! + STEPS[3]! + PRICE.test(String(window.spot)) + "a,b".split(/,/g).length);`,
  },
  {
    name: "generators",
    head: "function* upTo(max: number) { for (let n = 0; n < max; n++) yield n; }",
    body: `const numbers = upTo(3); numbers.next(); return hold([...numbers].join() + [..."a1b2".matchAll(/[0-9]/g)].length);`,
  },
  {
    name: "recursion",
    head: "const depth = (n: number): number => (n <= 0 ? 0 : 1 + depth(n - 1));",
    body: `const circle: { self?: object } = {}; circle.self = circle; return hold("d=" + depth(5) + Object.keys(circle).length);`,
  },
];

describe("check", () => {
  it("passes the shipped strategies, and says what each reads", async () => {
    const reports = await checkStrategies({ strategiesDir: "strategies", files: [] });
    expect(reports.map(({ file }) => file)).toEqual(
      ["momentum", "overreaction", "regime", "trend"].map((name) => `strategies/${name}.ts`),
    );
    for (const { version, pure, inputs, errors } of reports) {
      expect(version).toMatch(/^[a-z]+@[0-9a-f]{8}$/);
      expect(inputs).toHaveProperty("fair.kind", "market.probabilityUp");
      expect([pure, errors]).toEqual([true, []]);
    }
    expect(renderCheck(reports, false)).toMatch(
      /^✓ strategies\/momentum\.ts {2}momentum@[0-9a-f]{8} {2}pure {2}reads fair, move\n/,
    );
    expect(renderCheck(reports, false)).toMatch(/\n4 checked, all well\n$/);
  });

  it("names stage and place of every problem", async () => {
    const strategiesDir = temporaryFolder({
      "admitted.ts": holding({ body: "Date.now();" }),
      "bundled.ts": 'import "node:fs";',
      "loaded.ts": holding({ head: 'throw new Error("at once");' }),
      "types.ts": holding({ body: "const x: string = 1; void x;" }),
      "well.ts": holding(),
      "lib/other.ts": "not even TypeScript",
    });
    const reports = await checkStrategies({ strategiesDir, files: [] });
    expect(
      reports.map(({ file, version, errors }) => [
        file.slice("strategies/".length),
        version?.split("@")[0] ?? null,
        ...errors.map(({ stage, line, column }) => `${stage} ${line}:${column}`),
      ]),
    ).toEqual([
      ["admitted.ts", null, "admitted 7:5"],
      ["bundled.ts", null, "bundled 1:8"],
      ["loaded.ts", "loaded", "loaded 1:11"],
      ["types.ts", "types", "type-checked 7:11"],
      ["well.ts", "well"],
    ]);
    const text = renderCheck(reports, false);
    expect(text).toContain(
      "✗ strategies/admitted.ts\n    strategies/admitted.ts:7:5  Cannot use Date: there is no clock",
    );
    expect(text).toContain("      > 7 |     Date.now();\n          |     ^\n");
    expect(text).toMatch(/\n5 checked, 4 refused\n$/);
    expect(text).not.toContain("\x1b[");
    expect(renderCheck(reports, true)).toContain("\x1b[31m✗\x1b[0m");
  });

  it.each(ENGINE_VARIANTS)("names what makes a strategy impure, and where, on %s", async (engine) => {
    const strategiesDir = temporaryFolder(
      Object.fromEntries(IMPURE.map(({ name, head, body }) => [`${name}.ts`, deciding(head, body)])),
    );
    const files = IMPURE.map(({ name }) => join(strategiesDir, `${name}.ts`));
    const reports = await checkStrategies({ strategiesDir, files, engine });
    const found = reports.map(({ pure, errors, impure: [first] }) => ({
      pure,
      errors,
      at: `${first?.line}:${first?.column}`,
      message: first?.message,
    }));
    expect(found).toEqual(
      IMPURE.map(({ at, says }) => ({ pure: false, errors: [], at, message: expect.stringContaining(says) })),
    );
    const text = renderCheck(reports, false);
    expect(text).toContain("✓ strategies/counter.ts  counter@");
    expect(text).toContain("    strategies/counter.ts:5:26  impure: `n` lives outside decide()");
    expect(text).toContain('> 5 |     return hold("n=" + ++n);\n          |                          ^');
    expect(text).toMatch(/\n\d+ checked, all well, \d+ impure: each decision starts afresh/);
  });

  it.each(ENGINE_VARIANTS)("calls pure what only looks as if it kept something, on %s", async (engine) => {
    const strategiesDir = temporaryFolder(
      Object.fromEntries(PURE.map(({ name, head, body }) => [`${name}.ts`, deciding(head, body)])),
    );
    const reports = await checkStrategies({ strategiesDir, files: [], engine });
    const names = PURE.map(({ name }) => `strategies/${name}.ts`).sort();
    expect(reports.map(({ file, pure, impure, errors }) => ({ file, pure, impure, errors }))).toEqual(
      names.map((file) => ({ file, pure: true, impure: [], errors: [] })),
    );
  });

  it("checks just the files named, also outside the strategies folder", async () => {
    const strategiesDir = temporaryFolder({ "a.ts": holding(), "lib/b.ts": holding({ head: 'import "../a.ts";' }) });
    const elsewhere = temporaryFolder({ "c.ts": holding() }, "bots");
    const files = [join(strategiesDir, "lib/b.ts"), join(elsewhere, "c.ts"), join(elsewhere, "d.ts")];
    const reports = await checkStrategies({ strategiesDir, files });
    expect(reports.map(({ file, errors }) => [file, errors.map(({ message }) => message)])).toEqual([
      ["strategies/lib/b.ts", []],
      ["bots/c.ts", []],
      ["bots/d.ts", ["Cannot read bots/d.ts: there is no such file"]],
    ]);
  });

  it("says so when there is nothing to check", async () => {
    const strategiesDir = temporaryFolder();
    await expect(checkStrategies({ strategiesDir, files: [] })).rejects.toThrow("it holds no strategy");
  });
});
