// The whole state of an idle QuickJS is its memory: copying it back is a new sandbox. The C stack is dead while idle,
// and the frame's area belongs to the host, so neither is part of a snapshot. All versions start from the same empty
// sandbox: a version's snapshot is that one's bytes and its own pages on top.
import { assert } from "../base/assert.ts";
import type { Instance } from "./instance.ts";

/** How quickjs-emscripten was linked; static data lies below the stack, the heap above it. */
const C_STACK_BYTES = 5 * 1024 * 1024;
/** Pages are compared and kept whole: smaller ones make more copies, larger ones more bytes. */
const PAGE_BYTES = 1024;

/** Bytes of memory `[at, at + bytes.length)`, in shared memory: other threads restore from the very same bytes. */
interface Region {
  readonly at: number;
  readonly bytes: Uint8Array;
}

/** The sandbox without a strategy. */
export type BaseSnapshot = readonly Region[];

export interface Snapshot {
  readonly base: BaseSnapshot;
  /** What differs from the base, and the heap beyond it. */
  readonly pages: readonly Region[];
}

/** Part of the heap that the host owns. */
export interface HostArea {
  readonly start: number;
  readonly end: number;
}

/** `heapEnd` is where the word lies that holds the heap's end (see `findHeapEnd`). */
export function takeBase(instance: Instance, heapEnd: number, host: HostArea): BaseSnapshot {
  return copied(regionsOf(instance, heapEnd, host), shared);
}

export function takeSnapshot(instance: Instance, heapEnd: number, host: HostArea, base: BaseSnapshot): Snapshot {
  const pages = regionsOf(instance, heapEnd, host).flatMap((region, index) => changedPages(region, base[index]!));
  return { base, pages: copied(pages, shared) };
}

const shared = (bytes: number): SharedArrayBuffer => new SharedArrayBuffer(bytes);
const local = (bytes: number): ArrayBuffer => new ArrayBuffer(bytes);

/** Copies into one buffer: one object for each thread to be handed, and not one a page. */
function copied(regions: readonly Region[], allocate: (bytes: number) => ArrayBufferLike): Region[] {
  const buffer = allocate(regions.reduce((sum, { bytes }) => sum + bytes.length, 0));
  let offset = 0;
  return regions.map(({ at, bytes }) => {
    const copy = new Uint8Array(buffer, offset, bytes.length);
    copy.set(bytes);
    offset += bytes.length;
    return { at, bytes: copy };
  });
}

function regionsOf(instance: Instance, heapEnd: number, host: HostArea): Region[] {
  const stackTop = instance.stackBase;
  assert(instance.stackPointer === stackTop, "Cannot take a snapshot: the sandbox is not idle");
  const region = (start: number, end: number): Region => ({ at: start, bytes: instance.bytes.subarray(start, end) });
  return [
    region(0, stackTop - C_STACK_BYTES),
    region(stackTop, host.start),
    region(host.end, instance.words[heapEnd >> 2]!),
  ];
}

/** Neighbouring pages that differ are one region. */
function changedPages({ at, bytes }: Region, base: Region): Region[] {
  assert(base.at === at && base.bytes.length <= bytes.length, "Cannot take a snapshot: the sandbox's heap has shrunk");
  const regions: Region[] = [];
  let start = -1;
  const keep = (end: number) => {
    if (start >= 0) regions.push({ at: at + start, bytes: bytes.subarray(start, end) });
    start = -1;
  };
  for (let page = 0; page < bytes.length; page += PAGE_BYTES) {
    const end = Math.min(page + PAGE_BYTES, bytes.length);
    if (isEqual(bytes, base.bytes, page, end)) keep(page);
    else if (start < 0) start = page;
  }
  keep(bytes.length);
  return regions;
}

const isEqual = (one: Uint8Array, other: Uint8Array, start: number, end: number): boolean =>
  end <= other.length && Buffer.compare(one.subarray(start, end), other.subarray(start, end)) === 0;

/** What puts a sandbox back, in one thread: copying out of shared memory is several times slower. */
export type Restorable = readonly Region[];

/** What lay beyond the restored heap is zeroed: nothing is left of whatever ran before, not even in free memory. */
export function restore(instance: Instance, restorable: Restorable, heapEnd: number): void {
  const before = instance.words[heapEnd >> 2]!;
  for (const { at, bytes } of restorable) instance.bytes.set(bytes, at);
  const after = instance.words[heapEnd >> 2]!;
  if (after < before) instance.bytes.fill(0, after, before);
}

/** This thread's copies of snapshots. There is one empty sandbox; should another come from elsewhere, it is kept as well. */
export class LocalSnapshots {
  readonly #bases: BaseSnapshot[] = [];

  restorable({ base, pages }: Snapshot): Restorable {
    const own = copied(pages, local);
    return [...this.#local(base).flatMap((region) => without(region, own)), ...own].sort((a, b) => a.at - b.at);
  }

  #local(base: BaseSnapshot): BaseSnapshot {
    const known = this.#bases.find((one) => one.every((region, index) => isSame(region, base[index]!)));
    if (known !== undefined) return known;
    const kept = copied(base, local);
    this.#bases.push(kept);
    return kept;
  }
}

/** The parts of a region that no page replaces; pages are in order. */
function without({ at, bytes }: Region, pages: readonly Region[]): Region[] {
  const end = at + bytes.length;
  const rest: Region[] = [];
  let start = at;
  for (const page of [...pages.filter((one) => one.at >= at && one.at < end), { at: end, bytes: new Uint8Array(0) }]) {
    if (page.at > start) rest.push({ at: start, bytes: bytes.subarray(start - at, page.at - at) });
    start = page.at + page.bytes.length;
  }
  return rest;
}

const isSame = (one: Region, other: Region): boolean =>
  one.at === other.at &&
  one.bytes.length === other.bytes.length &&
  isEqual(one.bytes, other.bytes, 0, one.bytes.length);

/**
 * The allocator keeps the heap's end in one word of static data: the greatest of those that a large allocation moves.
 * Gives its place in bytes. Uses up the instance.
 */
export function findHeapEnd(instance: Instance): number {
  const PROBE_BYTES = 300_000;
  const words = (instance.stackBase - C_STACK_BYTES) >> 2;
  const before = instance.words.slice(0, words);
  const block = instance.quickJs._malloc(PROBE_BYTES);
  let found = -1;
  for (let index = 0; index < words; index++) {
    const value = instance.words[index]!;
    if (value === before[index] || value < block + PROBE_BYTES || value > instance.bytes.length) continue;
    if (found === -1 || value > instance.words[found]!) found = index;
  }
  assert(found !== -1, "Cannot find the end of the sandbox's heap");
  return found << 2;
}
