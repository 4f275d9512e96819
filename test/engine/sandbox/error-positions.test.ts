// Where a fault is said to be: the line and column of the author's TypeScript, as a table of programs with the expected
// place marked in them. ⌖ marks it for both engines. Where they differ, ¹ is Bellard's QuickJS and ² is ng, which knows
// the places of calls, operators and expression statements only: anything else is put at the last of those, or where the
// function begins. ⊙ is where decide() begins: there goes what has no place of its own.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Fault } from "../../../engine/decide/decision.ts";
import type { LoadedVersion } from "../../../engine/decide/port.ts";
import { ENGINE_VARIANTS } from "../../../engine/sandbox/engine-module.ts";
import { InThreadHost } from "../../../engine/sandbox/in-thread-host.ts";
import { Loader } from "../../../engine/sandbox/loader.ts";
import { Refusal } from "../../../engine/versions/source-error.ts";
import { DiskFolder, type SourceFolder, StoredFolder } from "../../../engine/versions/source-folder.ts";
import { loadArtifact, makeArtifact } from "../../../engine/versions/workshop.ts";
import { decideAll, requestOf } from "../../support/strategy-bundle.ts";
import { temporaryFolder } from "../versions/temporary-folder.ts";

/** A whole file around the body of decide(). */
const deciding = (body: string, before = "", members = "inputs: () => ({})"): string =>
  `import { down, hold, strategy, up } from "underway";
${before}
export default strategy({ about: "x", ${members}, ⊙decide(readings, { params, window, position, memory }) {
${body}
} });`;

const HAPPENS_IN: Readonly<Record<string, string>> = {
  "decide()": `throw new ⌖Error("x");`,
  "a function that decide() calls": `const f = (n: number) => {\n  if (n > 0) throw new ⌖RangeError(\`x \${n}\`);\n};\nf(1);`,
  "a callback of sort()": `[3, 1, 2].sort((a, b) => {\n  throw new ¹RangeError("x" + ²a);\n});`,
  "a callback of map()": `[1].map((n) =>\n  [2].map(() => {\n    throw new ⌖Error("x"); }));`,
  "a callback of replace()": `"abc".replace(/b/, () => { throw new ⌖Error("x"); });`,
  "a reviver": `JSON.parse('{"a":1}', (key) => {\n  if (key === "a") throw new ⌖Error(key); });`,
  "a replacer": `JSON.stringify({ a: 1 }, (key, value) => {\n  if (key === "a") throw new ⌖Error(key); return value; });`,
  "toJSON()": `JSON.stringify({ a: { toJSON() { throw new ⌖TypeError("x"); } } });`,
  "toString()": `const o = { toString(): string { throw new ⌖Error("x"); } };\nreturn hold(\`is \${o}\`);`,
  "valueOf()": `const o = { valueOf() { throw new ⌖Error("x"); } };\nreturn hold(String(o + 1));`,
  "a getter": `const o = { get size(): number { throw new ⌖Error("x"); } };\nreturn hold(String(o.size));`,
  "a setter": `const o = { set size(n: number) { throw new ⌖Error("x"); } };\no.size = 5;`,
  "a trap of a Proxy": `const o = new Proxy({}, { get() { throw new ⌖Error("x"); } });\nreturn hold(o.x);`,
  "an iterator": `const all = { [Symbol.iterator]: () => ({ next() { throw new ⌖Error("x"); } }) };\nfor (const one of all) hold(one);`,
  "the return() of an iterator": `const all = { [Symbol.iterator]: () => ({ next: () => ({}),\n  return() { throw new ⌖Error("x"); } }) };\nfor (const one of all) break;`,
  "a generator": `function* g() {\n  yield 1;\n  throw new ⌖Error("x");\n}\nreturn hold([...g()].join());`,
  "a constructor": `class A { constructor() { throw new ⌖Error("x"); } }\nnew A();`,
  "a field": `class A { n = fail(); }\nnew A();\nfunction fail(): number { throw new ⌖Error("x"); }`,
  "a private method": `class A { #f() { throw new ⌖Error("x"); } g() { this.#f(); } }\nnew A().g();`,
  "a static block": `class A { static { throw new ⌖Error("x"); } }\nreturn hold(A.name);`,
  "a default of a parameter": `const f = (n = fail()) => n;\nf();\nfunction fail(): number { throw new ⌖Error("x"); }`,
  "a tagged template": "const tag = (text) => {\n  throw new ⌖Error(text[0]); };\ntag`x`;",
  "a labelled loop": `out: for (const n of [1, 2]) {\n  for (;;) { if (n === 1) continue out; throw new ⌖Error("x"); } }`,
  finally: `try { throw new Error("first"); } finally {\n  throw new ⌖Error("second"); }`,
  "a nested catch": `try { try { throw new Error("a"); } catch { throw new Error("b"); } } catch (e) {\n  throw new ⌖Error("c", { cause: e }); }`,
};

