// The workshop in this thread: for simulation, tests, and as the inside of the worker. The compiler is loaded when something is
// compiled first: a restart loads what ran before from the version store and does not wait for it.
import { basename, dirname } from "node:path";
import { performance } from "node:perf_hooks";
import { assert } from "../base/assert.ts";
import { canonicalJson } from "../base/canonical-json.ts";
import type { CodeVersion } from "../base/ids.ts";
import type { LoadedVersion } from "../decide/port.ts";
import type { Params } from "../frame/manifest.ts";
import { startEngine } from "../sandbox/engine.ts";
import { compileRuntime, type Runtime, readRuntime } from "../sandbox/engine-file.ts";
import { DEFAULT_VARIANT, type EngineVariant } from "../sandbox/engine-module.ts";
import { LoadError } from "../sandbox/load-error.ts";
import { Loader } from "../sandbox/loader.ts";
import { codeVersionOf, digestOfSources, digestsOfEngine } from "./code-version.ts";
import { gitCommitOf } from "./git-commit.ts";
import { CONFIG_IMPORTS, STRATEGY_IMPORTS } from "./import-rules.ts";
import type { Artifact, EvaluatedConfig, Prepared, Workshop } from "./port.ts";
import { RecipeStore } from "./recipe-store.ts";
import { RequestQueue } from "./request-queue.ts";
import { RuntimeStore } from "./runtime-store.ts";
import { Refusal } from "./source-error.ts";
import { DiskFolder, fileName, type SourceFolder, StoredFolder } from "./source-folder.ts";
import { VersionStore } from "./version-store.ts";

export interface WorkshopOptions {
  readonly engine?: EngineVariant;
  readonly strategiesDir: string;
  /** Holds `versions/`. */
  readonly dataDir: string;
}

export class InThreadWorkshop implements Workshop {
  readonly #engine: EngineVariant;
  readonly #strategiesDir: string;
  readonly #strategies: DiskFolder;
  readonly #store: VersionStore;
  readonly #recipes: RecipeStore;
  readonly #runtimes: RuntimeStore;
  readonly #queue = new RequestQueue();
  #loader: Promise<Loader> | null = null;
  /** What it loads on, and the name that is kept under once anything was loaded. */
  #runtime: { readonly parts: Runtime; digest: string | null } | null = null;

  constructor({ engine = DEFAULT_VARIANT, strategiesDir, dataDir }: WorkshopOptions) {
    this.#engine = engine;
    this.#strategiesDir = strategiesDir;
    this.#strategies = new DiskFolder(strategiesDir);
    this.#store = new VersionStore(dataDir);
    this.#recipes = new RecipeStore(dataDir);
    this.#runtimes = new RuntimeStore(dataDir);
  }

