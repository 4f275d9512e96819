// Reads everything that the version store keeps: a byte that was changed in any of it is found, and named.
import { UserError } from "../base/errors.ts";
import { shortVersion } from "../base/ids.ts";
import { RecipeStore } from "./recipe-store.ts";
import { RuntimeStore } from "./runtime-store.ts";
import { VersionStore } from "./version-store.ts";

export interface BadFile {
  readonly file: string;
  /** What is wrong with it, and which versions it is of. */
  readonly what: string;
}

/** Of a data directory; one without any version has no files. */
export function verifyVersionStore(dir: string): { readonly files: number; readonly bad: readonly BadFile[] } {
  const [versions, recipes, runtimes] = [new VersionStore(dir), new RecipeStore(dir), new RuntimeStore(dir)];
  const bad: BadFile[] = [];
  const users = new Map<string, string[]>(runtimes.list().map((digest) => [digest, []]));
  let files = users.size;
  const check = (file: string, of: string, read: () => void): void => {
    try {
      read();
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      bad.push({ file, what: `${error.message}${of}` });
    }
  };
  for (const code of versions.list()) {
    files += 1;
    check(versions.file(code), "", () => versions.get(code));
  }
  for (const name of recipes.list()) {
    files += 1;
    check(recipes.file(name), "", () => {
      const { recipe, runtime } = recipes.get(name);
      const version = shortVersion(recipe.strategy, recipe.code);
      users.set(runtime, [...(users.get(runtime) ?? []), version]);
      if (versions.has(recipe.code)) return;
      bad.push({ file: versions.file(recipe.code), what: `${version} has a recipe, and no file of its sources` });
    });
  }
  for (const [digest, of] of users) {
    const ran = of.length === 0 ? "" : `: ${[...new Set(of)].join(", ")} ran on it`;
    check(runtimes.file(digest), ran, () => runtimes.get(digest));
  }
  return { files, bad };
}
