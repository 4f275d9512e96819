// Any plain value as bytes and back: objects, arrays, Map, Set, bigint, undefined, NaN and -0 survive. Texts and the keys of
// objects are named once in a group of rows, and are a byte or two after that.
import { AssertionFailed, assert } from "../base/assert.ts";
import type { ByteReader } from "./byte-reader.ts";
import { ByteWriter, INTEGER_MAX } from "./byte-writer.ts";
import { phraseOf, wordingOf } from "./wording.ts";

const NULL = 0;
const UNDEFINED = 1;
const FALSE = 2;
const TRUE = 3;
const DOUBLE = 4;
const INTEGER = 5;
/** A time of this day: an integer, less the time of the row. */
const TIME = 6;
const NEW_TEXT = 7;
const TEXT = 8;
const BIGINT = 9;
const ARRAY = 10;
const NEW_SHAPE = 11;
const SHAPE = 12;
const MAP = 13;
const SET = 14;
const DOUBLES = 15;
const SMALL = 16;
const KNOWN_SHAPE = 80;
const KNOWN_TEXT = 128;
const TAGS = 256;

const DAY_MS = 86_400_000;
const DECIMALS = 1e6;
const SCALED_MAX = 2 ** 50;

/** Longer texts are not likely to come again. */
const TABLED_CHARS_MAX = 256;
const TABLED_MAX = 65_536;

export class ValueWriter {
  readonly bytes = new ByteWriter();
  /** Market time of the row. */
  nowMs = 0;
  readonly #texts = new Map<string, number>();
  readonly #shapes = new Map<string, number>();

  /** Nothing that was named before is known to who reads from here on. */
  forget(): void {
    this.#texts.clear();
    this.#shapes.clear();
  }

  /** A text that is likely to come again. */
  name(text: string): void {
    const known = this.#texts.get(text);
    this.bytes.count(known === undefined ? 0 : known + 1);
    if (known === undefined) this.#newText(text);
  }

  /** A text with numbers in it: the words are likely to come again, the numbers are not. */
  phrase(text: string): void {
    const { wording, numbers } = wordingOf(text);
    this.name(wording);
    for (const number of numbers) this.bytes.count(number);
  }

  /** A number that is likely to be `guess`, or near it with at most six decimals. */
  decimal(value: number, guess: number): void {
    if (Object.is(value, guess)) return this.bytes.count(0);
    const scaled = scaledOf(value);
    const difference = scaled === null ? null : scaled - (scaledOf(guess) ?? 0);
    if (difference !== null && Math.abs(difference) < SCALED_MAX) return this.bytes.count(folded(difference) + 2);
    this.bytes.count(1);
    this.bytes.double(value);
  }

  value(value: unknown): void {
    switch (typeof value) {
      case "string":
        return this.#text(value);
      case "number":
        return this.#number(value);
      case "boolean":
        return this.bytes.byte(value ? TRUE : FALSE);
      case "undefined":
        return this.bytes.byte(UNDEFINED);
      case "bigint":
        this.bytes.byte(BIGINT);
        return this.bytes.bigint(value);
      case "object":
        return value === null ? this.bytes.byte(NULL) : this.#object(value);
      default:
        throw new AssertionFailed(`A ${typeof value} cannot be recorded`);
    }
  }

  #text(text: string): void {
    const known = this.#texts.get(text);
    if (known === undefined) {
      this.bytes.byte(NEW_TEXT);
      this.#newText(text);
    } else this.#reference(known, TEXT, KNOWN_TEXT, TAGS);
  }

  #newText(text: string): void {
    this.bytes.text(text);
    if (text.length <= TABLED_CHARS_MAX && this.#texts.size < TABLED_MAX) this.#texts.set(text, this.#texts.size);
  }

  /** The first ones are the tag itself. */
  #reference(index: number, tag: number, first: number, end: number): void {
    if (index < end - first) return this.bytes.byte(first + index);
    this.bytes.byte(tag);
    this.bytes.count(index);
  }

  #number(value: number): void {
    if (!Number.isInteger(value) || Math.abs(value) > INTEGER_MAX || Object.is(value, -0)) {
      this.bytes.byte(DOUBLE);
      return this.bytes.double(value);
    }
    if (value >= 0 && value < KNOWN_SHAPE - SMALL) return this.bytes.byte(SMALL + value);
    const isTime = Math.abs(value - this.nowMs) < DAY_MS;
    this.bytes.byte(isTime ? TIME : INTEGER);
    this.bytes.integer(isTime ? value - this.nowMs : value);
  }

  #object(value: object): void {
    if (Array.isArray(value)) this.#list(ARRAY, value);
    else if (value instanceof Map) this.#list(MAP, [...value].flat(1));
    else if (value instanceof Set) this.#list(SET, [...value]);
    else if (value instanceof Float64Array) {
      this.bytes.byte(DOUBLES);
      this.bytes.count(value.length);
      this.bytes.raw(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    } else this.#record(value);
  }

  #list(tag: number, values: readonly unknown[]): void {
    this.bytes.byte(tag);
    this.bytes.count(values.length);
    for (const each of values) this.value(each);
  }

  #record(value: object): void {
    const prototype = Object.getPrototypeOf(value);
    assert(prototype === null || prototype.constructor?.name === "Object", "Only plain objects can be recorded");
    const keys = Object.keys(value);
    const shape = JSON.stringify(keys);
    const known = this.#shapes.get(shape);
    if (known === undefined) {
      if (this.#shapes.size < TABLED_MAX) this.#shapes.set(shape, this.#shapes.size);
      this.bytes.byte(NEW_SHAPE);
      this.bytes.count(keys.length);
      for (const key of keys) this.name(key);
    } else this.#reference(known, SHAPE, KNOWN_SHAPE, KNOWN_TEXT);
    for (const key of keys) this.value((value as Record<string, unknown>)[key]);
  }
}

