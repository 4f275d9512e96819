// Natives whose work no fuel counts: some are bounded by the guard, some by their own limits, and the rest hang, which
// costs their worker and nobody else.

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these texts are programs
import { attack, type HostileStrategy } from "./hostile-strategy.ts";

const HUGE = "2 ** 32 - 1";
const HANGS = { hangs: "deciding" } as const;

/** A length that is small when it is asked first, and without end when it is asked again. */
const TWO_FACED = "let asked = 0; const two = { get length() { return asked++ === 0 ? 1 : 2 ** 53 - 1; } };";
const LONG_TEXT = "let s = 'ab'; while (s.length < 2 ** 21) s += s;";

const onHugeArray: readonly HostileStrategy[] = [
  ["indexOf", "1"],
  ["lastIndexOf", "1"],
  ["includes", "1"],
  ["join", ""],
  ["reverse", ""],
  ["toReversed", ""],
  ["fill", "0"],
  ["sort", ""],
  ["toSorted", ""],
  ["slice", ""],
  ["splice", "0, 1"],
  ["toSpliced", "0, 1"],
  ["copyWithin", "1, 0"],
  ["flat", ""],
  ["concat", "[1]"],
  ["shift", ""],
  ["unshift", "1"],
  ["with", "0, 1"],
  ["toLocaleString", ""],
].map(([method, args]) =>
  attack(`huge-array-${kebab(method!)}`, "faults", `return hold(String(new Array(${HUGE}).${method}(${args})));`),
);

/** Holes are skipped without a call, so their callback never asks for fuel. */
const overHoles: readonly HostileStrategy[] = [
  "forEach",
  "map",
  "filter",
  "some",
  "every",
  "reduce",
  "reduceRight",
  "flatMap",
].map((method) =>
  attack(
    `holes-${kebab(method)}`,
    "faults",
    `return hold(String(Array.prototype.${method}.call({ length: 2 ** 53 - 1 }, () => true${method === "flatMap" ? "" : ", 0"})));`,
    HANGS,
  ),
);

const withTwoFaces: readonly HostileStrategy[] = [
  ["indexOf", "1"],
  ["includes", "1"],
  ["join", ""],
  ["reverse", ""],
  ["fill", "0"],
  ["copyWithin", "1, 0"],
].map(([method, args]) =>
  attack(
    `two-faced-length-${kebab(method!)}`,
    "faults",
    `${TWO_FACED} return hold(String(Array.prototype.${method}.call(two${args === "" ? "" : `, ${args}`})));`,
    HANGS,
  ),
);

