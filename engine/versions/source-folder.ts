// Where a strategy's files come from: a folder on disk, or the sources kept in the version store.
import { readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { basename, join, resolve, sep } from "node:path";
import type { Sources } from "./dsl-sources.ts";

/** The bundler takes seconds for some files of twice this size. */
export const SOURCE_BYTES_MAX = 64 * 1024;

export interface SourceFolder {
  /** How people know the folder: the first part of every file name in errors and source maps; "" for none. */
  readonly name: string;
  /** Text of a file by its path relative to the folder, or why there is none. */
  read(path: string): { readonly text: string } | { readonly problem: string };
}

/** A file as people know it: `strategies/momentum.ts`. */
export const fileName = ({ name }: Pick<SourceFolder, "name">, path: string): string =>
  name === "" ? path : `${name}/${path}`;

export class DiskFolder implements SourceFolder {
  readonly name: string;
  readonly #root: string;

  constructor(root: string, name = basename(resolve(root))) {
    this.#root = resolve(root);
    this.name = name;
  }

  read(path: string): { readonly text: string } | { readonly problem: string } {
    try {
      const file = realpathSync(join(this.#root, path));
      if (!file.startsWith(realpathSync(this.#root) + sep))
        return { problem: "it is a link that leads outside the folder" };
      const found = statSync(file);
      if (!found.isFile()) return { problem: "it is not a file" };
      const { size } = found;
      if (size > SOURCE_BYTES_MAX) return { problem: `it has ${size} bytes, expected at most ${SOURCE_BYTES_MAX}` };
      return { text: readFileSync(file, "utf8") };
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      return { problem: code === "ENOENT" ? "there is no such file" : `it cannot be read (${code ?? error})` };
    }
  }

  /** The strategies: files directly in the folder. What lies deeper is there to be imported. */
  strategies(): readonly string[] {
    return readdirSync(this.#root, { withFileTypes: true })
      .filter((entry) => !entry.isDirectory() && entry.name.endsWith(".ts") && !entry.name.endsWith(".d.ts"))
      .map((entry) => entry.name)
      .sort();
  }
}

export class StoredFolder implements SourceFolder {
  readonly name: string;
  readonly #sources: Sources;

  constructor(name: string, sources: Sources) {
    this.name = name;
    this.#sources = sources;
  }

  read(path: string): { readonly text: string } | { readonly problem: string } {
    const text = this.#sources[path];
    return text === undefined ? { problem: "the stored version does not hold it" } : { text };
  }
}