const IS_THROWN: Readonly<Record<string, string>> = {
  "a subclass of Error": `class E extends Error { override name = "E"; }\nthrow new ⌖E("x");`,
  "a subclass with its own constructor": `class E extends Error { constructor(n: number) {\n  super(\`x \${n}\`); } }\nclass F extends E {}\nthrow new ⌖F(1);`,
  "an AggregateError": `throw new ¹AggregateError([new ²Error("a")], "x");`,
  "an error that was made before": `const e = new ⌖Error("x");\n[1].map(() => { throw e; });`,
  "an error once more": `const f = () => { throw new ⌖Error("x"); };\ntry { f(); } catch (e) {\n  throw e; }`,
  "a frozen error": `const e = Object.freeze(new ⌖Error("x"));\nthrow e;`,
  "an error whose stack was deleted": `const e = new Error("x");\ndelete e.stack;\n¹throw ²e;`,
  "an error whose stack was overwritten": `const e = new Error("x");\ne.stack = "nowhere";\nthrow ⌖e;`,
  "an error whose stack cannot be read": `const e = new Error("x");\nObject.defineProperty(e, "stack", { get() { throw 1; } });\nthrow ⌖e;`,
  "an error that no constructor made": `const e = Object.create(Error.prototype);\nthrow ⌖e;`,
  "an error where stacks are cut": `Error.stackTraceLimit = 0;\nthrow new ⌖Error("x");`,
  "an error where stacks are rewritten": `Error.prepareStackTrace = () => "mine";\nthrow new ⌖Error("x");`,
  "a string": `if (window.spot >= 0) {\n  throw ⌖"x"; }`,
  "a number": `throw ⌖5;`,
  NaN: `throw ⌖NaN;`,
  null: `throw ⌖null;`,
  undefined: `throw ⌖undefined;`,
  "a symbol": `throw ⌖Symbol("x");`,
  "a plain object": `throw ⌖{ message: "x" };`,
  "an array": `throw ⌖[1, 2];`,
  "a function": `throw ⌖() => 1;`,
  "a revoked Proxy": `const { proxy, revoke } = Proxy.revocable({}, {});\nrevoke();\nthrow ⌖proxy;`,
  "what a call gives": `const f = () => "x";\nthrow ⌖f();`,
  "the last of several": `throw (window.spot, ⌖"x");`,
  "a string by a callback": `[1].forEach((n) => {\n  if (n) throw ⌖"x"; });`,
  "a string once more": `try { throw "x"; } catch (e) {\n  throw ⌖e; }`,
};

