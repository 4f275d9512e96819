import { describe, expect, it } from "vitest";
import { analyseBundle } from "../../../../engine/versions/analysis/analyse-bundle.ts";
import { analysed, bundled } from "./analysed.ts";

const HEAD = 'import { hold, strategy } from "underway";\n';
const DECIDE = 'decide({ fair }, context) { return hold("" + fair.value); }';
const INPUTS = "inputs: () => ({ fair: {} })";
const SPEC = `about: "", ${INPUTS}, ${DECIDE}`;
const ENTRY = `${HEAD}export default strategy({ ${SPEC} });`;

/** Whether the read is found; the bundle must hold it either way. */
async function isFound(sources: { readonly [path: string]: string }): Promise<boolean> {
  const { code, reads } = await analysed(sources);
  expect(code).toContain("fair.value");
  return reads.includes("fair.value");
}

describe("reads of decide() are found", () => {
  it.each([
    ["in the literal that is given to strategy() and exported", ENTRY],
    ["under a name of its own", `${HEAD}const mine = strategy({ ${SPEC} });\nexport default mine;`],
    [
      "under a name of its own that is exported as default",
      `${HEAD}const mine = strategy({ ${SPEC} });\nexport { mine as default };`,
    ],
    [
      "after a spread",
      `${HEAD}const base = { about: "" };\nexport default strategy({ ...base, ${INPUTS}, ${DECIDE} });`,
    ],
    [
      "where strategy has another name",
      `import { hold, strategy as make } from "underway";\nexport default make({ ${SPEC} });`,
    ],
    [
      "where strategy had to be renamed",
      `${HEAD}${"export const other = (strategy) => strategy;\n"}export default strategy({ ${SPEC} });`,
    ],
    ["beside other exports", `${ENTRY}\nexport const helper = () => 1;`],
    [
      "where exports are called as the bundler's own functions",
      `${ENTRY}\nexport const __export = 1, __toCommonJS = 2;`,
    ],
  ])("%s", async (_, entry) => {
    expect(await isFound({ "a.ts": entry })).toBe(true);
  });
});

describe("reads of decide() are not found when", () => {
  const given = (spec: string, head = "") => `${HEAD}${head}\nexport default strategy({ ${spec} });`;

  it.each([
    ["a spread may replace it", given(`${SPEC}, ...more`, "const more = {};")],
    ["a member replaces it", given(`${SPEC}, decide: other`, "const other = () => hold('');")],
    ["a computed member may replace it", given(`${SPEC}, ["dec" + "ide"]: null`)],
    ["it is a getter's", given(`about: "", ${INPUTS}, get decide() { return ({ fair }) => fair.value; }`)],
    [
      "it is a call's",
      given(`about: "", ${INPUTS}, decide: wrapped(({ fair }) => fair.value)`, "const wrapped = (x) => x;"),
    ],
    [
      "it has a name elsewhere",
      given(`about: "", ${INPUTS}, decide: named`, "const named = ({ fair }) => fair.value;"),
    ],
    [
      "the literal has a name",
      `${HEAD}const spec = { ${SPEC} };\nexport default strategy(spec);\nspec.decide({}, {});`,
    ],
    [
      "the literal is given through a wrapper",
      `${HEAD}const wrapped = (x) => x;\nexport default strategy(wrapped({ ${SPEC} }));`,
    ],
    [
      "the strategy is exported through a wrapper",
      `${HEAD}const wrapped = (x) => x;\nexport default wrapped(strategy({ ${SPEC} }));`,
    ],
    [
      "strategy() is the author's own",
      `import { hold, strategy as make } from "underway";\nfunction strategy(x) { x.decide({}, {}); return make(x); }\nexport default strategy({ ${SPEC} });`,
    ],
    ["strategy() gets more than the literal", `${HEAD}export default strategy({ ${SPEC} }, 1);`],
    [
      "the exported variable is written twice",
      `${HEAD}let mine = strategy({ ${SPEC} });\nmine = null;\nexport { mine as default };`,
    ],
  ])("%s", async (_, entry) => {
    expect(await isFound({ "a.ts": entry })).toBe(false);
  });
});

