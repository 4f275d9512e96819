// What a file says of itself before it ever decides: it is read in a sandbox too, with fuel and bounds of its own.

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these texts are programs
import { file, type HostileStrategy } from "./hostile-strategy.ts";

const declares = (
  name: string,
  expected: HostileStrategy["expected"],
  members: string,
  decide = "decide: () => hold('x')",
) => file(name, expected, `export default strategy({ about: "x", ${members}, ${decide} });`);
const inputs = (name: string, expected: HostileStrategy["expected"], value: string) =>
  declares(name, expected, `inputs: ${value}`);
const params = (name: string, expected: HostileStrategy["expected"], value: string) =>
  declares(name, expected, `params: ${value}, inputs: () => ({})`);
const initial = (name: string, expected: HostileStrategy["expected"], value: string) =>
  declares(name, expected, `memory: { initial: ${value} }, inputs: () => ({})`);

export const DECLARATIONS: readonly HostileStrategy[] = [
  file("empty-file", "refused", ""),
  file(
    "no-default-export",
    "refused",
    "export const other = strategy({ about: 'x', inputs: () => ({}), decide: () => hold('x') });",
  ),
  file("default-export-a-number", "refused", "export default 42;"),
  file("default-export-a-function", "refused", "export default () => hold('x');"),
  file("default-export-null", "refused", "export default null;"),
  file(
    "default-export-a-promise",
    "refused",
    "export default Promise.resolve(strategy({ about: 'x', inputs: () => ({}), decide: () => hold('x') }));",
  ),
  file(
    "default-export-of-another-type",
    "refused",
    "export default { type: 'strategist', about: 'x', inputs: () => ({}), decide: () => hold('x') };",
  ),
  file("strategy-without-decide", "refused", "export default strategy({ about: 'x', inputs: () => ({}) });"),
  file("strategy-without-inputs", "refused", "export default strategy({ about: 'x', decide: () => hold('x') });"),
  file(
    "syntax-error",
    "refused",
    "export default strategy({ about: 'x', inputs: () => ({}), decide: () => hold('x' });",
  ),
  file("binary-garbage", "refused", "\\x00\\xff\\x7fELF"),
  file("unterminated-text", "refused", "export default `never closed"),
  file("deeply-nested-source", "refused", `export default ${"[".repeat(6000)}${"]".repeat(6000)};`),
  file("deeply-nested-parentheses", "refused", `export default ${"(".repeat(6000)}1${")".repeat(6000)};`),
  ...Object.entries({
    "long-sum": `${"1+".repeat(20_000)}1`,
    "long-concatenation": `${'window.asset+"a"+'.repeat(8_000)}""`,
    "long-call-chain": `"x"${".trim()".repeat(20_000)}`,
    "long-member-chain": `(window${"?.up".repeat(20_000)})`,
    "long-conditional": `${"window.spot===1?1:".repeat(9_000)}2`,
    "long-comma": `(${"1,".repeat(5_000)}2)`,
    "nested-arrows": `(${"()=>".repeat(5_000)}1)`,
    "nested-functions": `${"(function(){return ".repeat(2_000)}1${"})()".repeat(2_000)}`,
    "nested-templates": `${"`${".repeat(3_000)}1${"}`".repeat(3_000)}`,
    "nested-calls": `${"String(".repeat(6_000)}1${")".repeat(6_000)}`,
    "nested-negations": `${"!".repeat(60_000)}1`,
    "nested-objects": `(${"{a:".repeat(6_000)}1${"}".repeat(6_000)})`,
    "many-names": `(()=>{${Array.from({ length: 9_000 }, (_, n) => `let v${n}=${n};`).join("")}return v1;})()`,
    "huge-number": "9".repeat(100_000),
    "huge-text": `"${"x".repeat(200_000)}".length`,
    "huge-regexp": `/${"(a|b)*".repeat(20_000)}/.test("c")`,
  }).map(([name, expression]) =>
    file(
      `source-${name}`,
      ["refused", "decides", "faults"],
      `export default strategy({ about: "x", inputs: () => ({}), decide: (readings, { window }) => hold(String(${expression}).slice(0, 50)) });`,
    ),
  ),
  file("endless-module", "refused", "for (;;) {} export default 1;"),
  file(
    "source-that-hangs-the-compiler",
    ["refused", "decides"],
    `export default strategy({ about: "x", inputs: () => ({}), decide: () => hold(String((${"1,".repeat(31_000)}2))) });`,
    { hangs: "loading" },
  ),
  file(
    "module-that-hangs",
    "refused",
    "Array.prototype.forEach.call({ length: 2 ** 53 - 1 }, () => 0); export default strategy({ about: 'x', inputs: () => ({}), decide: () => hold('x') });",
    { hangs: "loading" },
  ),
  file("endless-module-recursion", "refused", "const f = () => f() + 1; f(); export default 1;"),
  file(
    "module-out-of-memory",
    "refused",
    "const all = []; for (;;) all.push(new ArrayBuffer(65536)); export default 1;",
  ),
  file(
    "module-that-keeps-ten-megabytes",
    ["refused", "decides", "faults"],
    "const kept = new Uint8Array(9e6); export default strategy({ about: 'x', inputs: () => ({}), decide: () => hold(String(kept.length)) });",
  ),
  file(
    "module-that-leaves-no-memory",
    ["refused", "faults"],
    "const kept = []; try { for (;;) kept.push(new ArrayBuffer(256)); } catch {} export default strategy({ about: 'x', inputs: () => ({}), decide: () => hold(String(kept.length)) });",
  ),
  file(
    "module-that-breaks-the-module",
    "refused",
    "export default strategy({ about: 'x', inputs: () => ({}), decide: () => hold('x') }); globalThis.__strategy = undefined; throw 1;",
  ),
  inputs("inputs-endless", "refused", "() => { for (;;) {} }"),
  inputs("inputs-recursive", "refused", "function inputs() { return inputs(); }"),
  inputs("inputs-nothing", "refused", "() => undefined"),
  inputs("inputs-a-promise", "refused", "async () => ({})"),
  inputs("inputs-an-array", "refused", "() => [ta.rsi({ interval: '1m' })]"),
  inputs(
    "inputs-a-proxy",
    ["refused", "decides"],
    "() => new Proxy({}, { ownKeys: () => ['a'], getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }), get: () => 1 })",
  ),
  inputs(
    "inputs-thousands",
    "refused",
    "() => Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`i${n}`, ta.rsi({ interval: '1m' })]))",
  ),
  inputs(
    "inputs-beyond-the-frame",
    "refused",
    "() => Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`i${n}`, ta.macd({ interval: '1m', history: 999 })]))",
  ),
  inputs("inputs-cyclic", "refused", "() => { const a = {}; a.a = a; return a; }"),
  inputs("inputs-nested", "refused", "() => ({ a: { b: { c: ta.rsi({ interval: '1m' }) } } })"),
  inputs("inputs-of-unknown-kind", "refused", "() => ({ a: { kind: 'process.env', options: {} } })"),
  inputs("inputs-of-inherited-kind", "refused", "() => ({ a: { kind: 'constructor', options: {} } })"),
  inputs("inputs-of-proto-kind", "refused", "() => ({ a: { kind: '__proto__', options: {} } })"),
  inputs(
    "inputs-with-code-for-a-name",
    "refused",
    "() => ({ 'a: (() => { for (;;) {} })(), b': ta.rsi({ interval: '1m' }) })",
  ),
  inputs("inputs-named-proto", "refused", '() => JSON.parse(\'{"__proto__": {"kind": "ta.rsi", "options": {}}}\')'),
  inputs(
    "inputs-named-constructor",
    "decides",
    "() => ({ constructor: ta.rsi({ interval: '1m' }), toString: ta.sma({ interval: '1m', period: 3 }) })",
  ),
  inputs(
    "inputs-with-getters",
    ["refused", "decides"],
    "() => { let n = 0; return { get a() { return n++ === 0 ? ta.rsi({ interval: '1m' }) : 1; } }; }",
  ),
  inputs("inputs-with-endless-getter", "refused", "() => ({ get a() { for (;;) {} } })"),
  inputs(
    "inputs-that-change",
    "decides",
    "(() => { let n = 0; return () => (n++ === 0 ? { a: ta.rsi({ interval: '1m' }) } : { b: ta.macd({ interval: '1m' }) }); })()",
  ),
  inputs("candles-of-depth-a-billion", "refused", "() => ({ bars: candles({ depth: 1e9 }) })"),
  inputs("candles-of-negative-depth", "refused", "() => ({ bars: candles({ depth: -1 }) })"),
  inputs("candles-of-depth-not-a-number", "refused", "() => ({ bars: candles({ depth: NaN }) })"),
  inputs("period-a-billion", "refused", "() => ({ rsi: ta.rsi({ interval: '1m', period: 1e9 }) })"),
  inputs("period-a-fraction", "refused", "() => ({ rsi: ta.rsi({ interval: '1m', period: 1.5 }) })"),
  inputs("period-an-object", "refused", "() => ({ rsi: ta.rsi({ interval: '1m', period: { valueOf: () => 14 } }) })"),
  inputs("history-a-billion", "refused", "() => ({ rsi: ta.rsi({ interval: '1m', history: 1e9 }) })"),
  inputs("interval-made-up", "refused", "() => ({ rsi: ta.rsi({ interval: '1ms' }) })"),
  inputs("interval-of-the-prototype", "refused", "() => ({ rsi: ta.rsi({ interval: 'constructor' }) })"),
  inputs(
    "options-unknown",
    ["refused", "decides"],
    "() => ({ rsi: { kind: 'ta.rsi', options: { interval: '1m', path: '/etc/passwd' } } })",
  ),
  params(
    "params-thousands",
    "refused",
    "Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`p${n}`, param.number({ default: 1 })]))",
  ),
  params("params-with-endless-getter", "refused", "{ get a() { for (;;) {} } }"),
  params("params-made-by-hand", "refused", "{ a: { type: 'secret', default: 'x' } }"),
  params("params-default-not-a-number", "refused", "{ a: param.number({ default: NaN }) }"),
  params("params-default-out-of-range", "refused", "{ a: param.number({ default: 5, max: 1 }) }"),
  params("params-named-proto", "refused", 'JSON.parse(\'{"__proto__": {"type": "number", "default": 1}}\')'),
  params("params-an-array", "refused", "[param.number({ default: 1 })]"),
  params("params-with-huge-about", "refused", "{ a: param.number({ default: 1, about: 'x'.repeat(9000) }) }"),
  params(
    "params-choice-of-thousands",
    "refused",
    "{ a: param.choice({ of: Array.from({ length: 9000 }, (_, n) => `c${n}`), default: 'c1' }) }",
  ),
  file(
    "about-a-number",
    "refused",
    "export default strategy({ about: 42, inputs: () => ({}), decide: () => hold('x') });",
  ),
  file(
    "about-of-a-megabyte",
    "refused",
    "let s = 'x'; while (s.length < 2 ** 20) s += s; export default strategy({ about: s, inputs: () => ({}), decide: () => hold('x') });",
  ),
  file(
    "about-with-control-characters",
    "decides",
    "export default strategy({ about: 'a\\x00b\\x01c\\x1b[2J', inputs: () => ({}), decide: () => hold('x') });",
  ),
  file(
    "about-with-a-getter-that-changes",
    "decides",
    "let n = 0; export default strategy({ get about() { return `read ${n++}`; }, inputs: () => ({}), decide: () => hold(`n ${n}`) });",
  ),
  initial("memory-initial-a-function", "refused", "() => 1"),
  initial("memory-initial-huge", "refused", "'x'.repeat(3000)"),
  initial("memory-initial-cyclic", "refused", "(() => { const m = {}; m.m = m; return m; })()"),
  initial("memory-initial-not-a-number", "refused", "{ n: NaN }"),
  initial("memory-initial-missing", "refused", "undefined"),
  initial("memory-initial-endless", "refused", "{ get n() { for (;;) {} } }"),
  initial("memory-initial-of-a-class", "refused", "new (class M {})()"),
];
