// Everything that can be hoarded until the sandbox's fixed memory is full. What is hoarded is gone with the next restore.

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these texts are programs
import { attack, type HostileStrategy } from "./hostile-strategy.ts";

const HANGS = { hangs: "deciding" } as const;

export const MEMORY: readonly HostileStrategy[] = [
  attack("objects-without-end", "faults", "const all = []; for (;;) all.push({ a: 1, b: [2], c: { d: 3 } });"),
  attack("array-buffers-without-end", "faults", "const all = []; for (;;) all.push(new ArrayBuffer(65536));"),
  attack("one-array-buffer-of-a-gigabyte", "faults", "return hold(String(new ArrayBuffer(1e9).byteLength));"),
  attack(
    "resizable-array-buffer",
    "faults",
    "const b = new ArrayBuffer(8, { maxByteLength: 2 ** 30 }); b.resize(2 ** 30); return hold(String(b.byteLength));",
  ),
  attack("typed-arrays-without-end", "faults", "const all = []; for (;;) all.push(new Float64Array(9999));"),
  attack("typed-array-with-a-negative-length", "faults", "return hold(String(new Float64Array(-1).length));"),
  attack(
    "typed-array-past-the-end",
    "faults",
    "return hold(String(new Float64Array(new ArrayBuffer(8), 0, 2 ** 29).length));",
  ),
  attack("string-doubling", "faults", "let s = 'x'; for (;;) s += s;"),
  attack("string-doubling-and-flattening", "faults", "let s = 'x'; for (;;) { s += s; s.charCodeAt(s.length >> 1); }"),
  attack("strings-without-end", "faults", "const all = []; for (let n = 0; ; n++) all.push(`${n}`.padEnd(9000));"),
  attack("rope-of-small-strings", "faults", "let s = ''; for (let n = 0; ; n++) s = `${n}${s}${n}`;", HANGS),
  attack("template-strings-without-end", "faults", "let s = 'x'; for (;;) s = `${s}${s}${s}`;"),
  attack(
    "closures-without-end",
    "faults",
    "let f = () => 0; for (;;) { const g = f; const kept = new Array(50).fill(1); f = () => g() + kept[0]; }",
  ),
  attack("functions-without-end", "faults", "const all = []; for (;;) all.push(function () { return all; });"),
  attack(
    "bound-functions-without-end",
    "faults",
    "let f = () => 0; for (;;) f = f.bind(null, f, [1, 2, 3, 4, 5, 6, 7, 8]);",
  ),
  attack(
    "classes-without-end",
    "faults",
    "let C = class {}; for (;;) C = class extends C { #secret = 1; get secret() { return this.#secret; } };",
  ),
  attack(
    "generators-without-end",
    "faults",
    "const all = []; function* g() { yield all; } for (;;) { const one = g(); one.next(); all.push(one); }",
  ),
  attack("promises-without-end", "faults", "const all = []; for (;;) all.push(Promise.resolve().then(() => all));"),
  attack("proxies-without-end", "faults", "let p = {}; for (;;) p = new Proxy(p, {});"),
  attack("map-without-end", "faults", "const all = new Map(); for (let n = 0; ; n++) all.set(n, [n, n, n, n]);"),
  attack("set-of-objects-without-end", "faults", "const all = new Set(); for (;;) all.add({ n: all.size });"),
  attack(
    "weak-map-with-kept-keys",
    "faults",
    "const all = new WeakMap(); const keys = []; for (;;) { const key = {}; keys.push(key); all.set(key, keys); }",
  ),
  attack(
    "symbols-without-end",
    "faults",
    "const all = []; for (let n = 0; ; n++) all.push(Symbol(`a symbol with a long name ${n}`));",
  ),
  attack(
    "registered-symbols-without-end",
    "faults",
    "for (let n = 0; ; n++) Symbol.for(`registered for ever ${n}`.padEnd(300));",
  ),
  attack(
    "regexps-without-end",
    "faults",
    "const all = []; for (let n = 0; ; n++) all.push(new RegExp(`(a${n}|b${n})*c{1,${n % 100}}`.repeat(20)));",
  ),
  attack(
    "property-names-without-end",
    "faults",
    "const all = {}; for (let n = 0; ; n++) all[`property${n}`.padEnd(200)] = n;",
  ),
  attack(
    "shapes-without-end",
    "faults",
    "const all = []; for (let n = 0; ; n++) all.push({ [`k${n}`]: 1, [`m${n}`]: 2, [`n${n}`]: 3 });",
  ),
  attack(
    "errors-without-end",
    "faults",
    "const all = []; let cause; for (;;) { cause = new Error('x'.repeat(100), { cause }); all.push(cause); }",
  ),
  attack("deep-linked-list", "faults", "let list = null; for (;;) list = { list, payload: [1, 2, 3] };"),
  attack(
    "deep-linked-list-let-go",
    "decides",
    "let list = null; for (let n = 0; n < 50000; n++) list = { list }; list = null; return hold('freed');",
  ),
  attack(
    "deep-array-let-go",
    "decides",
    "let nest = []; for (let n = 0; n < 50000; n++) nest = [nest]; nest = 0; return hold('freed');",
  ),
  attack(
    "deep-closure-let-go",
    "decides",
    "let f = () => 0; for (let n = 0; n < 20000; n++) { const g = f; f = () => g; } f = null; return hold('freed');",
  ),
  attack(
    "cycles-left-behind",
    "decides",
    "for (let n = 0; n < 2000; n++) { const a = {}; a.a = { a, n }; } return hold('left');",
  ),
  attack(
    "sparse-array-everywhere",
    "faults",
    "const all = []; for (let n = 0; ; n++) all[(n * 7919) % (2 ** 32 - 1)] = [n];",
  ),
  attack(
    "arguments-kept",
    "faults",
    "const all = []; const f = function () { all.push(arguments); }; for (;;) f(1, 2, 3, 4, 5, 6, 7, 8, 9);",
  ),
  attack(
    "catches-out-of-memory-for-ever",
    "faults",
    "const all = []; for (;;) { try { for (;;) all.push(new ArrayBuffer(4096)); } catch { all.push(0); } }",
  ),
  attack(
    "goes-on-after-out-of-memory",
    "decides",
    "try { new ArrayBuffer(1e9); } catch { return hold('none left for that'); }",
  ),
  attack(
    "answers-with-no-memory-left",
    ["decides", "faults"],
    "const all = []; try { for (;;) all.push(new ArrayBuffer(64)); } catch { return hold('a reason that itself needs memory '.repeat(20)); }",
  ),
  attack(
    "throws-with-no-memory-left",
    "faults",
    "const all = []; try { for (;;) all.push(new ArrayBuffer(64)); } catch { throw new Error('an error that itself needs memory '.repeat(20)); }",
  ),
  attack(
    "fills-memory-in-small-steps",
    "faults",
    "let last = {}; for (let size = 2 ** 20; size > 4; size >>= 1) { try { for (;;) last = { last, kept: new ArrayBuffer(size) }; } catch {} } throw last;",
  ),
];
