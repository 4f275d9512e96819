// Replaces a file whole: written beside it, then renamed over it, so that a reader sees the old text or the new one.
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";

export interface AtomicWriteOptions {
  /** Waits until text and name are on disk, so that a power cut cannot undo it. */
  readonly durable: boolean;
}

let lastPartial = 0;

/** A name that no other write uses, in this process or another. */
function partialOf(path: string): string {
  lastPartial += 1;
  return `${path}.${process.pid}.${lastPartial}.tmp`;
}

export function writeFileAtomicSync(path: string, text: string, { durable }: AtomicWriteOptions): void {
  const partial = partialOf(path);
  try {
    writeFileSync(partial, text, { flush: durable });
    renameSync(partial, path);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
  if (!durable) return;
  const dir = openSync(dirname(path), "r");
  try {
    fsyncSync(dir);
  } finally {
    closeSync(dir);
  }
}

export async function writeFileAtomic(path: string, text: string, { durable }: AtomicWriteOptions): Promise<void> {
  const partial = partialOf(path);
  try {
    await using file = await open(partial, "w");
    await file.writeFile(text);
    if (durable) await file.sync();
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
  if (!durable) return;
  await using dir = await open(dirname(path), "r");
  await dir.sync();
}
