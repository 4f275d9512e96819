// State carried from one decision to the next: every entry would answer differently the second time, were anything left.

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these texts are programs
import { attack, file, type HostileStrategy } from "./hostile-strategy.ts";

const PARAMS = {
  members:
    "params: { n: param.number({ default: 1 }) }, memory: { initial: { n: 0, list: [1] } }, inputs: () => ({ bars: candles({ depth: 3 }) })",
} as const;
const before = (text: string) => ({ before: text });

export const SMUGGLING: readonly HostileStrategy[] = [
  attack("counter-in-a-variable", "decides", "return hold(`count ${++count}`);", before("let count = 0;")),
  attack("counter-in-var", "decides", "count++; return hold(`count ${count}`);", before("var count = 0;")),
  attack(
    "counter-in-an-object",
    "decides",
    "return hold(`count ${++state.count}`);",
    before("const state = { count: 0 };"),
  ),
  attack(
    "counter-in-an-array",
    "decides",
    "seen.push(window.spot); return hold(`seen ${seen.length}`);",
    before("const seen = [];"),
  ),
  attack(
    "counter-in-array-length",
    "decides",
    "seen.length++; return hold(`length ${seen.length}`);",
    before("const seen = [];"),
  ),
  attack(
    "counter-in-a-closure",
    "decides",
    "return hold(`next ${next()}`);",
    before("const next = ((n) => () => ++n)(0);"),
  ),
  attack(
    "counter-in-a-generator",
    "decides",
    "return hold(`next ${numbers.next().value}`);",
    before("const numbers = (function* () { let n = 0; for (;;) yield n++; })();"),
  ),
  attack(
    "counter-in-a-map",
    "decides",
    "cache.set('n', (cache.get('n') ?? 0) + 1); return hold(`n ${cache.get('n')}`);",
    before("const cache = new Map();"),
  ),
  attack(
    "counter-in-a-set",
    "decides",
    "seen.add(seen.size); return hold(`size ${seen.size}`);",
    before("const seen = new Set();"),
  ),
  attack(
    "counter-in-a-weak-map",
    "decides",
    "const n = (cache.get(globalThis) ?? 0) + 1; cache.set(globalThis, n); return hold(`n ${n}`);",
    before("const cache = new WeakMap();"),
  ),
  attack(
    "counter-in-a-weak-set",
    "decides",
    "const had = seen.has(key); seen.add(key); return hold(`had ${had}`);",
    before("const seen = new WeakSet(), key = {};"),
  ),
  attack(
    "counter-in-regexp-last-index",
    "decides",
    "return hold(`${pattern.test('aaaa')} ${pattern.lastIndex}`);",
    before("const pattern = /a/g;"),
  ),
  attack(
    "counter-in-legacy-regexp-statics",
    "decides",
    "const was = RegExp.$1; /(x+)/.exec('xxx'); return hold(`was ${was}`);",
  ),
  attack(
    "counter-in-a-function-property",
    "decides",
    "count.calls = (count.calls ?? 0) + 1; return hold(`calls ${count.calls}`);",
    before("function count() {}"),
  ),
  attack(
    "counter-in-a-static-field",
    "decides",
    "return hold(`count ${++Counter.count}`);",
    before("class Counter { static count = 0; }"),
  ),
  attack(
    "counter-in-a-private-static-field",
    "decides",
    "return hold(`count ${Counter.next()}`);",
    before("class Counter { static #count = 0; static next() { return ++Counter.#count; } }"),
  ),
  attack(
    "counter-in-a-global",
    "decides",
    "globalThis.count = (globalThis.count ?? 0) + 1; return hold(`count ${globalThis.count}`);",
  ),
  attack(
    "counter-in-a-prototype",
    "decides",
    "Object.prototype.count = (Object.prototype.count ?? 0) + 1; const { count } = {}; delete hold.count; return { kind: 'hold', reason: `count ${count}`, memory: undefined };",
  ),
  attack(
    "counter-in-array-prototype",
    "decides",
    "Array.prototype.count = ([].count ?? 0) + 1; return hold(`count ${[].count}`);",
  ),
  attack(
    "counter-in-a-native-function",
    "decides",
    "Math.abs.count = (Math.abs.count ?? 0) + 1; return hold(`count ${Math.abs.count}`);",
  ),
  attack(
    "counter-in-the-symbol-registry",
    "decides",
    "const key = Symbol.for('count'); globalThis[key] = (globalThis[key] ?? 0) + 1; return hold(`count ${globalThis[key]}`);",
  ),
  attack(
    "counter-in-symbol-properties",
    "decides",
    "const key = Symbol.iterator; hold[key] = (hold[key] ?? 0) + 1; return hold(`count ${hold[key]}`);",
  ),
  attack(
    "counter-in-a-getter",
    "decides",
    "return hold(`n ${state.n}`);",
    before("let n = 0; const state = { get n() { return n++; } };"),
  ),
  attack(
    "counter-in-a-getter-that-replaces-itself",
    "decides",
    "return hold(`lazy ${state.lazy}`);",
    before(
      "let made = 0; const state = { get lazy() { Object.defineProperty(this, 'lazy', { value: 'kept', configurable: true }); return `made ${++made}`; } };",
    ),
  ),
  attack(
    "counter-in-a-proxy",
    "decides",
    "return hold(`n ${counting.n}`);",
    before("let n = 0; const counting = new Proxy({}, { get: () => n++ });"),
  ),
  attack(
    "counter-in-a-bound-function",
    "decides",
    "return hold(`n ${add()}`);",
    before("const add = function () { return ++this.n; }.bind({ n: 0 });"),
  ),
  attack(
    "counter-in-a-typed-array",
    "decides",
    "return hold(`n ${++bytes[0]}`);",
    before("const bytes = new Uint8Array(4);"),
  ),
  attack(
    "counter-in-an-array-buffer-view",
    "decides",
    "view.setInt32(0, view.getInt32(0) + 1); return hold(`n ${view.getInt32(0)}`);",
    before("const view = new DataView(new ArrayBuffer(8));"),
  ),
  attack(
    "counter-in-a-template-object",
    "decides",
    "const n = (seen.get(tag``) ?? 0) + 1; seen.set(tag``, n); return hold(`same ${seen.size} ${n}`);",
    before("const seen = new Map(); const tag = (strings) => strings;"),
  ),
  attack(
    "counter-in-frozen-things",
    "decides",
    "inner.n++; return hold(`n ${frozen.inner.n}`);",
    before("const inner = { n: 0 }; const frozen = Object.freeze({ inner });"),
  ),
  attack(
    "counter-in-an-error",
    "decides",
    "mark.message += '!'; return hold(mark.message);",
    before("const mark = new Error('mark');"),
  ),
  attack(
    "counter-in-a-promise-job",
    "decides",
    "Promise.resolve().then(() => { ran++; }); return hold(`ran ${ran}`);",
    before("let ran = 0;"),
  ),
  attack(
    "counter-in-an-async-function",
    "decides",
    "resume(); return hold(`steps ${steps}`);",
    before(
      "let steps = 0, resume = () => {}; (async () => { for (;;) { steps++; await new Promise((done) => { resume = done; }); } })();",
    ),
  ),
  attack("counter-in-memory-changed-in-place", "faults", "memory.n++; return hold(`n ${memory.n}`);", PARAMS),
  attack(
    "counter-in-a-list-of-memory",
    "faults",
    "memory.list.push(1); return hold(`list ${memory.list.length}`);",
    PARAMS,
  ),
  attack("counter-in-memory-kept-outside", "decides", "kept.push(memory); return hold(`kept ${kept.length}`);", {
    ...PARAMS,
    ...before("const kept = [];"),
  }),
  attack("counter-in-params", "faults", "params.n++; return hold(`n ${params.n}`);", PARAMS),
  attack(
    "counter-in-readings",
    "faults",
    "readings.count = (readings.count ?? 0) + 1; return hold(`count ${readings.count}`);",
    PARAMS,
  ),
  attack("counter-in-the-window", "faults", "window.up.count = 1; return hold('kept');"),
  attack(
    "counter-in-candles",
    "decides",
    "readings.bars.close[0] = 1 + (readings.bars.close[0] || 0); return hold(`first ${readings.bars.close[0]}`);",
    PARAMS,
  ),
  attack(
    "counter-in-a-property-of-candles",
    "decides",
    "const { close } = readings.bars; close.count = (close.count ?? 0) + 1; return hold(`count ${close.count}`);",
    PARAMS,
  ),
  attack(
    "counter-in-the-buffer-of-candles",
    "decides",
    "const { buffer } = readings.bars.close; buffer.count = (buffer.count ?? 0) + 1; return hold(`count ${buffer.count}`);",
    PARAMS,
  ),
  attack(
    "counter-in-the-frame-buffer",
    "decides",
    "const bits = new Uint32Array(readings.bars.volume.buffer); bits[0]++; return hold(`bits ${bits[0]}`);",
    PARAMS,
  ),
  attack(
    "cache-by-spot",
    "decides",
    "const hit = cache[window.spot] !== undefined; cache[window.spot] = true; return hold(hit ? 'known' : 'new');",
    before("const cache = {};"),
  ),
  attack(
    "first-call-flag",
    "decides",
    "if (first) { first = false; return hold('first'); } return exit('not the first');",
    before("let first = true;"),
  ),
  attack(
    "loops-from-the-second-time-on",
    "decides",
    "if (called++) for (;;) {} return hold('once');",
    before("let called = 0;"),
  ),
  attack(
    "throws-from-the-second-time-on",
    "decides",
    "if (called++) throw new Error('again'); return hold('once');",
    before("let called = 0;"),
  ),
  attack(
    "decide-that-replaces-itself",
    "decides",
    "try { spec.decide = () => exit('replaced'); } catch {} hold.replaced = true; return hold('first');",
    before("const spec = {};"),
  ),
  attack(
    "dsl-function-replaced",
    "decides",
    "const real = globalThis.hold; globalThis.hold = () => ({ kind: 'exit', reason: 'replaced' }); return hold(typeof real);",
  ),
  attack(
    "reader-function-kept",
    "decides",
    "const same = kept === readings; kept = readings; return hold(`same ${same}`);",
    { ...PARAMS, ...before("let kept;") },
  ),
  attack(
    "array-iterator-patched-late",
    "decides",
    "const was = [][Symbol.iterator].patched ?? 'clean'; const patched = function* () {}; patched.patched = 'patched'; Array.prototype[Symbol.iterator] = patched; return hold(was);",
  ),
  attack(
    "out-of-memory-debris",
    // On its last bytes of memory the engine itself may fail: that is its sandbox's end.
    ["decides", "faults"],
    "const was = kept.length; try { for (;;) kept.push(new ArrayBuffer(65536)); } catch {} kept.length = 1; return hold(`was ${was}`);",
    before("const kept = [];"),
  ),
  attack(
    "stack-depth-as-memory",
    "decides",
    "let depth = 0; const f = () => { depth++; f(); }; try { f(); } catch {} const was = best; best = Math.max(best, depth); return hold(`best ${was}`);",
    before("let best = 0;"),
  ),
  file(
    "memory-in-default-export",
    "decides",
    `const spec = { about: "x", count: 0, inputs: () => ({}), decide() { spec.count++; this.count = (this?.count ?? 0) + 1; return hold("count " + spec.count); } };\nspec.decide = spec.decide.bind({});\nexport default strategy(spec);`,
  ),
  file(
    "inputs-called-again",
    "decides",
    `let calls = 0; export default strategy({ about: "x", inputs: () => { calls++; return {}; }, decide: () => hold("calls " + calls) });`,
  ),
];
