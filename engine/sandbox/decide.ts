// One decision: put the sandbox back to its snapshot, write the frame, call the step function, take numbers and a text.
import { assert } from "../base/assert.ts";
import { MEMORY_BYTES_MAX } from "../decide/decision.ts";
import type { LocalImage } from "./image.ts";
import { type Instance, POLL_TICKS, SandboxOvertime } from "./instance.ts";
import { restore } from "./snapshot.ts";

/** Why there is no signal. The first three are the reader's; kinds of signals are 0 hold, 1 up, 2 down, 3 exit. */
export const NO_SIGNAL = { threw: -1, output: -2, memory: -3, fuel: -4, host: -5 } as const;

/** Taken off the kind of what failed in migrate(), before there was a decision. */
export const IN_MIGRATE = 10;

/** Parts the memory, or the name, from what follows in an answer's text. */
export const SEPARATOR = 1;

/**
 * A sandbox whose heap has grown beyond this is not kept: garbage that waits for its collection must not leave the next
 * decision with less memory than it would have alone.
 */
const KEPT_HEAP_BYTES_MAX = 1024 * 1024;

/** What came out of the sandbox, unchecked. */
export interface Answer {
  readonly kind: number;
  readonly probability: number;
  readonly limit: number;
  /** UTF-8 of `memory \x01 reason`, or of `name \x01 message \x01 stack`. Valid until the next decision. */
  readonly text: Uint8Array;
  readonly fuel: number;
  /** Most that the heap has reached, the version's own included. */
  readonly heapBytes: number;
}

/** Whether two answers say the same, whatever they took. */
export function isSameAnswer(one: Answer, other: Answer): boolean {
  if (one.kind !== other.kind || !Object.is(one.probability, other.probability)) return false;
  if (!Object.is(one.limit, other.limit) || one.text.length !== other.text.length) return false;
  for (let at = one.text.length - 1; at >= 0; at--) if (one.text[at] !== other.text[at]) return false;
  return true;
}

const NO_TEXTS: readonly Uint8Array[] = [];
const encoder = new TextEncoder();
const decoder = new TextDecoder();

export class Decider {
  readonly #instance: Instance;
  readonly #doubles: Float64Array;
  /** The kept version whose sandbox is as a decision that ended well left it; null = restore first. */
  #live: LocalImage | null;
  #isPoisoned = false;
  #hasTrapped = false;
  /** What came of the last call: why it failed, else where its values lie. A kept sandbox is rid of them before the next. */
  #failure: Answer | null = null;
  #image: LocalImage | null = null;
  #result = 0;
  #text = 0;
  #texts = 0;

  /** `live` is what the instance already holds. */
  constructor(instance: Instance, live: LocalImage | null = null) {
    this.#instance = instance;
    this.#doubles = new Float64Array(instance.buffer);
    this.#live = live;
  }

  /** V8 itself failed inside the sandbox: it must not decide again. */
  get isPoisoned(): boolean {
    return this.#isPoisoned;
  }

  /** It was a trap of WebAssembly: as the engine's code and memory would have it, on any machine. */
  get hasTrapped(): boolean {
    return this.#hasTrapped;
  }

  /** Whether it would decide from where its last decision ended. */
  keeps(image: LocalImage): boolean {
    return this.#live === image;
  }

  /** `memory` is JSON in UTF-8. What fails is an answer too; throws only SandboxOvertime. */
  decide(image: LocalImage, frame: Float64Array, memory: Uint8Array): Answer {
    this.step(image, frame, memory);
    return this.answer();
  }

  /** As decide(), but gives the answer's kind alone: the numbers and `answer` are there until the next decision. */
  step(image: LocalImage, frame: Float64Array, memory: Uint8Array): number {
    if (memory.length > MEMORY_BYTES_MAX) return this.#fail(memoryTooLong(memory.length));
    this.#prepare(image);
    this.#doubles.set(frame, image.frame >> 3);
    return this.#call(image, image.step, image.remembers ? [memory] : NO_TEXTS);
  }