export class ValueReader {
  bytes: ByteReader;
  nowMs = 0;
  readonly #texts: string[] = [];
  readonly #shapes: (readonly string[])[] = [];

  constructor(bytes: ByteReader) {
    this.bytes = bytes;
  }

  forget(): void {
    this.#texts.length = 0;
    this.#shapes.length = 0;
  }

  name(): string {
    const reference = this.bytes.count();
    return reference === 0 ? this.#newText() : known(this.#texts, reference - 1);
  }

  phrase(): string {
    return phraseOf(this.name(), () => this.bytes.count());
  }

  decimal(guess: number): number {
    const code = this.bytes.count();
    if (code === 0) return guess;
    if (code === 1) return this.bytes.double();
    return ((scaledOf(guess) ?? 0) + unfolded(code - 2)) / DECIMALS;
  }

  value(): unknown {
    const { bytes } = this;
    const tag = bytes.byte();
    if (tag >= KNOWN_TEXT) return known(this.#texts, tag - KNOWN_TEXT);
    if (tag >= KNOWN_SHAPE) return this.#record(known(this.#shapes, tag - KNOWN_SHAPE));
    if (tag >= SMALL) return tag - SMALL;
    switch (tag) {
      case NULL:
        return null;
      case UNDEFINED:
        return undefined;
      case FALSE:
        return false;
      case TRUE:
        return true;
      case DOUBLE:
        return bytes.double();
      case INTEGER:
        return bytes.integer();
      case TIME:
        return this.nowMs + bytes.integer();
      case NEW_TEXT:
        return this.#newText();
      case TEXT:
        return known(this.#texts, bytes.count());
      case BIGINT:
        return bytes.bigint();
      case ARRAY:
        return this.#list();
      case NEW_SHAPE:
        return this.#record(this.#newShape());
      case SHAPE:
        return this.#record(known(this.#shapes, bytes.count()));
      case MAP:
        return this.#map();
      case SET:
        return new Set(this.#list());
      case DOUBLES:
        return new Float64Array(Uint8Array.from(bytes.raw(bytes.count() * 8)).buffer);
      default:
        throw new AssertionFailed(`Unhandled tag ${tag}`);
    }
  }

  #newText(): string {
    const text = this.bytes.text();
    if (text.length <= TABLED_CHARS_MAX && this.#texts.length < TABLED_MAX) this.#texts.push(text);
    return text;
  }

  #newShape(): readonly string[] {
    // Before its keys, as it was written: their texts are another table.
    const shape: string[] = [];
    if (this.#shapes.length < TABLED_MAX) this.#shapes.push(shape);
    for (let left = this.bytes.count(); left > 0; left--) shape.push(this.name());
    return shape;
  }

  #list(): unknown[] {
    const values: unknown[] = [];
    for (let left = this.bytes.count(); left > 0; left--) values.push(this.value());
    return values;
  }

  #map(): Map<unknown, unknown> {
    const flat = this.#list();
    const map = new Map<unknown, unknown>();
    for (let at = 0; at < flat.length; at += 2) map.set(flat[at], flat[at + 1]);
    return map;
  }

  #record(shape: readonly string[]): unknown {
    // Not by assignment: a key may be "__proto__".
    return Object.fromEntries(shape.map((key) => [key, this.value()]));
  }
}

const folded = (value: number): number => (value < 0 ? -value * 2 - 1 : value * 2);
const unfolded = (value: number): number => (value % 2 === 0 ? value / 2 : -(value + 1) / 2);

/** Null for a number that a million times itself does not give back. */
function scaledOf(value: number): number | null {
  const scaled = Math.round(value * DECIMALS);
  const isExact = Math.abs(scaled) < SCALED_MAX && scaled / DECIMALS === value && !Object.is(scaled, -0);
  return isExact ? scaled : null;
}

function known<T>(table: readonly T[], index: number): T {
  const found = table[index];
  if (found === undefined) throw new RangeError(`entry ${index} of a table was not named`);
  return found;
}