const GOES_WRONG: Readonly<Record<string, string>> = {
  "undefined is read": `const rows = {};\nreturn hold(²rows.¹missing.size);`,
  "undefined is read in a callback": `²[1].map((row) => row.¹a.b);`,
  "undefined is read after a call": `const n = Math.²max(1, 2);\nconst rows = null;\nreturn ¹rows.size + n;`,
  "null is written": `const rows = null;\n⌖rows.size = 1;`,
  "a name is missing": `return hold(⌖missing);`,
  "what is no function is called": `const o = {};\no.⌖missing(1);`,
  "what is no constructor is called": `const o = 5;\nnew ⌖o(1);`,
  "what is frozen is written": `⌖params.n = 1;`,
  "what is no iterable is spread": `const n = 5;\nreturn ²hold([...¹n].join());`,
  "a native refuses": `return hold("x".⌖repeat(-1));`,
  "a signal makes no sense": `¹return ²up({ probability: 2, reason: "x" });`,
  "a signal makes no sense further down": `const signal =\n  ⌖down({ probability: 0.5, limit: 7, reason: "x" });\nreturn signal;`,
  "recursion has no end": `const f = (n: number): number => 1 + ¹f(²n);\nf(1);`,
  "null is taken apart": `const { size } = null;\nreturn hold(size);`,
};

const IS_RETURNED: Readonly<Record<string, string>> = {
  nothing: "",
  "a number": "return 5;",
  "a promise": `return (async () => hold("x"))();`,
  "another object": `return { kind: "buy", reason: "x" };`,
  "a signal without a reason": "return hold(5);",
  "a memory that was not declared": `return hold("x", { memory: 1 });`,
};

/** Throws at its end, from where each of them is called in turn. */
const ONE_LINE =
  `import{hold as h,strategy as s}from"underway";const f=n=>{if(n===0)throw new ⌖Error("f");return n},` +
  `g=n=>[n].map(m=>{if(m===1)throw new ⌖RangeError("g");return m})[0],k=n=>{if(n===2)throw ⌖"k";return n},` +
  `z={get v(){throw new ⌖TypeError("z")}};class E extends Error{};` +
  `export default s({about:"x",inputs:()=>({}),decide:(_,{window:{spot:n}})=>(f(n),g(n),k(n),n===3?z.v:0,n===4?(()=>{throw new ⌖E("e")})():h("x"))});`;

const MARKS = /[⌖⊙¹²]/gu;

/** The texts without their marks, and where the marks were: `strategies/a.ts:3:7`. */
function unmarked(files: Readonly<Record<string, string>>): {
  readonly files: Record<string, string>;
  readonly at: ReadonlyMap<string, string>;
} {
  const at = new Map<string, string>();
  const plain = Object.entries(files).map(([path, text]) => {
    text.split("\n").forEach((line, n) => {
      [...line.matchAll(MARKS)].forEach(({ 0: mark, index }, earlier) => {
        at.set(mark, `strategies/${path}:${n + 1}:${index - earlier + 1}`);
      });
    });
    return [path, text.replace(MARKS, "")] as const;
  });
  return { files: Object.fromEntries(plain), at };
}

