// The workshop in this thread: for simulation, tests, and as the inside of the worker. The compiler is loaded when something is
// compiled first: a restart loads what ran before from the version store and does not wait for it.
import { basename, dirname } from "node:path";
import { performance } from "node:perf_hooks";
import { canonicalJson } from "../base/canonical-json.ts";
import type { CodeVersion } from "../base/ids.ts";
import type { LoadedVersion } from "../decide/port.ts";
import type { Params } from "../frame/manifest.ts";
import { DEFAULT_VARIANT, type EngineVariant } from "../sandbox/engine-module.ts";
import { LoadError } from "../sandbox/load-error.ts";
import { Loader } from "../sandbox/loader.ts";
import { codeVersionOf, digestOfSources, digestsOfEngine } from "./code-version.ts";
import { CONFIG_IMPORTS, STRATEGY_IMPORTS } from "./import-rules.ts";
import type { Artifact, EvaluatedConfig, Prepared, Workshop } from "./port.ts";
import { RequestQueue } from "./request-queue.ts";
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
  readonly #strategies: DiskFolder;
  readonly #store: VersionStore;
  readonly #queue = new RequestQueue();
  #loader: Promise<Loader> | null = null;

  constructor({ engine = DEFAULT_VARIANT, strategiesDir, dataDir }: WorkshopOptions) {
    this.#engine = engine;
    this.#strategies = new DiskFolder(strategiesDir);
    this.#store = new VersionStore(dataDir);
  }

  prepare(strategy: string, overrides: readonly Params[]): Promise<Prepared> {
    return this.#queue.run(`strategy ${strategy}`, () =>
      orRefused(strategy, async () => {
        const stopwatch = new Stopwatch();
        const artifact = await makeArtifact(this.#strategies, `${strategy}.ts`, this.#engine);
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
    const loaded = [...distinct.values()].map((params) => loadArtifact(loader, artifact, params, folder));
    stopwatch.lap("loaded");
    // Only what loads is kept: whatever runs is in the store before anyone hears of it.
    this.#store.put(artifact);
    stopwatch.lap("stored");
    return { type: "Prepared", artifact, loaded, timingsMs: stopwatch.timingsMs };
  }

  async #soundLoader(): Promise<Loader> {
    this.#loader ??= Loader.create(this.#engine);
    if ((await this.#loader).isPoisoned) this.#loader = Loader.create(this.#engine);
    return this.#loader;
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
export function loadArtifact(loader: Loader, artifact: Artifact, params: Params, folder: SourceFolder): LoadedVersion {
  const { strategy, code, bundle, analysis, sourceMap, entry } = artifact;
  const { places } = analysis;
  const file = fileName(folder, entry);
  return asRefusal(() => loader.load({ strategy, code, params, bundle, places, sourceMap, file }));
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
