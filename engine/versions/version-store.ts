// Every version that was ever loaded, by its own digest and for ever: what ran last night can be read, diffed and run again.
// Files are written once, through a rename, and checked against their name whenever they are read.
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { canonicalJson } from "../base/canonical-json.ts";
import { messageOf, UserError } from "../base/errors.ts";
import type { CodeVersion } from "../base/ids.ts";
import { codeVersionOf, sha256 } from "./code-version.ts";
import type { Artifact } from "./port.ts";

const STORED_BYTES_MAX = 32 * 1024 * 1024;
const ENDING = ".json.gz";

/** The artifact's own digest covers its sources; `check` covers what was made of them. */
interface Stored {
  readonly artifact: Artifact;
  readonly check: string;
}

export class VersionStore {
  readonly #folder: string;

  /** Keeps its files in `<dir>/versions/`. */
  constructor(dir: string) {
    this.#folder = join(dir, "versions");
    mkdirSync(this.#folder, { recursive: true });
  }

  /**
   * Durable when it returns. A version that is already here stays as it was first written. One that was damaged is written
   * again, for its name says what it must be, and the damaged file is kept beside it as evidence.
   */
  put(artifact: Artifact): void {
    const file = this.#file(artifact.code);
    if (this.#isWhole(artifact.code)) return;
    const stored: Stored = { artifact, check: checkOf(artifact) };
    // One writer a process, and a crashed one leaves at most one such file behind.
    const temporary = `${file}.${process.pid}.tmp`;
    const descriptor = openSync(temporary, "w");
    try {
      writeFileSync(descriptor, gzipSync(JSON.stringify(stored)));
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    if (this.has(artifact.code)) renameSync(file, `${file}.damaged`);
    renameSync(temporary, file);
    syncFolder(this.#folder);
  }

  /** Throws a UserError naming the file when it is missing, unreadable, or not what its name says. */
  get(code: CodeVersion): Artifact {
    const file = this.#file(code);
    const wrong = (what: string, cause?: unknown): UserError =>
      new UserError("data", `Cannot load version ${code.slice(0, 8)}: ${what}`, {
        where: file,
        hint: "Restore the file from a backup; or delete it and save the strategy once more",
        cause,
      });
    let bytes: Buffer;
    try {
      bytes = readFileSync(file);
    } catch (error) {
      throw wrong("the version store has no such file", error);
    }
    let stored: Stored;
    try {
      stored = JSON.parse(gunzipSync(bytes, { maxOutputLength: STORED_BYTES_MAX }).toString()) as Stored;
      const { artifact } = stored;
      const actual = codeVersionOf(artifact.entry, artifact.sources, artifact.digests);
      if (artifact.code !== code || actual !== code) throw wrong(`its sources have the digest ${actual.slice(0, 8)}`);
      if (stored.check !== checkOf(artifact)) throw wrong("its bundle is not the one that was stored");
    } catch (error) {
      throw error instanceof UserError ? error : wrong(`the file is damaged (${messageOf(error)})`, error);
    }
    return stored.artifact;
  }

  #isWhole(code: CodeVersion): boolean {
    if (!this.has(code)) return false;
    try {
      this.get(code);
      return true;
    } catch (error) {
      if (error instanceof UserError) return false;
      throw error;
    }
  }

  has(code: CodeVersion): boolean {
    return existsSync(this.#file(code));
  }

  list(): readonly CodeVersion[] {
    return readdirSync(this.#folder)
      .filter((name) => name.endsWith(ENDING))
      .map((name) => name.slice(0, -ENDING.length) as CodeVersion)
      .sort();
  }

  #file(code: CodeVersion): string {
    return join(this.#folder, code + ENDING);
  }
}

function checkOf({ strategy, entry, bundle, sourceMap, analysis }: Artifact): string {
  // The oldest artifacts have none: they are read all the same, and built again for the engine of today.
  const analysed = analysis === undefined ? {} : { analysis: JSON.stringify(analysis) };
  return sha256(canonicalJson({ strategy, entry, bundle, sourceMap, ...analysed }));
}

function syncFolder(folder: string): void {
  const descriptor = openSync(folder, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
