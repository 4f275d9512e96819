// Bytes as they are written into the journal: integers by size, numbers and texts to the bit. `ByteReader` is its mirror.
import { assert } from "../base/assert.ts";

const START_BYTES = 64 * 1024;

/** Zigzag doubles an integer, and what is doubled must still be exact. */
export const INTEGER_MAX = 2 ** 51;

/** How a text is stored: a byte a character, UTF-8, or UTF-16 where it is not well-formed. */
export const TEXT_KINDS = 3;
export const ASCII = 0;
export const UTF8 = 1;
const UTF16 = 2;

const NOT_ASCII = /[^\0-\x7f]/;
const LONE_SURROGATE = /\p{Surrogate}/u;

export class ByteWriter {
  #buffer: Buffer<ArrayBuffer> = Buffer.allocUnsafeSlow(START_BYTES);
  #view = new DataView(this.#buffer.buffer);
  #at = 0;

  get length(): number {
    return this.#at;
  }

  /** What was written since the last `clear`: valid until the next write. */
  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#at);
  }

  clear(): void {
    this.#at = 0;
  }

  byte(value: number): void {
    this.#need(1);
    this.#buffer[this.#at++] = value;
  }

  /** An integer from 0: seven bits a byte, the lowest first. */
  count(value: number): void {
    assert(Number.isSafeInteger(value) && value >= 0, `${value} is not a count`);
    this.#need(8);
    let rest = value;
    while (rest >= 0x8000_0000) {
      this.#buffer[this.#at++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    while (rest >= 128) {
      this.#buffer[this.#at++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    this.#buffer[this.#at++] = rest;
  }

  /** Small ones of either sign take few bytes. */
  integer(value: number): void {
    assert(Math.abs(value) <= INTEGER_MAX, `${value} is not an integer that can be recorded`);
    this.count(value < 0 ? -value * 2 - 1 : value * 2);
  }

  bigint(value: bigint): void {
    const small = Number(value);
    if (Math.abs(small) < INTEGER_MAX / 2) return this.count(small < 0 ? -small * 4 - 2 : small * 4);
    const hex = (value < 0n ? -value : value).toString(16);
    this.count(hex.length * 4 + (value < 0n ? 3 : 1));
    this.#ascii(hex);
  }

  double(value: number): void {
    this.#need(8);
    this.#view.setFloat64(this.#at, value, true);
    this.#at += 8;
  }

  /** The halves of a double's bits. */
  bits(low: number, high: number): void {
    this.#need(8);
    this.#view.setUint32(this.#at, low, true);
    this.#view.setUint32(this.#at + 4, high, true);
    this.#at += 8;
  }

  raw(bytes: Uint8Array): void {
    this.#need(bytes.length);
    this.#buffer.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  text(value: string): void {
    if (!NOT_ASCII.test(value)) {
      this.count(value.length * TEXT_KINDS + ASCII);
      return this.#ascii(value);
    }
    const isWellFormed = !LONE_SURROGATE.test(value);
    const bytes = Buffer.from(value, isWellFormed ? "utf8" : "utf16le");
    this.count(bytes.length * TEXT_KINDS + (isWellFormed ? UTF8 : UTF16));
    this.raw(bytes);
  }

  /** Quicker than `text`, for what is not kept. */
  wide(value: string): void {
    this.count(value.length);
    this.#need(2 * value.length);
    this.#at += this.#buffer.write(value, this.#at, "utf16le");
  }

  #ascii(value: string): void {
    this.#need(value.length);
    this.#at += this.#buffer.write(value, this.#at, "latin1");
  }

  #need(bytes: number): void {
    if (this.#at + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#buffer.length * 2, this.#at + bytes));
    larger.set(this.bytes);
    this.#buffer = larger;
    this.#view = new DataView(larger.buffer);
  }
}
