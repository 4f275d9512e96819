// What runs in a sandbox around every strategy, kept once for each release that ran here: the WebAssembly, the guard and the
// reader, by the digest of all three.
import { join } from "node:path";
import { canonicalJson } from "../base/canonical-json.ts";
import type { Runtime } from "../sandbox/engine-file.ts";
import { ENGINE_VARIANTS, type EngineVariant } from "../sandbox/engine-module.ts";
import { sha256 } from "./code-version.ts";
import { WriteOnceFolder } from "./write-once-folder.ts";

/** A line of JSON, and the WebAssembly behind it. */
interface Head {
  readonly variant: EngineVariant;
  readonly reader: string;
  readonly guard: string;
}

const LINE_END = 10;

export class RuntimeStore {
  readonly #files: WriteOnceFolder<Runtime>;

  /** Keeps its files in `<dir>/runtimes/`. */
  constructor(dir: string) {
    this.#files = new WriteOnceFolder(join(dir, "runtimes"), {
      ending: ".gz",
      title: (digest) => `runtime ${digest.slice(0, 8)}`,
      hint: "Restore the file from a backup; or delete it and start the release that wrote it once more",
      decode,
    });
  }

  /** Durable when it returns its name. */
  put(runtime: Runtime): string {
    const content = encode(runtime);
    const digest = sha256(content);
    this.#files.put(digest, content);
    return digest;
  }

  /** Throws a UserError naming the file when it is missing, unreadable, or not what its name says. */
  get(digest: string): Runtime {
    return this.#files.get(digest);
  }

  file(digest: string): string {
    return this.#files.file(digest);
  }

  list(): readonly string[] {
    return this.#files.list();
  }
}

function encode({ variant, reader, guard, wasm }: Runtime): Buffer {
  const head: Head = { variant, reader, guard };
  return Buffer.concat([Buffer.from(`${canonicalJson({ ...head })}\n`), wasm]);
}

function decode(digest: string, content: Buffer): Runtime {
  const actual = sha256(content);
  if (actual !== digest) throw new Error(`its content has the digest ${actual.slice(0, 8)}`);
  const headEnd = content.indexOf(LINE_END);
  const head = JSON.parse(content.subarray(0, headEnd).toString()) as Head;
  if (!ENGINE_VARIANTS.includes(head.variant)) throw new Error(`it is for an engine "${head.variant}", unknown here`);
  return { ...head, wasm: content.subarray(headEnd + 1) };
}
