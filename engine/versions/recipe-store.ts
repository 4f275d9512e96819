// What each version ran on, by its code and params: with it, its artifact and its runtime, an old decision is made again exactly.
import { join } from "node:path";
import { canonicalJson, type Json } from "../base/canonical-json.ts";
import type { CodeVersion, ParamsHash } from "../base/ids.ts";
import type { Recipe } from "../sandbox/recipe.ts";
import { sha256 } from "./code-version.ts";
import { WriteOnceFolder } from "./write-once-folder.ts";

export interface KeptRecipe {
  readonly recipe: Recipe;
  /** Its runtime's name. */
  readonly runtime: string;
}

interface Stored extends KeptRecipe {
  readonly check: string;
}

interface RecipeName {
  readonly code: CodeVersion;
  readonly params: ParamsHash;
}

export class RecipeStore {
  readonly #files: WriteOnceFolder<KeptRecipe>;

  /** Keeps its files in `<dir>/recipes/`. */
  constructor(dir: string) {
    this.#files = new WriteOnceFolder(join(dir, "recipes"), {
      ending: ".json.gz",
      title: (name) => `the recipe of version ${name.slice(0, 8)}`,
      hint: "Restore the file from a backup; or delete it and save the strategy once more",
      decode,
    });
  }

  /** Durable when it returns. */
  put(kept: KeptRecipe): void {
    const stored: Stored = { ...kept, check: checkOf(kept) };
    this.#files.put(nameOf(kept.recipe), JSON.stringify(stored));
  }

  /** Throws a UserError naming the file when it is missing, unreadable, or not what its name says. */
  get(name: RecipeName): KeptRecipe {
    return this.#files.get(nameOf(name));
  }

  has(name: RecipeName): boolean {
    return this.#files.has(nameOf(name));
  }

  file(name: RecipeName): string {
    return this.#files.file(nameOf(name));
  }

  list(): readonly RecipeName[] {
    return this.#files.list().map((name) => {
      const [code, params] = name.split("-");
      return { code, params } as RecipeName;
    });
  }
}

const nameOf = ({ code, params }: RecipeName): string => `${code}-${params}`;

function decode(name: string, content: Buffer): KeptRecipe {
  const { check, ...kept } = JSON.parse(content.toString()) as Stored;
  if (nameOf(kept.recipe) !== name) throw new Error("it is the recipe of another version");
  if (check !== checkOf(kept)) throw new Error("it is not what was stored");
  return kept;
}

const checkOf = (kept: KeptRecipe): string => sha256(canonicalJson(kept as unknown as Json));