describe("reads of decide() are not found when it could get into other hands:", () => {
  const given = (spec: string, head = "") => `${HEAD}${head}\nexport default strategy({ ${spec} });`;
  const leaking = "function leaking(this) { this.decide({}, {}); return {}; }";

  it.each([
    ["by this", given(`about: "", inputs() { this.decide({}, {}); return {}; }, ${DECIDE}`)],
    ["by super", given(`about: "", inputs() { (super.valueOf()).decide({}, {}); return {}; }, ${DECIDE}`)],
    ["by this in inputs() of elsewhere", given(`about: "", inputs: leaking, ${DECIDE}`, leaking)],
    ["by this in inputs() of a getter", given(`about: "", get inputs() { return leaking; }, ${DECIDE}`, leaking)],
    ["by this in inputs() of a spread", given(`about: "", ...{ inputs: leaking }, ${DECIDE}`, leaking)],
    [
      "by the name of the function",
      given(`about: "", ${INPUTS}, decide: function again({ fair }) { return again({ fair: fair.value }); }`),
    ],
    [
      "by arguments",
      given(`about: "", ${INPUTS}, decide({ fair }) { return hold("" + fair.value + arguments.length); }`),
    ],
    ["by another name", `${HEAD}const mine = strategy({ ${SPEC} });\nexport default mine;\nexport const other = mine;`],
    ["by a second export", `${HEAD}const mine = strategy({ ${SPEC} });\nexport { mine as default, mine as other };`],
    [
      "by the variable of the bundle",
      `declare const __strategy;\n${ENTRY}\nexport const other = () => __strategy.default;`,
    ],
    ["by the global object", `${ENTRY}\nexport const other = () => globalThis.__strategy;`],
    ["by a global that is patched", `${ENTRY}\nObject.freeze = (made) => made.decide({}, {});`],
    [
      "by a prototype that is patched",
      `${ENTRY}\nconst every = Object.prototype;\nObject.defineProperty(every, "memory", { get() { return this; } });`,
    ],
    ["by its own file's import", `import self from "./a.ts";\n${ENTRY}\nexport const other = () => self;`],
    ["by all that its file exports", `import * as self from "./a.ts";\n${ENTRY}\nexport const other = () => self;`],
  ])("%s", async (_, entry) => {
    expect(await isFound({ "a.ts": entry })).toBe(false);
  });

  it("by functions of a script that is not strict", async () => {
    const { code, sourceMap } = await bundled({ "a.ts": ENTRY });
    const { length } = analyseBundle(code, sourceMap).places.reads;
    expect([length, analyseBundle(code.replace("use strict", "use sloppy"), sourceMap).places.reads.length]).toEqual([
      1, 0,
    ]);
  });

  it("by another file's import", async () => {
    const sources = {
      "a.ts": `import { other } from "./b.ts";\n${ENTRY}\nother();`,
      "b.ts": 'import a from "./a.ts";\nexport const other = () => a;',
    };
    expect(await isFound(sources)).toBe(false);
  });
});

describe("reads of another strategy's decide() are not found", () => {
  it("when the entry calls it with other readings", async () => {
    const calls = "decide({ rsi }, context) { return rsi.value + b.decide({ fair: { value: 1 } }, context); }";
    const { code, reads } = await analysed({
      "a.ts": `import b from "./b.ts";\n${ENTRY.replace(DECIDE, calls)}`,
      "b.ts": ENTRY,
    });
    expect(code).toContain("fair.value");
    expect(reads).toEqual(["rsi.value"]);
  });

  it("when the entry exports it under another name", async () => {
    const second = ENTRY.replace(HEAD, "").replace("export default", "export const second =");
    const first = ENTRY.replace(DECIDE, "decide: () => hold('')");
    expect(await isFound({ "a.ts": `${first}\n${second}` })).toBe(false);
  });
});
