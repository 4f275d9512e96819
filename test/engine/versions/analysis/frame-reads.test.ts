import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FrameRead } from "../../../../engine/sandbox/bundle-places.ts";
import { DiskFolder } from "../../../../engine/versions/source-folder.ts";
import { analysed, deciding } from "./analysed.ts";

const readsOf = async (decide: string, head = "") => (await analysed({ "a.ts": deciding(decide, head) })).reads;
const inBody = (body: string) => `decide(readings, context) { ${body} return hold("x"); }`;
const shown = (expression: string) => `return hold(String(${expression}));`;

describe("the shipped strategies", () => {
  it.each([
    ["momentum.ts", ["readings.fair.value", "readings.move.score.value", "window.up.ask", "window.feeRate"]],
    ["overreaction.ts", ["readings.spike.ready", "readings.volume.value", "window.down.ask"]],
    ["regime.ts", ["readings.momentum.score.value", "readings.openInterest.value", "window.secondsLeft"]],
    ["trend.ts", ["readings.strength.adx.ready", "readings.fast.value", "window.up.ask"]],
  ])("%s reads the frame by index", async (entry, some) => {
    const { paths } = await analysed(new DiskFolder("strategies"), entry);
    expect(paths).toEqual(expect.arrayContaining(some));
  });
});

describe("a read of the frame is found", () => {
  it.each([
    ["a value", "readings.fair.value", ["readings.fair.value"]],
    ["whether it is ready", "readings.fair.ready", ["readings.fair.ready"]],
    ["a closed value", "readings.rsi.at(2)", ["readings.rsi.at(2)"]],
    ["of one output of several", "readings.macd.signal.value", ["readings.macd.signal.value"]],
    ["a closed value of one output", "readings.macd.signal.at(0)", ["readings.macd.signal.at(0)"]],
    ["before a method of the number", "readings.rsi.at(1).toFixed(2)", ["readings.rsi.at(1)"]],
    ["of the window", "context.window.spot", ["context.window.spot"]],
    ["of one of the window's quotes, and nothing shorter", "context.window.up.ask", ["context.window.up.ask"]],
    ["of the window before a method", "context.window.spot.toFixed(1)", ["context.window.spot"]],
    ["of a whole quote", "[context.window.up]", ["context.window.up"]],
    ["through a cast", "((readings as Odd).fair!.value as number)", ["readings.fair.value"]],
    ["as the key of a pattern", "(({ [readings.rsi.value]: x }) => x)({})", ["readings.rsi.value"]],
    ["as a computed key", "[1][readings.rsi.value]", ["readings.rsi.value"]],
  ])("%s", async (_, expression, found) => {
    expect(await readsOf(inBody(shown(expression)))).toEqual(found);
  });

  it.each([
    ["in names taken from the readings", `decide({ fair }, { window }) { ${shown("fair.value + window.open")} }`],
    ["in names given to them", `decide({ fair: f }, { window: w }) { ${shown("f.value + w.open")} }`],
    ["in an arrow", 'decide: ({ fair }, { window }) => hold("" + (fair.value + window.open))'],
    ["in a function", `decide: function decide({ fair }, { window }) { ${shown("fair.value + window.open")} }`],
    [
      "in functions inside of it",
      `decide({ fair }, { window }) { const f = () => { ${shown("fair.value + window.open")} }; return f(); }`,
    ],
    [
      "beside other patterns",
      `decide({ fair, rsi: { value } }, { window, ...rest }) { ${shown("fair.value + window.open + value")} }`,
    ],
  ])("%s", async (_, decide) => {
    const reads = await readsOf(decide);
    expect(reads.map((read) => read.replace(/^.*\./, ""))).toEqual(["value", "open"]);
  });

  it("in a strategy that is exported by a name of its own", async () => {
    const text = deciding(inBody(shown("readings.fair.value"))).replace("export default", "const mine =");
    expect((await analysed({ "a.ts": `${text}export default mine;` })).reads).toEqual(["readings.fair.value"]);
  });

  it("with the path from the readings on, whatever the names in between", async () => {
    const { paths } = await analysed({
      "a.ts": deciding(
        `decide({ macd: m, "rsi": r }, { window: w }) { ${shown("m.signal.at(3) + r.value + w.up.bid")} }`,
      ),
    });
    expect(paths).toEqual(["readings.macd.signal.at.3", "readings.rsi.value", "window.up.bid"]);
  });
});

