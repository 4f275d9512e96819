// Recursion in every disguise. Each ends in the guest's own limit, or, where QuickJS does not count, in V8's: never in the process's.

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these texts are programs
import { attack, type HostileStrategy } from "./hostile-strategy.ts";

export const STACK: readonly HostileStrategy[] = [
  attack("recursion", "faults", "const f = () => f() + 1; return hold(String(f()));"),
  attack(
    "mutual-recursion",
    "faults",
    "const f = (n) => g(n + 1) + 1; const g = (n) => f(n + 1) + 1; return hold(String(f(0)));",
  ),
  attack("tail-recursion", "faults", "const f = (n) => (n === -1 ? n : f(n + 1)); return hold(String(f(0)));"),
  attack(
    "recursion-with-many-locals",
    "faults",
    "const f = (a, b, c) => { const kept = [a, b, c, { a, b, c }]; return f(...kept.slice(0, 3)) + kept.length; }; return hold(String(f(1, 2, 3)));",
  ),
  attack(
    "recursion-in-a-getter",
    "faults",
    "const o = { get self() { return this.self; } }; return hold(String(o.self));",
  ),
  attack("recursion-in-a-setter", "faults", "const o = { set self(v) { this.self = v; } }; o.self = 1;"),
  attack("recursion-in-to-string", "faults", "const o = { toString() { return `${this}`; } }; return hold(`${o}`);"),
  attack(
    "recursion-in-value-of",
    "faults",
    "const o = { valueOf() { return this + 1; } }; return hold(String(o + 1));",
  ),
  attack(
    "recursion-in-to-primitive",
    "faults",
    "const o = { [Symbol.toPrimitive]() { return +this; } }; return hold(String(+o));",
  ),
  attack(
    "recursion-in-to-json",
    "faults",
    "const o = { toJSON() { return JSON.stringify(this); } }; return hold(JSON.stringify(o));",
  ),
  attack(
    "recursion-in-a-proxy",
    "faults",
    "const p = new Proxy({}, { get: (_, key, self) => self[key] }); return hold(String(p.x));",
  ),
  attack(
    "recursion-through-proxy-chain",
    "faults",
    "let p = {}; for (let n = 0; n < 9000; n++) p = new Proxy(p, {}); return hold(String(p.x));",
  ),
  attack(
    "recursion-through-proxied-functions",
    "faults",
    "let p = () => 'x'; for (let n = 0; n < 9000; n++) p = new Proxy(p, {}); return hold(p());",
  ),
  attack(
    "recursion-through-bound-functions",
    "faults",
    "let f = () => 'x'; for (let n = 0; n < 9000; n++) f = f.bind(null); return hold(f());",
  ),
  attack(
    "recursion-in-a-constructor",
    "faults",
    "class C { constructor() { this.inner = new C(); } } return hold(String(new C()));",
  ),
  attack("recursion-in-a-field", "faults", "class C { inner = new C(); } return hold(String(new C()));"),
  attack(
    "recursion-in-super",
    "faults",
    "class A { go() { return this.go(); } } class B extends A { go() { return super.go(); } } return hold(String(new B().go()));",
  ),
  attack(
    "recursion-in-a-comparator",
    "faults",
    "const sort = () => [2, 1].sort(sort).length; return hold(String(sort()));",
  ),
  attack("recursion-in-a-replacer", "faults", "const f = () => 'a'.replace(/a/, f); return hold(f());"),
  attack("recursion-in-a-reviver", "faults", "const f = () => JSON.parse('[1]', f); return hold(String(f()));"),
  attack("recursion-in-map", "faults", "const f = (n) => [n].map(f); return hold(String(f(1)));"),
  attack("recursion-in-spread", "faults", "const f = (...all) => f(...all, ...all); return hold(String(f(1)));"),
  attack("recursion-in-destructuring", "faults", "const f = ({ a = f({}) }) => a; return hold(String(f({})));"),
  attack(
    "recursion-in-an-iterator",
    "faults",
    "const it = { *[Symbol.iterator]() { yield* it; } }; return hold(String([...it]));",
  ),
  attack("recursion-in-generators", "faults", "function* g(n) { yield* g(n + 1); } return hold(String(g(0).next()));"),
  attack(
    "recursion-in-async",
    ["decides", "faults"],
    "const f = async (n) => f(n + 1); f(0); return hold('rejected');",
  ),
  attack("recursion-in-a-tagged-template", "faults", "const tag = () => tag`x`; return hold(tag`x`);"),
  attack(
    "recursion-in-has-instance",
    "faults",
    "class C { static [Symbol.hasInstance](x) { return x instanceof C; } } return hold(String(1 instanceof C));",
  ),
  attack(
    "recursion-in-species",
    "faults",
    "class A extends Array { static get [Symbol.species]() { return A.from([1]).map((n) => n), A; } } return hold(String(new A(1, 2).map((n) => n)));",
  ),
  attack(
    "recursion-in-reflect-apply",
    "faults",
    "const f = () => Reflect.apply(f, null, []); return hold(String(f()));",
  ),
  attack(
    "recursion-in-call-of-call",
    "faults",
    "const f = function () { return f.call.call(f); }; return hold(String(f()));",
  ),
  attack(
    "caught-recursion-decides",
    "decides",
    "const f = () => f() + 1; try { f(); } catch { return hold('caught'); }",
  ),
  attack(
    "recursion-depth-as-a-number",
    "decides",
    "let depth = 0; const f = () => { depth++; f(); }; try { f(); } catch {} return hold(`depth ${depth}`);",
  ),
  attack(
    "deep-json-stringify",
    "faults",
    "let nest = 1; for (let n = 0; n < 40000; n++) nest = [nest]; return hold(JSON.stringify(nest));",
  ),
  attack(
    "deep-json-parse",
    "faults",
    "let s = '1'; for (let n = 0; n < 16; n++) s = `[[[[${s}]]]]`; for (let n = 0; n < 9; n++) s = s.replace('1', s); return hold(String(JSON.parse(s).length));",
  ),
  attack(
    "deep-flat",
    "faults",
    "let nest = [1]; for (let n = 0; n < 40000; n++) nest = [nest]; return hold(String(nest.flat(Infinity)));",
  ),
  attack(
    "deep-to-string",
    "faults",
    "let nest = [1]; for (let n = 0; n < 40000; n++) nest = [nest]; return hold(String(nest));",
  ),
  attack(
    "deep-prototype-chain",
    "decides",
    "let o = {}; for (let n = 0; n < 4000; n++) o = Object.create(o); return hold(String(o.missing));",
  ),
  attack(
    "deep-regexp-alternatives",
    ["decides", "faults"],
    "return hold(String(/^(?:(?:(?:(?:a|b)|c)|d)*)*$/.test('abcd'.repeat(2000))));",
  ),
  attack("apply-with-huge-arguments", "faults", "return hold(String(Math.max.apply(null, new Array(90000).fill(1))));"),
  attack("spread-huge-arguments", ["decides", "faults"], "return hold(String(Math.max(...new Array(60000).fill(1))));"),
  attack(
    "from-char-code-with-huge-arguments",
    ["decides", "faults"],
    "return hold(String.fromCharCode(...new Array(60000).fill(97)).slice(0, 9));",
  ),
  attack(
    "construct-with-huge-arguments",
    ["decides", "faults"],
    "return hold(String(Reflect.construct(Array, new Array(60000).fill(1)).length));",
  ),
  attack(
    "push-huge-arguments",
    ["decides", "faults"],
    "const all = []; all.push(...new Array(60000).fill(1)); return hold(String(all.length));",
  ),
  attack(
    "bind-with-huge-arguments",
    ["decides", "faults"],
    "let f = (...all) => all.length; for (let n = 0; n < 9; n++) f = f.bind(null, ...new Array(9000).fill(1)); return hold(String(f()));",
  ),
];
