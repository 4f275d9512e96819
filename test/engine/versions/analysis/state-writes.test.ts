import { describe, expect, it } from "vitest";
import { DiskFolder } from "../../../../engine/versions/source-folder.ts";
import { analysed } from "./analysed.ts";

const HEAD = 'import { hold, strategy } from "underway";\n';
const deciding = (body: string, before = "", after = "") =>
  `${HEAD}${before}\nexport default strategy({ about: "", inputs: () => ({}), decide(readings, context) {\n  ${body}\n} });\n${after}`;

/** Sources as an author writes them, and the place of every « in them. */
async function found(marked: { readonly [path: string]: string }) {
  const expected: string[] = [];
  const sources: Record<string, string> = {};
  for (const [path, text] of Object.entries(marked)) {
    const parts = text.split("«");
    let before = "";
    for (const part of parts.slice(0, -1)) {
      before += part;
      const lines = before.split("\n");
      expected.push(`strategies/${path}:${lines.length}:${lines.at(-1)!.length + 1}`);
    }
    sources[path] = parts.join("");
  }
  const { writes, messages } = await analysed(sources);
  return { writes, messages, expected };
}

async function expectMarked(marked: { readonly [path: string]: string }): Promise<void> {
  const { writes, messages, expected } = await found(marked);
  expect(writes, messages.join("\n")).toEqual(expected);
}