describe("nothing is taken for a read where the expression", () => {
  it.each([
    ["is assigned", "readings.fair.value = 1;"],
    ["is counted up", "readings.fair.value++;"],
    ["is deleted", "delete readings.fair.value;"],
    ["is an operand of typeof", "void typeof readings.fair.value;"],
    ["is filled by a pattern", "[readings.fair.value] = [1];"],
    ["is filled by a pattern with a default", "[readings.fair.value = 2] = [1];"],
    ["is filled by an object pattern", "({ a: readings.fair.value } = { a: 1 });"],
    ["is filled by the rest of a pattern", "[...readings.fair.value] = [1];"],
    ["is filled by for-of", "for (readings.fair.value of [1]) void 0;"],
    ["is filled by for-in", "for (readings.fair.value in {}) void 0;"],
    ["is called", "readings.fair.value();"],
    ["is called with new", "new readings.fair.value();"],
    ["is a tag", "readings.fair.value``;"],
    ["may be skipped", "void readings.fair?.value;"],
    ["begins a chain that may end", "void readings.fair.value?.toFixed(1);"],
    ["is computed", 'const name = "fair"; void readings[name].value;'],
    ["ends too early", "void readings.fair;"],
    ["asks for no literal index", "const n = 1; readings.rsi.at(n);"],
    ["asks for a negative index", "readings.rsi.at(-1);"],
    ["asks for half an index", "readings.rsi.at(0.5);"],
    ["asks for no index", "readings.rsi.at();"],
    ["asks for two", "readings.rsi.at(1, 2);"],
    ["takes the method", "void readings.rsi.at;"],
    ["may call the method", "readings.rsi.at?.(1);"],
    ["reads what is no window", "void context.position.shares;"],
  ])("%s", async (_, body) => {
    expect(await readsOf(inBody(body))).toEqual([]);
  });
});

describe("nothing is taken for a read where the name", () => {
  it.each([
    ["is assigned later", "decide(readings) { readings = { fair: { value: 1 } };", "readings.fair.value"],
    ["is assigned by a closure", "decide({ fair }) { [1].map((one) => { fair = { value: one }; });", "fair.value"],
    ["is filled by a pattern", "decide({ fair }) { ({ fair } = { fair: { value: 1 } });", "fair.value"],
    ["is that of a variable of the body too", "decide({ fair }) { var fair = { value: 1 };", "fair.value"],
    ["is that of a function of the body too", "decide({ fair }) { function fair() {}", "fair.value"],
    ["has a default", "decide({ fair = { value: 1 } }) {", "fair.value"],
    ["is of a parameter with a default", "decide(readings = { fair: { value: 1 } }) {", "readings.fair.value"],
    ["is taken from inside a reading", "decide({ fair: { value: fair } }) {", "fair.value"],
    ["is the rest of a pattern", "decide({ fair, ...readings }) {", "readings.rsi.value"],
    ["has a computed key", 'decide({ ["fair" + ""]: fair }) {', "fair.value"],
    ["is another member's of the context", "decide(_, { params: window }) {", "window.spot"],
    ["is a window's of the readings", "decide({ window }) {", "window.spot"],
    ["is the third parameter's", "decide(_, __, readings) {", "readings.fair.value"],
    ["is another one's, of a block", "decide({ fair }) { { const fair = { value: 1 }; void fair.value; }", "1"],
    ["is another one's, of a function", "decide({ fair }) { void ((fair) => fair.value)({});", "1"],
    ["is another one's, of a catch", "decide({ fair }) { try {} catch (fair) { void fair.value; }", "1"],
    ["is used in a default", "decide({ fair }, _, f = () => fair.value) { ", "f"],
  ])("%s", async (_, opening, expression) => {
    expect(await readsOf(`${opening} ${shown(expression)} }`)).toEqual([]);
  });
});

