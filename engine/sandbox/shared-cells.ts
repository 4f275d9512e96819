// The memory that the trading thread and one sandbox worker share: a batch of requests, and their answers. Each worker
// has its own, so one that was given up can write into nobody else's. An answer counts once its stamp is there; stamps
// are written last.
import { MEMORY_BYTES_MAX } from "../decide/decision.ts";
import { FRAME_DOUBLES_MAX } from "../frame/layout.ts";
import type { Answer } from "./decide.ts";

export const BATCH_REQUESTS_MAX = 64;
const FRAMES_DOUBLES = 4 * FRAME_DOUBLES_MAX;
const TEXT_BYTES_MAX = 4096;
/** The memory, then the name of whose it is: a strategy's file name and eight digits. */
const REQUEST_BYTES_MAX = 2 * MEMORY_BYTES_MAX;
const IDLE = -1;
// Whether the worker goes on with its batch.
const GOES_ON = 0;
const TO_STOP = 1;
const STOPPED = 2;

// Integers of one request.
const VERSION = 0;
const FRAME_AT = 1;
const FRAME_LENGTH = 2;
const MEMORY_LENGTH = 3;
const TEXT_LENGTH = 4;
const STAMP = 5;
const FROM_LENGTH = 6;
const INTS = 8;
// Doubles of one answer.
const OUT = 5;

export interface CellRequest {
  /** The host's number for an installed version. */
  readonly version: number;
  readonly frame: Float64Array;
  /** At most MEMORY_BYTES_MAX bytes. */
  readonly memory: Uint8Array;
  /** The version whose memory it is, which is migrated before the decision; null when it is the version's own. */
  readonly from: Uint8Array | null;
}

const DOUBLES = FRAMES_DOUBLES + BATCH_REQUESTS_MAX * OUT + 1;
const INTEGERS = BATCH_REQUESTS_MAX * INTS + 2;

export class SharedCells {
  static readonly BYTES = DOUBLES * 8 + INTEGERS * 4 + BATCH_REQUESTS_MAX * (REQUEST_BYTES_MAX + TEXT_BYTES_MAX);
  readonly buffer: SharedArrayBuffer;
  readonly #frames: Float64Array;
  readonly #outs: Float64Array;
  /** When the position being decided was begun. */
  readonly #begun: Float64Array;
  /** Position being decided, and whether to go on to the next; then INTS for each request. */
  readonly #current: Int32Array;
  readonly #ints: Int32Array;
  readonly #memories: Uint8Array;
  readonly #texts: Uint8Array;

  constructor(buffer = new SharedArrayBuffer(SharedCells.BYTES)) {
    this.buffer = buffer;
    this.#frames = new Float64Array(buffer, 0, FRAMES_DOUBLES);
    this.#outs = new Float64Array(buffer, FRAMES_DOUBLES * 8, BATCH_REQUESTS_MAX * OUT);
    this.#begun = new Float64Array(buffer, (DOUBLES - 1) * 8, 1);
    this.#current = new Int32Array(buffer, DOUBLES * 8, 2);
    this.#ints = new Int32Array(buffer, DOUBLES * 8 + 8, BATCH_REQUESTS_MAX * INTS);
    const bytesAt = DOUBLES * 8 + INTEGERS * 4;
    this.#memories = new Uint8Array(buffer, bytesAt, BATCH_REQUESTS_MAX * REQUEST_BYTES_MAX);
    this.#texts = new Uint8Array(buffer, bytesAt + this.#memories.length);
  }

  /** Writes as many requests as fit, in order, and says how many: at least one. */
  pack(requests: readonly CellRequest[]): number {
    let frameAt = 0;
    let count = 0;
    for (const { version, frame, memory, from } of requests) {
      if (count === BATCH_REQUESTS_MAX || frameAt + frame.length > FRAMES_DOUBLES) break;
      const ints = count * INTS;
      this.#ints[ints + VERSION] = version;
      this.#ints[ints + FRAME_AT] = frameAt;
      this.#ints[ints + FRAME_LENGTH] = frame.length;
      this.#ints[ints + MEMORY_LENGTH] = memory.length;
      this.#frames.set(frame, frameAt);
      this.#ints[ints + FROM_LENGTH] = from?.length ?? 0;
      this.#memories.set(memory, count * REQUEST_BYTES_MAX);
      if (from !== null) this.#memories.set(from, count * REQUEST_BYTES_MAX + memory.length);
      frameAt += frame.length;
      count++;
    }
    Atomics.store(this.#current, 0, IDLE);
    Atomics.store(this.#current, 1, GOES_ON);
    return count;
  }

  /** Views of a packed request. */
  requestAt(position: number): CellRequest {
    const ints = position * INTS;
    const frameAt = this.#ints[ints + FRAME_AT]!;
    const memoryAt = position * REQUEST_BYTES_MAX;
    const fromAt = memoryAt + this.#ints[ints + MEMORY_LENGTH]!;
    const fromLength = this.#ints[ints + FROM_LENGTH]!;
    return {
      version: this.#ints[ints + VERSION]!,
      frame: this.#frames.subarray(frameAt, frameAt + this.#ints[ints + FRAME_LENGTH]!),
      memory: this.#memories.subarray(memoryAt, fromAt),
      from: fromLength === 0 ? null : this.#memories.subarray(fromAt, fromAt + fromLength),
    };
  }

  /** Asks the worker to end its batch with the decision that it is at. */
  stop(): void {
    Atomics.store(this.#current, 1, TO_STOP);
  }

  /** Whether the batch was ended early: what was not begun never will be. */
  get stopped(): boolean {
    return Atomics.load(this.#current, 1) === STOPPED;
  }

  /** The worker's side of `stop`. */
  mustStop(): boolean {
    return Atomics.compareExchange(this.#current, 1, TO_STOP, STOPPED) === TO_STOP;
  }

  /** Says which request is being decided, and since when by `monotonicMs`, for whoever finds that it never ends. */
  begin(position: number, atMs: number): void {
    this.#begun[0] = atMs;
    Atomics.store(this.#current, 0, position);
  }

  /** Since when the worker is at its position; null before the first. */
  get begunMs(): number | null {
    return this.current === IDLE ? null : this.#begun[0]!;
  }

  publish(position: number, stamp: number, { kind, probability, limit, fuel, heapBytes, text }: Answer): void {
    const length = Math.min(text.length, TEXT_BYTES_MAX);
    this.#outs.set([kind, probability, limit, fuel, heapBytes], position * OUT);
    this.#texts.set(text.subarray(0, length), position * TEXT_BYTES_MAX);
    this.#ints[position * INTS + TEXT_LENGTH] = length;
    Atomics.store(this.#ints, position * INTS + STAMP, stamp);
  }

  /** The position being decided; -1 before the first. */
  get current(): number {
    return Atomics.load(this.#current, 0);
  }

  /** The answer with this stamp; null while it is not there. */
  answerAt(position: number, stamp: number): Answer | null {
    if (Atomics.load(this.#ints, position * INTS + STAMP) !== stamp) return null;
    const textAt = position * TEXT_BYTES_MAX;
    const outs = this.#outs;
    const out = position * OUT;
    const text = this.#texts.slice(textAt, textAt + this.#ints[position * INTS + TEXT_LENGTH]!);
    return {
      kind: outs[out]!,
      probability: outs[out + 1]!,
      limit: outs[out + 2]!,
      fuel: outs[out + 3]!,
      heapBytes: outs[out + 4]!,
      text,
    };
  }
}
