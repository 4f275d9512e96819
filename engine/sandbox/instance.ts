// One live QuickJS: strings in and out, calls, and the fuel gauge. Nothing here reads a guest object: what comes out of
// the guest is a primitive string made by the reader, or numbers in the output area.
import { assert } from "../base/assert.ts";
import { type CompiledEngine, instantiate, type QuickJs, type Wasm } from "./engine-module.ts";

/**
 * Most that one decision may execute: calls, loop turns and steps of regular expressions. A hundred times what a busy
 * strategy needs, and still spent before a watchdog could take a working worker for a hung one.
 */
export const FUEL_MAX = 250_000;
/** Most that evaluating a file may execute, its tables and its declaration included. */
export const LOAD_FUEL_MAX = 1_000_000;
/** QuickJS asks the interrupt handler once per so many ticks. */
export const POLL_TICKS = 10_000;
const EXPLAIN_POLLS_MAX = 2;
/**
 * Fuel does not bound natives: ten thousand ticks can take seconds. Past this the sandbox gives up, which is never a
 * decision: live, the watchdog acts long before; in virtual time the run ends.
 */
const REAL_TIME_MS_MAX = 2000;
/** Shadow stack of the guest. Small enough that V8's own stack, in any thread, is never the first to overflow. */
export const STACK_BYTES_MAX = 64 * 1024;
/** V8's own stack in the threads that strategies are loaded or decide in: deep recursion ends in the guest's limit. */
export const THREAD_STACK_MB = 16;

/** What the guest threw, as the reader explains it. */
export class GuestError extends Error {
  override readonly name = "GuestError";
  readonly text: string;
  readonly outOfFuel: boolean;

  constructor(text: string, outOfFuel: boolean) {
    super(text);
    this.text = text;
    this.outOfFuel = outOfFuel;
  }
}

/** Real time ran out: a run cannot go on, for what it would decide next would depend on the machine. */
export class SandboxOvertime extends Error {
  override readonly name = "SandboxOvertime";
  override readonly message = `A strategy ran for more than ${REAL_TIME_MS_MAX} ms without spending its fuel`;
}

/** V8 itself failed inside the sandbox, which depends on the machine as well: a run cannot go on from there. */
export class SandboxPoisoned extends Error {
  override readonly name = "SandboxPoisoned";
}

class Gauge {
  polls = 0;
  pollsMax = 0;
  overtime = false;
  #firstPollAtMs = 0;

  refuel(pollsMax: number): void {
    this.polls = 0;
    this.pollsMax = pollsMax;
    this.overtime = false;
  }

  /** Whether to interrupt the guest. */
  poll(): boolean {
    const now = performance.now();
    if (++this.polls === 1) this.#firstPollAtMs = now;
    this.overtime = now - this.#firstPollAtMs > REAL_TIME_MS_MAX;
    return this.polls >= this.pollsMax || this.overtime;
  }
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export class Instance {
  readonly quickJs: QuickJs;
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
  readonly buffer: ArrayBuffer;
  readonly #wasm: Wasm;
  readonly #stackBase: number;
  readonly #gauge: Gauge;

  static async create(compiled: CompiledEngine): Promise<Instance> {
    const gauge = new Gauge();
    return new Instance(await instantiate(compiled, () => gauge.poll()), gauge);
  }

  private constructor(wasm: Wasm, gauge: Gauge) {
    this.#wasm = wasm;
    this.#gauge = gauge;
    this.quickJs = wasm.quickJs;
    this.buffer = wasm.memory.buffer as ArrayBuffer;
    this.bytes = new Uint8Array(this.buffer);
    this.words = new Int32Array(this.buffer);
    this.#stackBase = wasm.stackPointer();
  }

  get stackBase(): number {
    return this.#stackBase;
  }

  get stackPointer(): number {
    return this.#wasm.stackPointer();
  }

  /** After V8's stack overflowed inside the module, its stack pointer hangs; memory is restored from a snapshot. */
  resetStack(): void {
    this.#wasm.setStackPointer(this.#stackBase);
  }

  get polls(): number {
    return this.#gauge.polls;
  }

  /** Whether fuel ran out; throws SandboxOvertime when real time did. */
  get outOfFuel(): boolean {
    if (this.#gauge.overtime) throw new SandboxOvertime();
    return this.#gauge.polls >= this.#gauge.pollsMax;
  }

  refuel(pollsMax = FUEL_MAX / POLL_TICKS): void {
    this.#gauge.refuel(pollsMax);
  }

  /** A NUL-terminated copy on the guest's heap. */
  writeText(text: string): { readonly pointer: number; readonly length: number } {
    const utf8 = encoder.encode(text);
    const pointer = this.quickJs._malloc(utf8.length + 1);
    assert(pointer !== 0, "The sandbox has no memory left for the host's text");
    this.bytes.set(utf8, pointer);
    this.bytes[pointer + utf8.length] = 0;
    return { pointer, length: utf8.length };
  }

  newString(context: number, text: string): number {
    const { pointer } = this.writeText(text);
    const value = this.quickJs._QTS_NewString(context, pointer);
    this.quickJs._free(pointer);
    return value;
  }

  property(context: number, object: number, name: string): number {
    const key = this.newString(context, name);
    const value = this.quickJs._QTS_GetProp(context, object, key);
    this.quickJs._QTS_FreeValuePointer(context, key);
    return value;
  }

  /** Bytes of a C string, in place. */
  textAt(pointer: number): Uint8Array {
    return this.bytes.subarray(pointer, this.bytes.indexOf(0, pointer));
  }

  /** Consumes `value`, which must be a primitive string. */
  takeString(context: number, value: number): string {
    const pointer = this.quickJs._QTS_GetString(context, value);
    const text = decoder.decode(this.textAt(pointer));
    this.quickJs._QTS_FreeCString(context, pointer);
    this.quickJs._QTS_FreeValuePointer(context, value);
    return text;
  }

  /** Runs a script in strict mode and gives its value. Throws GuestError explained by `explain`, 0 while there is none. */
  evaluate(context: number, code: string, file: string, explain: number): number {
    const STRICT = 8;
    const script = this.writeText(code);
    const name = this.writeText(file);
    const result = this.quickJs._QTS_Eval(context, script.pointer, script.length, name.pointer, 0, STRICT);
    this.quickJs._free(script.pointer);
    this.quickJs._free(name.pointer);
    return this.#unlessThrown(context, result, explain);
  }

  call(context: number, callee: number, values: readonly number[], explain: number): number {
    const array = this.quickJs._malloc(4 * (values.length + 1));
    this.words.set(values, array >> 2);
    const result = this.quickJs._QTS_Call(context, callee, this.quickJs._QTS_GetUndefined(), values.length, array);
    this.quickJs._free(array);
    return this.#unlessThrown(context, result, explain);
  }

  #unlessThrown(context: number, result: number, explain: number): number {
    const error = this.quickJs._QTS_ResolveException(context, result);
    if (error === 0) return result;
    const outOfFuel = this.outOfFuel;
    throw new GuestError(explain === 0 ? "" : this.explain(context, error, explain), outOfFuel);
  }

  /** The reader's words for a thrown value, within its own small budget; "" when even that fails. */
  explain(context: number, error: number, explain: number): string {
    this.refuel(EXPLAIN_POLLS_MAX);
    try {
      return this.takeString(context, this.call(context, explain, [error], 0));
    } catch (failure) {
      if (failure instanceof GuestError) return "";
      throw failure;
    }
  }
}
