// A bundle as it runs: reads of the frame become indices, thrown values note their place. Both change what lies where on a
// line, so the way back to the bundle's own columns, which the source map knows, comes with it.
import { type FrameField, type FrameLayout, HEADER_INDEX, type HeaderField } from "../frame/layout.ts";
import type { BundlePlaces, FrameRead } from "./bundle-places.ts";

/** File name of a strategy's bundle in the guest's stack traces. */
export const BUNDLE_FILE = "strategy.js";
/** Global the bundler leaves the module in. */
const MODULE_NAME = "__strategy";

/**
 * Text that stands in a line for other text: it begins at `from` and ends before `column`, 1-based; from there on, columns
 * lie so much further right than in the bundle.
 */
export interface ColumnShift {
  readonly line: number;
  readonly from: number;
  readonly column: number;
  readonly by: number;
}

export interface InstrumentedBundle {
  /** An expression: a function of the frame and of what notes thrown values, which gives the module. */
  readonly source: string;
  readonly shifts: readonly ColumnShift[];
  /** Reads that became indices. */
  readonly indices: number;
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** `layout` is null as long as it is not known. */
export function instrument(bundle: string, places: BundlePlaces, layout: FrameLayout | null): InstrumentedBundle {
  const frame = unusedName(bundle, "frame");
  const thrown = unusedName(bundle, "thrown");
  const reads = layout === null ? [] : places.reads.flatMap((read) => indexed(read, layout, frame));
  const throws = places.thrown.flatMap(({ start, end }) => [
    { start, end: start, text: `${thrown}(` },
    { start: end, end, text: ")" },
  ]);
  const head = { start: 0, end: 0, text: `(${frame}, ${thrown}) => {` };
  // Where one place ends another's may begin: what closes comes before what opens.
  const edits = [head, ...[...reads, ...throws].sort((a, b) => a.start - b.start || a.end - b.end)];
  const { text, shifts } = applied(bundle, edits);
  return { source: `${text}\n;return ${MODULE_NAME}; }`, shifts, indices: reads.length };
}

/** The bundle's own column of a place in its instrumented form; both 1-based. */
export function originalColumn(shifts: readonly ColumnShift[], line: number, column: number): number {
  let by = 0;
  for (const shift of shifts) {
    if (shift.line !== line || shift.from > column) continue;
    if (column < shift.column) return shift.from - by;
    by = shift.by;
  }
  return column - by;
}

function applied(bundle: string, edits: readonly Edit[]): { readonly text: string; readonly shifts: ColumnShift[] } {
  const shifts: ColumnShift[] = [];
  let text = "";
  let done = 0;
  let line = 1;
  let lineStart = 0;
  let by = 0;
  const copy = (end: number) => {
    for (let at = bundle.indexOf("\n", done); at !== -1 && at < end; at = bundle.indexOf("\n", at + 1)) {
      line += 1;
      lineStart = at + 1;
      by = 0;
    }
    text += bundle.slice(done, end);
    done = end;
  };
  for (const edit of edits) {
    copy(edit.start);
    const from = edit.start - lineStart + by + 1;
    text += edit.text;
    done = edit.end;
    by += edit.text.length - (edit.end - edit.start);
    shifts.push({ line, from, column: from + edit.text.length, by });
  }
  copy(bundle.length);
  return { text, shifts };
}

/** No code of the bundle can name what it does not contain. */
function unusedName(bundle: string, name: string): string {
  let unused = `$${name}`;
  while (bundle.includes(unused)) unused = `$${unused}`;
  return unused;
}

function indexed({ start, end, from, path }: FrameRead, layout: FrameLayout, frame: string): Edit[] {
  const text = from === "window" ? windowRead(path, frame) : readingRead(path, layout, frame);
  return text === null ? [] : [{ start, end, text }];
}

const WINDOW_NUMBERS: Readonly<Record<string, HeaderField>> = {
  spot: "spot",
  open: "open",
  secondsLeft: "secondsLeft",
  feeRate: "feeRate",
  "up.bid": "upBid",
  "up.ask": "upAsk",
  "up.bidSize": "upBidSize",
  "up.askSize": "upAskSize",
  "down.bid": "downBid",
  "down.ask": "downAsk",
  "down.bidSize": "downBidSize",
  "down.askSize": "downAskSize",
};

function windowRead(path: FrameRead["path"], frame: string): string | null {
  const name = path.join(".");
  return Object.hasOwn(WINDOW_NUMBERS, name) ? `${frame}[${HEADER_INDEX[WINDOW_NUMBERS[name]!]}]` : null;
}

function readingRead([name, ...rest]: FrameRead["path"], layout: FrameLayout, frame: string): string | null {
  const field = layout.fields.find((one) => one.name === name);
  if (field?.type !== "reading") return null;
  const plain = isPlain(field);
  const output = plain ? 0 : field.outputs.indexOf(String(rest[0]));
  const [what, back] = plain ? rest : rest.slice(1);
  if (output === -1 || rest.length !== (plain ? 1 : 2) + (what === "at" ? 1 : 0)) return null;
  const value = field.offset + output * (2 + field.history);
  if (what === "value") return `${frame}[${value}]`;
  if (what === "ready") return `(${frame}[${value}]===${frame}[${value}])`;
  if (what === "at" && typeof back === "number" && back <= field.history) return `${frame}[${value + 1 + back}]`;
  return null;
}

/** Read as `rsi.value`, not `macd.signal.value`. */
export const isPlain = ({ outputs }: Extract<FrameField, { type: "reading" }>): boolean =>
  outputs.length === 1 && outputs[0] === "value";
