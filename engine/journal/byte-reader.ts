// Reads what a `ByteWriter` wrote. What runs over the end was not written by it.
import { ASCII, TEXT_KINDS, UTF8 } from "./byte-writer.ts";

export class ByteReader {
  readonly #buffer: Buffer;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get isAtEnd(): boolean {
    return this.#at === this.#buffer.length;
  }

  byte(): number {
    if (this.#at >= this.#buffer.length) throw new RangeError("it ends too early");
    return this.#buffer[this.#at++]!;
  }

  count(): number {
    let byte = this.byte();
    let value = byte & 127;
    for (let scale = 128; byte >= 128; scale *= 128) {
      byte = this.byte();
      value += (byte & 127) * scale;
    }
    return value;
  }

  integer(): number {
    const folded = this.count();
    return folded % 2 === 0 ? folded / 2 : -(folded + 1) / 2;
  }

  bigint(): bigint {
    const folded = this.count();
    if (folded % 4 === 0) return BigInt(folded / 4);
    if (folded % 4 === 2) return BigInt(-(folded + 2) / 4);
    const magnitude = BigInt(`0x${this.#take(Math.floor(folded / 4)).toString("latin1")}`);
    return folded % 4 === 3 ? -magnitude : magnitude;
  }

  double(): number {
    const value = this.#view.getFloat64(this.#at, true);
    this.#at += 8;
    return value;
  }

  /** Half of a double's bits, the low one first. */
  half(): number {
    const value = this.#view.getUint32(this.#at, true);
    this.#at += 4;
    return value;
  }

  /** A view, not a copy. */
  raw(length: number): Uint8Array {
    return this.#take(length);
  }

  text(): string {
    const head = this.count();
    const [kind, length] = [head % TEXT_KINDS, Math.floor(head / TEXT_KINDS)];
    const bytes = this.#take(length);
    return kind === ASCII
      ? bytes.toString("latin1")
      : kind === UTF8
        ? bytes.toString("utf8")
        : bytes.toString("utf16le");
  }

  #take(length: number): Buffer {
    if (length > this.#buffer.length - this.#at) throw new RangeError("it ends too early");
    this.#at += length;
    return this.#buffer.subarray(this.#at - length, this.#at);
  }
}
