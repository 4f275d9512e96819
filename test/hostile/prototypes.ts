// Patches of what everything stands on. The reader took its natives before the strategy ran, so it cannot be fooled; what is
// patched is gone with the next restore.

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these texts are programs
import { attack, file, type HostileStrategy } from "./hostile-strategy.ts";

/** The patch at module level, so that it is there whenever the reader works. */
const patched = (
  name: string,
  expected: HostileStrategy["expected"],
  before: string,
  body = "return hold('as ever');",
  members?: string,
) => attack(name, expected, body, { before, ...(members === undefined ? {} : { members }) });

const REMEMBERS =
  "inputs: () => ({ rsi: ta.rsi({ interval: '1m' }) }), params: { n: param.number({ default: 1 }) }, memory: { initial: { n: 0 } }";

export const PROTOTYPES: readonly HostileStrategy[] = [
  patched(
    "object-prototype-kind",
    "faults",
    "Object.prototype.kind = 'up'; Object.prototype.probability = 0.9;",
    "return {};",
  ),
  patched(
    "object-prototype-signal",
    "decides",
    "Object.prototype.kind = 'hold'; Object.prototype.reason = 'inherited';",
    "return {};",
  ),
  patched(
    "object-prototype-limit",
    "decides",
    "Object.prototype.limit = 0.001;",
    "return { kind: 'hold', reason: 'x' };",
  ),
  patched(
    "object-prototype-memory",
    "refused",
    "Object.prototype.memory = { planted: true };",
    "return { kind: 'hold', reason: 'x' };",
  ),
  patched(
    "object-prototype-to-json",
    "decides",
    "Object.prototype.toJSON = () => 'planted'; String.prototype.toJSON = () => 'planted'; Number.prototype.toJSON = () => 7;",
    "return hold('x', { memory: { n: 1 } });",
    REMEMBERS,
  ),
  patched(
    "object-prototype-getter",
    "decides",
    "Object.defineProperty(Object.prototype, 'probability', { get() { for (;;) {} }, configurable: true });",
    "return { kind: 'hold', reason: 'own', probability: 0.5, limit: undefined, memory: undefined };",
  ),
  patched(
    "object-prototype-setter",
    "decides",
    "Object.defineProperty(Object.prototype, 'n', { set() { throw new Error('set'); }, configurable: true });",
    "return hold('x', { memory: { n: 1 } });",
    REMEMBERS,
  ),
  patched(
    "object-prototype-numeric",
    ["decides", "faults"],
    "Object.defineProperty(Object.prototype, '0', { get: () => 'planted', set() { throw new Error('taken'); }, configurable: true });",
  ),
  patched(
    "array-prototype-methods",
    "decides",
    "for (const name of ['push', 'join', 'map', 'slice', 'concat', 'indexOf', 'fill', 'values']) Array.prototype[name] = () => { throw new Error('patched'); };",
  ),
  patched(
    "array-prototype-iterator",
    "refused",
    "Array.prototype[Symbol.iterator] = function* () { for (;;) yield 1; };",
  ),
  patched(
    "array-iterator-next",
    "refused",
    "Object.getPrototypeOf([][Symbol.iterator]()).next = () => ({ done: false, value: 0.5 });",
  ),
  patched(
    "array-prototype-setter-for-zero",
    "decides",
    "Object.defineProperty(Array.prototype, '0', { set() { throw new Error('patched'); }, configurable: true });",
  ),
  patched(
    "string-prototype-methods",
    "decides",
    "for (const name of ['slice', 'indexOf', 'replace', 'includes', 'charCodeAt', 'split']) String.prototype[name] = () => 'patched';",
    "return hold('a\\0reason');",
  ),
  patched(
    "string-prototype-iterator",
    "decides",
    "String.prototype[Symbol.iterator] = function* () { for (;;) yield 'a'; };",
  ),
  patched(
    "string-prototype-length",
    "decides",
    "try { Object.defineProperty(String.prototype, 'length', { get: () => 0 }); } catch {}",
    "return hold('x'.repeat(500));",
  ),
  patched(
    "json-replaced",
    "decides",
    "JSON.stringify = () => { throw new Error('patched'); }; JSON.parse = () => ({ n: 99 });",
    "return hold(String(memory.n), { memory: { n: 1 } });",
    REMEMBERS,
  ),
  patched(
    "json-global-replaced",
    "decides",
    "globalThis.JSON = { stringify: () => '{}', parse: () => null };",
    "return hold('x', { memory: { n: 1 } });",
    REMEMBERS,
  ),
  patched("math-replaced", "decides", "Math.max = () => { for (;;) {} }; globalThis.Math = null;"),
  patched(
    "number-is-finite-patched",
    "faults",
    "Number.isFinite = () => true; globalThis.isFinite = () => true;",
    "return hold('x', { memory: { n: NaN } });",
    REMEMBERS,
  ),
  patched(
    "is-nan-patched",
    "faults",
    "globalThis.isNaN = () => false; Number.isNaN = () => false;",
    "return { kind: 'up', probability: NaN, reason: 'x' };",
  ),
  patched(
    "array-is-array-patched",
    "faults",
    "Array.isArray = () => true;",
    "return hold('x', { memory: { n: new Map() } });",
    REMEMBERS,
  ),
  patched(
    "object-keys-patched",
    "decides",
    "Object.keys = () => { for (;;) {} }; Object.freeze = (x) => x; Object.entries = () => [['a', 1]];",
    "return hold('x', { memory: { n: 1 } });",
    REMEMBERS,
  ),
  patched(
    "get-prototype-of-patched",
    "faults",
    "Object.getPrototypeOf = () => Object.prototype; Reflect.getPrototypeOf = () => null;",
    "return hold('x', { memory: { n: new Map() } });",
    REMEMBERS,
  ),
  patched(
    "reflect-patched",
    "decides",
    "Reflect.apply = () => 'patched'; Reflect.get = () => 'patched'; Reflect.ownKeys = () => [];",
    "return hold('a\\0b');",
  ),
  patched(
    "function-prototype-call-patched",
    "refused",
    "const made = Object.getPrototypeOf(() => {}); made.call = made.apply = made.bind = () => 'patched';",
  ),
  patched(
    "function-prototype-callable",
    "decides",
    "Object.setPrototypeOf(Object.getPrototypeOf(() => {}), new Proxy({}, { get() { throw new Error('patched'); } }));",
  ),
  patched(
    "float64array-prototype-patched",
    "decides",
    "for (const name of ['set', 'subarray', 'fill', 'at']) Float64Array.prototype[name] = () => { throw new Error('patched'); }; globalThis.Float64Array = Array;",
  ),
  patched(
    "typed-array-species-patched",
    "faults",
    "Object.defineProperty(Object.getPrototypeOf(Float64Array), Symbol.species, { get() { return Array; }, configurable: true });",
    "return hold(String(readings.bars.close.slice(0).length));",
    "inputs: () => ({ bars: candles({ depth: 3 }) })",
  ),
  patched(
    "typed-array-length-patched",
    "decides",
    "Object.defineProperty(Object.getPrototypeOf(Float64Array.prototype), 'length', { get: () => 2 ** 40, configurable: true });",
  ),
  patched(
    "array-buffer-patched",
    "decides",
    "globalThis.ArrayBuffer = class {}; Object.defineProperty(Object.getPrototypeOf(new Float64Array(1).buffer), 'byteLength', { get: () => 0 });",
  ),
  patched(
    "error-prepare-stack-trace",
    "faults",
    "Error.prepareStackTrace = () => { for (;;) {} };",
    "throw new Error('x');",
  ),
  patched(
    "error-prepare-stack-trace-of-objects",
    "faults",
    "Error.prepareStackTrace = (_, sites) => sites;",
    "throw new Error('x');",
  ),
  patched(
    "error-stack-trace-limit",
    "faults",
    "Error.stackTraceLimit = Infinity;",
    "const f = () => f() + 1; return hold(String(f()));",
  ),
  patched(
    "error-stack-trace-limit-getter",
    ["decides", "faults"],
    "Object.defineProperty(Error, 'stackTraceLimit', { get() { for (;;) {} } });",
    "null.x;",
  ),
  patched(
    "error-capture-stack-trace",
    ["decides", "faults"],
    "",
    "const o = {}; Error.captureStackTrace(o); return hold(typeof o.stack);",
  ),
  patched(
    "error-prototype-patched",
    "faults",
    "Object.defineProperty(Error.prototype, 'name', { get() { throw new Error('again'); } }); Object.defineProperty(Error.prototype, 'message', { get() { for (;;) {} } });",
    "null.x;",
  ),
  patched(
    "error-to-string-patched",
    "faults",
    "Error.prototype.toString = () => { throw 1; }; TypeError.prototype.name = 'SignalError';",
    "null.x;",
  ),
  patched(
    "symbol-iterator-redefined",
    "decides",
    "try { Symbol.iterator = Symbol('other'); } catch {} globalThis.Symbol = { iterator: 'x' };",
  ),
  patched(
    "promise-patched",
    "decides",
    "Promise.prototype.then = () => { for (;;) {} }; globalThis.Promise = class { then() { return this; } };",
  ),
  patched(
    "regexp-patched",
    "decides",
    "RegExp.prototype.exec = () => { throw new Error('patched'); }; RegExp.prototype[Symbol.replace] = () => 'patched'; Object.defineProperty(RegExp.prototype, 'flags', { get() { for (;;) {} } });",
  ),
  patched("map-patched", "decides", "Map.prototype.get = Map.prototype.set = () => { throw new Error('patched'); };"),
  patched(
    "object-prototype-with-a-prototype",
    ["decides", "refused"],
    "try { Object.setPrototypeOf(Object.prototype, { planted: true }); } catch {}",
  ),
  patched(
    "object-prototype-proto-patched",
    "decides",
    "Object.defineProperty(Object.prototype, '__proto__', { get: () => ({ kind: 'up' }), set() {}, configurable: true });",
  ),
  patched(
    "legacy-getters-defined",
    "decides",
    "Object.prototype.__defineGetter__?.call(Object.prototype, 'reason', () => 'planted'); Object.prototype.__defineSetter__?.call(Object.prototype, 'kind', () => {});",
    "return { kind: 'hold', reason: 'own' };",
  ),
  patched(
    "intrinsics-frozen",
    "decides",
    "for (const name of Object.getOwnPropertyNames(globalThis)) { const it = globalThis[name]; if (it && (typeof it === 'object' || typeof it === 'function')) { Object.freeze(it); if (it.prototype) Object.freeze(it.prototype); } }",
    "return hold('frozen', { memory: { n: memory.n + 1 } });",
    REMEMBERS,
  ),
  patched(
    "globals-deleted",
    "decides",
    "",
    "for (const name of Object.getOwnPropertyNames(globalThis)) { if (!name.startsWith('__')) try { delete globalThis[name]; } catch {} } return { kind: 'hold', reason: 'gone' };",
  ),
  patched(
    "globals-made-to-throw",
    "faults",
    "",
    "for (const name of ['Object', 'Array', 'String', 'JSON', 'Reflect', 'Number', 'Float64Array', 'Error']) Object.defineProperty(globalThis, name, { get() { throw 'gone'; }, configurable: true }); return { kind: 'hold', reason: 'as ever' };",
  ),
  patched(
    "undefined-shadowed",
    ["refused", "decides"],
    "try { Object.defineProperty(globalThis, 'undefined', { value: 1 }); } catch {} try { globalThis.NaN = 1; } catch {}",
  ),
  patched(
    "module-global-replaced",
    ["decides", "refused", "faults"],
    "globalThis.__strategy = { default: { type: 'strategy', about: 'other', inputs: () => ({}), decide: () => ({ kind: 'hold', reason: 'the other' }) } };",
  ),
  patched(
    "global-this-proxied",
    ["decides", "refused"],
    "try { Object.setPrototypeOf(globalThis, new Proxy({}, { has: () => true, get: () => 'planted' })); } catch {}",
  ),
  patched(
    "guard-undone",
    "faults",
    "const frame = Object.getOwnPropertyDescriptor(Array.prototype, 'indexOf').value; delete Array.prototype.indexOf; Array.prototype.indexOf = frame;",
    "return hold(String(new Array(2 ** 32 - 1).indexOf(1)));",
  ),
  patched(
    "guard-by-its-name",
    "faults",
    "",
    "const bounded = { length: 2 ** 53 - 1 }; return hold(String([].indexOf.call.call([].indexOf, bounded, 1)));",
  ),
  patched(
    "reflect-apply-around-the-guard",
    "faults",
    "",
    "return hold(String(Reflect.apply(Array.prototype.fill, { length: 2 ** 53 - 1 }, [0])));",
  ),
  file(
    "strategy-patched-after-export",
    "decides",
    "const made = { ...strategy({ about: 'x', inputs: () => ({}), decide: () => hold('first') }) }; export default made; made.decide = () => hold('second');",
  ),
  file(
    "strategy-with-getters",
    ["decides", "refused"],
    "let n = 0; export default { type: 'strategy', about: 'x', inputs: () => ({}), get decide() { n++; return () => hold(`read ${n} times`); } };",
  ),
  file(
    "strategy-by-proxy",
    ["decides", "refused"],
    "export default new Proxy(strategy({ about: 'x', inputs: () => ({}), decide: () => hold('proxied') }), {});",
  ),
  file(
    "strategy-frozen-with-everything",
    "decides",
    "const deep = (o) => { for (const k of Reflect.ownKeys(o)) { const v = o[k]; if (v && typeof v === 'object' && !Object.isFrozen(v)) deep(v); } return Object.freeze(o); }; export default deep(strategy({ about: 'x', inputs: () => ({}), decide: () => hold('frozen') }));",
  ),
];
