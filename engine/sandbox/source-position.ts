// From a stack of the guest to the author's TypeScript: file:line:column and the lines around it.
import { SourceMap } from "node:module";
import { codeFrame, sourceLines } from "../base/code-frame.ts";
import { BUNDLE_FILE, type ColumnShift, originalColumn } from "./instrumented.ts";

export interface SourcePosition {
  /** As the source map names it: `strategies/momentum.ts`. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly frame: string | null;
}

/** What leads from a place in the code that runs to the author's own. */
export interface BundleOrigin {
  readonly sourceMap: string;
  readonly shifts: readonly ColumnShift[];
}

/** The DSL's own functions, which authors call but did not write. */
const DSL_SOURCE = /^dsl\//;
/** At the end of a line of the stack; what comes before it is the strategy's to choose. */
const STACK_PLACE = new RegExp(`\\b${BUNDLE_FILE.replace(".", "\\.")}:(\\d{1,9}):(\\d{1,9})\\)?$`);
const STACK_PLACE_LENGTH_MAX = 40;

interface ParsedMap {
  readonly map: SourceMap;
  readonly texts: ReadonlyMap<string, string>;
  /** Of the sources that errors pointed at. */
  readonly lines: Map<string, readonly string[]>;
}
const PARSED_MAX = 16;
const parsed = new Map<string, ParsedMap>();

/** The innermost place in the author's own files; null when the stack never was in them. */
export function sourcePosition(stack: string, { sourceMap, shifts }: BundleOrigin): SourcePosition | null {
  const origin = parse(sourceMap);
  let inDsl: SourcePosition | null = null;
  for (const text of stack.split("\n")) {
    const match = STACK_PLACE.exec(text.slice(-STACK_PLACE_LENGTH_MAX));
    if (match === null) continue;
    const line = Number(match[1]);
    const entry = origin.map.findEntry(line - 1, originalColumn(shifts, line, Number(match[2])) - 1);
    if (!("originalSource" in entry)) continue;
    const file = entry.originalSource;
    const at = { line: entry.originalLine + 1, column: entry.originalColumn + 1 };
    const position = { file, ...at, frame: codeFrame(linesOf(origin, file), at.line, at.column) };
    if (!DSL_SOURCE.test(file)) return position;
    inDsl ??= position;
  }
  return inDsl;
}

export const whereOf = ({ file, line, column }: SourcePosition): string => `${file}:${line}:${column}`;

function parse(text: string): ParsedMap {
  let found = parsed.get(text);
  if (found === undefined) {
    const payload = JSON.parse(text);
    const sources = payload.sources as readonly string[];
    const contents = (payload.sourcesContent ?? []) as readonly (string | null)[];
    found = {
      map: new SourceMap(payload),
      texts: new Map(sources.flatMap((source, index) => (contents[index] ? [[source, contents[index]]] : []))),
      lines: new Map(),
    };
    if (parsed.size === PARSED_MAX) parsed.delete(parsed.keys().next().value!);
    parsed.set(text, found);
  }
  return found;
}

/** A file is split once, however many errors point into it; without its text there are no lines. */
function linesOf({ texts, lines }: ParsedMap, file: string): readonly string[] {
  let found = lines.get(file);
  if (found === undefined) {
    const text = texts.get(file);
    found = text === undefined ? [] : sourceLines(text);
    lines.set(file, found);
  }
  return found;
}