describe("a change that the next decision does not see is named at its place:", () => {
  it.each([
    ["a counter", "let count = 0;", "«count++; return hold(String(count));"],
    ["an assignment", "let last = 0;", "«last = 1; return hold(String(last));"],
    ["an assignment in a branch", "let last;", "if (!last) «last = 1; return hold(String(last));"],
    ["a pattern", "let a = 0, b = 0;", "[«a, «b] = [1, 2]; return hold(String(a + b));"],
    ["a loop's variable", "let one = 0;", "for («one of [1, 2]) void 0; return hold(String(one));"],
    ["a member", "const STATE = { n: 0 };", "«STATE.n += 1; return hold(String(STATE.n));"],
    ["a member by a computed name", "const SEEN = {};", "«SEEN[context.window.asset] = 1; return hold('');"],
    ["a deep member", "const STATE = { a: { b: [] } };", "«STATE.a.b[0] = 1; return hold('');"],
    ["a member that is deleted", "const STATE = {};", "delete «STATE.n; return hold('');"],
    ["a member of a function", "function helper() {}", "«helper.n = 1; return hold('');"],
    ["a private member of a class", "class Own { static n = 0; }", "«Own.n++; return hold('');"],
    ["a global", "", "«globalThis.n = 1; return hold('');"],
    ["a prototype", "", "(«Array.prototype).last = 1; return hold('');"],
    ["a list that is pushed to", "const LIST: number[] = [];", "«LIST.push(1); return hold('');"],
    ["a list that is sorted in place", "const LEVELS = [3, 1];", "return hold(String(«LEVELS.sort()[0]));"],
    ["a map", "const CACHE = new Map();", "«CACHE.set(1, 2); return hold('');"],
    ["a set in an object", "const STATE = { seen: new Set<number>() };", "«STATE.seen.add(1); return hold('');"],
    [
      "a list by name in an object",
      "const BY: Record<string, number[]> = {};",
      "«BY[context.window.asset]?.push(1); return hold('');",
    ],
    ["a list that was computed", "const LIST = [2, 1].map((x) => x);", "«LIST.reverse(); return hold('');"],
    ["an assigned object", "const STATE = { n: 0 };", "«Object.assign(STATE, { n: 1 }); return hold('');"],
    ["a reflected object", "const STATE = { n: 0 };", "«Reflect.set(STATE, 'n', 1); return hold('');"],
    ["a defined property", "const STATE = {};", "«Object.defineProperty(STATE, 'n', { value: 1 }); return hold('');"],
    ["what a local name stands for", "const CACHE = new Map();", "const c = CACHE; «c.set(1, 2); return hold('');"],
    [
      "what a local name was taken from",
      "const STATE = { list: [] as number[] };",
      "const { list } = STATE; «list.push(1); return hold('');",
    ],
    ["the place of a regular expression", "const WORD = /a/g;", "return hold(String(«WORD.test('a')));"],
    [
      "the place of a made regular expression",
      'const WORD = new RegExp("a", "y");',
      "return hold(String(«WORD.exec('a')));",
    ],
    [
      "the place of a generator",
      "function* ids() { yield 1; }\nconst ID = ids();",
      "return hold(String(«ID.next().value));",
    ],
    ["the place of an iterator", "const ID = [1, 2].values();", "return hold(String(«ID.next().value));"],
  ])("%s", async (_, before, body) => {
    await expectMarked({ "a.ts": deciding(body, before) });
  });

  it.each([
    ["a function", "", "return bump();", "let n = 0; function bump() { «n++; return hold(String(n)); }"],
    ["an arrow", "let n = 0; const bump = () => { «n++; };", "bump(); return hold('');", ""],
    [
      "a function of a function",
      "",
      "return one();",
      "let n = 0; function one() { return two(); } function two() { «n++; return hold(''); }",
    ],
    ["a callback", "let n = 0; const bump = (by: number) => { «n += by; };", "[1].forEach(bump); return hold('');", ""],
    ["a callback written in place", "let n = 0;", "[1].forEach((by) => { «n += by; }); return hold('');", ""],
    ["a method", "let n = 0; const helpers = { bump() { «n++; } };", "helpers.bump(); return hold('');", ""],
    ["a method by this", "const counter = { n: 0, bump() { «this.n++; } };", "counter.bump(); return hold('');", ""],
    [
      "a getter",
      "let n = 0; const helpers = { get next() { return «n++; } };",
      "return hold(String(helpers.next));",
      "",
    ],
    [
      "a frozen object's method",
      "let n = 0; const helpers = Object.freeze({ bump: () => { «n++; } });",
      "helpers.bump(); return hold('');",
      "",
    ],
    [
      "a closure",
      "const next = make(); function make() { let n = 0; return () => «n++; }",
      "return hold(String(next()));",
      "",
    ],
    [
      "a closure called at once",
      "const next = (() => { let n = 0; return () => «n++; })();",
      "return hold(String(next()));",
      "",
    ],
    [
      "a method of a closure",
      "function make() { let n = 0; return { next: () => «n++, n: () => n }; } const c = make();",
      "return hold(String(c.next()));",
      "",
    ],
    [
      "a function taken from a closure",
      "function make() { let n = 0; return { next: () => «n++ }; } const { next } = make();",
      "return hold(String(next()));",
      "",
    ],
    [
      "a closure's helper",
      "const next = (() => { let n = 0; function bump() { «n++; } return () => { bump(); return n; }; })();",
      "return hold(String(next()));",
      "",
    ],
    [
      "a memory of results",
      "const memo = (f) => { const c = new Map(); return (x) => { «c.set(x, f(x)); return c.get(x); }; }; const half = memo((x) => x / 2);",
      "return hold(half(2));",
      "",
    ],
    [
      "an object of a class",
      "class Ema { last = 0; add(x: number) { «this.last = x; } }\nconst ema = new Ema();",
      "ema.add(1); return hold('');",
      "",
    ],
    [
      "a private field of an object",
      "class Ema { #list: number[] = []; add(x: number) { «this.#list.push(x); } }\nconst ema = new Ema();",
      "ema.add(1); return hold('');",
      "",
    ],
    [
      "a method that the method calls",
      "class Ema { n = 0; add() { this.bump(); } bump() { «this.n++; } }\nconst ema = new Ema();",
      "ema.add(); return hold('');",
      "",
    ],
    [
      "an inherited method",
      "class One { n = 0; add() { «this.n++; } } class Two extends One {}\nconst two = new Two();",
      "two.add(); return hold('');",
      "",
    ],
    [
      "a field of a class that counts its objects",
      "class Own { static all = 0; constructor() { «Own.all++; } }",
      "return hold(String(new Own()));",
      "",
    ],
    [
      "a static method",
      "class Own { static all = 0; static next() { return «this.all++; } }",
      "return hold(String(Own.next()));",
      "",
    ],
    ["a function by its own name", "const bump = function own() { «own.n = 1; };", "bump(); return hold('');", ""],
    [
      "the constructor of a class that another extends",
      "let n = 0; class One { constructor() { «n++; } } class Two extends One {}",
      "return hold(String(new Two()));",
      "",
    ],
    [
      "what follows a function that calls itself without end",
      "let n = 0; function own() { return own()(); } const never = own();",
      "never(); «n++; return hold('');",
      "",
    ],
  ])("through %s", async (_, before, body, after) => {
    await expectMarked({ "a.ts": deciding(body, before, after) });
  });

  it.each([
    [
      "has a name",
      `${HEAD}let n = 0; const decide = () => { «n++; return hold(''); };\nexport default strategy({ about: "", inputs: () => ({}), decide });`,
    ],
    [
      "is wrapped",
      `${HEAD}let n = 0; const logged = (f) => (...all) => f(...all);\nexport default strategy({ about: "", inputs: () => ({}), decide: logged(() => { «n++; return hold(''); }) });`,
    ],
    [
      "is in a spec that has a name",
      `${HEAD}let n = 0; const spec = { about: "", inputs: () => ({}), decide() { «n++; return hold(''); } };\nexport default strategy(spec);`,
    ],
  ])("also when decide() %s", async (_, text) => {
    await expectMarked({ "a.ts": text });
  });

  it("in the file where it stands, by the name it has there", async () => {
    const { writes, expected, messages } = await found({
      "a.ts": deciding("«count++; return hold(String(bump()));", 'import { bump } from "./lib/b.ts";\nlet count = 0;'),
      "lib/b.ts": "// é🎉\nlet count = 0;\nexport function bump() {\n\treturn «count++;\n}\n",
    });
    expect(writes).toEqual(expected);
    expect(new Set(messages)).toEqual(
      new Set([
        "`count` lives outside decide() and is changed by it: each decision starts without the change; declare it as memory",
      ]),
    );
  });

  it("with what it is and what to do instead", async () => {
    const before = "const CACHE = new Map(); const WORD = /a/g; const ID = [1].values();";
    const { messages } = await found({
      "a.ts": deciding("const c = CACHE;\nc.set(1, 2);\nWORD.test('');\nID.next();", before),
    });
    expect(messages).toEqual([
      "`CACHE` lives outside decide() and what it holds is changed by it: each decision starts without the change; declare it as memory, or change a copy",
      "`WORD` lives outside decide() and goes on from its last match: each decision starts without that match; take its flag g or y away",
      "`ID` lives outside decide() and is moved on by next(): each decision starts without that step; declare what it counts as memory",
    ]);
  });
});