describe("a program whose reads are taken from the frame", () => {
  const frozen = (value: object): object => {
    for (const inner of Object.values(value)) if (typeof inner === "object") frozen(inner);
    return Object.freeze(value);
  };
  const readingsFrom = (base: number) => {
    const reading = (value: number) => ({ value, ready: value % 2 === 0, at: (n: number) => value * 10 + n });
    return frozen({ fair: reading(base), rsi: reading(base + 1), macd: { signal: reading(base + 2) } });
  };
  const windowFrom = (base: number) => frozen({ spot: base + 3, open: base + 4, up: { ask: base + 5 } });

  // Names that decide() does not bind are decoys with other numbers, as are those that hide a bound one.
  const HEAD = `import { strategy } from "underway";
declare const host;
const readingsFrom = host.readingsFrom, windowFrom = host.windowFrom;
const log = []; let leaked, depth = 0;
const decoys = readingsFrom(500), decoyWindow = windowFrom(500);
let readings = decoys, { fair, rsi, macd } = decoys, window = decoyWindow, context = { window };`;
  const PARAMETERS = [
    "readings, context",
    "{ fair, rsi, macd }, { window }",
    "{ rsi: fair, fair: rsi }, context",
    "{ fair = decoys.fair, macd }, { window = decoyWindow }",
    "{ fair: { signal: rsi }, ...readings }, { window: w, ...context }",
    "{ fair }, { window }, early = () => fair.value",
    "readings = decoys",
    "",
  ];
  const EXPRESSIONS = [
    ..."fair.value;fair.ready;rsi.at(1);macd.signal.value;macd.signal.at(0);readings.rsi.at(2).toFixed(1);fair?.value".split(
      ";",
    ),
    ..."window.spot;window.up.ask;context.window.open;context.window?.up.ask;context.window.up.ask.toFixed(1)".split(
      ";",
    ),
    ..."readings.fair.value + window.open;[readings.macd.signal.ready, fair.at(3)].join();typeof fair.value".split(";"),
  ];
  const WRAPPINGS = [
    (read: string) => read,
    (read: string) => `[1].forEach(() => { ${read} });`,
    (read: string) => `{ const fair = decoys.fair, window = decoyWindow; ${read} }`,
    (read: string) => `((readings, { rsi }) => { ${read} })(decoys, decoys);`,
    (read: string) => `try { throw decoys; } catch ({ fair, macd }) { ${read} }`,
    (read: string) => `for (const { rsi } of [decoys]) { ${read} }`,
    (read: string) => `${read} if (leaked && depth++ < 1) leaked.decide(decoys, { window: decoyWindow });`,
    (read: string) => `${read} fair = decoys.rsi;`,
    (read: string) => `({ window } = { window: decoyWindow }); ${read}`,
    (read: string) => `var rsi = decoys.fair; ${read}`,
    (read: string) => `{ class Local { fair = decoys.fair; x = () => { ${read} } } new Local().x(); }`,
    (read: string) => `${read} function macd() {} macd.signal = decoys.fair;`,
    (read: string) => `${read} readings = decoys; context = { window: decoyWindow };`,
  ];
  const INPUTS = ["inputs: () => ({})", "inputs() { leaked = this; return {}; }", "inputs: leaking"];

  const statement = fc
    .tuple(fc.constantFrom(...WRAPPINGS), fc.constantFrom(...EXPRESSIONS))
    .map(([wrapped, expression]) => wrapped(`log.push(String(${expression}));`));
  const program = fc
    .tuple(
      fc.constantFrom(...PARAMETERS),
      fc.constantFrom(...INPUTS, INPUTS[0]!, INPUTS[0]!, INPUTS[0]!),
      fc.array(statement, { minLength: 1, maxLength: 6 }),
    )
    .map(([parameters, inputs, statements]) => {
      const leaking = "function leaking(this) { leaked = this; return {}; }";
      const decide = `decide(${parameters}) { ${statements.join("\n")} return log; }`;
      return `${HEAD}\n${leaking}\nexport default strategy({ about: "", ${inputs}, ${decide} });`;
    });

  /** What decide() logs, or what stopped it. */
  function decided(code: string, read: (from: string, path: FrameRead["path"]) => unknown): unknown {
    const module = new Function("host", "$read", `${code}\nreturn __strategy.default;`);
    try {
      const strategy = module({ readingsFrom, windowFrom }, read);
      strategy.inputs({});
      const { decide } = strategy;
      return decide(readingsFrom(100), Object.freeze({ window: windowFrom(100) }));
    } catch (error) {
      return String(error).replace(/ \(reading .*/, "");
    }
  }

  it("decides as it did", async () => {
    let found = 0;
    await fc.assert(
      fc.asyncProperty(program, async (text) => {
        const { code, places } = await analysed({ "a.ts": text });
        let compiled = code;
        for (const { start, end, from, path } of [...places.reads].reverse()) {
          compiled = `${compiled.slice(0, start)}$read("${from}", ${JSON.stringify(path)})${compiled.slice(end)}`;
        }
        found += places.reads.length;
        const roots: Record<string, unknown> = { readings: readingsFrom(100), window: windowFrom(100) };
        const read = (from: string, path: FrameRead["path"]) => walk(roots[from], path);
        expect(decided(compiled, read)).toEqual(decided(code, read));
      }),
      { numRuns: 150 },
    );
    expect(found).toBeGreaterThan(0);
  });

  function walk(root: unknown, [name, ...rest]: FrameRead["path"]): unknown {
    if (name === undefined) return root;
    const at = root as Record<string, unknown> & { at(n: number): unknown };
    return name === "at" && typeof rest[0] === "number" ? at.at(rest[0]) : walk(at[name], rest);
  }
});