  prepare(strategy: string, overrides: readonly Params[]): Promise<Prepared> {
    return this.#queue.run(`strategy ${strategy}`, () =>
      orRefused(strategy, async () => {
        const stopwatch = new Stopwatch();
        const made = await makeArtifact(this.#strategies, `${strategy}.ts`, this.#engine);
        const commit = gitCommitOf(this.#strategiesDir);
        const artifact = commit === null ? made : { ...made, commit };
        stopwatch.lap("bundled");
        return this.#load(artifact, overrides, this.#strategies, stopwatch);
      }),
    );
  }

  restore(code: CodeVersion, overrides: readonly Params[]): Promise<Prepared> {
    return this.#queue.run(`version ${code} ${canonicalJson(overrides)}`, async () => {
      const stopwatch = new Stopwatch();
      const stored = this.#store.get(code);
      stopwatch.lap("read");
      return orRefused(stored.strategy, async () => {
        const folder = new StoredFolder("strategies", stored.sources);
        const isOfThisEngine = canonicalJson(stored.digests) === canonicalJson(digestsOfEngine(this.#engine));
        const artifact = isOfThisEngine ? stored : await makeArtifact(folder, stored.entry, this.#engine);
        stopwatch.lap("bundled");
        return this.#load(artifact, overrides, folder, stopwatch);
      });
    });
  }

  evaluateConfig(file: string): Promise<EvaluatedConfig> {
    return this.#queue.run(`configuration ${file}`, async () => {
      try {
        const { bundle } = await import("./bundler.ts");
        const entry = basename(file);
        const { sources, code, sourceMap, analysis } = await bundle(
          new DiskFolder(dirname(file), ""),
          entry,
          CONFIG_IMPORTS,
        );
        const loader = await this.#soundLoader();
        const { places } = analysis;
        const value = asRefusal(() => loader.evaluate({ bundle: code, places, sourceMap, file: entry }));
        return { type: "Evaluated", value, sources, digest: digestOfSources(sources) };
      } catch (error) {
        if (error instanceof Refusal) return { type: "Refused", errors: error.errors };
        throw error;
      }
    });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #load(
    artifact: Artifact,
    overrides: readonly Params[],
    folder: SourceFolder,
    stopwatch: Stopwatch,
  ): Promise<Prepared> {
    const loader = await this.#soundLoader();
    const distinct = new Map(overrides.map((params) => [canonicalJson(params), params]));
    const made = [...distinct.values()].map((params) => loadWithRecipe(loader, artifact, params, folder));
    stopwatch.lap("loaded");
    // Only what loads is kept: whatever runs is in the store before anyone hears of it, and so is what it runs on.
    const runtime = this.#keptRuntime();
    for (const { recipe } of made) this.#recipes.put({ recipe, runtime });
    this.#store.put(artifact);
    stopwatch.lap("stored");
    const loaded = made.map(({ version }) => version);
    return { type: "Prepared", artifact, loaded, timingsMs: stopwatch.timingsMs };
  }

  #keptRuntime(): string {
    assert(this.#runtime !== null, "Something was loaded, so there is a runtime");
    this.#runtime.digest ??= this.#runtimes.put(this.#runtime.parts);
    return this.#runtime.digest;
  }

  async #soundLoader(): Promise<Loader> {
    this.#loader ??= this.#newLoader();
    if ((await this.#loader).isPoisoned) this.#loader = this.#newLoader();
    return this.#loader;
  }

  async #newLoader(): Promise<Loader> {
    this.#runtime ??= { parts: readRuntime(this.#engine), digest: null };
    return Loader.on(await startEngine(await compileRuntime(this.#runtime.parts)));
  }
}

/** Bundles and admits `entry` of the folder, and names the result. Throws a Refusal. */
export async function makeArtifact(
  folder: SourceFolder,
  entry: string,
  engine: EngineVariant = DEFAULT_VARIANT,
): Promise<Artifact> {
  const { bundle } = await import("./bundler.ts");
  const { sources, code: script, sourceMap, analysis } = await bundle(folder, entry, STRATEGY_IMPORTS);
  const digests = digestsOfEngine(engine);
  const code = codeVersionOf(entry, sources, digests);
  return { strategy: entry.replace(/\.ts$/, ""), code, entry, sources, bundle: script, sourceMap, analysis, digests };
}

/** Throws a Refusal at stage "loaded". */
export const loadArtifact = (loader: Loader, artifact: Artifact, params: Params, folder: SourceFolder): LoadedVersion =>
  loadWithRecipe(loader, artifact, params, folder).version;

function loadWithRecipe(loader: Loader, artifact: Artifact, params: Params, folder: SourceFolder) {
  const { strategy, code, bundle, analysis, sourceMap, entry } = artifact;
  const { places } = analysis;
  const file = fileName(folder, entry);
  return asRefusal(() => loader.loadWithRecipe({ strategy, code, params, bundle, places, sourceMap, file }));
}

function asRefusal<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof LoadError)) throw error;
    const { file, line, column, message, frame } = error;
    throw new Refusal("loaded", [{ file, line, column, message, frame }]);
  }
}

async function orRefused(strategy: string, work: () => Promise<Prepared>): Promise<Prepared> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Refusal) return { type: "Refused", strategy, stage: error.stage, errors: error.errors };
    throw error;
  }
}

class Stopwatch {
  readonly timingsMs: Record<string, number> = {};
  #since = performance.now();

  lap(stage: string): void {
    const now = performance.now();
    this.timingsMs[stage] = now - this.#since;
    this.#since = now;
  }
}
