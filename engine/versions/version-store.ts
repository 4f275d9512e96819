// Every version that was ever loaded, by its own digest and for ever: what ran last night can be read, diffed and run again.
// Files are written once, and checked against their name whenever they are read.
import { join } from "node:path";
import { canonicalJson } from "../base/canonical-json.ts";
import type { CodeVersion } from "../base/ids.ts";
import { codeVersionOf, sha256 } from "./code-version.ts";
import type { Artifact } from "./port.ts";
import { WriteOnceFolder } from "./write-once-folder.ts";

/** The artifact's own digest covers its sources; `check` covers what was made of them. */
interface Stored {
  readonly artifact: Artifact;
  readonly check: string;
}

export class VersionStore {
  readonly #files: WriteOnceFolder<Artifact>;

  /** Keeps its files in `<dir>/versions/`. */
  constructor(dir: string) {
    this.#files = new WriteOnceFolder(join(dir, "versions"), {
      ending: ".json.gz",
      title: (code) => `version ${code.slice(0, 8)}`,
      hint: "Restore the file from a backup; or delete it and save the strategy once more",
      decode,
    });
  }

  /** Durable when it returns. A version that is already here stays as it was first written. */
  put(artifact: Artifact): void {
    const stored: Stored = { artifact, check: checkOf(artifact) };
    this.#files.put(artifact.code, JSON.stringify(stored));
  }

  /** Throws a UserError naming the file when it is missing, unreadable, or not what its name says. */
  get(code: CodeVersion): Artifact {
    return this.#files.get(code);
  }

  has(code: CodeVersion): boolean {
    return this.#files.has(code);
  }

  file(code: CodeVersion): string {
    return this.#files.file(code);
  }

  list(): readonly CodeVersion[] {
    return this.#files.list() as readonly CodeVersion[];
  }
}

function decode(code: string, content: Buffer): Artifact {
  const { artifact, check } = JSON.parse(content.toString()) as Stored;
  const actual = codeVersionOf(artifact.entry, artifact.sources, artifact.digests);
  if (artifact.code !== code || actual !== code) throw new Error(`its sources have the digest ${actual.slice(0, 8)}`);
  if (check !== checkOf(artifact)) throw new Error("its bundle is not the one that was stored");
  return artifact;
}

function checkOf({ strategy, entry, bundle, sourceMap, analysis, commit }: Artifact): string {
  // The oldest artifacts have no analysis: they are read all the same, and built again for the engine of today.
  const analysed = analysis === undefined ? {} : { analysis: JSON.stringify(analysis) };
  const committed = commit === undefined ? {} : { commit };
  return sha256(canonicalJson({ strategy, entry, bundle, sourceMap, ...analysed, ...committed }));
}
