// Versions as they were when they decided: each loaded from its recipe, under the runtime that it was loaded under then.
import { messageOf, UserError } from "../base/errors.ts";
import { shortVersion } from "../base/ids.ts";
import { type VersionFacts, type VersionKey, type VersionRef, versionKey } from "../decide/version.ts";
import { startEngine } from "../sandbox/engine.ts";
import { compileRuntime } from "../sandbox/engine-file.ts";
import type { EngineVariant } from "../sandbox/engine-module.ts";
import { Loader } from "../sandbox/loader.ts";
import { LocalSandbox } from "../sandbox/local-sandbox.ts";
import { RecipeStore } from "../versions/recipe-store.ts";
import { RuntimeStore } from "../versions/runtime-store.ts";
import { VersionStore } from "../versions/version-store.ts";

/** Each takes up to a megabyte; a bot that was edited all year has thousands. */
const INSTALLED_MAX = 256;

export type Reopened =
  | {
      readonly type: "Ready";
      readonly facts: VersionFacts;
      readonly engine: EngineVariant;
      readonly sandbox: LocalSandbox;
    }
  | { readonly type: "NotReplayable"; readonly why: string };

interface StartedRuntime {
  readonly engine: EngineVariant;
  readonly loader: Loader;
  readonly sandbox: LocalSandbox;
}

export class RecordedSandboxes {
  readonly #artifacts: VersionStore;
  readonly #recipes: RecipeStore;
  readonly #runtimes: RuntimeStore;
  readonly #started = new Map<string, StartedRuntime>();
  readonly #reopened = new Map<VersionKey, Reopened>();

  /** `dir`: the bot's data directory, which is only read. */
  constructor(dir: string) {
    this.#artifacts = new VersionStore(dir);
    this.#recipes = new RecipeStore(dir);
    this.#runtimes = new RuntimeStore(dir);
  }

  /** What is at hand already; null: open() it. */
  ready(version: VersionRef): Reopened | null {
    return this.#reopened.get(versionKey(version)) ?? null;
  }

  /** Throws a UserError naming the file where one is missing or damaged. */
  async open(version: VersionRef): Promise<Reopened> {
    const reopened = await this.#open(version);
    this.#reopened.set(versionKey(version), reopened);
    const [oldest] = this.#reopened;
    if (oldest !== undefined && this.#reopened.size > INSTALLED_MAX) {
      this.#reopened.delete(oldest[0]);
      if (oldest[1].type === "Ready") oldest[1].sandbox.retire(oldest[0]);
    }
    return reopened;
  }

  /** A sandbox failed: nothing goes on from there. */
  discard(): void {
    this.#started.clear();
    this.#reopened.clear();
  }

  async #open(version: VersionRef): Promise<Reopened> {
    const { sourceMap } = this.#artifacts.get(version.code);
    if (!this.#recipes.has(version)) {
      const file = this.#recipes.file(version);
      return { type: "NotReplayable", why: `recorded before recipes were kept: there is no ${file}` };
    }
    const { recipe, runtime } = this.#recipes.get(version);
    try {
      const { loader, sandbox, engine } = await this.#start(runtime);
      const loaded = loader.loadFromRecipe(recipe, sourceMap);
      sandbox.install(loaded, false);
      return { type: "Ready", facts: loaded.facts, engine, sandbox };
    } catch (error) {
      if (error instanceof UserError) throw error;
      const name = shortVersion(version.strategy, version.code);
      return { type: "NotReplayable", why: `${name} cannot be loaded on what it ran on: ${messageOf(error)}` };
    }
  }

  async #start(digest: string): Promise<StartedRuntime> {
    const known = this.#started.get(digest);
    if (known !== undefined) return known;
    const runtime = this.#runtimes.get(digest);
    const engine = await startEngine(await compileRuntime(runtime));
    const { variant } = runtime;
    const started = { engine: variant, loader: Loader.on(engine), sandbox: LocalSandbox.on(engine, variant) };
    this.#started.set(digest, started);
    return started;
  }
}
