import { describe, expect, it } from "vitest";
import { analyseBundle } from "../../../../engine/versions/analysis/analyse-bundle.ts";
import { analysed, type Sources } from "./analysed.ts";

const deciding = (body: string, head = "") => `import { hold, market, strategy } from "underway";
${head}
export default strategy({ about: "", inputs: () => ({ fair: market.probabilityUp() }), decide() { ${body} return hold(""); } });
`;

describe("thrown values", () => {
  const thrownIn = async (body: string, head?: string) => (await analysed({ "a.ts": deciding(body, head) })).thrown;

  it.each([
    ["an error", 'throw new Error("a");', ['new Error("a")']],
    ["what is no error", 'throw "a" + hold;', ['"a" + hold']],
    ["of several expressions the last, which alone is thrown", "throw (hold('a'), hold('b'));", ['hold("b")']],
    [
      "in functions, conditions and what is thrown",
      "if (hold) throw () => { throw 1; };",
      ["() => {\n      throw 1;\n    }", "1"],
    ],
  ])("are found: %s", async (_, body, found) => {
    expect(await thrownIn(body)).toEqual(found);
  });

  it("are found wherever the author throws, also outside of decide()", async () => {
    expect(
      await thrownIn(
        "one();",
        "function one() { throw 1; }\nclass Two { #x = () => { throw 2; }; constructor() { throw 3; } }\nnew Two();",
      ),
    ).toEqual(["1", "2", "3"]);
  });

  it("are found in imported files, and not in the DSL, which throws errors only", async () => {
    const { code, thrown } = await analysed({
      "a.ts": deciding("one();", 'import { one } from "./b.ts";')
        .replace("hold(", "up({ probability: 2, reason: '' }) ?? hold(")
        .replace("{ hold", "{ up, hold"),
      "b.ts": "export const one = () => { throw 1; };",
    });
    expect(code).toContain("throw new SignalError");
    expect(thrown).toEqual(["1"]);
  });
});

const SYNTAX = `
export async function* all(this: unknown, { a = 1, ...rest } = {}, [b, , ...c]: number[] = []) {
  label: for (;;) { if (a) continue label; break label; }
  for await (const x of [await 1]) yield* [x, ...c, this, rest, new.target, arguments, /a/dv, b ** 2, a?.[b]?.(c)];
  do { switch (a) { case 1: try { a ||= 2; } catch { debugger; } finally { a++; } default: } } while (void 0, a);
}
export class Every extends (class {}) {
  static { Every.n ??= 1; }
  static n: number; #p = () => super.toString; ["c" + 1] = 1; static async *[Symbol.iterator]() {} set s(x) {}
  get #q() { return #p in this && this.#p; } declare d: number; constructor(public readonly e: number) { super(); void this.#q; }
}
export namespace Space { export let a = 1; } export enum Kind { One, Two = "two" }
export const text = \`a\${String.raw\`b\${1}\`}\` satisfies string, regexp = /(?<a>.)\\k<a>/gu, o = { __proto__: null, get a() { return 1; }, "b-c": 0x1f, 1: 1_000 };`;

describe("the analysis of a bundle", () => {
  it("is plain data: it is stored with the version", async () => {
    const { code, places } = await analysed({ "a.ts": deciding("throw 1;") });
    expect(JSON.parse(JSON.stringify(places))).toEqual(places);
    expect(code.slice(places.thrown[0]!.start, places.thrown[0]!.end)).toBe("1");
  });

  it.each([
    ["nothing", { "a.ts": "" }],
    ["no default export", { "a.ts": "export const a = 1; throw a;" }],
    ["a default export that is no strategy", { "a.ts": "export default { decide() {} };" }],
    ["a default export that is a function", { "a.ts": "export default function decide() {}" }],
    ["a default export that is itself", { "a.ts": "var a = a; export default a;" }],
    [
      "default exports of each other",
      {
        "a.ts": 'import b from "./b.ts"; var a = b; export default a;',
        "b.ts": 'import a from "./a.ts"; var b = a; export default b;',
      },
    ],
    ["what is decided by what is not there", { "a.ts": deciding("").replace("decide() {", "decide: missing, x() {") }],
    [
      "functions that give themselves",
      {
        "a.ts": deciding(
          "a()()(); b.c.d(); new C();",
          "function a() { return a()(); } const b = (() => b.c)(); class C extends C {}",
        ),
      },
    ],
    ["all kinds of syntax", { "a.ts": deciding("", SYNTAX) }],
  ] as [string, Sources][])("takes %s", async (_, sources) => {
    expect((await analysed(sources)).reads).toEqual([]);
  });

  it("is empty where an expression is nested too deeply to be gone through", () => {
    const map = JSON.stringify({ version: 3, sources: [], names: [], mappings: "" });
    const nothing = { places: { reads: [], thrown: [] }, stateWrites: [] };
    expect(analyseBundle(`${"(".repeat(50_000)}1${")".repeat(50_000)}`, map)).toEqual(nothing);
    expect(analyseBundle(`"use strict"; ${"1 + ".repeat(200_000)}1;`, map)).toEqual(nothing);
    expect(analyseBundle("no script", map)).toEqual(nothing);
  });
});
