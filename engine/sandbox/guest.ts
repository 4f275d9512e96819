// A sandbox in the making: the reader and the guard evaluated once, then one strategy at a time on top of a copy of that.
import { assert } from "../base/assert.ts";
import { MEMORY_BYTES_MAX } from "../decide/decision.ts";
import { FRAME_DOUBLES_MAX, type FrameLayout } from "../frame/layout.ts";
import { findCountdown } from "./fuel-countdown.ts";
import type { SandboxImage, SandboxPlaces } from "./image.ts";
import { type Instance, LOAD_FUEL_MAX, POLL_TICKS, STACK_BYTES_MAX } from "./instance.ts";
import { BUNDLE_FILE, type InstrumentedBundle } from "./instrumented.ts";
import { readerSource, type Series, seriesOf } from "./reader-source.ts";
import { type BaseSnapshot, type HostArea, restore, takeBase, takeSnapshot } from "./snapshot.ts";
import type { BundleOrigin } from "./source-position.ts";

const OUT_DOUBLES = 4;
const READER_FUNCTIONS = [
  "bind",
  "explain",
  "noted",
  "view",
  "plain",
  "describe",
  "configure",
  "addSeries",
  "finish",
  "migrate",
] as const;
type ReaderFunction = (typeof READER_FUNCTIONS)[number];

// BaseObjects, Eval, RegExp, RegExpCompiler, JSON, Proxy, MapSet, TypedArrays, Promise, StringNormalize: all but Date,
// and so neither `performance` nor weak references.
const INTRINSICS = 1 | 4 | 8 | 16 | 32 | 64 | 128 | 256 | 512 | 1024;

/** What makes a frame's numbers into the objects that a strategy reads. */
export interface FrameReader {
  readonly source: string;
  /** Views of the frame, as the source numbers them. */
  readonly series: readonly Series[];
}

export const frameReaderOf = (layout: FrameLayout): FrameReader => ({
  source: readerSource(layout),
  series: seriesOf(layout),
});

export class Guest {
  readonly instance: Instance;
  readonly #places: SandboxPlaces;
  readonly #reader: Readonly<Record<ReaderFunction, number>>;
  readonly #hostArea: HostArea;
  readonly #base: BaseSnapshot;

  /** The instance must be fresh. */
  constructor(instance: Instance, sources: { readonly reader: string; readonly guard: string }, heapEnd: number) {
    this.instance = instance;
    const { quickJs } = instance;
    const runtime = quickJs._QTS_NewRuntime();
    quickJs._QTS_RuntimeSetMaxStackSize(runtime, STACK_BYTES_MAX);
    quickJs._QTS_RuntimeEnableInterruptHandler(runtime);
    const context = quickJs._QTS_NewContext(runtime, INTRINSICS);
    instance.refuel();

    const reader = instance.evaluate(context, sources.reader, "reader.js", 0);
    instance.evaluate(context, sources.guard, "guard.js", 0);
    const handles = READER_FUNCTIONS.map((name) => [name, instance.property(context, reader, name)]);
    this.#reader = Object.fromEntries(handles) as Record<ReaderFunction, number>;

    const frameBytes = FRAME_DOUBLES_MAX * 8;
    const textBytes = MEMORY_BYTES_MAX + 8;
    const start = quickJs._malloc(frameBytes + textBytes + OUT_DOUBLES * 8 + 16);
    assert(start !== 0 && start % 8 === 0, "The sandbox has no aligned memory for the frame");
    const out = start + frameBytes + textBytes;
    this.#hostArea = { start, end: out + OUT_DOUBLES * 8 + 16 };
    this.#places = {
      context,
      countdown: findCountdown(instance, context),
      frame: start,
      memoryText: start + frameBytes,
      out,
      values: out + OUT_DOUBLES * 8,
      undefined: quickJs._QTS_GetUndefined(),
      heapEnd,
      explain: this.#reader.explain,
    };
    // The reader keeps both for ever, so the guest never frees what it adopts.
    instance.call(context, this.#reader.bind, [this.#buffer(start, frameBytes), this.#buffer(out, OUT_DOUBLES * 8)], 0);
    this.#base = takeBase(instance, heapEnd, this.#hostArea);
  }

  /**
   * Evaluates a bundle in an empty sandbox and gives its module. `frameSize`: how many numbers of the frame its indices
   * may reach, 0 when it has none. This and all below throw GuestError.
   */
  evaluate({ source }: Pick<InstrumentedBundle, "source">, frameSize = 0): number {
    const { context, explain, frame, heapEnd } = this.#places;
    this.instance.resetStack();
    restore(this.instance, this.#base, heapEnd);
    this.instance.refuel(LOAD_FUEL_MAX / POLL_TICKS);
    const view = this.instance.call(context, this.#reader.view, [this.#buffer(frame, 8 * frameSize)], 0);
    const module = this.instance.evaluate(context, source, BUNDLE_FILE, explain);
    return this.instance.call(context, module, [view, this.#reader.noted], explain);
  }

  /** Calls a function of the reader that answers with a string. */
  ask(name: "describe" | "configure" | "plain", value: number): string {
    const { context, explain } = this.#places;
    return this.instance.takeString(context, this.instance.call(context, this.#reader[name], [value], explain));
  }

  askText(name: "configure", text: string): string {
    return this.ask(name, this.instance.newString(this.#places.context, text));
  }

  /** Builds the frame's reader and takes the snapshot that decisions start from. */
  seal(
    layout: FrameLayout,
    remembers: boolean,
    origin: BundleOrigin,
    reader: FrameReader = frameReaderOf(layout),
  ): SandboxImage {
    const { context, explain, frame } = this.#places;
    for (const { offset, length } of reader.series) {
      this.instance.call(context, this.#reader.addSeries, [this.#buffer(frame + 8 * offset, 8 * length)], explain);
    }
    const make = this.instance.evaluate(context, reader.source, "frame.js", explain);
    const step = this.instance.call(context, this.#reader.finish, [make], explain);
    const snapshot = takeSnapshot(this.instance, this.#places.heapEnd, this.#hostArea, this.#base);
    return {
      ...this.#places,
      snapshot,
      step,
      migrate: this.#reader.migrate,
      frameSize: layout.size,
      remembers,
      origin,
    };
  }

  #buffer(at: number, length: number): number {
    return this.instance.quickJs._QTS_NewArrayBuffer(this.#places.context, at, length);
  }
}