export const NATIVES: readonly HostileStrategy[] = [
  ...onHugeArray,
  ...overHoles,
  ...withTwoFaces,
  attack("huge-array-to-string", "faults", `return hold(String(new Array(${HUGE})));`),
  attack("huge-array-spread", "faults", `return hold(String([...new Array(${HUGE})].length));`),
  attack("huge-array-find-native", "faults", `return hold(String(new Array(${HUGE}).find(Number)));`),
  attack("huge-array-keys", "faults", `return hold(String([...new Array(${HUGE}).keys()].length));`),
  attack(
    "huge-array-own-names",
    ["decides", "faults"],
    `const all = new Array(${HUGE}); all[5] = 1; return hold(Object.getOwnPropertyNames(all).join());`,
  ),
  attack(
    "huge-array-set-length",
    "decides",
    `const all = []; all[2 ** 32 - 2] = 1; all.length = 0; return hold(String(all.length));`,
  ),
  attack("huge-array-like-from", "faults", "return hold(String(Array.from({ length: 2 ** 31 }).length));"),
  attack("huge-array-like-apply", "faults", "return hold(String(Math.max.apply(null, { length: 2 ** 31 })));"),
  attack(
    "huge-array-like-construct",
    "faults",
    "return hold(String(Reflect.construct(Array, { length: 2 ** 31 }).length));",
  ),
  attack("huge-array-like-typed", "faults", "return hold(String(new Float64Array({ length: 2 ** 31 }).length));"),
  attack(
    "array-like-length-getter",
    "faults",
    "return hold(String(Array.prototype.indexOf.call({ get length() { return 2 ** 53 - 1; } }, 1)));",
  ),
  attack(
    "array-like-length-is-an-object",
    "faults",
    "let n = 0; return hold(String([].includes.call({ length: { valueOf: () => (n++ === 0 ? 1 : 2 ** 53 - 1) } }, 1)));",
    HANGS,
  ),
  attack(
    "proxy-with-huge-length",
    "faults",
    "return hold(String([].indexOf.call(new Proxy([], { get: (_, key) => (key === 'length' ? 2 ** 53 - 1 : 0) }), 1)));",
  ),
  attack(
    "flat-of-a-doubled-nest",
    "faults",
    "let nest = []; for (let i = 0; i < 40; i++) nest = [nest, nest]; return hold(String(nest.flat(Infinity).length));",
    HANGS,
  ),
  attack(
    "flat-of-itself",
    "faults",
    "const nest = []; nest.push(nest, nest); return hold(String(nest.flat(Infinity).length));",
  ),
  attack(
    "json-of-a-doubled-nest",
    "faults",
    "let nest = []; for (let i = 0; i < 40; i++) nest = [nest, nest]; return hold(String(JSON.stringify(nest).length));",
    HANGS,
  ),
  attack(
    "to-string-of-a-doubled-nest",
    "faults",
    "let nest = []; for (let i = 0; i < 40; i++) nest = [nest, nest]; return hold(String(nest));",
  ),
  attack("to-string-cycle", "faults", "const a = []; const b = [a]; a.push(b); return hold(`${a}.`);"),
  attack("concat-doubling", "faults", "let all = [1]; for (;;) all = all.concat(all);"),
  attack(
    "concat-spreadable-huge",
    "faults",
    "return hold(String([].concat({ length: 2 ** 53 - 1, [Symbol.isConcatSpreadable]: true }).length));",
  ),
  attack(
    "species-of-a-huge-array",
    "faults",
    "class Big extends Array { static get [Symbol.species]() { return class { constructor() { return new Array(2 ** 32 - 1); } }; } } return hold(String(new Big(1, 2, 3).map((n) => n).indexOf(7)));",
  ),
  attack(
    "array-from-huge-constructor",
    "faults",
    "return hold(String(Array.from.call(function () { return new Proxy({}, {}); }, { length: 2 ** 40 })));",
  ),
  attack(
    "array-of-then-holes",
    "faults",
    "const all = Array.of(1); all.length = 2 ** 32 - 1; return hold(String(all.lastIndexOf(2)));",
  ),
  attack(
    "push-at-the-end-of-numbers",
    "faults",
    "return hold(String(Array.prototype.push.call({ length: 2 ** 53 - 1 }, 1)));",
  ),
  attack("repeat-huge", "faults", "return hold('a'.repeat(2 ** 29));"),
  attack(
    "repeat-two-faced",
    "faults",
    "let n = 0; return hold('ab'.repeat({ valueOf: () => (n++ === 0 ? 1 : 2 ** 29) }));",
  ),
  attack("repeat-infinite", "faults", "return hold('a'.repeat(Infinity));"),
  attack("pad-huge", "faults", "return hold('a'.padStart(2 ** 29, 'bc') + 'a'.padEnd(2 ** 29));"),
  attack(
    "pad-two-faced",
    "faults",
    "let n = 0; return hold('a'.padEnd({ valueOf: () => (n++ === 0 ? 1 : 2 ** 29) }, 'b'));",
  ),
  attack("replace-all-blow-up", "faults", `${LONG_TEXT} return hold(s.replaceAll('a', s));`),
  attack("replace-blow-up-by-pattern", "faults", "let s = 'a'.repeat(9000); for (;;) s = s.replace(/a/g, '$&$&$&');"),
  attack(
    "replace-by-an-object",
    "faults",
    `${LONG_TEXT} return hold(String.prototype.replaceAll.call({ toString: () => s }, '', s));`,
  ),
  attack(
    "search-in-an-object",
    "faults",
    `${LONG_TEXT} const needle = { toString: () => s.slice(0, 2 ** 20) + 'c' }; return hold(String(String.prototype.indexOf.call({ toString: () => s }, needle)));`,
    HANGS,
  ),
  attack(
    "split-an-object",
    ["decides", "faults"],
    `${LONG_TEXT} return hold(String(String.prototype.split.call({ toString: () => s }, '').length));`,
  ),
  attack("split-two-faced-limit", "decides", "return hold('a,b'.split({ [Symbol.split]: () => ['c'] }).join());"),
  attack(
    "regexp-replace-directly",
    ["faults", "decides"],
    `${LONG_TEXT} return hold(/(?:)/g[Symbol.replace](s, '').slice(0, 3));`,
  ),
  attack("regexp-split-directly", "faults", `${LONG_TEXT} return hold(String(/(?:)/[Symbol.split](s).length));`),
  attack(
    "regexp-match-all",
    "faults",
    `${LONG_TEXT} let n = 0; for (const one of /./g[Symbol.matchAll](s)) n += one.length; return hold(String(n));`,
  ),
  attack(
    "match-all-without-end",
    "faults",
    "const r = /a/g; const exec = r.exec; r.exec = function (t) { this.lastIndex = 0; return exec.call(this, t); }; r.constructor = { [Symbol.species]: function () { return r; } }; let n = 0; for (const one of 'aaa'.matchAll(r)) n++; return hold(String(n));",
  ),
  attack(
    "match-global-that-never-moves",
    "faults",
    "const r = /a/g; r.exec = () => ['a']; return hold(String('aaa'.match(r).length));",
  ),
  attack("string-raw-huge", "faults", "return hold(String.raw({ raw: { length: 2 ** 53 - 1 } }));", HANGS),
  attack(
    "string-raw-proxy",
    "faults",
    "return hold(String.raw({ raw: new Proxy({}, { get: (_, key) => (key === 'length' ? 2 ** 53 - 1 : '') }) }));",
  ),
  attack(
    "normalize-long-text",
    "faults",
    "let s = '\\u0344\\u0390'; while (s.length < 2 ** 20) s += s; return hold(s.normalize('NFKD'));",
  ),
  attack(
    "encode-long-text",
    "faults",
    "let s = '€'; while (s.length < 2 ** 20) s += s; return hold(encodeURIComponent(s));",
  ),
  attack(
    "encode-an-object",
    ["decides", "faults"],
    "let s = '€'; while (s.length < 2 ** 18) s += s; return hold(encodeURIComponent({ toString: () => s }).slice(0, 9));",
  ),
  attack(
    "case-of-long-text",
    "faults",
    "let s = 'ß'; while (s.length < 2 ** 20) s += s; return hold(s.toUpperCase());",
  ),
  attack(
    "compare-long-texts-for-ever",
    "faults",
    "let s = 'a'; while (s.length < 2 ** 21) s += s; const a = s + 'b', b = s + 'c'; let n = 0; while (n < 9e9) n += a < b ? 1 : 0; return hold(String(n));",
    HANGS,
  ),
  attack(
    "copy-long-texts-for-ever",
    "faults",
    "let s = 'a'; while (s.length < 2 ** 21) s += s; let n = 0; for (;;) n += s.slice(1).length;",
    HANGS,
  ),
  attack("fill-for-ever", "faults", "const all = new Uint8Array(2 ** 22); for (;;) all.fill(1);", HANGS),
  attack("spread-for-ever", "faults", "const all = Array(90000).fill(0); for (;;) [...all];", HANGS),
  attack(
    "sort-for-ever",
    "faults",
    "const all = Array.from({ length: 20000 }, (_, n) => (n * 7919) % 20011); for (;;) all.toSorted();",
    HANGS,
  ),
  attack("number-to-long-text", "faults", "return hold((1e300).toFixed(1000) + (1 / 3).toPrecision(1000));"),
  attack("number-to-base-two-for-ever", "faults", "for (;;) (1 / 3).toString(2);"),
  attack("typed-sort-huge", "faults", "return hold(String(new Float64Array(2 ** 19).sort()[0]));"),
  attack(
    "typed-sort-by-callback",
    "faults",
    "return hold(String(new Float64Array(90000).sort((a, b) => b - a - 1)[0]));",
  ),
  attack("typed-join-huge", "faults", "return hold(new Uint8Array(2 ** 22).join('0123456789'));"),
  attack("typed-copy-within", "decides", "return hold(String(new Uint8Array(2 ** 20).copyWithin(1, 0).length));"),
  attack("typed-set-of-a-huge-array-like", "faults", "new Uint8Array(8).set({ length: 2 ** 40 });"),
  attack("object-keys-of-a-huge-string", "faults", `${LONG_TEXT} return hold(String(Object.keys(s).length));`),
  attack(
    "object-keys-of-huge-bytes",
    "faults",
    "return hold(String(Object.getOwnPropertyNames(new Uint8Array(2 ** 22)).length));",
  ),
  attack(
    "object-assign-doubling",
    "faults",
    "const all = {}; for (let n = 0; ; n++) Object.assign(all, { [`k${n}`]: n }, all);",
    HANGS,
  ),
  attack("date-by-the-back-door", "faults", "return hold(String(new (globalThis['Da' + 'te'])()));"),
  attack("json-parse-nest", "faults", "return hold(String(JSON.parse('['.repeat(9999)).length));"),
  attack(
    "json-parse-long-nest",
    "faults",
    "let s = '['; while (s.length < 2 ** 16) s += s; return hold(String(JSON.parse(s)));",
  ),
  attack(
    "json-parse-an-object",
    "faults",
    "let s = '['; while (s.length < 2 ** 20) s += s; return hold(String(JSON.parse({ toString: () => s })));",
  ),
  attack(
    "json-stringify-nest",
    "faults",
    "let nest = {}; for (let i = 0; i < 5e4; i++) nest = { nest }; return hold(JSON.stringify(nest));",
  ),
  attack(
    "json-stringify-indented-nest",
    ["decides", "faults"],
    "let nest = []; for (let i = 0; i < 900; i++) nest = [nest]; return hold(JSON.stringify(nest, null, 10));",
  ),
  attack(
    "json-stringify-bigger-than-memory",
    "faults",
    "return hold(JSON.stringify(Array(90000).fill('x'.repeat(900))));",
  ),
  attack("json-stringify-keys-huge", "faults", `return hold(JSON.stringify({ a: 1 }, new Array(${HUGE})));`, HANGS),
  attack("big-integer-by-text", "refused", "return hold(String(BigInt('9'.repeat(9000))));"),
  attack("big-integer-power", "refused", "return hold(String(3n ** (10n ** 7n)));"),
  attack(
    "regexp-of-huge-pattern",
    "faults",
    "let s = '(a|b)*?'; while (s.length < 2 ** 18) s += s; return hold(String(new RegExp(s).test('c')));",
  ),
  attack(
    "regexp-of-nested-groups",
    "faults",
    "return hold(String(new RegExp('('.repeat(4000) + ')'.repeat(4000)).test('a')));",
  ),
  attack(
    "regexp-of-huge-counts",
    ["decides", "faults"],
    "return hold(String(/(?:a{0,65535}){0,65535}b/.test('aaaaaaaa')));",
  ),
  attack(
    "regexp-ignoring-case-of-everything",
    ["decides", "faults"],
    "let n = 0; for (let i = 0; i < 50; i++) n += new RegExp(`[\\\\u{${i.toString(16)}}-\\\\u{10ffff}]`, 'iu').test('a') ? 1 : 0; return hold(String(n));",
  ),
];

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