describe("nothing is said of", () => {
  it.each([
    [
      "local variables",
      "",
      "let n = 0; n++; const list = [1]; list.push(n); const o = {}; o.n = 1; return hold(String(list));",
    ],
    ["local closures", "", "let n = 0; const bump = () => { n++; }; bump(); return hold(String(n));"],
    ["local objects", "", "const o = { n: 0, add() { this.n++; } }; o.add(); return hold(String(o.n));"],
    ["accumulators", "", "return hold(String([1, 2].reduce((all: number[], x) => { all.push(x); return all; }, [])));"],
    [
      "copies of constants",
      "const LEVELS = [3, 1];",
      "return hold(String([...LEVELS].sort()[0]! + LEVELS.slice().reverse()[0]! + LEVELS.toSorted()[0]!));",
    ],
    [
      "objects made from constants",
      "const BASE = { a: 1, b: 2 };",
      "const { a, ...rest } = BASE; rest.b = a; const o = Object.assign({}, BASE); o.a = 2; return hold(String([rest, o]));",
    ],
    [
      "numbers taken from constants",
      "const BASE = { n: 1 }; const N = 2;",
      "let n = BASE.n; n += N; let m = N; m++; return hold(String(n + m));",
    ],
    [
      "parameters",
      "",
      "const f = (list: number[]) => { list = [...list]; list.push(1); return list; }; return hold(String(f([1])));",
    ],
    [
      "names that hide an outer one",
      "const LIST = [1];",
      "const f = (LIST: number[]) => LIST.push(1); return hold(String(f([]) + LIST.length));",
    ],
    [
      "objects of a class that are made in it",
      "class Ema { last = 0; all: number[] = []; add(x: number) { this.last = x; this.all.push(x); } }",
      "const e = new Ema(); e.add(1); return hold(String(e.last));",
    ],
    [
      "counters that are made in it",
      "function make() { let n = 0; return { next: () => n++ }; }",
      "const c = make(); return hold(String(c.next()));",
    ],
    [
      "generators that are made in it",
      "function* ids() { let n = 0; while (true) yield n++; }",
      "const id = ids(); return hold(String(id.next().value));",
    ],
    [
      "regular expressions without a place",
      "const WORD = /a/; const LONG = /a/g;",
      "return hold(String(WORD.test('a')) + 'a'.replace(LONG, '') + /b/g.test('b'));",
    ],
    [
      "methods that are only called like a container's",
      "const money = { add: (a: number, b: number) => a + b, set: (x: number) => x };",
      "return hold(String(money.add(1, 2) + money.set(1)));",
    ],
    [
      "methods of objects of a class",
      "class Sum { add(a: number) { return a + 1; } push(a: number) { return a; } }\nconst sum = new Sum();",
      "return hold(String(sum.add(1) + sum.push(2)));",
    ],
    [
      "objects of a class that a method makes",
      "const maker = { make() { return new (class { n = 0; m = (this.n = 1); })(); } };",
      "return hold(String(maker.make().m));",
    ],
    [
      "methods that share their name with one of the class",
      "let n = 0; class Own { next() { n++; } static next() { return 1; } }\nnew Own().next();",
      "return hold(String(Own.next()));",
    ],
    [
      "lookups",
      "const CACHE = new Map([[1, 2]]); const SEEN = new Set([1]);",
      "return hold(String(CACHE.get(1)) + SEEN.has(1) + [...CACHE.keys()]);",
    ],
    ["enums", "enum Mood { Calm, Wild }", "const mood = Mood[context.n]; return hold(String(mood) + Mood.Calm);"],
    [
      "changed arguments of natives",
      "const BASE = { n: 1 };",
      "return hold(String(Object.keys(BASE)) + String(Object.freeze({ ...BASE }).n));",
    ],
  ])("%s", async (_, before, body) => {
    await expectMarked({ "a.ts": deciding(body, before) });
  });

  it.each([
    [
      "a table that is filled",
      "const TABLE: number[] = []; for (let i = 0; i < 3; i++) TABLE.push(i * i);",
      "return hold(String(TABLE[1]));",
    ],
    [
      "a table that a function fills",
      "const TABLE = new Map(); function fill(x: number) { TABLE.set(x, 1); } fill(1);",
      "return hold(String(TABLE.get(1)));",
    ],
    [
      "a running sum of a callback",
      "let sum = 0; const SUMS = [1, 2].map((x) => (sum += x));",
      "return hold(String(SUMS[0]! + sum));",
    ],
    [
      "a table made at once",
      "const TABLE = (() => { let n = 0; return [1, 2].map((x) => (n += x)); })();",
      "return hold(String(TABLE[0]));",
    ],
    [
      "a registry that is only read",
      "const registry = (() => { const m = new Map(); return { add: (x: number) => { m.set(x, x); }, get: (x: number) => m.get(x) }; })(); registry.add(1);",
      "return hold(String(registry.get(1)));",
    ],
    [
      "an object that is only read",
      "class Own { n = 0; add() { this.n++; } get half() { return this.n / 2; } }\nconst own = new Own(); own.add();",
      "return hold(String(own.half + own.n));",
    ],
    [
      "a class",
      "const ALL: string[] = []; class Own { static n = ALL.push('own'); static { ALL.push('more'); } x = 1; }",
      "return hold(String(new Own().x));",
    ],
    ["inputs()", "", "return hold('');"],
  ])("what happens while it is loaded: %s", async (_, before, body) => {
    const text = deciding(body, `let declared = 0; ${before}`).replace(
      "inputs: () => ({})",
      "inputs: () => { declared++; return {}; }",
    );
    await expectMarked({ "a.ts": text });
  });

  it.each(["momentum.ts", "overreaction.ts", "regime.ts", "trend.ts"])("the shipped %s", async (entry) => {
    expect((await analysed(new DiskFolder("strategies"), entry)).messages).toEqual([]);
  });
});
