import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { TypeChecker } from "../../../engine/versions/type-check.ts";
import { holding } from "./temporary-folder.ts";

let checker: TypeChecker;
beforeAll(async () => {
  checker = await TypeChecker.create();
});

const check = (sources: { readonly [path: string]: string }): readonly string[] =>
  checker
    .check("strategies", "a.ts", sources)
    .map(({ file, line, column, message }) => `${file}:${line}:${column} ${message}`);

describe("the type check", () => {
  it.each(["momentum", "overreaction", "trend", "regime"])("passes the shipped strategy %s", (name) => {
    expect(check({ "a.ts": readFileSync(`strategies/${name}.ts`, "utf8") })).toEqual([]);
  });

  it("names the place in the file that is wrong, with the lines around it, in any file of the graph", () => {
    const sources = {
      "a.ts": holding({ head: 'import { half } from "./lib/half.ts";', body: 'half("1");' }),
      "lib/half.ts": "export const half = (x: number): string => x / 2;",
    };
    expect(check(sources)).toEqual([
      "strategies/a.ts:7:10 Argument of type 'string' is not assignable to parameter of type 'number'. (TS2345)",
      "strategies/lib/half.ts:1:44 Type 'number' is not assignable to type 'string'. (TS2322)",
    ]);
    expect(checker.check("strategies", "a.ts", sources)[0]?.frame).toContain('> 7 |     half("1");\n    |          ^');
  });

  it.each([
    [
      "an input's option",
      "void market.probabilityUp({ windw: '15m' });",
      "7:33 Object literal may only specify known properties",
    ],
    ["a signal's field", 'return hold({ reason: "x" });', "7:17 Argument of type '{ reason: string; }'"],
    ["what the sandbox lacks: the DOM", "void document;", "7:10 Cannot find name 'document'"],
    ["what the sandbox lacks: Node", "void process;", "7:10 Cannot find name 'process'"],
    [
      "an index that may be missing",
      "const xs: number[] = []; const x: number = xs[0]; void x;",
      "7:36 Type 'number | undefined'",
    ],
  ])("finds a mistake in %s", (_, body, expected) => {
    const errors = check({ "a.ts": holding({ body }) });
    expect(errors.join("\n")).toContain(`strategies/a.ts:${expected}`);
  });

  it("infers readings, params and memory in decide()", () => {
    const source = `import { hold, param, strategy, ta } from "underway";
export default strategy({
  about: "x",
  params: { style: param.choice({ of: ["fade", "follow"], default: "fade" }), n: param.integer({ default: 1 }) },
  inputs: ({ n }) => ({ macd: ta.macd({ fast: n, slow: 26, signal: 9 }) }),
  memory: { initial: { count: 0 } },
  decide({ macd }, { params, memory }) {
    const style: "fade" | "follow" = params.style;
    const value: number = macd.histogram.value + macd.signal.at(1) + memory.count;
    memory.count = 1;
    const other: "other" = params.style;
    return hold(style + value + other, { memory: { count: 2 } });
  },
});
`;
    expect(check({ "a.ts": source }).map((error) => error.split(" ").slice(0, 3).join(" "))).toEqual([
      "strategies/a.ts:10:12 Cannot assign",
      'strategies/a.ts:11:11 Type \'"fade"',
    ]);
  });

  it("knows the language of the configuration, and passes the shipped one", () => {
    const shipped = { "underway.config.ts": readFileSync("underway.config.ts", "utf8") };
    expect(checker.check("", "underway.config.ts", shipped)).toEqual([]);
    const wrong = `import { config } from "underway/config";
export default config({
  slots: [{ asset: "btc", interval: "5m", strategy: "momentum" }],
  risk: { perSlot: 25 },
});
`;
    expect(checker.check("", "underway.config.ts", { "underway.config.ts": wrong })).toMatchObject([
      {
        file: "underway.config.ts",
        line: 4,
        column: 11,
        message: expect.stringMatching(/^Type 'number' is not assignable to type '`\$\{number\}`'. \(TS2322\)$/),
        frame: expect.stringContaining("> 4 |   risk: { perSlot: 25 },"),
      },
    ]);
  });

  it("passes over a file that nothing imports", () => {
    expect(check({ "a.ts": holding(), "b.ts": "const x: string = 1;" })).toEqual([]);
  });

  it("forgets the files of the check before", () => {
    expect(check({ "a.ts": 'import { x } from "./b.ts"; void x;', "b.ts": "export const x = 1;" })).toEqual([]);
    expect(check({ "a.ts": 'import { x } from "./b.ts"; void x;' })[0]).toContain("1:19 Cannot find module './b.ts'");
    expect(check({ "a.ts": "const x: string = 1; void x;" })).toHaveLength(1);
    expect(check({ "a.ts": 'const x: string = "1"; void x;' })).toEqual([]);
  });
});