  /** Of a decision that gave a signal. */
  get probability(): number {
    return this.#doubles[(this.#image!.out >> 3) + 1]!;
  }

  get limit(): number {
    return this.#doubles[(this.#image!.out >> 3) + 2]!;
  }

  /** All of the last answer. */
  answer(): Answer {
    if (this.#failure !== null) return this.#failure;
    const image = this.#image!;
    const { quickJs, bytes } = this.#instance;
    if (this.#text === 0) this.#text = quickJs._QTS_GetString(image.context, this.#result);
    const text = bytes.subarray(this.#text, bytes.indexOf(0, this.#text));
    const kind = this.#doubles[image.out >> 3]!;
    const { probability, limit } = this;
    return { kind, probability, limit, text, fuel: this.#fuel(image), heapBytes: this.#heapBytes(image) };
  }

  /** This version's memory made from another's, `from` its name in UTF-8: a hold whose memory part is the new one. */
  migrate(image: LocalImage, memory: Uint8Array, from: Uint8Array): Answer {
    for (const { length } of [memory, from]) {
      if (length > MEMORY_BYTES_MAX) return memoryTooLong(length);
    }
    // What a kept sandbox goes on from is a decision: never what migrate() left, and nothing that migrate() could see.
    this.#live = null;
    this.#prepare(image);
    this.#call(image, image.migrate, [memory, from]);
    const answer = this.answer();
    this.#live = null;
    const refused = answer.kind >= 0 ? unsound(answer) : answer;
    return refused === null ? answer : { ...answer, kind: refused.kind - IN_MIGRATE, text: refused.text };
  }

  /**
   * Decides with what migrate() makes of another's memory. Each has a decision's fuel; the answer has that of both, and always
   * a memory part. `onMigrated` is called in between.
   */
  decideMigrated(
    image: LocalImage,
    frame: Float64Array,
    memory: Uint8Array,
    from: Uint8Array,
    onMigrated?: () => void,
  ): Answer {
    const migrated = this.migrate(image, memory, from);
    if (migrated.kind !== 0) return migrated;
    onMigrated?.();
    const made = migrated.text.slice(0, migrated.text.indexOf(SEPARATOR));
    const answer = this.decide(image, frame, made);
    return {
      ...answer,
      text: answer.kind >= 0 && answer.text[0] === SEPARATOR ? Buffer.concat([made, answer.text]) : answer.text,
      fuel: migrated.fuel + answer.fuel,
      heapBytes: Math.max(migrated.heapBytes, answer.heapBytes),
    };
  }

  #prepare(image: LocalImage): void {
    assert(!this.#isPoisoned, "A sandbox that failed is discarded");
    if (this.#live === image) return this.#release(image);
    this.#instance.resetStack();
    restore(this.#instance, image.restorable, image.heapEnd);
  }

  /** What a decision starts from must not hold the values of the one before. */
  #release({ context, values }: LocalImage): void {
    if (this.#result === 0) return;
    const { quickJs, words } = this.#instance;
    if (this.#text !== 0) quickJs._QTS_FreeCString(context, this.#text);
    quickJs._QTS_FreeValuePointer(context, this.#result);
    for (let index = 0; index < this.#texts; index++) {
      quickJs._QTS_FreeValuePointer(context, words[(values >> 2) + index]!);
    }
  }

  /** Gives the answer's kind. */
  #call(image: LocalImage, callee: number, texts: readonly Uint8Array[]): number {
    const { quickJs, words } = this.#instance;
    const doubles = this.#doubles;
    const out = image.out >> 3;
    this.#live = null;
    this.#failure = null;
    this.#image = image;
    this.#text = 0;
    this.#texts = texts.length;
    doubles[out] = doubles[out + 1] = doubles[out + 2] = Number.NaN;
    words[image.countdown >> 2] = POLL_TICKS;
    this.#instance.refuel();
    try {
      const values = image.values >> 2;
      for (let index = 0; index < texts.length; index++) words[values + index] = this.#newString(image, texts[index]!);
      const result = quickJs._QTS_Call(image.context, callee, image.undefined, texts.length, image.values);
      this.#result = result;
      const error = quickJs._QTS_ResolveException(image.context, result);
      if (error !== 0) return this.#fail(this.#uncaught(image, error, this.#fuel(image)));
      const kind = doubles[out]!;
      // Some natives swallow the interruption: what was decided after it is none the less no decision.
      if (this.#instance.outOfFuel) {
        const said = kind < 0 ? decoder.decode(this.answer().text) : "";
        return this.#fail(this.#failed(image, NO_SIGNAL.fuel, said, this.#fuel(image)));
      }
      if (image.isKept && kind >= 0 && this.#heapBytes(image) <= KEPT_HEAP_BYTES_MAX) this.#live = image;
      return kind;
    } catch (error) {
      this.#isPoisoned = true;
      if (error instanceof SandboxOvertime) throw error;
      // V8 itself gave up inside the module: a stack overflow or a trap.
      this.#hasTrapped = error instanceof Error && error.name === "RuntimeError";
      const reason = error instanceof Error ? error.message : String(error);
      const words = `Error\x01the sandbox failed: ${reason}\x01`;
      return this.#fail(this.#failed(image, NO_SIGNAL.host, words, this.#fuel(image)));
    }
  }

  #fail(answer: Answer): number {
    this.#failure = answer;
    return answer.kind;
  }

  /** What the reader could not catch: spent fuel, or no memory left for its own words. */
  #uncaught(image: LocalImage, error: number, fuel: number): Answer {
    const outOfFuel = this.#instance.outOfFuel;
    const text = this.#instance.explain(image.context, error, image.explain);
    if (outOfFuel) return this.#failed(image, NO_SIGNAL.fuel, text, fuel);
    const isMemory = text === "" || text.includes("\x01out of memory\x01");
    return this.#failed(image, isMemory ? NO_SIGNAL.memory : NO_SIGNAL.threw, text, fuel);
  }

  #failed(image: LocalImage, kind: number, text: string, fuel: number): Answer {
    return { ...failed(kind, text), fuel, heapBytes: this.#heapBytes(image) };
  }

  #heapBytes({ heapEnd }: LocalImage): number {
    return this.#instance.words[heapEnd >> 2]! - this.#instance.stackBase;
  }

  #fuel(image: LocalImage): number {
    return this.#instance.polls * POLL_TICKS + POLL_TICKS - this.#instance.words[image.countdown >> 2]!;
  }

  #newString(image: LocalImage, text: Uint8Array): number {
    this.#instance.bytes.set(text, image.memoryText);
    this.#instance.bytes[image.memoryText + text.length] = 0;
    return this.#instance.quickJs._QTS_NewString(image.context, image.memoryText);
  }
}

/** The answer to a request whose memory does not fit. */
export const memoryTooLong = (bytes: number): Answer =>
  failed(NO_SIGNAL.memory, `MemoryError\x01memory is ${bytes} bytes of JSON, expected at most ${MEMORY_BYTES_MAX}\x01`);

/** The host's check of what migrate() made; null when it can be decided with. */
function unsound({ kind, text }: Answer): Answer | null {
  const bytes = text.indexOf(SEPARATOR);
  if (bytes > MEMORY_BYTES_MAX) return memoryTooLong(bytes);
  return kind === 0 && bytes > 0 ? null : failed(NO_SIGNAL.host, "Error\x01the sandbox answered nonsense\x01");
}

const failed = (kind: number, text: string): Answer => ({
  kind,
  probability: Number.NaN,
  limit: Number.NaN,
  text: encoder.encode(text),
  fuel: 0,
  heapBytes: 0,
});