describe.each(ENGINE_VARIANTS)("on %s", (variant) => {
  let loader: Loader;
  let host: InThreadHost;
  beforeAll(async () => {
    [loader, host] = await Promise.all([Loader.create(variant), InThreadHost.create({ variant })]);
  });
  afterAll(() => host.close());

  const placeIn = (at: ReadonlyMap<string, string>) =>
    at.get("⌖") ?? at.get(variant === "bellard" ? "¹" : "²") ?? at.get("⊙");
  const load = async (folder: SourceFolder): Promise<LoadedVersion> =>
    loadArtifact(loader, await makeArtifact(folder, "a.ts", variant), {}, folder);

  async function faultOf(folder: SourceFolder, spot = 1): Promise<Fault> {
    const version = await load(folder);
    await host.install(version);
    const [result] = await decideAll(host, [requestOf(version, { spot })]);
    if (result?.type !== "Faulted") throw new Error(`no fault: ${JSON.stringify(result)}`);
    return result.fault;
  }
  const faultIn = (files: Readonly<Record<string, string>>) => faultOf(new StoredFolder("strategies", files));

  async function rejectionOf(source: string): Promise<Refusal["errors"][number]> {
    try {
      await load(new StoredFolder("strategies", { "a.ts": source }));
    } catch (error) {
      if (error instanceof Refusal && error.stage === "loaded") return error.errors[0]!;
      throw error;
    }
    throw new Error("It was loaded");
  }

  const rows = {
    "is thrown in": HAPPENS_IN,
    "is thrown:": IS_THROWN,
    "goes wrong:": GOES_WRONG,
    "is returned:": IS_RETURNED,
  };
  describe.each(Object.entries(rows))("what %s", (_, table) => {
    test.each(Object.entries(table))("%s", async (_, body) => {
      const { files, at } = unmarked({ "a.ts": deciding(body) });
      const { where, frame } = await faultIn(files);
      expect(where).toBe(placeIn(at));
      expect(frame).toContain(`> ${where!.split(":")[1]} | `);
    });
  });

  test("what is thrown on one long line is told apart", async () => {
    const places = [...ONE_LINE.matchAll(MARKS)].map(
      ({ index }, earlier) => `strategies/a.ts:1:${index - earlier + 1}`,
    );
    expect(places).toHaveLength(5);
    const { files } = unmarked({ "a.ts": ONE_LINE });
    const folder = new StoredFolder("strategies", files);
    const faults = await Promise.all(places.map((_, spot) => faultOf(folder, spot)));
    expect(faults.map(({ where }) => where)).toEqual(places);
  });

  test("what imported files throw is found in them, and their callers are not blamed", async () => {
    const { files, at } = unmarked({
      "a.ts": deciding("return hold(String(depth(window.spot)));", 'import { depth } from "./lib/depth.ts";'),
      "lib/depth.ts": `// Not here.\nimport { checked } from "./checked.ts";\nexport const depth = (n: number) => checked(n) + 1;\n`,
      "lib/checked.ts": `export function checked(n: number): number {\n  if (n > 0) throw new ⌖RangeError("too deep");\n  return n;\n}\n`,
    });
    const fault = await faultOf(new DiskFolder(temporaryFolder(files)));
    expect(fault).toMatchObject({ message: "RangeError: too deep", where: at.get("⌖") });
    expect(fault.frame).toContain("> 2 |   if (n > 0) throw new RangeError");
  });

  describe("what is thrown before the first decision, in", () => {
    test.each([
      ["the module", deciding("", `throw new ⌖Error("x");`)],
      ["a function that the module calls", deciding("", `const f = () => {\n  throw ⌖"x"; };\n(() => f())();`)],
      ["inputs()", deciding("", "", `inputs: () => {\n  throw new ⌖Error("x"); }`)],
      ["a getter of an input", deciding("", "", `inputs: () => ({ get a() { throw new ⌖Error("x"); } })`)],
    ])("%s", async (_, text) => {
      const { files, at } = unmarked({ "a.ts": text });
      const { file, line, column, message, frame } = await rejectionOf(files["a.ts"]!);
      expect(`${file}:${line}:${column}`).toBe(at.get("⌖"));
      expect(message).toMatch(/^Error: (x|threw x, which is not an Error)$/);
      expect(frame).toContain(`> ${line} | `);
    });
  });

  test("what migrate() throws, and what it makes that cannot be remembered", async () => {
    for (const migrate of [
      `migrate() {\n  throw new ⌖Error("x"); }`,
      "migrate(old) {\n  throw ⌖old; }",
      "⌖migrate() { return NaN; }",
      "⌖migrate() {}",
    ]) {
      const members = `inputs: () => ({}), memory: { initial: 0, ${migrate} }`;
      const { files, at } = unmarked({ "a.ts": deciding("", "", members) });
      const migrated = loader.migrate(await load(new StoredFolder("strategies", files)), "5", "a@3f9a2c1e");
      expect("fault" in migrated && migrated.fault.where).toBe(at.get("⌖"));
    }
  });
});
