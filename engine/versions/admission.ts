// What a strategy must not say: anything that reads a clock, draws at random, does IO or makes code out of text.
// The guest lacks these too. Here they are found before anything runs, at their place, with what to use instead.
//
// The bundler knows scopes, so it does the finding: each free name is replaced by a marker (a local variable of that name is
// not), and the source map leads from the markers in the bundle back to file, line and column.
import { SourceMap } from "node:module";

const CLOCK = "there is no clock; use window.secondsLeft and position.secondsHeld";
const TIMERS = "nothing runs between decisions; decide is called again every cycle";
const RANDOM = "a decision must come out the same again; compute it from the declared inputs";
const IO = "there is no network, file or process; declare what the decision needs in inputs";
const CODE_FROM_TEXT = "all code is known before it runs; write it as a function";
const NUMBERS = "numbers are doubles here; use a number";
const REMOVED = "the sandbox does not have it";

const ALTERNATIVES: Readonly<Record<string, string>> = {
  Date: CLOCK,
  performance: CLOCK,
  setTimeout: TIMERS,
  setInterval: TIMERS,
  setImmediate: TIMERS,
  queueMicrotask: TIMERS,
  "Math.random": RANDOM,
  crypto: RANDOM,
  fetch: IO,
  WebSocket: IO,
  process: IO,
  Buffer: IO,
  console: "nothing is printed; say it in the signal's reason",
  eval: CODE_FROM_TEXT,
  Function: `${CODE_FROM_TEXT}; to ask whether something is one, use typeof`,
  require: "modules are imported statically; write an import at the top",
  BigInt: NUMBERS,
  WeakRef: REMOVED,
  FinalizationRegistry: REMOVED,
  SharedArrayBuffer: REMOVED,
  Atomics: REMOVED,
  BigInt64Array: NUMBERS,
  BigUint64Array: NUMBERS,
  Intl: "the sandbox knows no languages or time zones; use toFixed()",
};

const NAMES = Object.keys(ALTERNATIVES);
const MARKER = /\b__underway_refused_(\d+)\b/g;

/** For the bundler: every refused free name becomes a marker. */
export const REFUSED_NAMES: Readonly<Record<string, string>> = Object.fromEntries(
  NAMES.map((name, index) => [name, `__underway_refused_${index}`]),
);

/** Syntax that the bundler itself reports, by its message id, in our words. */
export const REFUSED_SYNTAX: Readonly<Record<string, string>> = {
  bigint: `Cannot use a BigInt literal: ${ALTERNATIVES.BigInt}`,
  "direct-eval": `Cannot use eval: ${CODE_FROM_TEXT}`,
  "empty-import-meta": `Cannot use import.meta: ${IO}`,
  "unsupported-dynamic-import":
    "Cannot use import(): all code is known before it runs; write a static import at the top",
};

export interface Found {
  /** As the source map names it. */
  readonly source: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** Every refused name in the bundle, by its place in the sources, 1-based; once per place. */
export function refusedNames(bundle: string, sourceMap: string): readonly Found[] {
  if (bundle.search(MARKER) < 0) return [];
  const map = new SourceMap(JSON.parse(sourceMap));
  const found = new Map<string, Found>();
  bundle.split("\n").forEach((text, lineIndex) => {
    for (const match of text.matchAll(MARKER)) {
      const entry = map.findEntry(lineIndex, match.index);
      if (!("originalSource" in entry)) continue;
      const name = NAMES[Number(match[1])]!;
      const place = { source: entry.originalSource, line: entry.originalLine + 1, column: entry.originalColumn + 1 };
      found.set(`${place.source}:${place.line}:${place.column}`, {
        ...place,
        message: `Cannot use ${name}: ${ALTERNATIVES[name]}`,
      });
    }
  });
  return [...found.values()];
}
