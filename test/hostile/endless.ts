// Code that never ends, in every way the language has to repeat itself. Each turn costs fuel, so each is interrupted.

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these texts are programs
import { attack, type HostileStrategy } from "./hostile-strategy.ts";

export const ENDLESS: readonly HostileStrategy[] = [
  attack("while-true", "faults", "while (true) {}"),
  attack("for-ever", "faults", "for (;;) {}"),
  attack("do-while-true", "faults", "let n = 0; do { n++; } while (n > 0); return hold(String(n));"),
  attack("labels-continue-each-other", "faults", "outer: for (;;) { for (;;) { continue outer; } }"),
  attack("loop-in-finally", "faults", "try { throw new Error('x'); } finally { for (;;) {} }"),
  attack(
    "finally-that-returns-to-the-loop",
    "faults",
    "for (;;) { try { return hold('left'); } finally { continue; } }",
  ),
  attack(
    "catches-everything-and-goes-on",
    "faults",
    "for (;;) { try { for (;;) { window.spot; } } catch { continue; } finally { continue; } }",
  ),
  attack(
    "catches-its-interruption",
    "faults",
    "const spin = () => { for (;;) {} }; try { spin(); } catch { return hold('went on after the fuel was spent'); }",
  ),
  attack(
    "catches-its-interruption-in-a-promise",
    ["decides", "faults"],
    "Promise.resolve().then(() => { for (;;) {} }).catch(() => {}); return hold('left a job');",
  ),
  attack(
    "endless-generator",
    "faults",
    "function* all() { let n = 0; for (;;) yield n++; } for (const n of all()) { if (n < 0) break; }",
  ),
  attack(
    "generator-that-loops-when-closed",
    "faults",
    "function* one() { try { yield 1; } finally { for (;;) {} } } for (const n of one()) break;",
  ),
  attack(
    "generator-delegates-to-itself",
    "faults",
    "const again = { *[Symbol.iterator]() { yield 1; yield* again; } }; let n = 0; for (const one of again) n += one; return hold(String(n));",
  ),
  attack(
    "endless-iterator-spread",
    "faults",
    "const it = { next: () => ({ done: false, value: 1 }), [Symbol.iterator]() { return this; } }; return hold(String([...it].length));",
  ),
  attack(
    "endless-native-iterator",
    "faults",
    "const it = { next: Object, [Symbol.iterator]() { return this; } }; return hold(String(new Set(it).size));",
  ),
  attack(
    "endless-iterator-into-array-from",
    "faults",
    "return hold(String(Array.from({ next: () => ({ done: false, value: 1 }), [Symbol.iterator]() { return this; } }).length));",
  ),
  attack(
    "endless-iterator-into-map",
    "faults",
    "const pair = [1, 2]; new Map({ [Symbol.iterator]: () => ({ next: () => ({ done: false, value: pair }) }) });",
  ),
  attack(
    "endless-iterator-into-destructuring",
    "faults",
    "const [first, ...rest] = { [Symbol.iterator]: () => ({ next: () => ({ value: 0 }) }) }; return hold(String(rest.length));",
  ),
  attack(
    "endless-iterator-into-object-from-entries",
    "faults",
    "let n = 0; return hold(String(Object.fromEntries({ [Symbol.iterator]: () => ({ next: () => ({ value: ['k', n++] }) }) }).k));",
  ),
  attack(
    "endless-iterator-into-group-by",
    "faults",
    "return hold(String(Map.groupBy({ [Symbol.iterator]: () => ({ next: () => ({ value: 0 }) }) }, () => 1).size));",
  ),
  attack("looping-getter", "faults", "const o = { get value() { for (;;) {} } }; return hold(String(o.value));"),
  attack("looping-setter", "faults", "const o = { set value(v) { for (;;) {} } }; o.value = 1;"),
  attack("looping-value-of", "faults", "return hold(String({ valueOf() { for (;;) {} } } * 2));"),
  attack("looping-to-primitive", "faults", "return hold(`${{ [Symbol.toPrimitive]() { for (;;) {} } }}`);"),
  attack(
    "looping-has-instance",
    "faults",
    "return hold(String(1 instanceof { [Symbol.hasInstance]() { for (;;) {} } }));",
  ),
  attack("looping-proxy-get", "faults", "return hold(String(new Proxy({}, { get() { for (;;) {} } }).anything));"),
  attack(
    "looping-proxy-own-keys",
    "faults",
    "return hold(String(Object.keys(new Proxy({}, { ownKeys() { for (;;) {} } }))));",
  ),
  attack(
    "proxy-that-is-its-own-prototype-chain",
    "faults",
    "const p = new Proxy({}, { getPrototypeOf: () => p }); return hold(String(Object.create(p) instanceof Map));",
  ),
  attack(
    "prototype-chain-through-a-proxy-cycle",
    "faults",
    "const p = new Proxy({}, {}); Object.setPrototypeOf(p, Object.create(p)); return hold(String(p.missing));",
  ),
  attack("looping-comparator", "faults", "return hold([3, 2, 1].sort(() => { for (;;) {} }).join());"),
  attack(
    "comparator-that-always-disagrees",
    "faults",
    "const big = Array.from({ length: 90000 }, (_, n) => n); return hold(String(big.sort(() => (window.spot, -1)).length));",
  ),
  attack("looping-replacer", "faults", "return hold('aaa'.replace(/a/g, () => { for (;;) {} }));"),
  attack("looping-reviver", "faults", "JSON.parse('[1,2]', () => { for (;;) {} });"),
  attack("looping-to-json", "faults", "JSON.stringify({ toJSON() { for (;;) {} } });"),
  attack(
    "looping-species",
    "faults",
    "class L extends Array { static get [Symbol.species]() { for (;;) {} } } return hold(new L(1, 2).map((n) => n).join());",
  ),
  attack("looping-tagged-template", "faults", "const tag = () => { for (;;) {} }; return hold(tag`x${1}`);"),
  attack(
    "looping-default-argument",
    "faults",
    "const f = (a = (() => { for (;;) {} })()) => a; return hold(String(f()));",
  ),
  attack(
    "looping-computed-class-member",
    "faults",
    "class C { [(() => { for (;;) {} })()]() {} } return hold(C.name);",
  ),
  attack("looping-static-block", "faults", "class C { static { for (;;) {} } } return hold(C.name);"),
  attack("looping-promise-executor", "faults", "new Promise(() => { for (;;) {} });"),
  attack(
    "array-that-grows-under-its-loop",
    "faults",
    "const all = [1]; for (const one of all) { all.push(one); all.length > 1000 && all.splice(0, 0); if (all.length > 5000) all.fill(1); }",
    { hangs: "deciding" },
  ),
  attack(
    "map-that-grows-under-for-each",
    "faults",
    "const all = new Map([[0, 0]]); all.forEach((_, key) => { all.delete(key); all.set(key + 1, 0); });",
  ),
  attack(
    "set-that-reinserts-itself",
    "faults",
    "const all = new Set([1]); for (const one of all) { all.delete(one); all.add(one); }",
  ),
  attack("catastrophic-backtracking", "faults", "return hold(String(/^(a+)+$/.test('a'.repeat(40) + 'b')));"),
  attack("backtracking-by-alternatives", "faults", "return hold(String(/^(a|a|aa)*$/.test('a'.repeat(60) + 'b')));"),
  attack(
    "backtracking-by-back-reference",
    "faults",
    "return hold(String(/^(a*)*\\1*(a*)*\\2*b$/.test('a'.repeat(60))));",
  ),
  attack(
    "backtracking-by-lookahead",
    "faults",
    "return hold(String(/^(?=(a+))*(a+)+(?=(a+))*$/.test('a'.repeat(60) + 'b')));",
  ),
  attack(
    "nested-quantifiers",
    "faults",
    "return hold(String(/(((a{0,50}){0,50}){0,50}){0,50}b/.test('a'.repeat(9000))));",
  ),
  attack("catch-and-recurse", "faults", "const f = () => { try { f(); } catch {} try { f(); } catch {} }; f();", {
    hangs: "deciding",
  }),
  attack("catch-and-recurse-in-finally", "faults", "const f = () => { try { f(); } finally { f(); } }; f();", {
    hangs: "deciding",
  }),
  attack(
    "exponential-recursion",
    "faults",
    "const f = (n) => (n < 2 ? n : f(n - 1) + f(n - 2)); return hold(String(f(60)));",
  ),
  attack(
    "microtask-chain",
    "decides",
    "const again = () => Promise.resolve().then(again); again(); return hold('chained');",
  ),
  attack("async-loop", "decides", "(async () => { for (;;) await null; })(); return hold('waits for ever');"),
  attack(
    "async-loop-before-its-first-await",
    ["decides", "faults"],
    "(async () => { for (;;) {} })(); return hold('never');",
  ),
  attack(
    "async-generator-loop",
    "decides",
    "(async () => { for await (const n of (async function* () { for (;;) yield 1; })()) n; })(); return hold('waits');",
  ),
  attack(
    "thenable-that-resolves-itself",
    "decides",
    "const t = { then(resolve) { resolve(t); } }; Promise.resolve(t); (async () => await t)(); return hold('resolving');",
  ),
];
