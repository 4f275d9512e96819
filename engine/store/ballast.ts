// Disk space held back for bad times: freed when the disk is full, so that exits, fills and settlements can still be recorded.
import { randomFillSync } from "node:crypto";
import { appendFileSync, rmSync, statfsSync, statSync } from "node:fs";
import { join } from "node:path";

export const BALLAST_BYTES = 32 * 1024 * 1024;
const CHUNK_BYTES = 1024 * 1024;

/** Grows slowly: a start-up has better things to do, and other writers share the disk. */
export const BALLAST_PAUSE_MS = 250;

/** The ballast is not taken from a disk that is nearly full. */
const FREE_BYTES_MIN = 4 * BALLAST_BYTES;

export class Ballast {
  readonly #path: string;
  readonly #dir: string;
  #isReleased = false;

  constructor(dir: string) {
    this.#dir = dir;
    this.#path = join(dir, "ballast");
  }

  /** Adds one chunk; false when it is complete, was released in this life, or must not or cannot grow. */
  grow(): boolean {
    if (this.#isReleased) return false;
    try {
      if (this.#size() >= BALLAST_BYTES) return false;
      const { bavail, bsize } = statfsSync(this.#dir);
      if (bavail * bsize < FREE_BYTES_MIN) return false;
      // Random bytes: zeros take no space on a file system that compresses.
      appendFileSync(this.#path, randomFillSync(new Uint8Array(CHUNK_BYTES)));
      return true;
    } catch {
      return false;
    }
  }

  /** True when there was something to free. */
  release(): boolean {
    this.#isReleased = true;
    const size = this.#size();
    rmSync(this.#path, { force: true });
    return size > 0;
  }

  #size(): number {
    return statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0;
  }
}
