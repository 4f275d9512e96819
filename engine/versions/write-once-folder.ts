// A folder of files that are written once, for ever: durable when they are there, and never half there.
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
import { messageOf, UserError } from "../base/errors.ts";
import { pack, unpack } from "./packed.ts";

export interface FolderOptions<Value> {
  /** End of the file names. */
  readonly ending: string;
  /** For people: what the file of that name holds, "version 3f9a2c1e", and how to get it back. */
  readonly title: (name: string) => string;
  readonly hint: string;
  /** Throws an Error that says what is wrong. */
  readonly decode: (name: string, content: Buffer) => Value;
}

export class WriteOnceFolder<Value> {
  readonly #folder: string;
  readonly #options: FolderOptions<Value>;

  /** It is made when something is first put into it. */
  constructor(folder: string, options: FolderOptions<Value>) {
    this.#folder = folder;
    this.#options = options;
  }

  /**
   * Durable when it returns. What is already there stays as it was first written; what was damaged is written again, for its
   * name says what it must be, and the damaged file is kept beside it as evidence.
   */
  put(name: string, content: string | Uint8Array): void {
    const file = this.file(name);
    if (this.#isWhole(name)) return;
    mkdirSync(this.#folder, { recursive: true });
    // One writer a process, and a crashed one leaves at most one such file behind.
    const temporary = `${file}.${process.pid}.tmp`;
    const descriptor = openSync(temporary, "w");
    try {
      writeFileSync(descriptor, pack(content));
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    if (this.has(name)) renameSync(file, `${file}.damaged`);
    renameSync(temporary, file);
    syncFolder(this.#folder);
  }

  /** Throws a UserError naming the file when it is missing, unreadable, or not what its name says. */
  get(name: string): Value {
    const { title, hint, decode } = this.#options;
    const where = this.file(name);
    const wrong = (what: string, cause: unknown): UserError =>
      new UserError("data", `Cannot load ${title(name)}: ${what}`, { where, hint, cause });
    let bytes: Buffer;
    try {
      bytes = readFileSync(where);
    } catch (error) {
      throw wrong("the version store has no such file", error);
    }
    try {
      return decode(name, unpack(bytes));
    } catch (error) {
      throw wrong(`the file is damaged (${messageOf(error)})`, error);
    }
  }

  has(name: string): boolean {
    return existsSync(this.file(name));
  }

  list(): readonly string[] {
    if (!existsSync(this.#folder)) return [];
    const { ending } = this.#options;
    return readdirSync(this.#folder)
      .filter((file) => file.endsWith(ending))
      .map((file) => file.slice(0, -ending.length))
      .sort();
  }

  file(name: string): string {
    return join(this.#folder, name + this.#options.ending);
  }

  #isWhole(name: string): boolean {
    if (!this.has(name)) return false;
    try {
      this.get(name);
      return true;
    } catch (error) {
      if (error instanceof UserError) return false;
      throw error;
    }
  }
}

function syncFolder(folder: string): void {
  const descriptor = openSync(folder, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
