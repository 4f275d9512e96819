// The whole state of an idle QuickJS is its memory: copying it back is a new sandbox. The C stack is dead while idle,
// and the frame's area belongs to the host, so neither is part of a snapshot.
import { assert } from "../base/assert.ts";
import type { Instance } from "./instance.ts";

/** How quickjs-emscripten was linked; static data lies below the stack, the heap above it. */
const C_STACK_BYTES = 5 * 1024 * 1024;

/** Bytes of memory `[at, at + bytes.length)`, in shared memory: other threads restore from the very same bytes. */
interface Region {
  readonly at: number;
  readonly bytes: Uint8Array;
}
export type Snapshot = readonly Region[];

/** Part of the heap that the host owns. */
export interface HostArea {
  readonly start: number;
  readonly end: number;
}

/** `heapEndWord` is the index of the word that holds the heap's end (see `findHeapEnd`). */
export function takeSnapshot(instance: Instance, heapEndWord: number, host: HostArea): Snapshot {
  const stackTop = instance.stackBase;
  assert(instance.stackPointer === stackTop, "Cannot take a snapshot: the sandbox is not idle");
  return [
    region(instance, 0, stackTop - C_STACK_BYTES),
    region(instance, stackTop, host.start),
    region(instance, host.end, instance.words[heapEndWord]!),
  ];
}

export function restore(instance: Instance, snapshot: Snapshot): void {
  for (const { at, bytes } of snapshot) instance.bytes.set(bytes, at);
}

/** The same bytes outside shared memory, from which copying is several times faster. */
export const localCopy = (snapshot: Snapshot): Snapshot =>
  snapshot.map(({ at, bytes }) => ({ at, bytes: new Uint8Array(bytes) }));

function region(instance: Instance, start: number, end: number): Region {
  assert(start >= 0 && end >= start, `Cannot take a snapshot of ${start} to ${end}`);
  const bytes = new Uint8Array(new SharedArrayBuffer(end - start));
  bytes.set(instance.bytes.subarray(start, end));
  return { at: start, bytes };
}

/**
 * The allocator keeps the heap's end in one word of static data: the greatest of those that a large allocation moves.
 * Uses up the instance.
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
  return found;
}
