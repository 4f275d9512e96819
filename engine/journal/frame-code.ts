// A frame as what has changed since the slot's frame before. Nearly every number is one that is known: guessed, the same as
// before, moved by a place because a candle closed, or the same as its neighbour. Which are which is a pattern of runs, and the
// patterns come again; the others are written as they are.
import { FRAME_DOUBLES_MAX } from "../frame/layout.ts";
import type { ByteReader } from "./byte-reader.ts";
import { FrameGuess } from "./frame-guess.ts";
import type { MarketMemory } from "./market-memory.ts";
import type { ValueReader, ValueWriter } from "./value-code.ts";

// What a number of a frame is, in the order in which it is looked for.
const GUESSED = 0;
const SAME = 1;
/** One place before this in the frame before: newest first, as readings are. */
const FROM_LEFT = 2;
/** One place after it: oldest first, as candles are. */
const FROM_RIGHT = 3;
/** The number before it in this frame. */
const REPEATED = 4;
const NEW = 5;
const CODES = 6;

/** One character of a pattern holds a run: its length times CODES, plus its code. */
const RUN_MAX = Math.min(FRAME_DOUBLES_MAX, Math.floor(0xffff / CODES));

const NaN_HIGH = 0x7ff8_0000;

/** The frame of a slot as it was last, for both sides alike. */
export class FrameMemory {
  readonly #guess: FrameGuess;
  /** Halves of the bits of its numbers, the low one first. */
  #bits: Uint32Array = new Uint32Array(0);

  constructor(slot: string) {
    this.#guess = new FrameGuess(slot);
  }

  write(to: ValueWriter, memory: MarketMemory, frame: Float64Array): void {
    const bits = bitsOf(frame);
    const guessed = this.#guess.at(to.nowMs, this.#bits, memory);
    this.#resize(frame.length);
    const pattern = patternOf(bits, this.#bits, guessed);
    to.name(pattern);
    let at = 0;
    for (let index = 0; index < pattern.length; index++) {
      const run = pattern.charCodeAt(index);
      const end = at + Math.floor(run / CODES);
      if (run % CODES === NEW) for (; at < end; at++) to.bytes.bits(bits[2 * at]!, bits[2 * at + 1]!);
      at = end;
    }
    this.#bits.set(bits);
  }

  read(from: ValueReader, memory: MarketMemory): Float64Array {
    const pattern = from.name();
    const length = lengthOf(pattern);
    const guessed = this.#guess.at(from.nowMs, this.#bits, memory);
    this.#resize(length);
    const frame = new Float64Array(length);
    const bits = bitsOf(frame);
    fill(bits, pattern, this.#bits, guessed, from.bytes);
    this.#bits = bits;
    return frame;
  }

  /** What was never seen is taken for NaN, which frames are padded with. */
  #resize(length: number): void {
    if (this.#bits.length === 2 * length) return;
    this.#bits = new Uint32Array(2 * length);
    for (let high = 1; high < 2 * length; high += 2) this.#bits[high] = NaN_HIGH;
  }
}

const bitsOf = (frame: Float64Array): Uint32Array => new Uint32Array(frame.buffer, frame.byteOffset, 2 * frame.length);

function patternOf(bits: Uint32Array, before: Uint32Array, guessed: Uint32Array): string {
  const length = bits.length / 2;
  const runs: number[] = [];
  let run = 0;
  let code = NEW;
  for (let at = 0; at < length; at++) {
    if (run > 0 && run < RUN_MAX && code !== NEW && isA(code, at, bits, before, guessed)) {
      run += 1;
      continue;
    }
    let found = GUESSED;
    while (found < NEW && !isA(found, at, bits, before, guessed)) found += 1;
    if (found === code && run < RUN_MAX) run += 1;
    else {
      if (run > 0) runs.push(run * CODES + code);
      code = found;
      run = 1;
    }
  }
  if (run > 0) runs.push(run * CODES + code);
  return String.fromCharCode(...runs);
}

function isA(code: number, at: number, bits: Uint32Array, before: Uint32Array, guessed: Uint32Array): boolean {
  switch (code) {
    case GUESSED:
      return equal(bits, at, guessed, at);
    case SAME:
      return equal(bits, at, before, at);
    case FROM_LEFT:
      return equal(bits, at, before, at - 1);
    case FROM_RIGHT:
      return equal(bits, at, before, at + 1);
    default:
      return equal(bits, at, bits, at - 1);
  }
}

/** False where there is no such place. */
const equal = (one: Uint32Array, at: number, other: Uint32Array, there: number): boolean =>
  one[2 * at] === other[2 * there] && one[2 * at + 1] === other[2 * there + 1];

function fill(bits: Uint32Array, pattern: string, before: Uint32Array, guessed: Uint32Array, bytes: ByteReader): void {
  let at = 0;
  for (let index = 0; index < pattern.length; index++) {
    const run = pattern.charCodeAt(index);
    const code = run % CODES;
    const end = at + Math.floor(run / CODES);
    for (; at < end; at++) {
      const source = code === GUESSED ? guessed : code === REPEATED ? bits : before;
      const there = code === FROM_RIGHT ? at + 1 : code === FROM_LEFT || code === REPEATED ? at - 1 : at;
      bits[2 * at] = code === NEW ? bytes.half() : source[2 * there]!;
      bits[2 * at + 1] = code === NEW ? bytes.half() : source[2 * there + 1]!;
    }
  }
}

function lengthOf(pattern: string): number {
  let length = 0;
  for (let index = 0; index < pattern.length; index++) length += Math.floor(pattern.charCodeAt(index) / CODES);
  if (length > FRAME_DOUBLES_MAX) throw new RangeError(`a frame of ${length} numbers`);
  return length;
}
